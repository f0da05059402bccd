// A speech of this site in words and figures: which sentences fit, and what its clock shows.
// Pure: sentences are keys of the catalogue.

import { clockForm, remaining } from "../time.js";

/** @import { GrantView } from "../protocol" */

/**
 * @typedef {"arming" | "live" | "paused" | "suspended" | "link_lost" | "revoking" | "cut"} Turn
 *   as `GrantView.phase`, but who made it stop matters: `suspended` for the chair, `cut` by
 *   the clock
 *
 * @typedef {object} Clock
 * @property {"normal" | "warning" | "over"} form
 * @property {string} symbol
 * @property {string} label
 * @property {number} seconds left; negative beyond the limit
 * @property {number | null} share of the bar, 0-1; null for no bar
 * @property {string} say
 */

const HALF_MINUTE = 30;

/** @param {{reason: string}} request @param {GrantView} grant @returns {Turn} */
export function turnOf({ reason }, grant) {
  if (grant.phase === "paused" && grant.paused_by) return "suspended";
  // A moderator may give a reason; the clock never does, and only strikes at its end.
  const struck = grant.cut && !reason && remaining(grant, grant.ends_at) < 0;
  if (grant.phase === "revoking" && struck) return "cut";
  return /** @type {Turn} */ (grant.phase);
}

/** Seconds until a speaker whose link is lost loses the floor. @param {GrantView} grant @param {number} now */
export const holds = ({ drop_until }, now) => Math.max(0, Math.ceil(drop_until - now));

/**
 * What the big clock shows.
 *
 * @param {Turn} turn
 * @param {GrantView} grant
 * @param {number} now server time, Unix seconds
 * @returns {Clock}
 */
export function clockOf(turn, grant, now) {
  const left = remaining(grant, now);
  const share = Math.min(1, Math.max(0, left / grant.limit));
  switch (turn) {
    case "cut":
    case "revoking": {
      const seconds = Math.max(0, grant.ends_at - now);
      return { form: "over", symbol: "warn", label: "host.closes_in", seconds, share: null, say: "host.closes_text" };
    }
    case "arming":
      return { form: "normal", symbol: "wait", label: "common.time_left", seconds: left, share, say: "host.say_arming" };
    case "paused":
    case "suspended":
    case "link_lost":
      return { form: "normal", symbol: "pause", label: `host.left_${turn}`, seconds: left, share, say: `host.say_${turn}` };
  }
  const form = clockForm(grant, now);
  return {
    form,
    symbol: { normal: "wait", warning: "bell", over: "warn" }[form],
    label: { normal: "common.time_left", warning: "host.nearly", over: "common.overtime" }[form],
    seconds: left,
    share: form === "over" ? 1 : share,
    say: sayOf(form, grant),
  };
}

/** @param {"normal" | "warning" | "over"} form @param {GrantView} grant */
function sayOf(form, { cut, limit }) {
  if (cut && form !== "over") return `host.say_${form}_cut`;
  // A limit that a moderator has moved to "now" is no number of minutes to speak of.
  return form === "warning" || limit % HALF_MINUTE === 0 ? `host.say_${form}` : `host.say_${form}_any`;
}
