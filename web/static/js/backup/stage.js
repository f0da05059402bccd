// What a backup line is doing, as one word that everything on its page follows from. Pure.

import { mainLine } from "../lines.js";

/** @import { LinkView } from "../protocol" */
/** @import { MediaState } from "../media.js" */

/**
 * @typedef {object} Facts
 * @property {boolean} started a person has let this device stand by
 * @property {boolean} online what the server said still holds
 * @property {MediaState} media
 * @property {string} peer our media peer; empty before the first
 * @property {LinkView | null} link of our site
 * @property {boolean} seen the server puts our site's picture on program
 * @property {boolean} heard the server lets our site's microphone through
 *
 * @typedef {"check" | "connecting" | "waiting" | "carrying" | "air"} Stage
 */

/** @param {Facts} facts @returns {Stage} */
export function stageOf({ started, online, media, peer, link, seen, heard }) {
  if (!started) return "check";
  if (!online || media !== "connected" || !link?.publisher) return "connecting";
  if (link.publisher !== peer) return "waiting";
  return seen || heard ? "air" : "carrying";
}

/** Whether this device is the one its site is seen and heard by. @param {Stage} stage */
export const carries = (stage) => stage === "carrying" || stage === "air";

/**
 * How the main line does: `sending` means the site can be given back to it.
 *
 * @param {LinkView | null} link
 * @returns {"sending" | "silent" | "absent"}
 */
export function mainState(link) {
  const line = mainLine(link);
  if (!line) return "absent";
  return line.sending ? "sending" : "silent";
}
