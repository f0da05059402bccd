// Which tiles are shown, and under which headings. Pure.

/** @import { Link } from "../links.js" */
/** @import { Group } from "./order.js" */
import { linkState, needsLook } from "../links.js";
import { rank } from "../search.js";

/** @typedef {"all" | "air" | "look" | "gone" | "alerts"} Filter */

/** @type {Filter[]} */
export const FILTERS = ["all", "air", "look", "gone", "alerts"];

/** In place of a region's code: all of them, each under its name. */
export const BY_REGION = "*";

/**
 * @typedef {object} Site
 * @property {string} code
 * @property {string} region code
 * @property {readonly string[]} names in all languages
 * @property {Link} link
 * @property {Group | undefined} group
 *
 * @typedef {object} Choice
 * @property {Filter} filter
 * @property {string} query as it was typed
 * @property {string} region code, empty for all, or BY_REGION
 *
 * @typedef {{region: string, codes: string[]}} Section the region is empty where there are no headings
 */

/** @param {Filter} filter @param {Link} link @param {Group} [group] */
export function passes(filter, link, group) {
  if (filter === "air") return group === "air";
  if (filter === "look") return needsLook(link);
  if (filter === "gone") return linkState(link) === "lost";
  if (filter === "alerts") return link.alert !== null;
  return true;
}

/**
 * The tiles to show, section by section.
 * @param {readonly Site[]} sites in the order of the wall
 * @param {Choice} choice
 * @param {readonly string[]} regions codes in their order
 * @returns {Section[]} none of them empty
 */
export function sections(sites, { filter, query, region }, regions) {
  const one = region && region !== BY_REGION;
  const shown = sites.filter(
    (site) =>
      (!one || site.region === region) &&
      passes(filter, site.link, site.group) &&
      site.names.some((name) => rank(query, name) >= 0),
  );
  const codes = (/** @type {Site[]} */ some) => some.map((site) => site.code);
  if (region !== BY_REGION) return shown.length ? [{ region: "", codes: codes(shown) }] : [];
  const found = regions.map((code) => ({
    region: code,
    codes: codes(shown.filter((site) => site.region === code)),
  }));
  return found.filter((section) => section.codes.length > 0);
}
