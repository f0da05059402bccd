// Two hours of one link at one point a second, in columns as uPlot draws them. Pure.
//
// A line is a plain array with `null` where nothing was measured: uPlot draws a bridge over
// `NaN`. What the server kept is loaded once; each newer second is appended as it is told.

/** @import { Link } from "../links.js" */
/** @import { ServerLoadView } from "../protocol.js" */

/** Seconds kept, as on the server. */
export const KEPT_S = 7200;

/** Seconds dropped at once when there are too many: moving 7,200 values has its price. */
const DROPPED_S = 60;

/**
 * Seconds without figures that are no gap: a server that is late measures a little later, and
 * the second it is late for has none.
 */
const SKIPPED_S = 3;

/** Columns of the server's answer, and of what is kept here. */
export const COLUMNS = /** @type {const} */ ([
  "score",
  "loss_up",
  "loss_down",
  "missing_up",
  "rtt_ms",
  "jitter_up_ms",
  "jitter_down_ms",
  "kbps_up",
  "kbps_down",
  "fps_up",
  "fps_down",
  "height_up",
  "height_down",
  "freeze_s",
  "concealed",
  "level_dbov",
  "available_kbps",
  "cause",
  "lag_ms",
]);

/** Causes by their number in the column `cause`, until the server has said so itself. */
const CAUSES = [
  "",
  "no_signal",
  "uplink",
  "downlink",
  "site_cpu",
  "camera",
  "microphone",
  "relay",
  "server",
  "remote",
];

/**
 * @typedef {typeof COLUMNS[number]} Column
 * @typedef {Record<Column, number | null>} Row one second
 * @typedef {(number | null)[]} Line
 * @typedef {{at: number, kind: string, [field: string]: unknown}} LinkEvent
 * @typedef {object} Answer of `GET /api/sessions/{session}/history`
 * @property {number} start Unix seconds of the first value
 * @property {number} step seconds between two values
 * @property {Partial<Record<Column, Line>>} columns all of one length
 * @property {readonly string[]} [causes] by their number in the column `cause`
 * @property {LinkEvent[]} events
 * @typedef {{from: number, to: number}} Extent Unix seconds
 */

/** @param {number} value @param {boolean} measured */
const unless = (value, measured) => (measured ? value : null);

/**
 * One second as the server would keep it.
 * @param {Link} link
 * @param {ServerLoadView} [server]
 * @param {readonly string[]} [causes]
 * @returns {Row}
 */
export function row(link, server, causes = CAUSES) {
  const { up, down, connected } = link;
  const pictured = up.height > 0;
  const returned = down.height > 0;
  return {
    score: unless(link.score, link.score > 0),
    loss_up: unless(up.loss, connected),
    loss_down: unless(down.loss, connected),
    missing_up: unless(up.missing, connected),
    rtt_ms: unless(link.rtt_ms, connected && link.rtt_ms >= 0),
    jitter_up_ms: unless(up.jitter_ms, connected),
    jitter_down_ms: unless(down.jitter_ms, connected),
    kbps_up: unless(up.kbps, connected),
    kbps_down: unless(down.kbps, connected),
    fps_up: unless(up.fps, pictured),
    fps_down: unless(down.fps, returned),
    height_up: unless(up.height, pictured),
    height_down: unless(down.height, returned),
    freeze_s: unless(down.freeze_s, connected),
    concealed: unless(down.concealed, connected),
    level_dbov: up.level_dbov,
    available_kbps: link.page?.available_kbps ?? null,
    cause: Math.max(0, causes.indexOf(link.verdict.cause ?? "")),
    lag_ms: server?.lag_ms ?? 0,
  };
}

/** @returns {Record<Column, Line>} */
const noLines = () =>
  /** @type {any} */ (Object.fromEntries(COLUMNS.map((name) => [name, []])));

/**
 * Seconds without a link: the server keeps a 0 then where a line should have a gap.
 * @param {Answer["columns"]} columns
 */
function deadSeconds({ score = [], kbps_up: up = [], kbps_down: down = [] }) {
  return score.map((value, at) => !value && !up[at] && !down[at]);
}

export class Timeline {
  /** Unix seconds, each one more than the last. @type {number[]} */
  times = [];
  lines = noLines();
  /** @type {readonly string[]} */
  causes = CAUSES;
  /** Newest last. @type {LinkEvent[]} */
  events = [];

