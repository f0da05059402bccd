// The windows over the page: a request for a delegate, a reason, all keys. A native dialog
// keeps the focus inside and gives it back.

/** @import { PriorityClass, RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { keyed } from "lit-html/directives/keyed.js";
import { t, text } from "../i18n.js";
import { HELP } from "./keys.js";
import { siteField } from "./site-field.js";

/** @type {PriorityClass[]} */
const CLASSES = ["normal", "reply", "point_of_order", "chair", "written"];

/** @param {Control} control */
const close = (control) => control.set({ dialog: null, siteChoice: { typed: "", at: 0 } });

/** @param {Control} control @param {string} words @param {"pri" | "danger"} kind */
function buttons(control, words, kind) {
  return html`<div class="row buttons">
    <button class="btn" type="button" @click=${() => close(control)}>${t("moderator.back")}</button>
    <button class=${`btn ${kind}`} type="submit" data-testid="dialog-send">${words}</button>
  </div>`;
}

/** @param {SubmitEvent} event */
function fields(event) {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  return (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
}

/** @param {HTMLFormElement} form */
function refuseSite(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("#add-site"));
  input.setCustomValidity(t("moderator.choose_site"));
  input.reportValidity();
}

/** @param {Control} control */
function add(control) {
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
function edit(control, id) {
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
  const site = text(control.view?.sites[request.site]?.name);
  // Drawn from what the request was when the window opened: typing is not overwritten.
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.edit_title", { site })}</h2>
    <div class="form">${guard([id], () => textFields(request))}</div>
    ${buttons(control, t("moderator.edit_send"), "pri")}
  </form>`;
}

/** @param {Control} control @param {"deny" | "cancel"} kind @param {string} id */
function reason(control, kind, id) {
  const request = control.request(id);
  if (!request) return nothing;
  const send = (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    close(control);
    void control.run({ type: `${kind}_request`, request: id, reason: get("reason") });
  };
  const site = text(control.view?.sites[request.site]?.name);
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t(`moderator.${kind}_title`, { site })}</h2>
    <p class="muted about">${[request.name, request.topic].filter(Boolean).join(" · ")}</p>
    <label class="field">
      <span>${t("moderator.field_reason")}</span>
      <input class="input" name="reason" maxlength="300" autocomplete="off" autofocus data-testid="reason" />
      <small>${t("moderator.reason_hint")}</small>
    </label>
    ${buttons(control, t(`moderator.${kind}_send`), "danger")}
  </form>`;
}

/** @param {Control} control */
function help(control) {
  return html`<h2 id="dialog-title">${t("moderator.help_title")}</h2>
    <dl class="help">
      ${HELP.map(
        ([name, caps]) =>
          html`<div>
            <dt>${caps.map((cap) => html`<kbd>${cap}</kbd> `)}</dt>
            <dd>${t(`moderator.key_${name}`)}</dd>
          </div>`,
      )}
    </dl>
    <p class="muted small">${t("moderator.help_note")}</p>
    <div class="row buttons">
      <button class="btn pri" type="button" autofocus @click=${() => close(control)}>
        ${t("common.close")}
      </button>
    </div>`;
}

/** @param {Control} control */
export function dialog(control) {
  const { dialog: open } = control;
  if (!open) return nothing;
  const body = () => {
    if ("request" in open) {
      if (open.kind === "edit") return edit(control, open.request);
      return reason(control, open.kind, open.request);
    }
    return open.kind === "add" ? add(control) : help(control);
  };
  return keyed(
    open,
    html`<dialog aria-labelledby="dialog-title" data-testid="dialog" @close=${() => control.dialog === open && close(control)}>
      ${body()}
    </dialog>`,
  );
}
