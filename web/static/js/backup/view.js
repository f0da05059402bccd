// What the backup page shows: one sign that says what this device is doing, its picture, one deed.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { boot } from "../boot.js";
import { problemText } from "../device-words.js";
import { NONE } from "../devices.js";
import { has, t, text } from "../i18n.js";
import { icon, langSwitch, siteTitle } from "../ui.js";
import { carries, mainState } from "./stage.js";

/** @import { Devices, Kind } from "../devices.js" */
/** @import { LevelMeter } from "../level.js" */
/** @import { Picture } from "../player.js" */
/** @import { HostView, LinkView } from "../protocol" */
/** @import { Status } from "../connection.js" */
/** @import { MediaState } from "../media.js" */
/** @import { Stage } from "./stage.js" */

/**
 * @typedef {object} Shows
 * @property {Stage} stage
 * @property {HostView | null} view
 * @property {LinkView | null} link
 * @property {Status} status
 * @property {MediaState} media
 * @property {Devices} devices
 * @property {LevelMeter} meter
 * @property {Picture} own
 * @property {boolean} awake the screen stays on by itself
 *
 * @typedef {Record<"start" | "stop" | "use" | "giveBack", () => void>} Deeds
 */

const SYMBOLS = { check: "phone", connecting: "wait", waiting: "ok", carrying: "right", air: "air" };

/** What this device is doing, and what that means. @param {Shows} shows */
export function signWords({ stage, view, link, media }) {
  const { on_program: seen = false, microphone_open: heard = false } = view ?? {};
  const reach = seen ? (heard ? "both" : "picture") : "sound";
  let more = "";
  if (stage === "air") more = `_${reach}`;
  if (stage === "waiting" && mainState(link) !== "sending") more = "_other";
  if (stage === "connecting" && media === "failed") more = "_failed";
  return { title: t(`backup.${stage}_title`), text: t(`backup.${stage}_text${more}`) };
}

/** @param {Shows} shows @param {Deeds} deeds */
export function page(shows, deeds) {
  const { stage, status } = shows;
  if (status.refused) return refused(status.refused);
  return html`${header(shows)}
    <main class="backup" data-testid="backup" data-stage=${stage}>
      ${sign(shows)}
      <div class="frame own ${stage === "air" ? "air" : ""}">
        ${shows.own.element} ${shows.devices.tracks.camera ? nothing : noPicture(shows.devices)}
        <span class="tag">${t("backup.your_picture")}</span>
      </div>
      ${shows.devices.tracks.microphone
        ? html`<div class="row hears">${icon("mic")}<span class="grow">${shows.meter.element}</span></div>`
        : nothing}
      ${problems(shows.devices)} ${buttons(shows, deeds)} ${choices(shows)} ${notes(shows)}
    </main>`;
}

/** @param {Shows} shows */
function header({ view }) {
  const site = view?.sites[boot.site];
  return html`<header class="top">
    <span class="logo">${icon("logo")}<span class="brand">Điểm Cầu</span></span>
    <div class="what grow">
      <b data-testid="site-name">${site ? siteTitle(site) : ""}</b>
      <span class="muted small event">${text(boot.session_name)}</span>
    </div>
    ${langSwitch()}
  </header>`;
}

/** @param {Shows} shows */
function sign(shows) {
  const { title, text: more } = signWords(shows);
  return html`<section class=${`sign ${shows.stage}`} data-testid="sign">
    ${icon(SYMBOLS[shows.stage])}
    <div>
      <h1 tabindex="-1">${title}</h1>
      <p>${more}</p>
    </div>
  </section>`;
}

/** @param {Devices} devices */
const noPicture = (devices) =>
  html`<p class="waitpic">
    ${icon("camoff")}<span>${t(devices.asking ? "host.opening" : "host.no_camera")}</span>
  </p>`;

