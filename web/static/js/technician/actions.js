// What a technician can do to the selected site's link, and what became of it.

/** @import { Action, ActionKind, AudioOnly, Layer } from "../protocol.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { has, t } from "../i18n.js";
import { isSeen } from "../layout.js";
import { formatSeconds } from "../time.js";
import { icon } from "../ui.js";
import { talkBox } from "./talk.js";

/** @type {AudioOnly[]} */
const WAYS = ["", "down", "up", "both"];
/** @type {Layer[]} */
const LAYERS = ["", "h", "q"];
/** Actions at the site that are shown. */
const SHOWN = 4;
/** What the server does by itself: a page that does not answer only has not been told. */
const ORDERS = new Set(["audio_only", "cap", "layer", "line", "mute"]);
/** Then it is the pages that are missing; any other reason is the server's or the page's own. */
const UNTOLD = new Set(["no_page", "no_answer"]);

/** Somebody hears or sees the site now. @param {Desk} desk @param {string} site */
export const isOnAir = (desk, site) =>
  isSeen(desk.view?.program, site) || (desk.view?.microphones.includes(site) ?? false);

/**
 * Do it, or ask before if the whole conference would notice.
 * @param {Desk} desk
 * @param {string} site
 * @param {ActionKind} action
 * @param {string} [value]
 */
function wish(desk, site, action, value = "") {
  const breaks =
    action === "reload" ||
    (action === "mute" && value === "on") ||
    (action === "audio_only" && (value === "up" || value === "both"));
  if (breaks && isOnAir(desk, site)) desk.acts.set({ question: { sites: [site], action, value } });
  else void desk.acts.ask([site], action, value);
}

/**
 * @param {string} id @param {string} symbol @param {string} words @param {() => void} run
 * @param {string} [look]
 */
const button = (id, symbol, words, run, look = "") =>
  html`<button type="button" class=${`btn tight ${look}`} data-testid=${id} @click=${run}>
    ${symbol ? icon(symbol) : nothing}${words}
  </button>`;

/**
 * @param {string} id @param {string} label @param {readonly string[]} values @param {string} value
 * @param {(value: string) => void} run
 */
const choice = (id, label, values, value, run) =>
  html`<label class="field">
    <span>${label}</span>
    <select
      class="input"
      data-testid=${id}
      .value=${live(value)}
      @change=${(/** @type {Event} */ event) => {
        const select = /** @type {HTMLSelectElement} */ (event.target);
        const wanted = select.value;
        select.value = value; // what holds is shown, and that is the server's to say
        run(wanted);
      }}
    >
      ${values.map(
        (each) =>
          html`<option value=${each} ?selected=${each === value}>
            ${t(`actions.${id === "audio-only" ? "audio_only" : "layer"}_${each}`)}
          </option>`,
      )}
    </select>
  </label>`;

/** The question before the conference would notice. @param {Desk} desk @param {string} code */
function question(desk, code) {
  const { question: asked } = desk.acts;
  if (!asked || asked.bulk || asked.sites.length !== 1 || asked.sites[0] !== code) return nothing;
  const { sites, action, value } = asked;
  return html`<div class="asked" role="alert" data-testid="action-question">
    <p>${t(`actions.ask_${action}`, { site: desk.name(code) })}</p>
    <div class="row wrap">
      ${button("action-yes", "ok", t("actions.yes"), () => void desk.acts.ask(sites, action, value), "danger")}
      ${button("action-no", "x", t("actions.cancel"), () => desk.acts.set({ question: null }))}
    </div>
  </div>`;
}

/** @param {Desk} desk @param {string} code */
function noteForm(desk, code) {
  if (desk.acts.noting !== code) return nothing;
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const value = String(new FormData(form).get("note") ?? "").trim();
    if (value && (await desk.acts.ask([code], "note", value))) desk.acts.set({ noting: "" });
  };
  return html`<form class="noteform" data-testid="note-form" @submit=${send}>
    <label class="field">
      <span>${t("actions.note_label")}</span>
      <input class="input" name="note" maxlength="200" required autocomplete="off" data-testid="note-text" />
    </label>
    <div class="row wrap">
      <button type="submit" class="btn tight pri" data-testid="note-send">${t("actions.send")}</button>
      ${button("note-cancel", "x", t("actions.cancel"), () => desk.acts.set({ noting: "" }))}
    </div>
  </form>`;
}

