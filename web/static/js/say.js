// Small sentences every page says in the same way, and where. Draws nothing.

import { isUnclear } from "./connection.js";
import { has, t, text } from "./i18n.js";

/** @import { SiteView } from "./protocol" */

/**
 * `Điểm cầu Điện Biên`.
 *
 * @param {SiteView} site
 */
export const siteTitle = (site) =>
  t(site.venue ? "common.venue_title" : "common.site_title", { site: text(site.name) });

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
