// The form: a new request, or the texts of one that waits.

import { formatNumber, t, text } from "../i18n.js";
import { ask, book, closeForm, sendCorrection } from "./actions.js";
import { html, icon, live, nothing } from "./draw.js";
import { isOpen, isTaken, kindOf } from "./stages.js";
import { change, mine, redraw, state } from "./state.js";

/** @import { PriorityClass } from "../protocol" */

/** @type {PriorityClass[]} */
const KINDS = ["normal", "reply", "point_of_order", "written"];
/** Longest each field may be, as the server has it. */
const LONGEST = { name: 120, title: 200, topic: 500 };

/** @param {Event} event */
function onInput({ target }) {
  const { name, value } = /** @type {HTMLInputElement} */ (target);
  if (state.correction) change({ correction: { ...state.correction, [name]: value } });
  else book.type({ [name]: value });
  redraw();
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  event.preventDefault();
  void (state.correction ? sendCorrection() : ask());
}

export function form() {
  const { correction } = state;
  const { name, title, topic } = correction ?? book.draft;
  const written = !correction && chosen() === "written";
  const closable = correction || mine().some(isOpen);
  return html`<form class="ask" data-form tabindex="-1" aria-labelledby="form-title" @submit=${onSubmit} @input=${onInput}>
    <h1 id="form-title">${t(correction ? "delegate.correct" : "delegate.ask")}</h1>
    ${correction ? nothing : listNote()}
    <label class="field">
      <span>${t("delegate.name")}</span>
      <input
        class="input"
        name="name"
        required
        pattern=".*\\S.*"
        title=${t("delegate.name_needed")}
        maxlength=${LONGEST.name}
        autocomplete="name"
        data-testid="request-name"
        .value=${live(name)}
      />
    </label>
    <label class="field">
      <span>${t("delegate.title")}</span>
      <input
        class="input"
        name="title"
        maxlength=${LONGEST.title}
        autocomplete="organization-title"
        data-testid="request-title"
        .value=${live(title)}
      />
    </label>
    <label class="field">
      <span>${t("delegate.topic")}</span>
      <textarea
        class="input"
        name="topic"
        rows=${written ? 6 : 2}
        ?required=${written}
        maxlength=${LONGEST.topic}
        data-testid="request-topic"
        .value=${live(topic)}
      ></textarea>
    </label>
    ${correction ? nothing : kinds()}
    ${state.refusal
      ? html`<p class="refusal" role="alert" data-testid="error">${icon("warn")}<span>${state.refusal}</span></p>`
      : nothing}
    <button class="btn pri send" data-testid="request-send" ?disabled=${!sendable()}>
      ${t(sendWord())}
    </button>
    ${closable
      ? html`<button type="button" class="btn" data-testid="request-close" @click=${closeForm}>
          ${t("common.close")}
        </button>`
      : nothing}
  </form>`;
}

function sendWord() {
  if (state.sending) return state.status.online ? "delegate.sending" : "delegate.sending_later";
  if (state.correction) return "delegate.correct_send";
  return chosen() === "written" ? "delegate.send_written" : "delegate.send";
}

const sendable = () => state.correction !== null || isTaken(state.view, chosen());

const chosen = () => kindOf(state.view, book.draft.priority_class);

function listNote() {
  const list = state.view?.list_state ?? "open";
  if (list === "open") return nothing;
  return html`<p class="refusal info" data-testid="list-note">
    ${icon("info")}<span>${t(list === "closed" ? "delegate.list_closed" : "delegate.list_suspended")}</span>
  </p>`;
}

function kinds() {
  const offered = KINDS.filter((kind) => kind !== "reply" || state.view?.speeches.length);
  return html`<fieldset class="kinds">
    <legend>${t("delegate.kind")}</legend>
    ${offered.map(kindCard)}
  </fieldset>`;
}

/** @param {PriorityClass} kind */
function kindCard(kind) {
  const taken = isTaken(state.view, kind);
  const checked = chosen() === kind && taken;
  const time = limit(kind);
  return html`<div class=${`kind ${checked ? "chosen" : ""}`}>
    <label class=${taken ? "" : "off"}>
      <input
        type="radio"
        name="priority_class"
        value=${kind}
        data-testid=${`kind-${kind}`}
        ?disabled=${!taken}
        .checked=${live(checked)}
      />
      <span><b>${t(`common.class_${kind}`)}</b>${time ? html` <small class="muted">${time}</small>` : nothing}</span>
    </label>
    ${kind === "reply" && checked ? speeches() : nothing}
  </div>`;
}

/** How long such a speech may take, in words. @param {PriorityClass} kind */
function limit(kind) {
  const { limits } = state.view ?? {};
  if (!limits) return "";
  if (kind === "normal" && limits.first !== limits.next) {
    return t("delegate.limit_two", { first: minutes(limits.first), next: minutes(limits.next) });
  }
  const seconds = { normal: limits.first, reply: limits.reply, point_of_order: limits.point_of_order };
  const own = /** @type {Record<string, number>} */ (seconds)[kind] ?? 0;
  return own ? t("delegate.limit", { n: minutes(own) }) : "";
}

/** @param {number} seconds */
const minutes = (seconds) => formatNumber(seconds / 60, seconds % 60 ? 1 : 0);

const speeches = () =>
  html`<label class="field">
    <span>${t("delegate.reply_to")}</span>
    <select class="input" name="reply_to" data-testid="reply-to">
      ${state.view?.speeches.map(
        ({ request, name, site }) =>
          html`<option value=${request} ?selected=${request === book.draft.reply_to}>
            ${name}, ${siteName(site)}
          </option>`,
      )}
    </select>
  </label>`;

/** @param {string} code */
function siteName(code) {
  const site = state.view?.sites[code];
  return site ? text(site.name) : code;
}
