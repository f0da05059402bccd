// How the preview is arranged: one picture or two, and into which of the two the next source
// comes. Acts on PREVIEW; nobody else sees that before TAKE.

/** @import { Layout } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { pictureName } from "../layout.js";
import { walk } from "../neighbour.js";

/** @type {[Layout, string][]} each with its key */
const LAYOUTS = [
  ["single", "1"],
  ["inset", "2"],
  ["side_by_side", "3"],
];

/** @type {("main" | "inset")[]} */
const SLOTS = ["main", "inset"];

/**
 * `Điện Biên · trình chiếu`; a source that was chosen may not be there yet.
 * @param {Control} control
 * @param {string} source
 */
function sourceName(control, source) {
  const [kind, site = ""] = source.split(":");
  return pictureName(text(control.view?.sites[site]?.name), kind === "slides");
}

/** One stop in the tab order: arrows lead from one button to the next. @param {KeyboardEvent} event */
const onKey = (event) => walk(event, "button");

/** @param {Control} control */
export function layouts(control) {
  const now = control.view?.preview.layout ?? "single";
  return html`<span class="seg layouts" role="group" aria-label=${t("moderator.layout")} @keydown=${onKey}>
    ${LAYOUTS.map(
      ([layout, cap]) =>
        html`<button
          type="button"
          data-testid=${`layout-${layout}`}
          aria-pressed=${now === layout}
          tabindex=${now === layout ? 0 : -1}
          aria-disabled=${control.locked ? "true" : nothing}
          title=${`${t(`moderator.layout_${layout}`)} (${cap})`}
          @click=${() => control.arrange(layout)}
        >
          <span class=${`glyph ${layout}`} aria-hidden="true"></span>
          <span class="sr">${t(`moderator.layout_${layout}`)}</span>
        </button>`,
    )}
  </span>`;
}

/** With two pictures: which of them the next source is for, and what is in each. @param {Control} control */
export function slots(control) {
  const { layout = "single", source = "", inset = "" } = control.view?.preview ?? {};
  if (layout === "single") return nothing;
  const sources = { main: source, inset };
  return html`<span class="seg slots" role="group" aria-label=${t("moderator.slot")} @keydown=${onKey}>
    ${SLOTS.map(
      (slot) =>
        html`<button
          type="button"
          data-testid=${`slot-${slot}`}
          aria-pressed=${control.slot === slot}
          tabindex=${control.slot === slot ? 0 : -1}
          title=${t("moderator.slot_hint")}
          @click=${() => control.pickSlot(slot)}
        >
          <span class="cut"
            ><small>${t(`moderator.slot_${layout}_${slot}`)}</small>
            ${sourceName(control, sources[slot]) || t("moderator.slot_empty")}</span
          >
        </button>`,
    )}
  </span>`;
}