/** @param {Devices} devices */
function problems(devices) {
  if (devices.asking) return html`<p class="asking" role="status">${icon("info")}<span>${t("backup.asking")}</span></p>`;
  return /** @type {Kind[]} */ (["camera", "microphone"])
    .filter((kind) => devices.problems[kind])
    .map((kind) => {
      const { title, text: help } = problemText(kind, devices.problems[kind]);
      return html`<div class="asking problem" data-testid=${`problem-${kind}`}>
        ${icon("warn")}
        <p class="grow"><b>${title}</b><br />${help}</p>
        <button type="button" class="btn tight" @click=${() => devices.open()}>${t("common.retry")}</button>
      </div>`;
    });
}

/** One decision at a time. @param {Shows} shows @param {Deeds} deeds */
function buttons({ stage, link, devices }, deeds) {
  const { camera, microphone } = devices.tracks;
  if (stage === "check") {
    return html`<button
      type="button"
      class="btn pri big"
      data-testid="start"
      ?disabled=${devices.asking || !(camera || microphone)}
      @click=${deeds.start}
    >
      ${t("backup.start")}
    </button>`;
  }
  const back = carries(stage);
  const main = mainState(link);
  return html`${back
      ? html`<button
            type="button"
            class="btn pri big"
            data-testid="give-back"
            aria-describedby=${main === "sending" ? nothing : "main-line"}
            ?disabled=${main !== "sending"}
            @click=${deeds.giveBack}
          >
            ${icon("undo")}${t("backup.give_back")}
          </button>
          ${main === "sending" ? nothing : html`<p class="muted" id="main-line">${t(`backup.main_${main}`)}</p>`}`
      : stage === "waiting"
        ? html`<button type="button" class="btn big" data-testid="use" @click=${deeds.use}>
            ${icon("right")}${t("backup.use")}
          </button>`
        : nothing}
    ${back ? nothing : html`<button type="button" class="btn quiet" data-testid="stop" @click=${deeds.stop}>${t("backup.stop")}</button>`}`;
}

/** Phones have two cameras; the one to the front is rarely the right one. @param {Shows} shows */
const choices = ({ devices }) =>
  html`<details class="card choices">
    <summary>${icon("cam")} ${t("backup.devices")}</summary>
    ${select(devices, "camera", "videoinput")} ${select(devices, "microphone", "audioinput")}
  </details>`;

/** @param {Devices} devices @param {Kind} kind @param {MediaDeviceKind} type */
function select(devices, kind, type) {
  const list = devices.list(type);
  const current = devices.current(kind);
  const named = list.some(({ deviceId }) => deviceId === current);
  return html`<label class="field">
    <span>${t(`host.${kind}`)}</span>
    <select
      class="input"
      data-testid=${`select-${kind}`}
      ?disabled=${devices.asking}
      .value=${live(named || current === NONE ? current : "")}
      @change=${(/** @type {Event & {target: HTMLSelectElement}} */ event) =>
        devices.choose(kind, event.target.value)}
    >
      ${named ? nothing : html`<option value="">${t("host.default_device")}</option>`}
      ${list.map(({ deviceId, label }) => html`<option value=${deviceId}>${label}</option>`)}
      <option value=${NONE}>${t(`host.none_${kind}`)}</option>
    </select>
  </label>`;
}

/** @param {Shows} shows */
function notes({ stage, awake }) {
  if (stage === "check") return html`<p class="muted small">${t("backup.prepare")}</p>`;
  return html`<p class="muted small">${t("backup.quiet")} ${t(awake ? "backup.awake" : "backup.stay_awake")}</p>`;
}

/** @param {string} code why the link is no longer good */
const refused = (code) =>
  html`<main class="errorpage" data-testid="error">
    ${icon("info")}
    <h1 tabindex="-1">${t("host.refused_title")}</h1>
    <p class="sub">${has(`error.${code}`) ? t(`error.${code}`) : t("common.error_ask")}</p>
  </main>`;
