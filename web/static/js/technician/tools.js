// Above the wall: which tiles are shown, and how.

/** @import { Alarm } from "./alarm.js" */
/** @import { Desk } from "./desk.js" */
import { html } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t, text } from "../i18n.js";
import { icon } from "../ui.js";
import { BY_REGION, FILTERS } from "./filters.js";

/** @param {Desk} desk */
function regions(desk) {
  return html`<select
    class="input"
    id="region"
    data-testid="region"
    aria-label=${t("wall.region")}
    .value=${live(desk.region)}
    @change=${(/** @type {Event} */ event) =>
      desk.set({ region: /** @type {HTMLSelectElement} */ (event.target).value })}
  >
    <option value="">${t("wall.all_regions")}</option>
    <option value=${BY_REGION}>${t("wall.by_region")}</option>
    ${(desk.view?.regions ?? []).map(
      ({ code, name }) => html`<option value=${code}>${text(name)}</option>`,
    )}
  </select>`;
}

/** @param {Desk} desk */
function find(desk) {
  return html`<label class="find">
    <span class="sr">${t("technician.find")}</span>
    <input
      class="input"
      id="find-site"
      type="search"
      autocomplete="off"
      spellcheck="false"
      data-testid="find-site"
      placeholder=${t("technician.find")}
      .value=${live(desk.query)}
      @input=${(/** @type {InputEvent} */ event) =>
        desk.set({ query: /** @type {HTMLInputElement} */ (event.target).value })}
      @keydown=${(/** @type {KeyboardEvent} */ event) => {
        const first = desk.shown[0];
        if (event.key === "Escape") desk.set({ query: "" });
        if (event.key === "Enter" && first) desk.set({ selected: first, focused: first });
      }}
    />
    <kbd>/</kbd>
  </label>`;
}

/**
 * @param {Desk} desk
 * @param {(on: boolean) => void} showPictures
 */
export function tools(desk, showPictures) {
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
            ${t(`technician.filter_${each}`, { count: desk.count(each) })}
          </button>`,
      )}
    </div>
    ${regions(desk)} ${find(desk)}
    <div class="seg" role="group" aria-label=${t("wall.layout")}>
      ${(/** @type {const} */ (["tiles", "map"])).map(
        (each) =>
          html`<button
            type="button"
            data-testid=${`layout-${each}`}
            aria-pressed=${desk.layout === each}
            @click=${() => desk.set({ layout: each })}
          >
            ${t(`wall.layout_${each}`)}
          </button>`,
      )}
    </div>
    <button
      type="button"
      class="btn tight"
      data-testid="pictures"
      title=${t("wall.pictures_long")}
      aria-pressed=${desk.pictures}
      ?disabled=${desk.layout === "map"}
      @click=${() => showPictures(!desk.pictures)}
    >
      ${icon("cam")}<span>${t("wall.pictures")}</span>
    </button>
    <p class="legend muted tiny">${t("wall.legend_1")}<br />${t("wall.legend_2")}</p>
  </div>`;
}

/** In the top bar: the sound of new alerts. @param {Alarm} alarm */
export function bellSwitch(alarm) {
  const state = alarm.muted ? "off" : alarm.blocked ? "blocked" : "on";
  return html`<button
    type="button"
    class="btn icon"
    data-testid="alarm"
    data-state=${state}
    title=${t(`wall.alarm_${state}`)}
    aria-label=${t("wall.alarm")}
    aria-pressed=${!alarm.muted}
    @click=${() => alarm.setMuted(state === "on")}
  >
    ${icon(state === "on" ? "spk" : "spkoff")}
  </button>`;
}
