// Where an own request stands, as its delegate is told, and when its turn is expected. Pure.

import { remaining } from "../time.js";

/** @import { DelegateView, PriorityClass, RequestView } from "../protocol" */
/** @typedef {"pending" | "waiting" | "held" | "deck" | "filed" | "arming" | "live" | "paused" | "link_lost" | "revoking" | "ended"} Stage */

/** @type {Record<string, Stage>} */
const STAGES = {
  queued: "waiting",
  checking: "deck",
  ready: "deck",
  failed: "deck",
  released: "ended",
  denied: "ended",
  cancelled: "ended",
  revoked: "ended",
};

/** @param {RequestView} request @returns {Stage} */
export const stageOf = (request) =>
  STAGES[request.state] ?? /** @type {Stage} */ (request.state);

/** Has not ended. @param {RequestView} request */
export const isOpen = (request) => stageOf(request) !== "ended";

/** May still be corrected and cancelled. @param {RequestView} request */
export const isChangeable = (request) => request.status === "pending" || request.status === "accepted";

/**
 * Requests this phone made, in the server's order: nearest to the floor first, ended ones last.
 *
 * @param {DelegateView | null} view
 * @param {string} key of this phone
 * @returns {RequestView[]}
 */
export const own = (view, key) =>
  (view?.mine ?? [])
    .map((id) => /** @type {DelegateView} */ (view).requests[id])
    .filter((request) => request?.by === key);

/**
 * When the turn of a request is expected: after what is being said and what is planned before
 * it, rounded up to the minute.
 *
 * @param {DelegateView} view
 * @param {string} request
 * @param {number} now server time, Unix seconds
 */
export function expectedAt(view, request, now) {
  let rest = 0;
  for (const id of view.speaking) {
    const grant = view.requests[id]?.grant;
    if (grant) rest += Math.max(0, remaining(grant, now));
  }
  return Math.ceil((now + rest + (view.ahead[request] ?? 0)) / 60) * 60;
}

/**
 * Kinds of speech that are taken now.
 *
 * @param {DelegateView | null} view
 * @param {string} kind
 */
export function isTaken(view, kind) {
  if (!view || view.list_state === "suspended") return false;
  return view.list_state === "open" || kind === "point_of_order";
}

/**
 * The kind of speech that is asked for: a reply only while there is something to answer.
 *
 * @param {DelegateView | null} view
 * @param {PriorityClass} wanted
 */
export const kindOf = (view, wanted) =>
  wanted === "reply" && !view?.speeches.length ? "normal" : wanted;
