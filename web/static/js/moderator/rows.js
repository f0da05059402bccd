// One row of the queue. Only the selected row shows what can be done with it.

/** @import { RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { linkWord } from "../link-word.js";
import { formatClock, formatTime } from "../time.js";
import { icon } from "../ui.js";

/** @param {RequestView} request */
function spoken(request) {
  if (request.speeches === 0) return t("moderator.first_time");
  return t("moderator.spoken", { time: formatClock(request.spoken) });
}

/** @param {RequestView} request @param {number} now */
function waits(request, now) {
  const minutes = Math.floor((now - request.requested_at) / 60);
  return minutes < 1 ? t("moderator.just_now") : t("moderator.waits", { minutes });
}

/** @param {RequestView} request */
function classBadge({ priority_class: kind }) {
  if (kind === "normal") return nothing;
  const loud = kind === "chair" || kind === "point_of_order";
  return html`<span class=${`badge ${loud ? "info" : ""}`}>${t(`common.class_${kind}`)}</span>`;
}

/** @param {Control} control @param {string} request */
const editButton = (control, request) =>
  html`<button
    class="btn tight"
    type="button"
    data-testid="edit"
    @click=${() => control.set({ dialog: { kind: "edit", request } })}
  >
    ${t("common.edit")} <kbd>E</kbd>
  </button>`;

/** @param {Control} control @param {RequestView} request */
function acceptedActions(control, request) {
  const { id, site } = request;
  return html`<button
      class="btn tight pri"
      type="button"
      data-testid="grant"
      @click=${() => control.run({ type: "grant_floor", request: id })}
    >
      ${t("moderator.grant")} <kbd>G</kbd>
    </button>
    <button
      class="btn tight"
      type="button"
      data-testid="show-preview"
      @click=${() => control.run({ type: "set_preview", source: `camera:${site}` })}
    >
      ${icon("eye")}${t("moderator.show_preview")}
    </button>
    <button
      class="btn icon"
      type="button"
      data-testid="move-up"
      aria-label=${t("moderator.move_up")}
      ?disabled=${!control.stepOf(-1)}
      @click=${() => control.tryMove(control.stepOf(-1))}
    >
      ${icon("up")}
    </button>
    <button
      class="btn icon"
      type="button"
      data-testid="move-down"
      aria-label=${t("moderator.move_down")}
      ?disabled=${!control.stepOf(1)}
      @click=${() => control.tryMove(control.stepOf(1))}
    >
      ${icon("down")}
    </button>
    ${editButton(control, id)}
    <button
      class="btn tight danger"
      type="button"
      data-testid="cancel"
      @click=${() => control.set({ dialog: { kind: "cancel", request: id } })}
    >
      ${t("moderator.cancel")} <kbd>Del</kbd>
    </button>`;
}

/** @param {Control} control @param {RequestView} request */
function accept(control, request) {
  return html`<button
    class="btn tight"
    type="button"
    data-testid="accept"
    aria-label=${t("moderator.accept_site", { site: text(control.view?.sites[request.site]?.name) })}
    @click=${(/** @type {Event} */ event) => {
      event.stopPropagation();
      void control.run({ type: "accept_request", request: request.id });
    }}
  >
    ${t("moderator.accept")}
  </button>`;
}

/** @param {Control} control @param {RequestView} request */
function pendingActions(control, request) {
  return html`${editButton(control, request.id)}
  <button
    class="btn tight danger"
    type="button"
    data-testid="deny"
    @click=${() => control.set({ dialog: { kind: "deny", request: request.id } })}
  >
    ${t("moderator.deny")} <kbd>D</kbd>
  </button>`;
}

/**
 * @param {Control} control
 * @param {RequestView} request
 * @param {number} position 1-based place in the queue; 0 for a pending request
 * @param {string} focusable id of the one row in the tab order
 * @param {number} now server time, Unix seconds
 */
export function row(control, request, position, focusable, now) {
  const { id } = request;
  const selected = control.selected === id;
  const name = text(control.view?.sites[request.site]?.name);
  return html`<li
    class=${`qrow ${selected ? "sel" : ""}`}
    data-request=${id}
    data-status=${request.status}
    tabindex=${focusable === id ? 0 : -1}
    aria-current=${selected ? "true" : nothing}
    @focus=${(/** @type {FocusEvent} */ event) => {
      // Selecting at the press of the mouse would move the rows before the button is up.
      const row = /** @type {HTMLElement} */ (event.currentTarget);
      if (row.matches(":focus-visible")) control.pick(id);
    }}
    @click=${() => control.pick(id)}
  >
    <span class="pos">${position || "–"}</span>
    <div class="who">
      <p class="cut">
        <span class="prov">${name}</span> <span class="dn">${request.name}</span>
        ${classBadge(request)}
      </p>
      <p class="cut muted">${[request.topic, request.title].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="lk">${linkWord(control.link(request.site))}</div>
    <div class="use">
      <span class="num">${spoken(request)}</span>
      <span class="num">${waits(request, now)}</span>
    </div>
    <div class="end">
      ${position
        ? html`<span class="grip" title=${t("moderator.drag")}></span>`
        : accept(control, request)}
    </div>
    ${selected
      ? html`<div class="more">
          ${position ? acceptedActions(control, request) : pendingActions(control, request)}
        </div>`
      : nothing}
  </li>`;
}

/** A request nothing more is done with: over, or filed in writing. @param {Control} control @param {RequestView} request */
export function closedRow(control, request) {
  const { status, reason } = request;
  const zone = control.view?.time_zone ?? "UTC";
  const spoke = status === "released" || status === "revoked";
  return html`<li class="erow" data-request=${request.id} data-status=${status}>
    <span class="num muted">${formatTime(request.requested_at, zone)}</span>
    <span class="grow">
      <b>${text(control.view?.sites[request.site]?.name)}</b> ${request.name}
      ${reason ? html`<span class="muted">· ${reason}</span>` : nothing}
    </span>
    <span class="num muted">
      ${t(`common.status_${status}`)}${spoke && request.grant
        ? html` · ${formatClock(request.grant.used)}`
        : nothing}
    </span>
  </li>`;
}
