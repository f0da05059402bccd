// Pieces all windows over the page share.

/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { errorText } from "../ui.js";

/** @param {Control} control */
export const close = (control) =>
  control.set({ dialog: null, siteChoice: { typed: "", at: 0 }, notice: null });

/**
 * "Back" and the one that sends the form.
 * @param {Control} control
 * @param {string} words
 * @param {"pri" | "danger"} kind
 * @param {boolean} [off]
 */
export function buttons(control, words, kind, off = false) {
  return html`<div class="row buttons">
    <button class="btn" type="button" @click=${() => close(control)}>${t("moderator.back")}</button>
    <button
      class=${`btn ${kind}`}
      type="submit"
      data-testid="dialog-send"
      ?disabled=${off || control.locked}
    >
      ${words}
    </button>
  </div>`;
}

/** For windows that only show something. @param {Control} control */
export const closeButton = (control) =>
  html`<button
    class="btn pri"
    type="button"
    autofocus
    data-testid="dialog-close"
    @click=${() => close(control)}
  >
    ${t("common.close")}
  </button>`;

/**
 * Why the command of a window that stays open was refused.
 * @param {Control} control
 */
export const refusal = ({ notice }) =>
  html`<div role="alert">
    ${notice
      ? html`<p class="refusal" data-testid="refusal">${errorText(notice.error)}</p>`
      : nothing}
  </div>`;

/** @param {SubmitEvent} event @returns {(name: string) => string} */
export function fields(event) {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  return (name) => String(data.get(name) ?? "").trim();
}
