import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import {
  axisStep,
  fitted,
  followed,
  keyed,
  moved,
  newest,
  roundUp,
  SHORTEST_S,
  showing,
  zoomed,
} from "../../web/static/js/technician/charts-range.js";
import { marks, periods, runs, UNKNOWN } from "../../web/static/js/technician/charts-marks.js";
import { COLUMNS, KEPT_S, row, Timeline } from "../../web/static/js/technician/timeline.js";

const START = 1_700_000_000;
const values = (change = {}) => ({
  ...Object.fromEntries(COLUMNS.map((name) => [name, null])),
  score: 4.2,
  cause: 0,
  ...change,
});
const answer = (start, scores, more = {}) => ({
  start,
  step: 1,
  columns: { score: scores, cause: scores.map(() => 0), ...more },
  events: [],
});

test("a second of a link has a value where something was measured, and else none", () => {
  const measured = row(
    complete({
      connected: true,
      score: 3.2,
      rtt_ms: 40,
      up: { loss: 0.06, kbps: 700, height: 360, fps: 15, level_dbov: -30 },
      down: { kbps: 2300 },
      verdict: { cause: "uplink" },
    }),
    { lag_ms: 7 },
  );
  assert.deepEqual(
    [measured.score, measured.loss_up, measured.fps_up, measured.level_dbov, measured.lag_ms],
    [3.2, 0.06, 15, -30, 7],
  );
  assert.equal(measured.cause, 2);
  assert.equal(measured.fps_down, null, "no picture is sent to it");
  const gone = row(complete({ since: 5, verdict: { cause: "no_signal" } }));
  assert.deepEqual([gone.score, gone.loss_up, gone.rtt_ms, gone.kbps_up], [null, null, null, null]);
  assert.equal(gone.cause, 1);
});

test("what the server kept and what was told since are one line without a doubled second", () => {
  const timeline = new Timeline();
  timeline.append(START + 3, values({ score: 3 }));
  timeline.append(START + 4, values({ score: 2 }));
  timeline.load(answer(START, [4, 4, 4, 4]));
  assert.deepEqual(timeline.lines.score, [4, 4, 4, 4, 2]);
  assert.deepEqual(timeline.times.map((at) => at - START), [0, 1, 2, 3, 4]);
  timeline.append(START + 4.7, values({ score: 1 }));
  assert.equal(timeline.lines.score.length, 5, "the same second again");
  assert.deepEqual(timeline.lines.rtt_ms, [null, null, null, null, null], "a column it did not send");
});

test("seconds nobody told of are a gap, but not the few a late server has left out", () => {
  const timeline = new Timeline();
  timeline.append(START, values({ lag_ms: 1, score: 4 }));
  timeline.append(START + 3, values({ lag_ms: 1 }));
  assert.deepEqual(timeline.lines.score, [4, 4, 4, 4.2]);
  assert.equal(timeline.index(START + 1), 1);
  assert.equal(timeline.index(START + 4), -1);
  timeline.append(START + 8, values({ lag_ms: 1, score: 3 }));
  assert.deepEqual(timeline.lines.score.slice(3), [4.2, null, null, null, null, 3]);
});

test("seconds the server has left out of its answer are as the one before, longer gaps stay", () => {
  const timeline = new Timeline();
  const lag = [1, null, 1, null, null, null, null, 1];
  timeline.load(answer(START, [4, null, 3, null, null, null, null, 2], { lag_ms: lag }));
  assert.deepEqual(timeline.lines.score, [4, 4, 3, null, null, null, null, 2]);
  assert.equal(timeline.lines.lag_ms[1], 1);
});

test("a server that was started anew does not make the page forget", () => {
  const timeline = new Timeline();
  timeline.load({ ...answer(START, [4, 3]), events: [{ at: START, kind: "joined" }] });
  timeline.load({ ...answer(START + 4, [2, 2]), events: [{ at: START + 4, kind: "joined" }] });
  assert.deepEqual(timeline.lines.score, [4, 3, null, null, 2, 2]);
  assert.equal(timeline.events.length, 2);
  timeline.load({ ...answer(START + 4, [2, 2]), events: [{ at: START + 4, kind: "joined" }] });
  assert.equal(timeline.events.length, 2, "the same events again");
});

