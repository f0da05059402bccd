// The form that asks for the floor for a delegate, or corrects a request. What was typed for a
// new one outlives a reload.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../i18n.js";
import { command } from "./actions.js";
import { closeDialog, openDialog } from "./dialogs.js";
import { answered, kindOf, kinds, limitOf } from "./kinds.js";
import { change, redraw, state } from "./state.js";
import { minutes, say, siteShort } from "./words.js";

/** @import { PriorityClass, RequestView } from "../protocol" */

const DRAFT = "dc-request";
const EMPTY = { name: "", title: "", topic: "", priority_class: "normal", reply_to: "" };
/** Longest each field may be, as the server has it. */
const LONGEST = { name: 120, title: 200, topic: 500 };

const kept = () => ({ ...EMPTY, ...JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}") });

let draft = kept();
let editing = ""; // id of the request that is corrected; empty for a new one
let sending = false;

/** @param {Partial<typeof draft>} fields */
function keep(fields) {
  draft = { ...draft, ...fields };
  if (!editing) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  redraw();
}

/** Open the form for a new request. */
export function askForFloor() {
  editing = "";
  draft = kept();
  openDialog("request");
}

/** Open the form to correct a request that has not had the floor yet. @param {RequestView} request */
export function correct({ id, name, title, topic, priority_class, reply_to }) {
  editing = id;
  draft = { name, title, topic, priority_class, reply_to };
  openDialog("request");
}

/** @param {InputEvent & {target: HTMLInputElement}} event */
const onInput = ({ target }) => keep({ [target.name]: target.value });

/** @param {SubmitEvent} event */
async function onSubmit(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  const texts = { name: draft.name.trim(), title: draft.title.trim(), topic: draft.topic.trim() };
  const priority_class = kindOf(state.view, draft);
  const reply_to = priority_class === "reply" ? answered(state.view, draft) : "";
  const sent = await command(
    editing
      ? { type: "edit_request", request: editing, ...texts }
      : { type: "request_floor", ...texts, priority_class, reply_to },
  );
  sending = false;
  if (sent) {
    if (!editing) sessionStorage.removeItem(DRAFT);
    draft = { ...EMPTY };
    closeDialog("request");
  }
  redraw();
}

function asPointOfOrder() {
  change({ refusal: "" }); // it was about the class chosen before
  keep({ priority_class: "point_of_order" });
}

/** The list does not take everything now: said before it is sent. A point of order is offered, never assumed. */
function listNote() {
  const list = state.view?.list_state ?? "open";
  if (editing || list === "open") return nothing;
  const offer = list === "closed" && draft.priority_class !== "point_of_order";
  return html`<div class="refusal info" data-testid=${`${list}-note`}>
    <span class="grow">${t(list === "closed" ? "host.closed_note" : "host.suspended_note")}</span>
    ${offer
      ? html`<button
          type="button"
          class="btn tight"
          data-testid="as-point-of-order"
          @click=${asPointOfOrder}
        >
          ${t("host.as_point_of_order")}
        </button>`
      : nothing}
  </div>`;
}

/** `Phát biểu (lần đầu 7 phút, lần sau 3 phút)`. @param {PriorityClass} kind */
function kindName(kind) {
  const limit = state.view && limitOf(state.view.limits, kind, minutes);
  return t(`common.class_${kind}`) + (limit ? ` (${say(limit)})` : "");
}

function classField() {
  const chosen = kindOf(state.view, draft);
  return html`<label class="field w2">
    <span>${t("host.form_class")}</span>
    <select class="input" name="priority_class" data-testid="request-class" .value=${live(chosen)}>
      ${kinds(state.view).map(
        (each) => html`<option value=${each} ?selected=${each === chosen}>${kindName(each)}</option>`,
      )}
    </select>
  </label>`;
}

function replyField() {
  const chosen = answered(state.view, draft);
  if (kindOf(state.view, draft) !== "reply") return nothing;
  return html`<label class="field w2">
    <span>${t("host.form_reply_to")}</span>
    <select class="input" name="reply_to" data-testid="request-reply-to" .value=${live(chosen)}>
      ${(state.view?.speeches ?? []).map(
        ({ request, name, site }) =>
          html`<option value=${request} ?selected=${request === chosen}>${name}, ${siteShort(site)}</option>`,
      )}
    </select>
  </label>`;
}

export const requestForm = () =>
  html`<form @submit=${onSubmit} @input=${onInput}>
    <h2 id="request-title">${t(editing ? "host.correct" : "host.request")}</h2>
    ${state.refusal
      ? html`<p class="refusal" role="alert" data-testid="error">${state.refusal}</p>`
      : nothing}
    ${listNote()}
    <div class="form">
      <label class="field w2">
        <span>${t("host.form_name")}</span>
        <input
          class="input"
          name="name"
          required
          pattern=".*\\S.*"
          title=${t("host.form_name_needed")}
          maxlength=${LONGEST.name}
          autocomplete="off"
          autofocus
          data-testid="request-name"
          .value=${live(draft.name)}
        />
      </label>
      <label class="field w2">
        <span>${t("host.form_title")}</span>
        <input
          class="input"
          name="title"
          maxlength=${LONGEST.title}
          autocomplete="off"
          data-testid="request-title"
          .value=${live(draft.title)}
        />
        <small>${t("host.form_title_help")}</small>
      </label>
      <label class="field w2">
        <span>${t("host.form_topic")}</span>
        <textarea
          class="input"
          name="topic"
          rows="2"
          maxlength=${LONGEST.topic}
          data-testid="request-topic"
          .value=${live(draft.topic)}
        ></textarea>
        <small>${t("host.form_topic_help")}</small>
      </label>
      ${editing ? nothing : [classField(), replyField()]}
      <div class="row w2">
        <button class="btn pri grow" data-testid="request-send" ?disabled=${sending || (!editing && state.view?.list_state === "suspended")}>
          ${t(sending ? "host.sending" : editing ? "host.correct_send" : "host.request_send")}
        </button>
        <button type="button" class="btn" data-testid="request-close" @click=${() => closeDialog("request")}>
          ${t("common.close")}
        </button>
      </div>
    </div>
  </form>`;
