// Pieces that several views of the host page share.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { boot } from "../boot.js";
import { NONE } from "../devices.js";
import { lang, t, text } from "../i18n.js";
import { pictures } from "../layout.js";
import { codeOf } from "../media-code.js";
import { slate, slateNote } from "../slate.js";
import { formatDate, formatTime } from "../time.js";
import { icon, langSwitch, quality, siteTitle } from "../ui.js";
import { choose, setMuted } from "./actions.js";
import { connection, devices, meter, own, program, second, startSound } from "./parts.js";
import { state } from "./state.js";
import { ownTitle, tally, tallyWords } from "./words.js";

export const topBar = () => {
  const { view } = state;
  const event = [text(boot.event), text(boot.session_name)].filter(Boolean).join(" · ");
  const date = view ? `, ${formatDate(view.date, lang())}` : "";
  return html`<header class="top">
    <span class="logo">${icon("logo")}<span class="brand">Điểm Cầu</span></span>
    <div class="what grow">
      <b data-testid="site-name">${ownTitle()}</b>
      <span class="muted small event">${event}${date}</span>
    </div>
    ${state.screen === "room" ? linkWord() : nothing}
    ${view
      ? html`<time class="tclock num">${formatTime(connection.serverNow(), view.time_zone)}</time>`
      : nothing}
    ${langSwitch()}
  </header>`;
};

/** How good our link is, with its label. */
export const linkWord = () =>
  html`<span class="link" data-testid="link"
    ><span class="muted linklabel">${t("common.link")}:</span> <b>${linkQuality()}</b></span
  >`;

/** How good our link is, as the server measures it; ours to say while it is being made. */
export function linkQuality() {
  const connecting = state.media !== "connected" || !state.status.online;
  if (connecting) return t("host.link_connecting");
  const { connected = false, score = 0 } = state.link ?? {};
  if (connected && score <= 0) return t("host.link_measuring");
  return quality(connected ? score : 0);
}

/** The program as everybody sees it, with the speaker's name. @param {string} tag */
export function programFrame(tag, air = false) {
  const { lower_third: band = null } = state.view ?? {};
  return html`<div class=${`frame program ${air ? "air" : ""}`}>
    ${seen()}
    <span class="tag">${tag}</span>
    ${band
      ? html`<div class="l3" data-testid="lower-third"><b>${band.name}</b><span>${band.title}</span></div>`
      : nothing}
    ${state.soundBlocked ? soundButton() : nothing}
  </div>`;
}

/** The program's pictures, or what stands for them. */
const seen = () =>
  pictures(
    state.view?.program.shown ?? "single",
    { picture: program.element, slate: instead() },
    { picture: second.element, slate: besideInstead() },
  );

/** What stands over the second picture; also while there is none, so that no old one flashes up. */
function besideInstead() {
  const { view } = state;
  const beside = view?.program.second;
  const site = view?.sites[beside?.site ?? ""];
  const slated = second.slated(beside ? beside.slate : true);
  if (!view || !beside || !site || !slated) return nothing;
  return slate(siteTitle(site), slateNote({ ...view, program: { ...view.program, ...beside } }));
}

/** What stands over the program's picture while there is none. */
function instead() {
  const { view } = state;
  const site = view?.sites[view.program.site];
  if (program.slated(view?.program.slate ?? false) && view && site) {
    return slate(siteTitle(site), slateNote(view));
  }
  if (state.pictured) return nothing;
  return html`<p class="waitpic">${icon("wait")}<span>${t("host.program_waiting")}</span></p>`;
}

/** The program beside something more important. */
export const smallProgram = () => html`<div class="frame program">${seen()}</div>`;

const soundButton = () =>
  html`<div class="askstart">
    <p>${t("common.sound_blocked")}</p>
    <button type="button" class="btn pri big" data-testid="start-sound" @click=${startSound}>
      ${icon("spk")}${t("common.start_sound")}
    </button>
  </div>`;

