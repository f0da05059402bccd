// Choosing one of 63 sites by typing: a text field with suggestions that ignores diacritics
// (WAI-ARIA combobox with a list).

/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { collate, fold, search } from "../search.js";

/** Suggestions shown at once. */
const SHOWN = 5;

/** @param {Control} control */
export function siteField(control) {
  const all = Object.values(control.view?.sites ?? {});
  const { typed, at } = control.siteChoice;
  const name = (/** @type {typeof all[number]} */ site) => text(site.name);
  const exact = all.find((site) => fold(name(site)) === fold(typed));
  const sorted = all.sort((a, b) => collate(name(a), name(b)));
  const found = exact || !typed ? [] : search(typed, sorted, name).slice(0, SHOWN);
  const set = (/** @type {string} */ value, place = 0) =>
    control.set({ siteChoice: { typed: value, at: place } });
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (!found.length) return;
    if (event.key === "ArrowDown") set(typed, (at + 1) % found.length);
    else if (event.key === "ArrowUp") set(typed, (at + found.length - 1) % found.length);
    else if (event.key === "Enter" || event.key === "Tab") set(name(found[at] ?? found[0]));
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  const onInput = (/** @type {InputEvent} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    input.setCustomValidity("");
    set(input.value);
  };
  return html`<div class="field combo">
    <label for="add-site">${t("moderator.field_site")}</label>
    <input
      class="input"
      id="add-site"
      required
      autofocus
      autocomplete="off"
      spellcheck="false"
      role="combobox"
      aria-autocomplete="list"
      aria-expanded=${found.length > 0}
      aria-controls="add-sites"
      aria-activedescendant=${found.length ? `add-site-${at}` : nothing}
      data-testid="add-site"
      .value=${typed}
      @input=${onInput}
      @keydown=${onKey}
    />
    <input type="hidden" name="site" .value=${exact?.code ?? ""} />
    <ul id="add-sites" role="listbox" aria-label=${t("moderator.field_site")} ?hidden=${!found.length}>
      ${found.map(
        (site, place) =>
          html`<li
            id=${`add-site-${place}`}
            role="option"
            aria-selected=${place === at}
            @mousedown=${(/** @type {Event} */ event) => event.preventDefault()}
            @click=${() => set(name(site))}
          >
            ${name(site)}
          </li>`,
      )}
    </ul>
  </div>`;
}
