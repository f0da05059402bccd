// What is wrong with a link, in one short sentence with its figures. Pure, no DOM.

/** @import { LinkView } from "./protocol.js" */
import { formatNumber, has, t } from "./i18n.js";

/** From so many seconds on minutes say it better. */
const MINUTES_FROM_S = 120;

/**
 * @typedef {Record<string, string | number>} Evidence figures and names of a verdict
 */

/**
 * The sentence of a link's verdict, empty if nothing is wrong.
 *
 * @param {LinkView} link
 * @param {(code: string) => string} [name] of a site, to be told whose fault it is
 */
export function verdictText(link, name = (code) => code) {
  const cause = link.verdict?.cause ?? "";
  if (!cause) return "";
  const evidence = /** @type {Evidence} */ (link.verdict?.evidence ?? {});
  const words = figures(evidence, name);
  const key = `verdict.${cause}_${leading(cause, evidence)}`;
  // A verdict of the past has not all of its figures: then it is said without them.
  const sentence = has(key) ? t(key, words) : "";
  return sentence && !/\{\w+\}/.test(sentence) ? sentence : t(`verdict.${cause}`);
}

/**
 * What the sentence is about.
 *
 * @param {string} cause
 * @param {Evidence} evidence
 */
function leading(cause, evidence) {
  if (cause === "server" && "sites" in evidence) return "sites";
  if (evidence.sign === "rate" && evidence.height === 0) return "sound_only";
  if (evidence.sign === "freeze" && !evidence.freeze_s) return "gaps";
  return String(evidence.sign ?? "");
}

/**
 * The figures as they are written in the language of the page.
 *
 * @param {Evidence} evidence
 * @param {(code: string) => string} name
 * @returns {Record<string, string>}
 */
function figures(evidence, name) {
  /** @type {Record<string, string>} */
  const words = {};
  const loss = evidence.loss_up ?? evidence.loss_down;
  if (typeof loss === "number") words.loss = formatNumber(100 * loss, loss < 0.0995 ? 1 : 0);
  for (const [word, key, digits] of NUMBERS) {
    const value = evidence[key];
    if (typeof value === "number") words[word] = formatNumber(value, digits);
  }
  if (typeof evidence.seconds === "number") words.duration = duration(evidence.seconds);
  if (evidence.site) words.site = name(String(evidence.site));
  if (evidence.path) words.path = t(`common.path_${evidence.path}`);
  return words;
}

/** @type {[word: string, key: string, digits: number][]} */
const NUMBERS = [
  ["rate", "available_kbps", 0],
  ["rtt", "rtt_ms", 0],
  ["jitter", "jitter_ms", 0],
  ["height", "height", 0],
  ["freeze", "freeze_s", 1],
  ["fps", "fps", 0],
  ["lag", "lag_ms", 0],
  ["drops", "drops", 0],
  ["sites", "sites", 0],
];

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < MINUTES_FROM_S) return t("verdict.seconds", { n: formatNumber(seconds) });
  return t("verdict.minutes", { n: formatNumber(Math.floor(seconds / 60)) });
}