/** Our own picture, or why there is none. @param {string} tag */
export const ownFrame = (tag, note = "", tally = "") =>
  html`<div class=${`frame own ${tally}`}>
    ${own.element}
    ${devices.tracks.camera
      ? nothing
      : html`<p class="waitpic">${icon("camoff")}<span>${t(noPicture())}</span></p>`}
    <span class="tag">${tag}</span>
    ${note ? html`<span class="note num">${note}</span>` : nothing}
  </div>`;

function noPicture() {
  if (devices.asking) return "host.opening";
  return state.watching ? "host.watching_only" : "host.no_camera";
}

/** Who can hear and see us, and how loud we are. */
export function microphone() {
  const { who, why } = tally();
  const heard = who === "both" || who === "sound";
  const track = devices.tracks.microphone;
  return html`<div class="mic">
    <p class="row">
      ${icon(heard ? "mic" : "micoff")}
      <span class="truth" data-testid="tally" data-tally=${who} data-why=${why}>${tallyWords().title}</span>
    </p>
    ${track && state.muted && why !== "muted" ? html`<p class="muted small">${t("host.muted_note")}</p>` : nothing}
    ${track && !state.muted ? meter.element : nothing}
  </div>`;
}

/** How our packets travel, and the code of our connection: what to tell a technician who asks. */
export const pathLine = () => {
  const code = state.peer
    ? html`<span data-testid="peer-code">${t("host.connection_code", { code: codeOf(state.peer) })}</span>`
    : nothing;
  if (!state.path) return state.peer ? html`<p class="muted small">${code}</p>` : nothing;
  return html`<p class="muted small" data-testid="path" data-path=${state.path}>
    ${t("common.link")}: ${t(`common.path_${state.path}`)} · ${code}
  </p>`;
};

/** @param {string} [look] */
export const muteButton = (look = "") =>
  html`<button
    type="button"
    class=${`btn ${look}`}
    data-testid="mute"
    data-muted=${state.muted ? "true" : "false"}
    ?disabled=${!devices.tracks.microphone}
    @click=${() => setMuted(!state.muted)}
  >
    ${icon(state.muted ? "micoff" : "mic")}${t(state.muted ? "host.unmute" : "host.mute")}
  </button>`;

/**
 * @param {"camera" | "microphone" | "speaker"} kind
 */
export function deviceSelect(kind) {
  const kinds = /** @type {const} */ ({
    camera: "videoinput",
    microphone: "audioinput",
    speaker: "audiooutput",
  });
  const list = devices.list(kinds[kind]);
  const current = kind === "speaker" ? devices.choice.speaker : devices.current(kind);
  const symbol = { camera: "cam", microphone: "mic", speaker: "spk" }[kind];
  // Names are known only after permission; until then there is the browser's choice.
  const named = list.some((device) => device.deviceId === current);
  const unnamed = !list.length || (!named && current !== NONE);
  return html`<label class="field">
    <span>${icon(symbol)} ${t(`host.${kind}`)}</span>
    <select
      class="input"
      data-testid=${`select-${kind}`}
      ?disabled=${devices.asking}
      .value=${live(named || current === NONE ? current : "")}
      @change=${(/** @type {Event & {target: HTMLSelectElement}} */ event) =>
        kind === "speaker"
          ? devices.chooseSpeaker(event.target.value)
          : choose(kind, event.target.value)}
    >
      ${unnamed ? html`<option value="" ?selected=${current !== NONE}>${t("host.default_device")}</option>` : nothing}
      ${list.map(
        (device) =>
          html`<option value=${device.deviceId} ?selected=${device.deviceId === current}>
            ${device.label}
          </option>`,
      )}
      ${kind === "speaker"
        ? nothing
        : html`<option value=${NONE} ?selected=${current === NONE}>${t(`host.none_${kind}`)}</option>`}
    </select>
  </label>`;
}
