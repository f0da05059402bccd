// One monitor of the control room: a framed picture with its tally, name and lower third.

import { html, nothing } from "lit-html";
import { fold } from "./search.js";

/** @typedef {{name: string, title: string, site: string}} LowerThird `site` in words */

/**
 * @typedef {object} Monitor
 * @property {"air" | "pvw" | ""} tally
 * @property {string} tag words of the tally, in the corner
 * @property {string} site whose picture it is, empty if nobody's
 * @property {Element | null | undefined} picture
 * @property {unknown} [slate] what stands for the picture, from slate.js; nothing for the picture itself
 * @property {LowerThird | null} [lowerThird]
 * @property {string} note why there is no picture, empty if there is one
 */

/** The office held and the place, unless the office names it. @param {LowerThird} third */
function office({ title, site }) {
  if (!title || fold(title).includes(fold(site))) return title || site;
  return `${title}, ${site}`;
}

/** @param {Monitor} monitor */
export function monitor({ tally, tag, site, picture, slate, lowerThird, note }) {
  return html`<div class=${`frame ${tally}`} role="group" aria-label=${site ? `${tag}: ${site}` : tag}>
    ${picture ?? nothing} ${slate ?? nothing}
    ${note ? html`<p class="why">${note}</p>` : nothing}
    <span class="tag">${tag}</span>
    ${site ? html`<span class="note">${site}</span>` : nothing}
    ${lowerThird
      ? html`<div class="l3" data-testid="lower-third">
          <b>${lowerThird.name}</b>
          <span>${office(lowerThird)}</span>
        </div>`
      : nothing}
  </div>`;
}
