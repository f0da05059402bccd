// The wall of tiles with its filters, its search and its keys.

/** @import { Desk } from "./desk.js" */
/** @import { Map2D } from "./map.js" */
/** @import { Thumbnails } from "./thumbnails.js" */
import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t, text } from "../i18n.js";
import { walk } from "../neighbour.js";
import { acknowledge, note } from "./alerts.js";
import { tile } from "./tile.js";

/** @param {Desk} desk @param {Thumbnails} thumbnails @param {string} stop @param {number} now */
function tiles(desk, thumbnails, stop, now) {
  const items = desk.sections.flatMap(({ region, codes }) => [
    ...(region ? [{ key: `# ${region}`, region, code: "", count: codes.length }] : []),
    ...codes.map((code) => ({ key: code, region, code, count: 0 })),
  ]);
  const name = (/** @type {string} */ code) =>
    text(desk.view?.regions.find((region) => region.code === code)?.name);
  return repeat(
    items,
    (item) => item.key,
    ({ region, code, count }) =>
      code
        ? tile(desk, thumbnails, code, stop, now)
        : html`<h2 class="region">${name(region)} <span class="muted">${count}</span></h2>`,
  );
}

/**
 * @param {Desk} desk
 * @param {Thumbnails} thumbnails
 * @param {Map2D} map
 * @param {number} now server time, Unix seconds
 */
export function wall(desk, thumbnails, map, now) {
  const { view, links, selected, focused, marked, moment, layout } = desk;
  const shown = desk.shown;
  const stop = shown.includes(focused) ? focused : shown[0];
  const watched = [view, links, moment, selected, stop, desk.sections, marked, thumbnails.version, lang()];
  const looks = [layout, moment ? "review" : "", desk.pictures ? "pictures" : "", marked.size ? "marking" : ""];
  return html`<main
    class=${`wall ${looks.join(" ")}`}
    data-testid="wall"
    aria-label=${t("technician.wall", { count: shown.length })}
    @pointermove=${() => desk.touch(performance.now() / 1000)}
    @keydown=${(/** @type {KeyboardEvent} */ event) => onKey(desk, event)}
  >
    ${layout === "map"
      ? map.draw(stop)
      : guard(watched, () => {
          if (!shown.length) return html`<p class="muted none">${t("technician.none")}</p>`;
          return tiles(desk, thumbnails, stop, now);
        })}
  </main>`;
}

/** @param {Desk} desk @param {KeyboardEvent} event */
function onKey(desk, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.altKey || target.matches("input:not([type=checkbox])")) return;
  const site = target.closest("[data-site]")?.getAttribute("data-site") ?? "";
  if (event.ctrlKey || event.metaKey) {
    if (event.code !== "KeyA") return;
    desk.markOnly(desk.shown);
    event.preventDefault();
    return;
  }
  if (event.code === "Slash" || event.code === "NumpadDivide") {
    document.getElementById("find-site")?.focus();
    event.preventDefault();
    return;
  }
  const next = walk(event, ".open");
  if (next) {
    desk.touch(performance.now() / 1000);
    const to = next.closest("[data-site]")?.getAttribute("data-site") ?? "";
    if (!event.shiftKey) {
      desk.set({ focused: to });
      return;
    }
    if (!desk.marked.has(site)) desk.mark(site, true);
    desk.markTo(to);
    return;
  }
  if (site && target.matches(".open") && onSite(desk, site, event)) event.preventDefault();
}

/** @param {Desk} desk @param {string} site @param {KeyboardEvent} event @returns {boolean} whether the key means something */
function onSite(desk, site, event) {
  const { alert } = desk.link(site);
  if (event.code === "Enter" && /** @type {Element} */ (event.target).closest(".place")) {
    desk.set({ selected: site, focused: site });
  } else if (event.code === "Space") {
    desk.mark(site);
  } else if (event.code === "Escape" && desk.marked.size) {
    desk.markOnly([]);
    event.stopPropagation(); // the next one closes the panel
  } else if (event.code === "KeyA" && alert && !alert.acked_by) {
    if (event.shiftKey) note(desk, alert);
    else acknowledge(desk, alert);
  } else {
    return false;
  }
  return true;
}
