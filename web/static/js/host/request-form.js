// The form that asks for the floor for a delegate. What was typed outlives a reload.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../i18n.js";
import { command } from "./actions.js";
import { closeDialog } from "./dialogs.js";
import { change, redraw, state } from "./state.js";

/** @import { PriorityClass } from "../protocol" */

const DRAFT = "dc-request";
const EMPTY = { name: "", title: "", topic: "", priority_class: "normal" };
/** @type {PriorityClass[]} */
const CLASSES = ["normal", "reply", "point_of_order", "written"];
/** Longest each field may be, as the server has it. */
const LONGEST = { name: 120, title: 200, topic: 500 };

let draft = { ...EMPTY, ...JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}") };
let sending = false;

/** @param {Partial<typeof draft>} fields */
function keep(fields) {
  draft = { ...draft, ...fields };
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  redraw();
}

/** @param {InputEvent & {target: HTMLInputElement}} event */
const onInput = ({ target }) => keep({ [target.name]: target.value });

/** @param {SubmitEvent} event */
async function onSubmit(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  const { name, title, topic } = draft;
  const sent = await command({
    type: "request_floor",
    name: name.trim(),
    title: title.trim(),
    topic: topic.trim(),
    priority_class: /** @type {PriorityClass} */ (draft.priority_class),
  });
  sending = false;
  if (sent) {
    draft = { ...EMPTY };
    sessionStorage.removeItem(DRAFT);
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

export const requestForm = () =>
  html`<form @submit=${onSubmit} @input=${onInput}>
    <h2 id="request-title">${t("host.request")}</h2>
    ${state.refusal
      ? html`<p class="refusal" role="alert" data-testid="error">${state.refusal}</p>`
      : nothing}
    ${state.view?.list_state === "closed" ? closedNote() : nothing}
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
      <label class="field w2">
        <span>${t("host.form_class")}</span>
        <select class="input" name="priority_class" data-testid="request-class" .value=${live(draft.priority_class)}>
          ${CLASSES.map(
            (each) =>
              html`<option value=${each} ?selected=${each === draft.priority_class}>
                ${t(`common.class_${each}`)}
              </option>`,
          )}
        </select>
      </label>
      <div class="row w2">
        <button class="btn pri grow" data-testid="request-send" ?disabled=${sending}>
          ${t(sending ? "host.sending" : "host.request_send")}
        </button>
        <button type="button" class="btn" data-testid="request-close" @click=${() => closeDialog("request")}>
          ${t("common.close")}
        </button>
      </div>
    </div>
  </form>`;
