// Which seconds the charts show, and how zooming and moving change them. Pure.

/** @import { Extent } from "./timeline.js" */

/**
 * @typedef {Extent & {follow: boolean}} Range `follow`: the end moves with the newest second
 */

/** Shortest range in seconds: fewer points are not a line. */
export const SHORTEST_S = 10;

/** What one step of zooming leaves or adds. */
export const ZOOM = 0.5;

/** Share of the range one step of an arrow key goes. */
export const STEP = 0.1;

/** Ranges at one click, in seconds. */
export const PRESETS = [120, 600, 1800, 7200];

/**
 * A range within the extent: moved if it sticks out, shortened if it is longer.
 * @param {Extent} extent
 * @param {number} from
 * @param {number} to
 * @returns {Range}
 */
export function fitted(extent, from, to) {
  const whole = Math.max(SHORTEST_S, extent.to - extent.from);
  const length = Math.min(whole, Math.max(SHORTEST_S, to - from));
  const middle = (from + to) / 2;
  const end = Math.min(extent.to, Math.max(extent.to - whole + length, middle + length / 2));
  return { from: end - length, to: end, follow: end >= extent.to };
}

/** The newest seconds. @param {Extent} extent @param {number} seconds @returns {Range} */
export const newest = (extent, seconds) => fitted(extent, extent.to - seconds, extent.to);

/**
 * Shorter (`factor` below 1) or longer, with *anchor* where it is. A range that follows keeps
 * its end: somebody watches the newest second.
 * @param {Range} range
 * @param {Extent} extent
 * @param {number} factor
 * @param {number} [anchor] Unix seconds
 * @returns {Range}
 */
export function zoomed(range, extent, factor, anchor) {
  const fixed = anchor ?? (range.follow ? range.to : (range.from + range.to) / 2);
  const length = Math.max(SHORTEST_S, (range.to - range.from) * factor);
  const share = (fixed - range.from) / (range.to - range.from);
  return fitted(extent, fixed - length * share, fixed + length * (1 - share));
}

/** @param {Range} range @param {Extent} extent @param {number} share of the range, negative: back */
export function moved(range, extent, share) {
  const by = (range.to - range.from) * share;
  return fitted(extent, range.from + by, range.to + by);
}

/**
 * The range after newer seconds came: its end follows, or its past was forgotten. Seconds may be
 * told before the two hours have come: the length that was chosen grows into them.
 * @param {Range} range
 * @param {Extent} extent
 * @param {number | null} [chosen] seconds, null after zooming
 */
export function followed(range, extent, chosen = null) {
  if (range.follow) return newest(extent, chosen ?? range.to - range.from);
  return range.from < extent.from ? fitted(extent, range.from, range.to) : range;
}

/**
 * The range so that *at* is in it.
 * @param {Range} range @param {Extent} extent @param {number} at
 */
export function showing(range, extent, at) {
  if (at >= range.from && at <= range.to) return range;
  const half = (range.to - range.from) / 2;
  return fitted(extent, at - half, at + half);
}

/**
 * The range after a key, null if the key means nothing here.
 * @param {string} key `KeyboardEvent.key`
 * @param {Range} range
 * @param {Extent} extent
 * @returns {Range | null}
 */
export function keyed(key, range, extent) {
  const length = range.to - range.from;
  switch (key) {
    case "+":
    case "=": // the same key without Shift
      return zoomed(range, extent, ZOOM);
    case "-":
    case "_":
      return zoomed(range, extent, 1 / ZOOM);
    case "ArrowLeft":
      return moved(range, extent, -STEP);
    case "ArrowRight":
      return moved(range, extent, STEP);
    case "Home":
      return fitted(extent, extent.from, extent.from + length);
    case "End":
      return newest(extent, length);
    default:
      return null;
  }
}

/** Steps of the time axis in seconds: each divides the next round one. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/**
 * Seconds between two marks of the time axis.
 * @param {number} length seconds shown
 * @param {number} most marks there is room for
 */
export const axisStep = (length, most) =>
  STEPS.find((step) => length / step <= Math.max(1, most)) ?? STEPS[STEPS.length - 1];

/**
 * A round upper end of a scale at or above the value: 1, 2, 2.5 or 5 times a power of ten.
 * @param {number} value above 0
 */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const share = [1, 2, 2.5, 5, 10].find((each) => value <= each * power * (1 + 1e-9)) ?? 10;
  return share * power;
}
