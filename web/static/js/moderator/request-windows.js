// The windows about one request: a new one for a delegate, its correction, a reason, and the
// time a speech is counted with.

/** @import { PriorityClass, RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { t, text } from "../i18n.js";
import { buttons, close, fields } from "./window-parts.js";
import { measured } from "./closed.js";
import { siteField } from "./site-field.js";
import { formatSpan, parseSpan, SPAN_PATTERN } from "./spans.js";

/** @type {PriorityClass[]} */
const CLASSES = ["normal", "reply", "point_of_order", "chair", "written"];

/** The longest time a speech can be counted with, seconds. */
const LONGEST = 36_000;

/** @param {HTMLFormElement} form */
function refuseSite(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("#add-site"));
  input.setCustomValidity(t("moderator.choose_site"));
  input.reportValidity();
}

/** @param {Control} control */
export function add(control) {
  const send = (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    const site = get("site");
    if (!site) return refuseSite(/** @type {HTMLFormElement} */ (event.target));
    close(control);
    void control.run({
      type: "request_floor",
      site,
      name: get("name"),
      title: get("title"),
      topic: get("topic"),
      priority_class: /** @type {PriorityClass} */ (get("class")),
    });
  };
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.add_title")}</h2>
    <div class="form">
      ${siteField(control)}
      <label class="field">
        <span>${t("moderator.field_class")}</span>
        <select class="input" name="class" data-testid="add-class">
          ${CLASSES.map((each) => html`<option value=${each}>${t(`common.class_${each}`)}</option>`)}
        </select>
      </label>
      ${guard([], () => textFields())}
    </div>
    ${buttons(control, t("moderator.add_send"), "pri")}
  </form>`;
}

/** Name, office and topic of a request. @param {RequestView} [request] what they are now */
const textFields = (request) =>
  html`<label class="field w2">
      <span>${t("moderator.field_name")}</span>
      <input
        class="input"
        name="name"
        required
        maxlength="120"
        autocomplete="off"
        data-testid="add-name"
        value=${request?.name ?? ""}
      />
    </label>
    <label class="field w2">
      <span>${t("moderator.field_title")}</span>
      <input
        class="input"
        name="title"
        maxlength="200"
        autocomplete="off"
        data-testid="add-office"
        value=${request?.title ?? ""}
      />
    </label>
    <label class="field w2">
      <span>${t("moderator.field_topic")}</span>
      <textarea
        class="input"
        name="topic"
        rows="2"
        maxlength="500"
        data-testid="add-topic"
        .value=${request?.topic ?? ""}
      ></textarea>
    </label>`;

/** @param {Control} control @param {string} id */
const siteOf = (control, id) =>
  text(control.view?.sites[control.request(id)?.site ?? ""]?.name);

/** @param {Control} control @param {string} id */
export function edit(control, id) {
  const request = control.request(id);
  if (!request) return nothing;
  const send = (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    close(control);
    void control.run({
      type: "edit_request",
      request: id,
      name: get("name"),
      title: get("title"),
      topic: get("topic"),
    });
  };
  // Drawn from what the request was when the window opened: typing is not overwritten.
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.edit_title", { site: siteOf(control, id) })}</h2>
    <div class="form">${guard([id], () => textFields(request))}</div>
    ${buttons(control, t("moderator.edit_send"), "pri")}
  </form>`;
}

/** @param {RequestView} request */
const subject = (request) =>
  html`<p class="muted about">${[request.name, request.topic].filter(Boolean).join(" · ")}</p>`;

/** @param {string} hint @param {boolean} [focus] */
export const reasonField = (hint, focus = true) =>
  html`<label class="field">
    <span>${t("moderator.field_reason")}</span>
    <input
      class="input"
      name="reason"
      maxlength="300"
      autocomplete="off"
      ?autofocus=${focus}
      data-testid="reason"
    />
    <small>${hint}</small>
  </label>`;

/** @param {Control} control @param {"deny" | "cancel"} kind @param {string} id */
export function reason(control, kind, id) {
  const request = control.request(id);
  if (!request) return nothing;
  const send = (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    close(control);
    void control.run({ type: `${kind}_request`, request: id, reason: get("reason") });
  };
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t(`moderator.${kind}_title`, { site: siteOf(control, id) })}</h2>
    ${subject(request)} ${reasonField(t("moderator.reason_hint"))}
    ${buttons(control, t(`moderator.${kind}_send`), "danger")}
  </form>`;
}

/** @param {Control} control @param {string} id */
export function correct(control, id) {
  const request = control.request(id);
  if (!request) return nothing;
  const send = (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    const seconds = parseSpan(get("seconds"));
    if (seconds === null) return;
    close(control);
    void control.run({ type: "correct_time", request: id, seconds, reason: get("reason") });
  };
  const check = (/** @type {InputEvent} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const seconds = parseSpan(input.value);
    const fits = seconds !== null && seconds <= LONGEST;
    input.setCustomValidity(fits ? "" : t("moderator.span_wrong"));
  };
  const counted = formatSpan(request.counted);
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.correct_title", { site: siteOf(control, id) })}</h2>
    ${subject(request)}
    <dl class="facts2">
      <div><dt>${t("moderator.time_measured")}</dt><dd>${formatSpan(measured(request))}</dd></div>
      <div><dt>${t("moderator.time_counted")}</dt><dd>${counted}</dd></div>
    </dl>
    <div class="form">
      <label class="field w2">
        <span>${t("moderator.time_new")}</span>
        <input
          class="input span"
          name="seconds"
          required
          autofocus
          autocomplete="off"
          pattern=${SPAN_PATTERN}
          title=${t("moderator.span_wrong")}
          data-testid="correct-time"
          value=${counted}
          @input=${check}
        />
        <small>${t("moderator.time_hint")}</small>
      </label>
      <div class="w2">${reasonField(t("moderator.time_reason"), false)}</div>
    </div>
    ${buttons(control, t("moderator.edit_send"), "pri")}
  </form>`;
}
