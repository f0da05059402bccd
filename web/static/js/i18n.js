// The words of the pages. Vietnamese is the language of the source; English is at a click.

/** @import { Text } from "./protocol" */

/** @type {Record<string, string>} */
let catalogue = {};
let current = document.documentElement.lang === "en" ? "en" : "vi";

/** The language now: `vi` or `en`. */
export const lang = () => current;

/**
 * Fetch the words of *language*; without them the pages cannot speak, so failing throws.
 *
 * @param {string} language
 */
export async function loadLocale(language) {
  const response = await fetch(`/locales/${language}.json`);
  if (!response.ok) throw new Error(`/locales/${language}.json: ${response.status}`);
  catalogue = await response.json();
  current = language;
  document.documentElement.lang = language;
}

/**
 * The sentence of *key* with `{placeholders}` filled in; the key itself if nobody wrote one.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const sentence = catalogue[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} key */
export const has = (key) => key in catalogue;

/**
 * Change the language of this page and remember it; a `lang` event on window tells the views.
 *
 * @param {string} language
 */
export async function setLang(language) {
  await loadLocale(language);
  document.cookie = `lang=${language}; path=/; max-age=31536000; samesite=lax`;
  window.dispatchEvent(new CustomEvent("lang", { detail: language }));
}

/**
 * A bilingual text in the language of the page.
 *
 * @param {Text | null | undefined} both
 */
export const text = (both) => (both ? (current === "en" ? both.en : both.vi) || both.vi : "");

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * A measurement with the decimal mark of the language (`1,5` in Vietnamese).
 *
 * @param {number} value
 * @param {number} [digits] after the decimal mark
 */
export function formatNumber(value, digits = 0) {
  const name = `${current} ${digits}`;
  let format = formats.get(name); // kept: making one costs as much as a hundred uses
  if (!format) {
    format = new Intl.NumberFormat(current === "en" ? "en-GB" : "vi-VN", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(name, format);
  }
  return format.format(value);
}
