// Clocks and dates as the pages write them. Pure: the time is always an argument.

/** @import { GrantView } from "./protocol" */

/**
 * Seconds left of a speech, negative once it is over time.
 *
 * @param {GrantView} grant
 * @param {number} now server time, Unix seconds
 */
export function remaining(grant, now) {
  const running = grant.live_since ? Math.max(0, now - grant.live_since) : 0;
  return grant.limit - grant.used - running;
}

/**
 * Which form the clock of a speech has: `normal`, `warning` or `over`.
 *
 * @param {GrantView} grant
 * @param {number} now server time, Unix seconds
 * @returns {"normal" | "warning" | "over"}
 */
export function clockForm(grant, now) {
  const left = Math.ceil(remaining(grant, now));
  if (left < 0) return "over";
  return left <= grant.warning ? "warning" : "normal";
}

/**
 * `04:32` left, `+00:18` over. Counts down to 00:00 exactly when the time is used up.
 *
 * @param {number} seconds
 */
export function formatClock(seconds) {
  const whole = Math.ceil(seconds);
  const total = Math.abs(whole);
  const minutes = String(Math.floor(total / 60)).padStart(2, "0");
  const rest = String(total % 60).padStart(2, "0");
  return `${whole < 0 ? "+" : ""}${minutes}:${rest}`;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * Formats are kept: making one costs as much as a hundred uses, and clocks draw all the time.
 *
 * @param {string} zone
 * @param {boolean} seconds
 */
function timeFormat(zone, seconds) {
  const name = `${zone} ${seconds}`;
  const known = formats.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
    timeZone: zone,
  });
  formats.set(name, made);
  return made;
}

/**
 * `14:05` in the event's time zone.
 *
 * @param {number} unix Unix seconds
 * @param {string} zone IANA name
 */
export const formatTime = (unix, zone) => timeFormat(zone, false).format(unix * 1000);

/**
 * `14:05:09` in the event's time zone.
 *
 * @param {number} unix Unix seconds
 * @param {string} zone IANA name
 */
export const formatSeconds = (unix, zone) => timeFormat(zone, true).format(unix * 1000);

/**
 * `06/12/2021` in Vietnamese, `6 December 2021` in English; anything else unchanged.
 *
 * @param {string} date ISO 8601 calendar date
 * @param {string} lang
 */
export function formatDate(date, lang) {
  const [year, month, day] = date.split("-").map(Number);
  if (!year || !month || !day) return date;
  if (lang === "vi") {
    return `${String(day).padStart(2, "0")}/${String(month).padStart(2, "0")}/${year}`;
  }
  const options = /** @type {const} */ ({ day: "numeric", month: "long", year: "numeric" });
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(
    Date.UTC(year, month - 1, day),
  );
}

/**
 * When an agenda item that began at `start` (`HH:MM`) ends, as `HH:MM`; empty if unknown.
 *
 * @param {string} start
 * @param {number} minutes
 */
export function addMinutes(start, minutes) {
  const match = /^(\d{1,2}):(\d{2})$/.exec(start);
  if (!match || !minutes) return "";
  const total = (Number(match[1]) * 60 + Number(match[2]) + minutes) % 1440;
  const hours = String(Math.floor(total / 60)).padStart(2, "0");
  return `${hours}:${String(total % 60).padStart(2, "0")}`;
}
