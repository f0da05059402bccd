// What a bulk action is about, and how it ended. Pure.

/** @import { Action } from "../protocol.js" */

/**
 * @typedef {object} Outcome
 * @property {number} done
 * @property {string[]} waiting sites whose pages have not answered yet
 * @property {string[]} failed sites that have not done it
 */

/**
 * @param {readonly string[]} sites
 * @param {Iterable<Action>} known
 * @param {{action: string, value: string, at: number}} asked `at`: server time when it was asked, Unix seconds
 * @returns {Outcome}
 */
export function outcome(sites, known, { action, value, at }) {
  /** @type {Map<string, Action>} */
  const newest = new Map();
  for (const one of known) {
    if (one.action === action && (one.value ?? "") === value && one.at >= at) newest.set(one.site, one);
  }
  /** @type {Outcome} */
  const found = { done: 0, waiting: [], failed: [] };
  for (const site of sites) {
    const state = newest.get(site)?.state ?? "sent";
    if (state === "done" || state === "shown") found.done += 1;
    else found[state === "failed" ? "failed" : "waiting"].push(site);
  }
  return found;
}
