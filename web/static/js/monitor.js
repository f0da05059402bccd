// One monitor of the control room: a framed picture with its tally, name and lower third.

import { html, nothing } from "lit-html";
import { pictures } from "./layout.js";
import { fold } from "./search.js";

/** @import { Layout } from "./protocol" */
/** @import { Cell } from "./layout.js" */

/** @typedef {{name: string, title: string, site: string}} LowerThird `site` in words */

/**
 * @typedef {object} Monitor
 * @property {"air" | "pvw" | ""} tally
 * @property {string} tag words of the tally, in the corner
 * @property {string} site whose picture it is, empty if nobody's
 * @property {Element | null | undefined} picture
 * @property {unknown} [slate] what stands for the picture, from slate.js; nothing for the picture itself
 * @property {Layout} [layout] how it stands beside a second picture
 * @property {Cell} [second] that second picture
 * @property {boolean} [chosen] of two pictures the next source comes into this one
 * @property {LowerThird | null} [lowerThird]
 * @property {string} note why there is no picture, empty if there is one
 */

/** The office held and the place, unless the office names it. @param {LowerThird} third */
function office({ title, site }) {
  if (!title || fold(title).includes(fold(site))) return title || site;
  return `${title}, ${site}`;
}

/** @param {Monitor} monitor */
export function monitor({ tally, tag, site, picture, slate, lowerThird, note, ...two }) {
  const { layout = "single", second, chosen } = two;
  const names = [site, layout === "single" ? "" : second?.label].filter(Boolean).join(", ");
  const left = layout === "side_by_side"; // then a name in the corner would stand over the other picture
  return html`<div class=${`frame ${tally}`} role="group" aria-label=${names ? `${tag}: ${names}` : tag}>
    ${second ? pictures(layout, { picture, slate, chosen, label: left ? site : "" }, second) : html`${picture ?? nothing} ${slate ?? nothing}`}
    ${note ? html`<p class="why">${note}</p>` : nothing}
    <span class="tag">${tag}</span>
    ${site && !left ? html`<span class="note">${site}</span>` : nothing}
    ${lowerThird
      ? html`<div class="l3" data-testid="lower-third">
          <b>${lowerThird.name}</b>
          <span>${office(lowerThird)}</span>
        </div>`
      : nothing}
  </div>`;
}
