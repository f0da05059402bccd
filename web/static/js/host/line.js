// Our place in line as turns and times. Pure: sentences are keys of the catalogue with values.

import { speaker } from "../speaker.js";
import { remaining } from "../time.js";

/** @import { HostView, RequestView } from "../protocol" */
/** @typedef {[key: string, values?: Record<string, string | number>]} Said */
/** @typedef {"checking" | "ready" | "failed"} DeckState */

/** @typedef {{id: string, from: "deck" | "air"}} Back */

const ON_DECK = new Set(["checking", "ready", "failed"]);
const WAITS = new Set(["queued", "held"]);
const NEAR_MIN = 10; // beyond this many minutes an exact one promises too much
const STEP_MIN = 5;

/** Own requests in the server's order. @param {HostView} view @returns {RequestView[]} */
export const ours = (view) => view.mine.flatMap((id) => view.requests[id] ?? []);

/** Own request that was asked to get ready; of several the one that comes first. @param {HostView} view */
export const deckOf = (view) => ours(view).find((one) => one.deck && ON_DECK.has(one.state)) ?? null;

/** Turns that end before ours: those in line, and the speech under way. @param {HostView} view @param {string} id */
export const turnsBefore = (view, id) =>
  (view.positions[id] ?? 1) - 1 + (view.speaking.length ? 1 : 0);

/**
 * Seconds until a request may have the floor, as planned: nobody runs over time.
 *
 * @param {HostView} view
 * @param {string} id
 * @param {number} now server time, Unix seconds
 */
export function secondsUntil(view, id, now) {
  const speech = speaker(view);
  return (speech ? Math.max(0, remaining(speech.grant, now)) : 0) + (view.ahead[id] ?? 0);
}

/** A time people can plan with: to the minute when near, to five minutes beyond. @param {number} seconds */
export function aboutMinutes(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return minutes <= NEAR_MIN ? minutes : Math.ceil(minutes / STEP_MIN) * STEP_MIN;
}

/**
 * When a request may have the floor, Unix seconds, as exact as `aboutMinutes`.
 *
 * @param {HostView} view
 * @param {string} id
 * @param {number} now server time, Unix seconds
 */
export function aboutTime(view, id, now) {
  const seconds = secondsUntil(view, id, now);
  const step = 60 * (seconds / 60 <= NEAR_MIN ? 1 : STEP_MIN);
  return Math.ceil((now + seconds) / step) * step;
}

/**
 * What stands over the on-deck page.
 *
 * @param {HostView} view
 * @param {RequestView} request on deck
 * @returns {Said}
 */
export function deckTitle(view, request) {
  if (request.state === "ready") return ["host.deck_ready"];
  const turns = turnsBefore(view, request.id);
  return turns ? ["host.deck_turns", { n: turns }] : ["host.deck_now"];
}

/**
 * When it is our turn.
 *
 * @param {HostView} view
 * @param {string} id on deck
 * @param {number} now server time, Unix seconds
 * @param {(code: string) => string} siteName within a sentence
 * @returns {Said}
 */
export function deckWhen(view, id, now, siteName) {
  const speech = speaker(view);
  const turns = turnsBefore(view, id);
  if (!turns) return ["host.deck_any_time"];
  const n = aboutMinutes(secondsUntil(view, id, now));
  if (turns > 1 || !speech) return ["host.deck_after_turns", { turns, n: Math.max(1, n) }];
  const site = siteName(speech.site);
  return n ? ["host.deck_after", { site, n }] : ["host.deck_after_soon", { site }];
}

/**
 * Own request that has just come back into the line, and from where: a page that changes by
 * itself owes a word. It holds until something else happens to the request.
 *
 * @param {Back | null} known
 * @param {HostView | null} before
 * @param {HostView} after
 * @returns {Back | null}
 */
export function cameBack(known, before, after) {
  for (const { id, state } of before ? ours(before) : []) {
    if (!WAITS.has(after.requests[id]?.state)) continue;
    if (ON_DECK.has(state)) return { id, from: "deck" };
    if (state === "arming") return { id, from: "air" };
  }
  return known && WAITS.has(after.requests[known.id]?.state) ? known : null;
}

/**
 * The card about our place in line.
 *
 * @param {HostView} view
 * @param {number} now server time, Unix seconds
 * @param {(unix: number) => string} clock writes a time of day
 * @returns {{title: Said, text: Said | null}}
 */
export function place(view, now, clock) {
  const requests = ours(view);
  if (requests.some((one) => one.status === "granted")) return { title: ["host.place_speaking"], text: null };
  const next = requests.find((one) => view.positions[one.id]);
  if (next) return inLine(view, next, now, clock);
  if (requests.some((one) => one.status === "pending")) {
    return { title: ["host.place_pending"], text: ["host.place_pending_text"] };
  }
  const text = { open: "host.place_none_text", closed: "host.place_closed_text", suspended: "host.place_suspended_text" };
  return { title: ["host.place_none"], text: [text[view.list_state]] };
}

/**
 * @param {HostView} view
 * @param {RequestView} request
 * @param {number} now
 * @param {(unix: number) => string} clock
 * @returns {{title: Said, text: Said}}
 */
function inLine(view, { id, state }, now, clock) {
  const n = view.positions[id];
  if (state === "held") return { title: ["host.place_held", { n }], text: ["host.place_held_text", { n }] };
  const title = /** @type {Said} */ (["host.place_number", { n }]);
  const minutes = aboutMinutes(secondsUntil(view, id, now));
  if (n === 1 && !minutes) return { title, text: [view.speaking.length ? "host.place_next" : "host.place_any_time"] };
  const when = { n: Math.max(1, minutes), time: clock(aboutTime(view, id, now)) };
  return { title, text: [n === 1 ? "host.place_next_at" : "host.place_at", when] };
}