  /**
   * Takes over what the server has; what is known of other seconds stays (a server that was
   * started anew knows nothing of before).
   * @param {Answer} answer with a step of one second
   */
  load({ start, columns, events, causes = CAUSES }) {
    this.causes = causes;
    this.#remember(events);
    const { score = [], lag_ms: lag = [] } = columns;
    const empty = score.findIndex((value, at) => value !== null || (lag[at] ?? null) !== null);
    if (empty < 0) return;
    const length = score.length - empty;
    const first = Math.floor(start) + empty;
    const { times, lines } = this;
    const before = times.findIndex((at) => at >= first);
    const kept = before < 0 ? times.length : before;
    const after = times.findIndex((at) => at >= first + length);
    const dead = deadSeconds(columns);
    this.times = times.slice(0, kept);
    this.lines = noLines();
    for (const name of COLUMNS) this.lines[name] = lines[name].slice(0, kept);
    this.#fill(first);
    for (let at = 0; at < length; at += 1) this.times.push(first + at);
    for (const name of COLUMNS) {
      const line = this.lines[name];
      const told = columns[name] ?? [];
      const always = name === "cause" || name === "lag_ms";
      for (let at = empty; at < score.length; at += 1) {
        const value = told[at] ?? null;
        line.push(dead[at] && !always ? null : name === "score" && !value ? null : value);
      }
    }
    if (after >= 0) {
      this.#fill(times[after]);
      this.times.push(...times.slice(after));
      for (const name of COLUMNS) this.lines[name].push(...lines[name].slice(after));
    }
    this.#bridge();
    this.#trim(0);
  }

  /** Seconds the server was too late for are as the one before. */
  #bridge() {
    const { lag_ms: kept } = this.lines;
    for (let at = 1; at < kept.length; at += 1) {
      if (kept[at] !== null || kept[at - 1] === null) continue;
      let end = at;
      while (end < kept.length && kept[end] === null) end += 1;
      if (end === kept.length || end - at > SKIPPED_S) {
        at = end;
        continue;
      }
      for (const name of COLUMNS) {
        const line = this.lines[name];
        line.fill(line[at - 1], at, end);
      }
    }
  }

  /** @param {readonly LinkEvent[]} events */
  #remember(events) {
    const known = new Map(this.events.map((event) => [`${event.at} ${event.kind}`, event]));
    for (const event of events) known.set(`${event.at} ${event.kind}`, event);
    this.events = [...known.values()].sort((a, b) => a.at - b.at);
  }

  /**
   * Adds the newest second; one that is not newer than what is known changes nothing.
   * @param {number} at Unix seconds
   * @param {Row} values
   */
  append(at, values) {
    const second = Math.floor(at);
    const newest = this.times[this.times.length - 1] ?? -Infinity;
    if (second <= newest) return;
    this.#fill(second);
    this.times.push(second);
    for (const name of COLUMNS) this.lines[name].push(values[name]);
    if (second - newest > 1 && second - newest <= SKIPPED_S + 1) this.#bridge();
    this.#trim(DROPPED_S);
  }

  /** Nothing was measured up to *second*. @param {number} second */
  #fill(second) {
    const { times } = this;
    if (!times.length) return;
    const oldest = second - KEPT_S;
    for (let at = Math.max(times[times.length - 1] + 1, oldest); at < second; at += 1) {
      times.push(at);
      for (const name of COLUMNS) this.lines[name].push(null);
    }
  }

  /** @param {number} slack seconds more than wanted that may stay */
  #trim(slack) {
    const { times } = this;
    if (times.length <= KEPT_S + slack) return;
    const many = times.length - KEPT_S;
    times.splice(0, many);
    for (const name of COLUMNS) this.lines[name].splice(0, many);
    this.events = this.events.filter((event) => event.at >= times[0]);
  }

  /** Oldest and newest second. @returns {Extent | null} */
  get extent() {
    const { times } = this;
    return times.length ? { from: times[0], to: times[times.length - 1] } : null;
  }

  /** Where a second is in the lines, -1 if nothing is known of it. @param {number} at Unix seconds */
  index(at) {
    const { times } = this;
    let low = 0;
    let high = times.length - 1;
    const second = Math.floor(at);
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (times[middle] === second) return middle;
      if (times[middle] < second) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Indices of the seconds in a range, the end not included. @param {Extent} extent @returns {[number, number]} */
  within({ from, to }) {
    const first = this.times.findIndex((at) => at >= from);
    if (first < 0) return [0, 0];
    let end = this.times.length;
    while (end > first && this.times[end - 1] > to) end -= 1;
    return [first, end];
  }
}
