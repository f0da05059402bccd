// Small pieces every page draws in the same way. No page state lives here.

import { html } from "lit-html";
import { isUnclear } from "./connection.js";
import { has, lang, setLang, t, text } from "./i18n.js";
import { level } from "./links.js";

/** @import { SiteView } from "./protocol" */

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

/**
 * `Điểm cầu Điện Biên`.
 *
 * @param {SiteView} site
 */
export const siteTitle = (site) =>
  t(site.venue ? "common.venue_title" : "common.site_title", { site: text(site.name) });

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

/**
 * What to tell a person about a refused or unanswered command.
 *
 * @param {unknown} error what `connection.send` rejected with
 */
export function errorText(error) {
  const refusal = /** @type {{code?: string, message?: string}} */ (error ?? {});
  if (isUnclear(refusal)) return t("common.unclear");
  const { code = "internal", message = "" } = refusal;
  if (message) return message;
  return has(`error.${code}`) ? t(`error.${code}`) : t("common.failed");
}

/**
 * Say *sentence* to screen readers without moving the focus.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = sentence;
}

/** Title of the tab: what this page is, then the product. @param {string} what */
export const setTitle = (what) => {
  document.title = `${what} · Điểm Cầu`;
};
