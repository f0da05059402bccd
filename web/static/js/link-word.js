// Glyph and word of a link, in the control room's words: a site that never came is not lost.

/** @import { Link } from "./links.js" */
import { html } from "lit-html";
import { t } from "./i18n.js";
import { level, linkState } from "./links.js";
import { verdictText } from "./verdict.js";

/** @param {Link} link */
export function linkText(link) {
  const state = linkState(link);
  return state === "up" ? t(`common.quality_${level(link.score)}`) : t(`control.link_${state}`);
}

/**
 * What is wrong with a link in one sentence, or the word of its quality if nothing is.
 * @param {Link} link
 * @param {(code: string) => string} name of a site
 */
export const saying = (link, name) =>
  // A figure and its unit stay together where a sentence takes two lines.
  verdictText(link, name).replace(/(\d) (?=\S{1,4}(\s|$))/g, "$1\u00a0") || linkText(link);

/** @param {Link} link */
export function linkGlyph(link) {
  const bars = link.connected ? level(link.score) : 0;
  return html`<svg class=${`q q${bars}`} aria-hidden="true"><use href=${`#q${bars}`}></use></svg>`;
}

/** @param {Link} link */
export function linkWord(link) {
  return html`<span class="link">${linkGlyph(link)}<span>${linkText(link)}</span></span>`;
}
