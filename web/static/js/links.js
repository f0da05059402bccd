// What a site's link figures mean for the control room: its state, its level, the counts of
// all. Pure, no DOM. The server leaves out fields that have their default value.

/** @import {DirectionView, LinkView} from "./protocol.js" */

/**
 * @typedef {Required<DirectionView>} Direction
 * @typedef {Required<Omit<LinkView, "up" | "down">> & {up: Direction, down: Direction}} Link
 * @typedef {"up" | "silent" | "waiting" | "lost" | "absent"} LinkState
 * @typedef {{good: number, poor: number, lost: number, absent: number}} Summary
 */

/** @type {Direction} */
const NOTHING = {
  kbps: 0,
  loss: 0,
  jitter_ms: 0,
  width: 0,
  height: 0,
  fps: 0,
  missing: 0,
  repaired: 0,
  layer: "",
  plis: 0,
  nacks: 0,
  freeze_s: 0,
  concealed: 0,
  level_dbov: null,
};

/** From this level on a link is good: nobody needs to look at it. */
export const GOOD_LEVEL = 4;

/**
 * The link with every field.
 * @param {LinkView} [link] nothing for a site the server knows no link of
 * @returns {Link}
 */
export function complete(link = {}) {
  return {
    pages: 0,
    devices: 0,
    publisher: "",
    connected: false,
    since: 0,
    rtt_ms: -1,
    path: "",
    cap_kbps: 0,
    score: 0,
    lines: [],
    taken_by: "",
    taken_at: 0,
    verdict: { cause: "", evidence: {} },
    alert: null,
    page: null,
    limitation: "",
    candidate_changes: 0,
    reconnects: 0,
    muted: false,
    forced_layer: "",
    audio_only: false,
    ...link,
    up: { ...NOTHING, ...link.up },
    down: { ...NOTHING, ...link.down },
  };
}

/**
 * Bars of the glyph for a score of 1.0-4.5: 5 excellent to 1 bad, 0 without signal.
 * @param {number} score
 */
export function level(score) {
  if (score <= 0) return 0;
  return 1 + [2.6, 3.1, 3.6, 4.0].filter((limit) => score >= limit).length;
}

/**
 * up: media flows. silent: connected, nothing measured yet. waiting: the site's page is open
 * without media. lost: was connected. absent: never came.
 * @param {Link} link
 * @returns {LinkState}
 */
export function linkState(link) {
  if (link.connected) return link.score > 0 ? "up" : "silent";
  if (link.pages > 0) return "waiting";
  return link.since > 0 ? "lost" : "absent";
}

/**
 * Whether something is found wrong at this site itself: what a remote source does to it is
 * that one's concern, or one bad speaker would light up all 63.
 * @param {Link} link
 */
export function blamed(link) {
  return link.alert !== null || !["", "remote"].includes(link.verdict.cause ?? "");
}

/**
 * Whether a technician should look at this link before somebody speaks over it.
 * @param {Link} link
 */
export function needsLook(link) {
  const state = linkState(link);
  if (state === "up") return level(link.score) < GOOD_LEVEL || blamed(link);
  return state !== "absent";
}

/**
 * Counts for the top bar; each link is in exactly one of them.
 * @param {Iterable<Link>} links
 * @returns {Summary}
 */
export function summarise(links) {
  const summary = { good: 0, poor: 0, lost: 0, absent: 0 };
  for (const link of links) {
    const state = linkState(link);
    if (state === "up") summary[level(link.score) >= GOOD_LEVEL ? "good" : "poor"] += 1;
    else if (state === "silent") summary.good += 1;
    else summary[state === "absent" ? "absent" : "lost"] += 1;
  }
  return summary;
}
