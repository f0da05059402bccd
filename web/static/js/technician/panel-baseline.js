// A link now against the same link at its rehearsal: what is notably worse. Pure.

/** @import { Link } from "../links.js" */

/**
 * @typedef {object} Baseline medians of the rehearsal's test
 * @property {number} at Unix seconds
 * @property {string} [by] who signed it off
 * @property {number} rtt_ms -1 if not measured
 * @property {number} loss_up
 * @property {number} loss_down
 * @property {number} kbps_up
 * @property {number} kbps_down
 * @property {number} fps_up
 * @property {number} score
 *
 * @typedef {"score" | "loss_up" | "loss_down" | "rtt_ms" | "kbps_up" | "kbps_down" | "fps_up"} Compared
 * @typedef {{column: Compared, was: number | null, now: number | null, worse: boolean}} Comparison
 */

/** Half a point is a step of the five words for a score. */
const SCORE_STEP = 0.5;
/** Two in a hundred more are lost: what repair still hides, and the ear begins to notice. */
const LOSS_STEP = 0.02;
/** Twice the delay, and enough that people begin to talk over each other. */
const RTT_TIMES = 2;
const RTT_STEP_MS = 50;
/** A camera's rate follows what it sees; only a fall by half says something of the line. */
const RATE_SHARE = 0.5;
const FPS_SHARE = 0.7;

/** @type {Record<Compared, (was: number, now: number) => boolean>} */
const WORSE = {
  score: (was, now) => now <= was - SCORE_STEP,
  loss_up: (was, now) => now >= was + LOSS_STEP,
  loss_down: (was, now) => now >= was + LOSS_STEP,
  rtt_ms: (was, now) => now >= was * RTT_TIMES && now >= was + RTT_STEP_MS,
  kbps_up: (was, now) => now <= was * RATE_SHARE,
  kbps_down: (was, now) => now <= was * RATE_SHARE,
  fps_up: (was, now) => now <= was * FPS_SHARE,
};

/** What was compared, in the order of the charts. */
export const COMPARED = /** @type {Compared[]} */ (Object.keys(WORSE));

/** @param {number} value of a figure that is 0 or negative where there is none */
const measured = (value) => (value > 0 ? value : null);

/**
 * A value of the baseline, null if it was not measured.
 * @param {Baseline} baseline
 * @param {string} column
 */
export function baselineValue(baseline, column) {
  if (!COMPARED.includes(/** @type {Compared} */ (column))) return null;
  const value = baseline[/** @type {Compared} */ (column)];
  if (column === "rtt_ms") return value >= 0 ? value : null;
  return column.startsWith("loss") ? value : measured(value);
}

/** @param {Link} link @param {Compared} column */
function present(link, column) {
  if (!link.connected) return null;
  const { up, down } = link;
  switch (column) {
    case "score":
      return measured(link.score);
    case "rtt_ms":
      return link.rtt_ms >= 0 ? link.rtt_ms : null;
    case "loss_up":
      return up.loss;
    case "loss_down":
      return down.loss;
    case "kbps_up":
      return measured(up.kbps);
    case "kbps_down":
      return measured(down.kbps);
    case "fps_up":
      return measured(up.fps);
  }
}

/**
 * @param {Baseline} baseline
 * @param {Link} link
 * @returns {Comparison[]} in the order of the charts
 */
export function compared(baseline, link) {
  return COMPARED.map((column) => {
    const was = baselineValue(baseline, column);
    const now = present(link, column);
    const worse = was !== null && now !== null && WORSE[column](was, now);
    return { column, was, now, worse };
  });
}
