import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { Control } from "../../web/static/js/moderator/control.js";
import { callFollowing } from "../../web/static/js/moderator/deeds.js";
import { followingOf, isWeak, warnedOf, warnedSite } from "../../web/static/js/moderator/weak.js";

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
function setUp(links = {}, states = {}, speaking = []) {
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
      speaking,
      filed: [],
      ended: [],
      actions: [],
      agenda: [],
      sites: {},
      venue: "ha-noi",
      program: bus("camera:ha-noi"),
      preview: bus("camera:s1"),
      requests: Object.fromEntries(
        [...ids, ...speaking].map((id) => [
          id,
          { id, site: id.replace("r", "s"), state: states[id] ?? "queued" },
        ]),
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
  assert.equal(followingOf(setUp({ s3: GOOD }).control, "r1"), "r3", "the one who is there");
  assert.equal(followingOf(setUp({ s2: { ...ABSENT, pages: 1 }, s3: POOR }).control, "r1"), "r2");
  assert.equal(followingOf(setUp({ s2: LOST, s3: POOR }).control, "r1"), "");
  assert.equal(followingOf(setUp().control, "r3"), "");
  assert.equal(followingOf(setUp().control, "r9"), "");
});

test("a grant over a bad link becomes a question with the server's reason", async () => {
  const { control, sent } = setUp({ s1: POOR }, { r1: "ready" });
  void control.grant("r1");
  sent[0].reject({ code: "link_bad", message: "Chiều gửi lên kém." });
  await settled();
  const { request, weak, why } = control.question;
  assert.deepEqual([request, weak, why], ["r1", true, "Chiều gửi lên kém."]);
  assert.equal(control.notice, null);
});

test("the grant key again goes on, but not at once, nor for another row", async (context) => {
  let now = 1000;
  context.mock.method(performance, "now", () => now);
  const { control, sent } = setUp({ s1: POOR }, { r1: "ready" });
  void control.grant("r1");
  sent[0].reject({ code: "link_bad", message: "Chiều gửi lên kém." });
  await settled();
  now += 100;
  void control.grant("r1");
  assert.equal(sent.length, 1, "a hasty hand");
  now += 1000;
  void control.grant("r2");
  assert.deepEqual([sent.length, control.question.request], [1, "r2"], "asked anew");
  now += 100;
  void control.grant("r2");
  assert.equal(sent.length, 1);
  now += 1000;
  void control.grant("r2");
  assert.deepEqual(sent[1].command, { type: "grant_floor", request: "r2", override: true });
  assert.equal(control.question, null);
});

test("what a question says of the link stays as it was asked", async () => {
  const { control } = setUp({ s1: POOR });
  await control.grant("r1");
  control.set({ links: { s1: GOOD } });
  assert.equal(control.question.weak, true);
  await control.grant("r2");
  control.set({ links: { s2: POOR } });
  assert.equal(control.question.weak, false);
});

/** A control whose take of *command* the server has warned of. */
async function warned(command, ...built) {
  const { control, sent } = setUp(...built);
  void control.run({ type: "take", ...command });
  sent[0].reject({ code: "link_bad", message: "Chiều gửi lên kém." });
  await settled();
  return { control, sent };
}

test("a warned take is about the request of the site whose link is bad", async () => {
  const about = async (...built) => warnedOf((await warned(...built)).control);
  assert.equal(await about({ source: "camera:s2" }, { s2: POOR }), "r2");
  assert.equal(await about({ preview: "camera:s2" }, { s2: POOR }), "r2");
  const two = { preview: "camera:s1", preview_inset: "slides:s3" };
  assert.equal(await about(two, { s3: POOR }), "r3");
  assert.equal(await about(two, { s1: POOR, s3: POOR }), "r1");
  assert.equal(await about({ source: "slate:s1", inset: "camera:s2" }, { s1: LOST }), "r2");
  assert.equal(await about({ source: "camera:s9" }, { s9: POOR }), "", "nobody of it waits");
  assert.equal(await about({ source: "camera:s4" }, { s4: POOR }, {}, ["r4"]), "r4");
  assert.equal(warnedOf(setUp().control), "");
});

test("a warned take names the site whose link is bad, whether it waits or not", async () => {
  const about = async (...built) => warnedSite((await warned(...built)).control);
  assert.equal(await about({ preview: "camera:s1", preview_inset: "slides:s3" }, { s3: POOR }), "s3");
  assert.equal(await about({ source: "camera:s9" }, { s9: POOR }), "s9");
  assert.equal(await about({ source: "camera:s2" }), "s2", "its link is good again meanwhile");
  assert.equal(warnedSite(setUp().control), "");
});

test("a refusal for another reason is about nobody's link", async () => {
  const { control, sent } = setUp({ s1: POOR });
  control.take();
  sent[0].reject({ code: "preview_changed", message: "" });
  await settled();
  assert.equal(warnedOf(control), "");
});

test("the following one of a speech is called, and the floor stays", async () => {
  const { control, sent } = await warned({ source: "camera:s4" }, { s4: POOR, s1: POOR }, {}, ["r4"]);
  callFollowing(control, warnedOf(control));
  assert.deepEqual(sent[1].command, { type: "call_on_deck", request: "r2" });
});

test("behind a speech nobody is called while somebody gets ready", () => {
  const { control } = setUp({ r4: POOR }, { r3: "checking" }, ["r4"]);
  assert.equal(followingOf(control, "r4"), "");
});

test("calling the following one answers the question; with nobody there it says so", async () => {
  const { control, sent } = setUp({ s1: POOR });
  await control.grant("r1");
  callFollowing(control, "r1");
  assert.equal(control.question, null);
  assert.deepEqual(sent[0].command, { type: "call_following", request: "r1", following: "r2" });
  callFollowing(control, "r3");
  assert.deepEqual(control.message, { kind: "alone" });
  assert.equal(sent.length, 1);
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
