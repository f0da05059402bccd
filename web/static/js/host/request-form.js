// The form that asks for the floor for a delegate, or corrects a request. What was typed for a
// new one outlives a reload.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../i18n.js";
import { command } from "./actions.js";
import { closeDialog, openDialog } from "./dialogs.js";
import { change, redraw, state } from "./state.js";

/** @import { PriorityClass, RequestView } from "../protocol" */

const DRAFT = "dc-request";
const EMPTY = { name: "", title: "", topic: "", priority_class: "normal" };
/** @type {PriorityClass[]} */
const CLASSES = ["normal", "reply", "point_of_order", "written"];
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
export function correct({ id, name, title, topic, priority_class }) {
  editing = id;
  draft = { name, title, topic, priority_class };
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
  const priority_class = /** @type {PriorityClass} */ (draft.priority_class);
  const sent = await command(
    editing
      ? { type: "edit_request", request: editing, ...texts }
      : { type: "request_floor", ...texts, priority_class },
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

/** A closed list still takes points of order: that is offered, never assumed. */
const closedNote = () =>
  html`<div class="refusal info" data-testid="closed-note">
    <span class="grow">${t("host.closed_note")}</span>
    ${draft.priority_class === "point_of_order"
      ? nothing
      : html`<button
          type="button"
          class="btn tight"
          data-testid="as-point-of-order"
          @click=${asPointOfOrder}
        >
          ${t("host.as_point_of_order")}
        </button>`}
  </div>`;

const classField = () =>
  html`<label class="field w2">
    <span>${t("host.form_class")}</span>
    <select class="input" name="priority_class" data-testid="request-class" .value=${live(draft.priority_class)}>
      ${CLASSES.map(
        (each) =>
          html`<option value=${each} ?selected=${each === draft.priority_class}>
            ${t(`common.class_${each}`)}
          </option>`,
      )}
    </select>
  </label>`;

export const requestForm = () =>
  html`<form @submit=${onSubmit} @input=${onInput}>
    <h2 id="request-title">${t(editing ? "host.correct" : "host.request")}</h2>
    ${state.refusal
      ? html`<p class="refusal" role="alert" data-testid="error">${state.refusal}</p>`
      : nothing}
    ${state.view?.list_state === "closed" && !editing ? closedNote() : nothing}
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
      ${editing ? nothing : classField()}
      <div class="row w2">
        <button class="btn pri grow" data-testid="request-send" ?disabled=${sending}>
          ${t(sending ? "host.sending" : editing ? "host.correct_send" : "host.request_send")}
        </button>
        <button type="button" class="btn" data-testid="request-close" @click=${() => closeDialog("request")}>
          ${t("common.close")}
        </button>
      </div>
    </div>
  </form>`;
