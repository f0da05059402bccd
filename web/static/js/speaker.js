// Whose speech it is now. Pure.

/** @import { GrantView, RequestView } from "./protocol" */
/** @typedef {RequestView & {grant: GrantView}} Speech a request that has the floor */

/**
 * Of all who have the floor the newest that is heard, else the newest: the one the clock and
 * the name belong to.
 *
 * @param {{speaking: string[], requests: Record<string, RequestView>}} view
 * @returns {Speech | null}
 */
export function speaker({ speaking, requests }) {
  const turns = /** @type {Speech[]} */ (
    speaking.map((id) => requests[id]).filter((request) => request?.grant)
  );
  return turns.findLast(({ grant }) => grant.live_since > 0) ?? turns.at(-1) ?? null;
}

/** The speech is under way and its clock stands. @param {GrantView} grant */
export const stands = ({ phase }) => phase === "paused" || phase === "link_lost";