test("two hours are kept and no more", () => {
  const timeline = new Timeline();
  timeline.load(answer(START, Array.from({ length: KEPT_S }, () => 4)));
  for (let at = 0; at < 100; at += 1) timeline.append(START + KEPT_S + at, values({ score: 1 }));
  assert.ok(timeline.times.length >= KEPT_S && timeline.times.length <= KEPT_S + 60);
  for (const name of COLUMNS) assert.equal(timeline.lines[name].length, timeline.times.length);
  assert.deepEqual(timeline.extent?.to, START + KEPT_S + 99);
});

test("a page that slept for a day does not fill a day", () => {
  const timeline = new Timeline();
  timeline.append(START, values());
  timeline.append(START + 86_400, values());
  assert.ok(timeline.times.length <= KEPT_S + 61);
  assert.equal(timeline.times.at(-1), START + 86_400);
});

const EXTENT = { from: 1000, to: 8200 };

test("zooming keeps the newest second while it is followed, else the middle or the anchor", () => {
  const live = newest(EXTENT, 600);
  assert.deepEqual(live, { from: 7600, to: 8200, follow: true });
  assert.deepEqual(zoomed(live, EXTENT, 0.5), { from: 7900, to: 8200, follow: true });
  const past = fitted(EXTENT, 2000, 3000);
  assert.deepEqual(zoomed(past, EXTENT, 0.5), { from: 2250, to: 2750, follow: false });
  assert.deepEqual(zoomed(past, EXTENT, 0.5, 2000), { from: 2000, to: 2500, follow: false });
});

test("no range leaves what is known, none is shorter than a line", () => {
  assert.deepEqual(zoomed(fitted(EXTENT, 2000, 3000), EXTENT, 100), { ...EXTENT, follow: true });
  assert.equal(zoomed(fitted(EXTENT, 2000, 2010), EXTENT, 0.5).to - 2000, SHORTEST_S);
  assert.deepEqual(fitted(EXTENT, 0, 600), { from: 1000, to: 1600, follow: false });
  assert.deepEqual(fitted(EXTENT, 9000, 9600), { from: 7600, to: 8200, follow: true });
  assert.deepEqual(fitted({ from: 5, to: 5 }, 0, 9), { from: -5, to: 5, follow: true });
});

test("moving to the end follows again", () => {
  const range = moved(newest(EXTENT, 1000), EXTENT, -0.1);
  assert.deepEqual(range, { from: 7100, to: 8100, follow: false });
  assert.equal(moved(range, EXTENT, 0.1).follow, true);
  const later = { from: 1001, to: 8201 };
  assert.deepEqual(followed(range, later), range);
  assert.deepEqual(followed(newest(EXTENT, 600), later), { from: 7601, to: 8201, follow: true });
  assert.deepEqual(followed(fitted(EXTENT, 1000, 1100), { from: 1060, to: 8260 }).from, 1060);
});

test("seconds told before the two hours have come do not make the chosen range short", () => {
  const first = newest({ from: 8200, to: 8200 }, 600);
  assert.deepEqual(followed(first, EXTENT, 600), newest(EXTENT, 600));
  const zoomed = newest(EXTENT, 40);
  assert.deepEqual(followed(zoomed, EXTENT, null), zoomed);
});

test("keys zoom and move; others are left to the page", () => {
  const range = fitted(EXTENT, 3000, 4000);
  const after = (key) => keyed(key, range, EXTENT);
  assert.deepEqual(after("+"), { from: 3250, to: 3750, follow: false });
  assert.deepEqual(after("="), after("+"));
  assert.deepEqual(after("-"), { from: 2500, to: 4500, follow: false });
  assert.deepEqual(after("ArrowLeft"), { from: 2900, to: 3900, follow: false });
  assert.deepEqual(after("ArrowRight"), { from: 3100, to: 4100, follow: false });
  assert.deepEqual(after("Home"), { from: 1000, to: 2000, follow: false });
  assert.deepEqual(after("End"), { from: 7200, to: 8200, follow: true });
  assert.equal(after("x"), null);
});

