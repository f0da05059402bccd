// The way from the order there is to the order fairness proposes, in the fewest single moves.
// Pure. Classes keep their blocks; within one, rows that stand in the right order already
// stay, and each other row has one move that puts it among them.

/** @import { PlaceView } from "../protocol.js" */
/** @import { ClassOf, Move } from "./moves.js" */

/**
 * One place of the proposal.
 * @typedef {object} Step
 * @property {string} request
 * @property {number} to place proposed, 1-based
 * @property {number} from place now, 1-based
 * @property {string} reason
 * @property {number} seconds its site has spoken
 * @property {Move | null} move what brings it there; null if it may stay
 */

/**
 * Indices of a longest run of *values* that only rises.
 * @param {readonly number[]} values all different
 * @returns {number[]} ascending
 */
export function risingRun(values) {
  /** @type {number[]} index of the smallest end of a run of each length */
  const ends = [];
  /** @type {number[]} */
  const before = [];
  values.forEach((value, index) => {
    let length = ends.findIndex((end) => values[end] > value);
    if (length < 0) length = ends.length;
    before[index] = length > 0 ? ends[length - 1] : -1;
    ends[length] = index;
  });
  const run = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]) run.unshift(index);
  return run;
}

/**
 * @param {readonly string[]} queue as it is
 * @param {readonly PlaceView[]} proposal the same requests in the proposed order
 * @param {ClassOf} classOf
 * @returns {Step[]} in the proposed order
 */
export function steps(queue, proposal, classOf) {
  const places = new Map(queue.map((request, index) => [request, index + 1]));
  const shown = proposal.filter((place) => places.has(place.request));
  const classes = [...new Set(shown.map((place) => classOf(place.request)))];
  const settled = new Set(
    classes.flatMap((each) => {
      const line = shown.filter((place) => classOf(place.request) === each);
      const run = risingRun(line.map((place) => places.get(place.request) ?? 0));
      return run.map((index) => line[index].request);
    }),
  );
  return shown.map(({ request, reason, seconds }, index) => {
    const from = places.get(request) ?? 0;
    const fits = (/** @type {PlaceView} */ place) =>
      settled.has(place.request) && classOf(place.request) === classOf(request);
    const above = shown.slice(0, index).findLast(fits);
    const below = shown.slice(index + 1).find(fits);
    /** @type {Move | null} */
    let move = null;
    if (!settled.has(request)) {
      if (above) move = { request, after: above.request };
      else if (below) move = { request, before: below.request };
    }
    return { request, to: index + 1, from, reason, seconds, move };
  });
}
