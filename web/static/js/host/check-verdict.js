// What the figures of a line mean for whoever wants to speak over it. Pure.

/** @import { PathKind } from "../protocol" */

/**
 * @typedef {object} Measured
 * @property {PathKind} path
 * @property {number} kbps_up
 * @property {number} kbps_down
 * @property {number} loss_up ratio 0-1
 * @property {number} loss_down ratio 0-1
 * @property {number} rtt_ms -1 if not measured
 * @property {boolean} slow this computer could not make pictures fast enough
 *
 * @typedef {"good" | "fair" | "poor" | "none" | "skipped"} Verdict
 * @typedef {{verdict: Verdict, reason: string}} Finding
 *
 * @typedef {object} SecondUp
 * @property {number} kbps_up
 * @property {number} loss_up
 * @property {number} rtt_ms
 */

const ENOUGH_KBPS = 1000; // 720p of a person at a desk
const LEAST_KBPS = 400; // a picture of 360 lines, and sound
const SOME_LOSS = 0.02; // repair hides it
const MUCH_LOSS = 0.06; // repair becomes visible
const SOME_RTT_MS = 250;
const MUCH_RTT_MS = 500; // people interrupt each other

/** @param {number[]} values */
export function median(values) {
  if (!values.length) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {Measured} measured @returns {Finding} */
export function judge({ path, kbps_up, kbps_down, loss_up, loss_down, rtt_ms, slow }) {
  const loss = Math.max(loss_up, loss_down);
  if (kbps_up <= 0) return { verdict: "none", reason: "no_media" };
  if (kbps_up < LEAST_KBPS) {
    return slow ? { verdict: "fair", reason: "computer" } : { verdict: "poor", reason: "narrow_up" };
  }
  if (loss > MUCH_LOSS) return { verdict: "poor", reason: "loss" };
  if (kbps_down < LEAST_KBPS && !slow) return { verdict: "poor", reason: "narrow_down" };
  if (rtt_ms > MUCH_RTT_MS) return { verdict: "poor", reason: "delay" };
  if (path.startsWith("relay")) return { verdict: "fair", reason: "relay" };
  if (slow && kbps_up < ENOUGH_KBPS) return { verdict: "fair", reason: "computer" };
  if (kbps_up < ENOUGH_KBPS) return { verdict: "fair", reason: "narrow_up" };
  if (kbps_down < ENOUGH_KBPS) return { verdict: "fair", reason: "narrow_down" };
  if (loss > SOME_LOSS) return { verdict: "fair", reason: "loss" };
  if (rtt_ms > SOME_RTT_MS) return { verdict: "fair", reason: "delay" };
  return { verdict: "good", reason: "" };
}

/**
 * One line's figures from what the server and this page counted, a second each.
 *
 * The first seconds are left out: a browser feels its way up.
 *
 * @param {SecondUp[]} server
 * @param {{kbps: number, lost: number, received: number, rtt_ms: number}[]} page
 * @param {PathKind} path
 * @param {boolean} slow
 * @returns {Measured}
 */
export function summarise(server, page, path, slow) {
  const up = server.slice(Math.min(3, Math.max(0, server.length - 2)));
  const down = page.slice(Math.min(3, Math.max(0, page.length - 2)));
  const sum = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0);
  const lost = sum(down.map((second) => second.lost));
  const expected = lost + sum(down.map((second) => second.received));
  const trips = [...page, ...server].map((second) => second.rtt_ms).filter((ms) => ms >= 0);
  return {
    path,
    kbps_up: median(up.map((second) => second.kbps_up)),
    kbps_down: median(down.map((second) => second.kbps)),
    loss_up: up.length ? sum(up.map((second) => second.loss_up)) / up.length : 0,
    loss_down: expected > 0 ? Math.min(1, Math.max(0, lost / expected)) : 0,
    rtt_ms: trips.length ? median(trips) : -1,
    slow,
  };
}
