// A button that opens a short list of choices (WAI-ARIA menu button).

/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { walk } from "../neighbour.js";
import { icon } from "../ui.js";

/**
 * @typedef {object} Choice
 * @property {string} id for tests
 * @property {string} words
 * @property {string} [cap] the key that does the same
 * @property {boolean} [checked] it is the one in force; absent where nothing is chosen
 * @property {boolean} [danger]
 * @property {boolean} [off]
 * @property {() => void} run
 */

/** @param {Element} box */
const opener = (box) => /** @type {HTMLElement | null} */ (box.querySelector("button"));

/** @param {Control} control @param {Choice} choice @param {number} first index of the one that takes the focus @param {number} at */
function item(control, choice, first, at) {
  const { id, words, cap, checked, danger, off, run } = choice;
  const chosen = checked !== undefined;
  return html`<button
    type="button"
    role=${chosen ? "menuitemradio" : "menuitem"}
    aria-checked=${chosen ? String(checked) : nothing}
    class=${danger ? "danger" : ""}
    data-testid=${id}
    tabindex="-1"
    ?disabled=${!!off}
    ?autofocus=${at === first}
    @click=${(/** @type {Event} */ event) => {
      const box = /** @type {HTMLElement} */ (event.currentTarget).closest(".menubox");
      control.set({ menu: "" });
      if (box) opener(box)?.focus();
      run();
    }}
  >
    ${chosen ? html`<span class="tick">${checked ? icon("ok") : nothing}</span>` : nothing}
    <span class="grow">${words}</span>${cap ? html`<kbd>${cap}</kbd>` : nothing}
  </button>`;
}

/**
 * @param {Control} control
 * @param {object} menu
 * @param {"list" | "more"} menu.name
 * @param {string} menu.label what the button opens
 * @param {unknown} menu.words on the button
 * @param {string} [menu.kind] classes of the button
 * @param {readonly Choice[]} menu.choices
 */
export function menu(control, { name, label, words, kind = "tight", choices }) {
  const open = control.menu === name;
  // The choice in force has the focus first, else the first that can be made.
  const first = choices.findIndex((choice) => choice.checked ?? !choice.off);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget);
    if (event.key === "Escape" && open) {
      event.preventDefault();
      control.set({ menu: "" });
      opener(box)?.focus();
    } else if (event.key === "ArrowDown" && !open && event.target === opener(box)) {
      event.preventDefault();
      control.set({ menu: name });
    } else walk(event, "[role^=menuitem]:enabled");
  };
  return html`<div
    class="menubox"
    @keydown=${onKey}
    @focusout=${(/** @type {FocusEvent} */ event) => {
      const box = /** @type {HTMLElement} */ (event.currentTarget);
      const inside = event.relatedTarget instanceof Node && box.contains(event.relatedTarget);
      if (open && !inside && event.relatedTarget) control.set({ menu: "" });
    }}
  >
    <button
      class=${`btn ${kind}`}
      type="button"
      data-testid=${`menu-${name}`}
      aria-haspopup="menu"
      aria-expanded=${open}
      aria-label=${label}
      title=${label}
      @click=${() => control.set({ menu: open ? "" : name })}
    >
      ${words}
    </button>
    ${open
      ? html`<div class="menu" role="menu" aria-label=${label}>
          ${choices.map((choice, at) => item(control, choice, first, at))}
        </div>`
      : nothing}
  </div>`;
}