/** What an action does, in words. @param {Pick<Action, "action" | "value">} action */
export function whatOf({ action, value = "" }) {
  if (action === "mute" && value === "off") return t("actions.kind_unmute");
  if (action === "cap") return Number(value) ? t("actions.bulk_cap", { value }) : t("actions.bulk_cap_");
  const words = t(`actions.kind_${action}`);
  if (action === "note") return `${words}: ${value}`;
  if (action === "line" && has(`actions.line_${value}`)) return `${words}: ${t(`actions.line_${value}`)}`;
  const key = `actions.${action}_${value}`;
  return has(key) ? `${words}: ${t(key)}` : words;
}

/** What became of an action, in words. @param {Action} action */
export function stateOf({ action, state, detail = "" }) {
  if (action === "note" && state === "done") return t("actions.detail_read");
  const untold = state === "failed" && ORDERS.has(action) && UNTOLD.has(detail);
  const words = untold ? t("actions.holds") : t(`actions.state_${state}`);
  return detail && has(`actions.detail_${detail}`) ? `${words}: ${t(`actions.detail_${detail}`)}` : words;
}

const SYMBOLS = { sent: "wait", shown: "eye", done: "ok", failed: "warn" };

/** @param {Desk} desk @param {string} code */
function done(desk, code) {
  const newest = desk.acts.of(code, SHOWN);
  const zone = desk.view?.time_zone ?? "UTC";
  if (!newest.length) return nothing;
  return html`<ul class="acts" aria-label=${t("actions.log")} data-testid="acts">
    ${newest.map(
      (action) =>
        html`<li class=${action.state} data-state=${action.state} data-action=${action.action}>
          ${icon(SYMBOLS[action.state])}
          <span class="num muted">${formatSeconds(action.at, zone)}</span>
          <span class="grow"
            >${whatOf(action)}${action.by ? html` <span class="muted">${t("actions.by", { by: action.by })}</span>` : nothing}</span
          >
          <span>${stateOf(action)}</span>
        </li>`,
    )}
  </ul>`;
}

/** Everything that can be done to the site with this code. @param {Desk} desk @param {string} code */
export function siteActions(desk, code) {
  const { muted = false, audio_only = "", layer = "" } = desk.view?.orders[code] ?? {};
  const { acts } = desk;
  const note = () => {
    acts.set({ noting: acts.noting === code ? "" : code });
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(".noteform input"))?.focus());
  };
  return html`<section class="siteacts" aria-label=${t("actions.title")} data-testid="site-actions">
    <div class="row wrap">
      ${muted
        ? button("unmute", "mic", t("actions.unmute"), () => wish(desk, code, "mute", "off"), "pri")
        : button("mute-site", "micoff", t("actions.mute"), () => wish(desk, code, "mute", "on"), "danger")}
      ${button("reconnect", "reload", t("actions.reconnect"), () => wish(desk, code, "reconnect"))}
      ${button("reload", "", t("actions.reload"), () => wish(desk, code, "reload"))}
      ${button("write-note", "doc", t("actions.note"), note)}
    </div>
    ${question(desk, code)} ${noteForm(desk, code)} ${talkBox(desk, code)}
    <div class="choices">
      ${choice("audio-only", t("actions.audio_only"), WAYS, audio_only, (value) => wish(desk, code, "audio_only", value))}
      ${choice("layer", t("actions.layer"), LAYERS, layer, (value) => wish(desk, code, "layer", value))}
    </div>
    <div role="status">
      ${acts.refusal ? html`<p class="refused" data-testid="action-refused">${icon("warn")}${acts.refusal}</p>` : nothing}
      ${done(desk, code)}
    </div>
  </section>`;
}
