// Lengths of time as people type them: minutes and seconds, "07:00". Pure.

/** What a field for such a length accepts. */
export const SPAN_PATTERN = "[0-9]{1,3}:[0-5][0-9]";

/**
 * Seconds of `7:00` or `07:00`, null if it is neither.
 * @param {string} typed
 */
export function parseSpan(typed) {
  const match = /^(\d{1,3}):([0-5]\d)$/.exec(typed.trim());
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

/**
 * `07:00`; the nearest whole second.
 * @param {number} seconds 0 or more
 */
export function formatSpan(seconds) {
  const whole = Math.round(seconds);
  const minutes = String(Math.floor(whole / 60)).padStart(2, "0");
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}
