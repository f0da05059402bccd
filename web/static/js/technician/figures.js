// Measurements as the technician reads them: decimal mark of the language, units in words.

/** @import { Direction, Link } from "../links.js" */
import { formatNumber } from "../i18n.js";
import { linkState } from "../links.js";

/** What stands where there is nothing to measure. */
export const NONE = "–";

/** @param {number} ratio 0-1 */
export const percent = (ratio) => formatNumber(ratio * 100, 1);

/** @param {number} kbps */
export const megabits = (kbps) => formatNumber(kbps / 1000, 1);

/** @param {number} ms negative if not measured */
export const millis = (ms) => (ms < 0 ? NONE : formatNumber(ms));

/** @param {Link} link */
export const score = (link) => (linkState(link) === "up" ? formatNumber(link.score, 1) : NONE);

/** Lines of the picture, as in "720p". @param {Direction} direction */
export const lineCount = (direction) => (direction.height ? String(direction.height) : NONE);

/** @param {Direction} direction */
export const size = ({ width, height }) => (height ? `${width} × ${height}` : NONE);

/**
 * How long ago, shortly: `02:10` up to an hour, then `1:05 h`.
 * @param {number} seconds
 */
export function ago(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  if (whole < 3600) return `${pad(Math.floor(whole / 60))}:${pad(whole % 60)}`;
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)} h`;
}
