// The wall of tiles with its filters and its search.

/** @import { Desk } from "./desk.js" */
import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t } from "../i18n.js";
import { walk } from "../neighbour.js";
import { FILTERS } from "./desk.js";
import { tile } from "./tile.js";

/** @param {Desk} desk */
export function tools(desk) {
  const count = (/** @type {typeof FILTERS[number]} */ filter) =>
    desk.codes.filter((code) => desk.passes(code, filter)).length;
  return html`<div class="tools">
    <div class="seg" role="group" aria-label=${t("technician.filters")}>
      ${FILTERS.map(
        (each) =>
          html`<button
            type="button"
            data-testid=${`filter-${each}`}
            aria-pressed=${desk.filter === each}
            @click=${() => desk.set({ filter: each })}
          >
            ${t(`technician.filter_${each}`, { count: count(each) })}
          </button>`,
      )}
    </div>
    <label class="find">
      <span class="sr">${t("technician.find")}</span>
      <input
        class="input"
        id="find-site"
        type="search"
        autocomplete="off"
        spellcheck="false"
        data-testid="find-site"
        placeholder=${t("technician.find")}
        .value=${desk.query}
        @input=${(/** @type {InputEvent} */ event) =>
          desk.set({ query: /** @type {HTMLInputElement} */ (event.target).value })}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          const first = desk.shown[0];
          if (event.key === "Escape") desk.set({ query: "" });
          if (event.key === "Enter" && first) desk.set({ selected: first, focused: first });
        }}
      />
      <kbd>/</kbd>
    </label>
    <p class="legend muted tiny">${t("technician.legend_1")}<br />${t("technician.legend_2")}</p>
  </div>`;
}

/**
 * @param {Desk} desk
 * @param {number} now server time, Unix seconds
 */
export function wall(desk, now) {
  const { view, links, selected, focused } = desk;
  const shown = desk.shown;
  const stop = shown.includes(focused) ? focused : shown[0];
  const watched = [view, links, selected, stop, shown.join(), lang()];
  return html`<main
    class="wall"
    data-testid="wall"
    aria-label=${t("technician.wall", { count: shown.length })}
    @pointermove=${() => desk.touch(performance.now() / 1000)}
    @keydown=${(/** @type {KeyboardEvent} */ event) => onKey(desk, event)}
  >
    ${guard(watched, () => {
      if (!shown.length) return html`<p class="muted none">${t("technician.none")}</p>`;
      return repeat(
        shown,
        (code) => code,
        (code) => tile(desk, code, stop, now),
      );
    })}
  </main>`;
}

/** @param {Desk} desk @param {KeyboardEvent} event */
function onKey(desk, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Slash" || event.code === "NumpadDivide") {
    document.getElementById("find-site")?.focus();
    event.preventDefault();
    return;
  }
  const next = walk(event, ".tile");
  if (!next) return;
  desk.touch(performance.now() / 1000);
  desk.set({ focused: next.dataset.site ?? "" });
}
