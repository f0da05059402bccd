// What a bulk action is about, and how it ended. Pure.

/** @import { Action } from "../protocol.js" */

/** Nobody of the site said anything. */
const UNANSWERED = new Set(["no_page", "no_answer"]);

/**
 * @typedef {object} Outcome
 * @property {number} done
 * @property {string[]} waiting sites whose pages have not answered yet
 * @property {string[]} silent sites whose pages did not answer, or that have none open
 * @property {string[]} failed sites that could not
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
  const found = { done: 0, waiting: [], silent: [], failed: [] };
  for (const site of sites) {
    const { state = "sent", detail = "" } = newest.get(site) ?? {};
    if (state === "done" || state === "shown") found.done += 1;
    else if (state === "sent") found.waiting.push(site);
    else found[UNANSWERED.has(detail) ? "silent" : "failed"].push(site);
  }
  return found;
}