test("a pinned moment is brought into view, or nothing moves", () => {
  const range = fitted(EXTENT, 3000, 4000);
  assert.equal(showing(range, EXTENT, 3500), range);
  assert.deepEqual(showing(range, EXTENT, 2000), { from: 1500, to: 2500, follow: false });
});

test("the time axis has round steps and no more marks than there is room for", () => {
  assert.equal(axisStep(120, 5), 30);
  assert.equal(axisStep(7200, 5), 1800);
  assert.equal(axisStep(7200, 10), 900);
  assert.equal(axisStep(10, 20), 1);
  assert.equal(axisStep(100_000, 2), 3600);
  assert.deepEqual([0.03, 7, 100, 101, 2400].map(roundUp).map((v) => Number(v.toPrecision(3))), [0.05, 10, 100, 200, 2500]);
});

/** @param {number[]} causes */
const caused = (causes, scores = causes.map(() => 3)) => {
  const timeline = new Timeline();
  timeline.load(answer(START, scores, { cause: causes }));
  return timeline;
};
const shape = (found) => found.map(({ from, to, cause }) => [from - START, to - START, cause]);

test("stretches of one cause, and of nothing measured", () => {
  const timeline = caused([0, 0, 2, 2, 2, 0, 1], [4, 4, 2, 2, 2, null, null]);
  const whole = { from: START, to: START + 6 };
  assert.deepEqual(shape(runs(timeline, whole)), [
    [0, 2, ""],
    [2, 5, "uplink"],
    [5, 6, UNKNOWN],
    [6, 7, "no_signal"],
  ]);
  assert.deepEqual(shape(runs(timeline, { from: START + 3, to: START + 4 })), [[3, 5, "uplink"]]);
  assert.deepEqual(runs(new Timeline(), whole), []);
});

test("a stretch too short to be seen belongs to its neighbour", () => {
  const timeline = caused([0, 0, 0, 2, 0, 0, 0, 3, 3, 3]);
  assert.deepEqual(shape(runs(timeline, { from: START, to: START + 9 }, 2)), [
    [0, 7, ""],
    [7, 10, "downlink"],
  ]);
  const first = caused([2, 0, 0, 0]);
  assert.deepEqual(shape(runs(first, { from: START, to: START + 9 }, 2)), [[0, 4, ""]]);
});

const event = (at, kind) => ({ at, kind });
const kind = ({ kind }) => kind;

test("the newest events have room for their words first, those of one second share a line", () => {
  const events = [event(1, "out"), event(10, "old"), event(12, "granted"), event(12.4, "on air"), event(99, "left")];
  const found = marks(events, { from: 2, to: 102 }, kind, (words) => words.length / 100, 1);
  assert.deepEqual(
    found.map(({ at, words, row }) => [at, words, row]),
    [
      [10, "old", -1],
      [12, "granted, on air", 0],
      [99, "left", 0],
    ],
  );
  const two = marks(events, { from: 2, to: 102 }, kind, (words) => words.length / 100, 2);
  assert.equal(two[0].row, 1);
  assert.equal(two[0].left, 0.08);
});

test("the table has the worst of each period", () => {
  const timeline = caused([0, 0, 0, 0, 0], [4, 2, null, 3, null]);
  timeline.lines.loss_up = [0, 0.2, 0.1, null, null];
  const found = periods(timeline, { from: START, to: START + 4 }, 3);
  assert.deepEqual(
    found.map(({ at, seconds, worst }) => [at - START, seconds, worst.score, worst.loss_up]),
    [
      [0, 2, 2, 0.2],
      [2, 2, 3, 0.1],
      [4, 1, null, null],
    ],
  );
});
