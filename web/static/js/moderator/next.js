// Who comes after the one who speaks. Pure.

/** @import { RequestView } from "../protocol.js" */

/** States of a speaker who was asked to get ready. */
const ON_DECK = new Set(["checking", "ready", "failed"]);

/** @param {RequestView | undefined} request */
export const isOnDeck = (request) => ON_DECK.has(request?.state ?? "");

/**
 * The first on deck, else the first who may be called; a site without a link is passed over,
 * its place is held.
 * @param {readonly string[]} queue
 * @param {(id: string) => RequestView | undefined} request
 */
export function nextInLine(queue, request) {
  const of = (/** @type {string} */ id) => request(id)?.state ?? "";
  return (
    queue.find((id) => ON_DECK.has(of(id))) ?? queue.find((id) => of(id) === "queued") ?? ""
  );
}
