// The drawing library by its address: an old phone reads modules but no import map (Safari
// before 16.4). For the same reason this page takes nothing from ui.js.

import { html } from "/static/vendor/lit-html/lit-html.js";

export { html, nothing, render } from "/static/vendor/lit-html/lit-html.js";
export { live } from "/static/vendor/lit-html/directives/live.js";

/**
 * A symbol of the sprite in the base template; decorative, so give words beside it.
 *
 * @param {string} name without the `i-` prefix
 */
export const icon = (name) =>
  html`<svg class="ic" aria-hidden="true"><use href=${`#i-${name}`}></use></svg>`;
