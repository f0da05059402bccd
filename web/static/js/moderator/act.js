// A button that does something to the session. All of them are off while the page is locked.

/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { icon } from "../ui.js";

/**
 * @typedef {object} Act
 * @property {string} id for tests
 * @property {string} [words] on the button; without them give `label`
 * @property {string} [label] what it does, where the words alone do not say it
 * @property {string} [hint] more about it, shown under the pointer
 * @property {string} [symbol] an icon beside the words, or alone
 * @property {string} [cap] the key that does the same
 * @property {string} [kind] `pri` or `danger`
 * @property {boolean} [off] it cannot be done now
 * @property {boolean} [focus] it takes the focus when it comes up
 * @property {() => void} run
 */

/** @param {Control} control @param {Act} act */
export function actButton(control, act) {
  const { id, words, label, hint = label, symbol, cap, kind = "", off, focus, run } = act;
  return html`<button
    class=${`btn ${words ? "tight" : "icon"} ${kind}`}
    type="button"
    data-testid=${id}
    aria-label=${label ?? nothing}
    title=${hint || nothing}
    ?disabled=${!!off || control.locked}
    ?autofocus=${!!focus}
    @click=${(/** @type {Event} */ event) => {
      event.stopPropagation(); // acting on a row does not select it
      run();
    }}
  >
    ${symbol ? icon(symbol) : nothing}${words ?? nothing}${cap ? html` <kbd>${cap}</kbd>` : nothing}
  </button>`;
}
