import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { keyStep, TimeCursor } from "../../web/static/js/technician/cursor.js";
import { SiteHistory } from "../../web/static/js/technician/history-site.js";
import { baselineValue, compared } from "../../web/static/js/technician/panel-baseline.js";

/** Questions to the server, answered by the test when it likes. */
function server() {
  const questions = [];
  const ask = (at) => new Promise((resolve) => questions.push({ at, resolve }));
  return { questions, ask };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

function cursor() {
  const { questions, ask } = server();
  const shown = [];
  const extent = () => ({ from: 1000.5, to: 8200.5 });
  return { made: new TimeCursor({ ask, show: (moment) => shown.push(moment), extent }), questions, shown };
}

/** What the server says of a second. */
const told = (sites = {}, curves = {}) => ({ sites, curves, step: 2 });

test("a pinned second is asked for, and shown with every field of its links and what led to it", async () => {
  const { made, questions, shown } = cursor();
  made.pin(5000.7);
  assert.equal(made.at, 5000);
  questions[0].resolve(told({ a: { score: 2.5 } }, { a: [null, 0, 31, 25] }));
  await settled();
  const links = { a: complete({ score: 2.5 }) };
  assert.deepEqual(shown, [{ at: 5000, links, step: 2, curves: { a: [null, 0, 3.1, 2.5] } }]);
});

test("while the server thinks, only the newest wish is kept", async () => {
  const { made, questions, shown } = cursor();
  made.pin(5000);
  for (let at = 0; at < 5; at += 1) made.step(10);
  assert.equal(questions.length, 1);
  questions[0].resolve(told());
  await settled();
  assert.deepEqual(questions.map(({ at }) => at), [5000, 5050]);
  questions[1].resolve(told());
  await settled();
  assert.deepEqual(shown.map(({ at }) => at), [5050]);
});

test("an answer that comes after the return to now changes nothing", async () => {
  const { made, questions, shown } = cursor();
  made.pin(5000);
  made.live();
  questions[0].resolve(told({ a: {} }));
  await settled();
  assert.deepEqual(shown, [null]);
  made.pin(6000);
  assert.equal(questions.at(-1).at, 6000, "the next one is asked for");
});

test("a second that has not come yet is now, one that is forgotten is the oldest", () => {
  const { made, shown } = cursor();
  made.pin(9999);
  assert.equal(made.at, null);
  made.pin(2);
  assert.equal(made.at, 1001);
  made.step(-10);
  assert.equal(made.at, 1001);
  made.step(99_999);
  assert.equal(made.at, null);
  assert.deepEqual(shown, [null]);
});

test("a moment nothing is known of leaves the wall at now and says so", async () => {
  const { made, questions, shown } = cursor();
  made.pin(5000);
  questions[0].resolve(null);
  await settled();
  assert.deepEqual([made.at, made.failed, shown], [null, true, [null]]);
  made.pin(6000);
  questions[1].resolve(told());
  await settled();
  assert.equal(made.failed, false);
});

test("keys go by a second, ten or a minute", () => {
  const step = (key, shiftKey = false) => keyStep({ key, shiftKey });
  assert.deepEqual([step("ArrowLeft"), step("ArrowRight"), step("ArrowLeft", true)], [-1, 1, -10]);
  assert.deepEqual([step("PageDown"), step("PageUp"), step("x")], [-60, 60, null]);
});

const baseline = {
  at: 1,
  seconds: 20,
  rtt_ms: 35,
  loss_up: 0.001,
  loss_down: 0,
  kbps_up: 2500,
  kbps_down: 2300,
  fps_up: 30,
  fps_down: 30,
  height_up: 720,
  score: 4.3,
};
const now = (up, more = {}) =>
  complete({ connected: true, score: 4.2, rtt_ms: 40, down: { kbps: 2300 }, ...more, up: { kbps: 2400, fps: 30, ...up } });
const worse = (link) => compared(baseline, link).filter((each) => each.worse).map(({ column }) => column);

test("what is notably worse than at the rehearsal is named, and only that", () => {
  assert.deepEqual(worse(now({})), []);
  assert.deepEqual(worse(now({}, { rtt_ms: 80 })), [], "twice, but nobody notices");
  assert.deepEqual(worse(now({}, { rtt_ms: 180 })), ["rtt_ms"]);
  assert.deepEqual(worse(now({ loss: 0.06, kbps: 650, fps: 15 }, { score: 2.7 })), [
    "score",
    "loss_up",
    "kbps_up",
    "fps_up",
  ]);
});

test("what was not measured is not compared", () => {
  assert.deepEqual(worse(complete({ since: 5 })), []);
  const blind = { ...baseline, fps_up: 0, rtt_ms: -1 };
  const found = compared(blind, now({}, { rtt_ms: 500 }));
  assert.equal(found.find(({ column }) => column === "rtt_ms")?.was, null);
  assert.equal(found.find(({ column }) => column === "rtt_ms")?.worse, false);
  assert.equal(baselineValue(blind, "fps_up"), null);
  assert.equal(baselineValue(blind, "loss_down"), 0);
  assert.equal(baselineValue(baseline, "lag_ms"), null);
});

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

/** A server whose history begins at 900 and ends at 1000. */
function history(answer = (url) => ({ start: Number(url.searchParams.get("since")), score: 4 })) {
  const asked = [];
  globalThis.fetch = async (address) => {
    const url = new URL(address, "http://test");
    asked.push([url.searchParams.get("site"), Number(url.searchParams.get("since"))]);
    const found = answer(url);
    if (!found) return new Response("", { status: 503 });
    const lines = Array.from({ length: 1000 - Math.max(900, found.start) }, () => found.score);
    const start = Math.max(900, found.start);
    return Response.json({ start, step: 1, columns: { score: lines }, events: [] });
  };
  return asked;
}
const links = (score) => ({ a: complete({ connected: true, score }) });

test("a site's two hours are fetched once, then only the newest minute, with what has happened", async () => {
  const asked = history();
  const site = new SiteHistory("/history?k=1", () => {});
  site.open("a", 1000);
  site.open("a", 1001);
  assert.equal(site.state, "loading");
  site.measure(links(3), 1000);
  await settled();
  await settled();
  assert.equal(site.state, "ready");
  assert.deepEqual(asked, [["a", 1000 - 7200]]);
  assert.deepEqual([site.timeline.times[0], site.timeline.times.at(-1)], [900, 1000]);
  assert.equal(site.timeline.lines.score.at(-1), 3, "told while the rest was on its way");
  for (let at = 1001; at <= 1005; at += 1) site.measure(links(2), at);
  await settled();
  assert.deepEqual(asked.slice(1), [["a", 945]]);
});

test("what comes for a site nobody looks at any more is dropped", async () => {
  history((url) => ({ start: 0, score: url.searchParams.get("site") === "a" ? 1 : 4 }));
  const site = new SiteHistory("/history?k=1", () => {});
  site.open("a", 1000);
  site.open("b", 1000);
  await settled();
  await settled();
  assert.deepEqual([...new Set(site.timeline.lines.score)], [4]);
});

test("without history the newest seconds are still drawn, and it is asked for again", async () => {
  let up = false;
  const asked = history(() => (up ? { start: 0, score: 4 } : null));
  const site = new SiteHistory("/history?k=1", () => {});
  site.open("a", 1000);
  await settled();
  await settled();
  assert.equal(site.state, "failed");
  site.measure(links(3), 1001);
  assert.deepEqual(site.timeline.lines.score, [3]);
  up = true;
  site.measure(links(3), 1010);
  await settled();
  await settled();
  assert.equal(site.state, "ready");
  assert.equal(asked.length, 2);
  assert.equal(site.timeline.times[0], 900);
});
