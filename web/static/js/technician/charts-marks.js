// What stands on the charts beside the lines: runs of one cause, marks of events that have room
// for their words, and the same in rows for a table. Pure; widths and words are arguments.

/** @import { Extent, LinkEvent, Timeline } from "./timeline.js" */

/**
 * @typedef {{from: number, to: number, cause: string}} Run Unix seconds, the end not included;
 *   `cause` as in a verdict, `-` where nothing was measured
 * @typedef {{at: number, kind: string, words: string, left: number, row: number, before: boolean, events: LinkEvent[]}} Mark
 *   `left`: share of the range, 0-1; `row`: row of the words, -1 where there is no room;
 *   `before`: they stand to the left of their line
 * @typedef {{at: number, seconds: number, worst: Record<string, number | null>}} Period
 */

/** Nothing was measured. */
export const UNKNOWN = "-";

/**
 * Stretches of one cause, oldest first. Shorter ones than *least* are part of their neighbour,
 * the longer one: on two hours a second is less than a pixel.
 * @param {Timeline} timeline
 * @param {Extent} extent
 * @param {number} [least] seconds
 * @returns {Run[]}
 */
export function runs(timeline, extent, least = 0) {
  const [first, end] = timeline.within(extent);
  const { cause, score } = timeline.lines;
  /** @type {Run[]} */
  const found = [];
  for (let at = first; at < end; at += 1) {
    const number = cause[at];
    const known = number !== null && (number > 0 || score[at] !== null);
    const name = known ? (timeline.causes[number] ?? "") : UNKNOWN;
    const last = found[found.length - 1];
    if (last?.cause === name) last.to = timeline.times[at] + 1;
    else found.push({ from: timeline.times[at], to: timeline.times[at] + 1, cause: name });
  }
  return least > 1 ? merged(found, least) : found;
}

/** @param {Run[]} found @param {number} least */
function merged(found, least) {
  /** @type {Run[]} */
  const wide = [];
  for (const run of found) {
    const last = wide[wide.length - 1];
    if (!last) wide.push({ ...run });
    else if (last.cause === run.cause || run.to - run.from < least) last.to = run.to;
    else if (last.to - last.from < least) {
      wide[wide.length - 1] = { ...run, from: last.from };
    } else wide.push({ ...run });
  }
  return wide;
}

/**
 * Events of a range as marks. Events of one second share a mark; the newest get room first, so
 * that what has just happened has its words.
 * @param {readonly LinkEvent[]} events oldest first
 * @param {Extent} extent
 * @param {(event: LinkEvent) => string} words
 * @param {(words: string) => number} width of the words, as a share of the range's
 * @param {number} rows of words
 * @returns {Mark[]} oldest first
 */
export function marks(events, { from, to }, words, width, rows) {
  /** @type {Map<number, LinkEvent[]>} */
  const seconds = new Map();
  for (const event of events) {
    if (event.at < from || event.at > to) continue;
    const at = Math.floor(event.at);
    seconds.set(at, [...(seconds.get(at) ?? []), event]);
  }
  const found = [...seconds].map(([at, same]) => ({
    at,
    kind: same[same.length - 1].kind,
    words: same.map(words).join(", "),
    left: Math.max(0, (at - from) / (to - from)),
    row: -1,
    before: false,
    events: same,
  }));
  /** Left end of what stands in each row. */
  const free = Array.from({ length: rows }, () => 1);
  for (const mark of found.toReversed()) {
    const size = width(mark.words);
    // At the right edge words stand to the left of their line.
    const right = mark.left + size > 1 ? mark.left : mark.left + size;
    const left = right - size;
    const row = free.findIndex((end) => right <= end);
    if (row < 0 || left < 0) continue;
    free[row] = left;
    mark.row = row;
    mark.before = right === mark.left;
  }
  return found;
}

/** Lines of the table, and which end of each is the bad one. */
const WORST = /** @type {const} */ ({
  score: "least",
  loss_up: "most",
  loss_down: "most",
  rtt_ms: "most",
  kbps_up: "least",
  fps_up: "least",
});

/** @typedef {keyof typeof WORST} Worst */

/** Columns of the table. */
export const TABLE = /** @type {Worst[]} */ (Object.keys(WORST));

/**
 * A range in at most *most* periods, each with the worst of its seconds; oldest first.
 * @param {Timeline} timeline
 * @param {Extent} extent
 * @param {number} most
 * @returns {Period[]}
 */
export function periods(timeline, extent, most) {
  const [first, end] = timeline.within(extent);
  const size = Math.max(1, Math.ceil((end - first) / most));
  /** @type {Period[]} */
  const found = [];
  for (let at = first; at < end; at += size) {
    const stop = Math.min(end, at + size);
    const worst = Object.fromEntries(
      TABLE.map((name) => [name, extreme(timeline.lines[name], at, stop, WORST[name])]),
    );
    found.push({ at: timeline.times[at], seconds: stop - at, worst });
  }
  return found;
}

/** @param {(number | null)[]} line @param {number} from @param {number} to @param {"least" | "most"} end */
function extreme(line, from, to, end) {
  /** @type {number | null} */
  let found = null;
  for (let at = from; at < to; at += 1) {
    const value = line[at];
    if (value === null) continue;
    if (found === null || (end === "least" ? value < found : value > found)) found = value;
  }
  return found;
}
