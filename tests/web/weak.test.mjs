import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { Control } from "../../web/static/js/moderator/control.js";
import { followingOf, isWeak } from "../../web/static/js/moderator/weak.js";

const GOOD = complete({ connected: true, since: 1, score: 4.2 });
const POOR = complete({ connected: true, since: 1, score: 3.0, verdict: { cause: "uplink" } });
const LOST = complete({ since: 1 });
const ABSENT = complete();

test("which links one should think about before somebody speaks over them", () => {
  assert.deepEqual([GOOD, POOR, LOST, ABSENT].map(isWeak), [false, true, true, false]);
  assert.equal(isWeak(complete({ ...POOR, verdict: { cause: "remote" } })), false);
  assert.equal(isWeak(complete({ ...POOR, verdict: { cause: "server" } })), false);
  assert.equal(isWeak(complete({ ...LOST, pages: 1 })), true);
  assert.equal(isWeak(complete({ connected: true, since: 1 })), false, "not measured yet");
});

/** A control with three in line, whose commands are answered by the test. */
function setUp(links = {}, states = {}) {
  const sent = [];
  const send = (command, id) =>
    new Promise((resolve, reject) => sent.push({ command, id, resolve, reject }));
  const control = new Control(send, () => {});
  const ids = ["r1", "r2", "r3"];
  const bus = (source) => ({ source, layout: "single", inset: "" });
  control.receive(
    {
      queue: ids,
      pending: [],
      speaking: [],
      filed: [],
      ended: [],
      actions: [],
      agenda: [],
      sites: {},
      venue: "ha-noi",
      program: bus("camera:ha-noi"),
      preview: bus("camera:s1"),
      requests: Object.fromEntries(
        ids.map((id, at) => [id, { id, site: `s${at + 1}`, state: states[id] ?? "queued" }]),
      ),
    },
    { role: "moderator", key: "me" },
  );
  control.set({ links });
  return { control, sent };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the following one is the next over a good link whose place is not held", () => {
  assert.equal(followingOf(setUp({ s1: POOR, s2: GOOD }).control, "r1"), "r2");
  assert.equal(followingOf(setUp({ s1: POOR, s2: POOR, s3: GOOD }).control, "r1"), "r3");
  assert.equal(followingOf(setUp({}, { r2: "held" }).control, "r1"), "r3");
  assert.equal(followingOf(setUp({ s2: LOST, s3: POOR }).control, "r1"), "");
  assert.equal(followingOf(setUp().control, "r3"), "");
  assert.equal(followingOf(setUp().control, "r9"), "");
});

test("a grant over a bad link becomes a question with the server's reason", async () => {
  const { control, sent } = setUp({ s1: POOR }, { r1: "ready" });
  void control.grant("r1");
  sent[0].reject({ code: "link_bad", message: "Chiều gửi lên kém." });
  await settled();
  assert.deepEqual(control.question, { kind: "override", request: "r1", why: "Chiều gửi lên kém." });
  assert.equal(control.notice, null);
});

test("the take key again goes on over a bad link, but not at once", async (context) => {
  let now = 1000;
  context.mock.method(performance, "now", () => now);
  const { control, sent } = setUp();
  control.take();
  assert.equal(sent[0].command.override, undefined);
  sent[0].reject({ code: "link_bad", message: "Chiều gửi lên kém." });
  await settled();
  now += 100;
  control.take();
  assert.equal(sent.length, 1, "a hasty hand");
  now += 1000;
  control.take();
  assert.deepEqual(sent[1].command, { ...sent[0].command, override: true });
});
