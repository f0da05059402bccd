// What is there and what is missing of a speaker on deck, and what helps. The server judges
// what reaches it; this computer knows why something may not. Pure.

/** @import { Check, DeckView } from "../protocol" */

/**
 * @typedef {object} Facts
 * @property {boolean} connected our media connection stands
 * @property {boolean} other another device of the site is the one that is sent
 * @property {boolean} camera we send a picture
 * @property {"on" | "muted" | "none"} microphone
 * @property {boolean} blocked the browser wants a click before it plays sound
 *
 * @typedef {"" | "wait" | "other" | "devices" | "unmute" | "speak" | "start_sound" | "confirm"} Remedy
 *
 * @typedef {object} Row
 * @property {Check} check
 * @property {boolean} ok
 * @property {Remedy} remedy what helps; nothing for what is there
 */

/** Always in this order: a row that jumps cannot be read. @type {Check[]} */
const CHECKS = ["link", "picture", "sound", "return"];

/** @param {Check} check @param {Facts} facts @returns {Remedy} */
function remedy(check, { connected, other, camera, microphone, blocked }) {
  if (check === "return") return blocked ? "start_sound" : "confirm";
  if (other) return "other";
  if (check === "link") return camera || microphone !== "none" ? "wait" : "devices";
  if (check === "picture") return camera ? "wait" : "devices";
  if (microphone === "none") return "devices";
  if (microphone === "muted") return "unmute";
  return connected ? "speak" : "wait";
}

/** @param {DeckView} deck @param {Facts} facts @returns {Row[]} */
export function checkRows(deck, facts) {
  return CHECKS.map((check) => {
    // Confirmed is confirmed: the server's list follows a moment later.
    const ok = check === "return" ? deck.returned : !deck.missing.includes(check);
    return { check, ok, remedy: ok ? "" : remedy(check, facts) };
  });
}
