// Small pieces every page draws in the same way. No page state lives here.

import { html } from "lit-html";
import { lang, setLang, t } from "./i18n.js";
import { level } from "./links.js";

export { announce, errorText, setTitle, siteTitle } from "./say.js";

/**
 * A symbol of the sprite in the base template; decorative, so give words beside it.
 *
 * @param {string} name without the `i-` prefix
 */
export const icon = (name) =>
  html`<svg class="ic" aria-hidden="true"><use href=${`#i-${name}`}></use></svg>`;

/**
 * Glyph and word of a link score.
 *
 * @param {number} score
 */
export function quality(score) {
  const bars = level(score);
  return html`<span class="link"
    ><svg class=${`q q${bars}`} aria-hidden="true"><use href=${`#q${bars}`}></use></svg
    ><span>${t(`common.quality_${bars}`)}</span></span
  >`;
}

/** Vietnamese or English, in the corner of every page. */
export const langSwitch = () =>
  html`<div class="seg" role="group" aria-label=${t("common.language")}>
    ${["vi", "en"].map(
      (each) =>
        html`<button
          type="button"
          lang=${each}
          aria-pressed=${lang() === each ? "true" : "false"}
          data-testid=${`lang-${each}`}
          @click=${() => setLang(each)}
        >
          ${each === "vi" ? "Tiếng Việt" : "English"}
        </button>`,
    )}
  </div>`;
