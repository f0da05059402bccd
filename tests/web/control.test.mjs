import assert from "node:assert/strict";
import { test } from "node:test";

import { Control } from "../../web/static/js/moderator/control.js";

const request = (id, kind = "normal") => ({ id, site: `site-${id}`, priority_class: kind });
const view = (queue, pending = [], speaking = []) => ({
  queue,
  pending,
  speaking,
  filed: [],
  ended: [],
  sites: {},
  requests: Object.fromEntries([...queue, ...pending, ...speaking].map((id) => [id, request(id)])),
  agenda: [
    { id: "i1", state: "done" },
    { id: "i2", state: "now" },
    { id: "i3", state: "next" },
  ],
});

/** A control whose commands are answered by the test. */
function setUp(first = view(["r1", "r2", "r3"], ["r4"])) {
  const sent = [];
  const send = (command, id) =>
    new Promise((resolve, reject) => sent.push({ command, id, resolve, reject }));
  const control = new Control(send, () => {});
  control.receive(first);
  return { control, sent };
}

test("a move is shown at once and stays when the server agrees", async () => {
  const { control, sent } = setUp();
  const done = control.tryMove({ request: "r3", before: "r1" });
  assert.deepEqual(sent[0].command, { type: "move_request", request: "r3", before: "r1" });
  assert.deepEqual(control.queue, ["r3", "r1", "r2"]);
  control.receive(view(["r3", "r1", "r2"], ["r4"]));
  sent[0].resolve({ rev: 2 });
  await done;
  assert.deepEqual(control.queue, ["r3", "r1", "r2"]);
  assert.equal(control.notice, null);
});

test("a refused move snaps back, says why, and can be tried again", async () => {
  const { control, sent } = setUp();
  const done = control.tryMove({ request: "r1", after: "r3" });
  sent[0].reject({ code: "request_unknown", message: "gone" });
  await done;
  assert.deepEqual(control.queue, ["r1", "r2", "r3"]);
  assert.equal(control.notice?.error.message, "gone");
  control.retry();
  assert.deepEqual(sent[1].command, sent[0].command);
  assert.deepEqual(control.queue, ["r2", "r3", "r1"]);
});

test("a newer move is not undone by the answer to an older one", async () => {
  const { control, sent } = setUp();
  const first = control.tryMove({ request: "r3", before: "r1" });
  void control.tryMove({ request: "r2", before: "r1" });
  sent[0].resolve({ rev: 2 });
  await first;
  assert.deepEqual(control.queue, ["r2", "r1", "r3"]);
});

test("a refused command becomes the notice, the next one clears it", async () => {
  const { control, sent } = setUp();
  const done = control.run({ type: "grant_floor", request: "r1" });
  assert.equal(control.unanswered, 1);
  sent[0].reject({ code: "floor_busy", message: "busy" });
  assert.equal(await done, false);
  assert.equal(control.unanswered, 0);
  assert.equal(control.notice?.command.type, "grant_floor");
  control.retry();
  assert.deepEqual(sent[1].command, { type: "grant_floor", request: "r1" });
  assert.equal(control.notice, null);
});

for (const code of ["no_answer", "store_unavailable"]) {
  test(`after ${code} the same command goes again with its own id`, async () => {
    const { control, sent } = setUp();
    const given = control.run({ type: "extend_floor", request: "r1", seconds: 60 });
    assert.equal(sent[0].id, undefined);
    sent[0].reject({ code, message: "", cmd_id: "c1" });
    await given;
    control.retry();
    assert.deepEqual([sent[1].command, sent[1].id], [sent[0].command, "c1"]);
    const moved = control.tryMove({ request: "r1", after: "r3" });
    sent[2].reject({ code, message: "", cmd_id: "c2" });
    await moved;
    control.retry();
    assert.deepEqual([sent[3].command, sent[3].id], [sent[2].command, "c2"]);
  });
}

test("what a plain refusal kept from happening is a new command", async () => {
  const { control, sent } = setUp();
  const given = control.run({ type: "grant_floor", request: "r1" });
  sent[0].reject({ code: "floor_busy", message: "busy", cmd_id: "c1" });
  await given;
  control.retry();
  assert.equal(sent[1].id, undefined);
});

test("take airs what is seen on preview, and nothing when it is empty", async () => {
  const { control, sent } = setUp({ ...view([]), preview: { source: "" } });
  control.take();
  assert.equal(sent.length, 0);
  control.receive({ ...view([]), preview: { source: "camera:hue" } });
  control.take();
  assert.deepEqual(sent[0].command, { type: "take", preview: "camera:hue" });
  sent[0].reject({ code: "preview_changed", message: "changed", cmd_id: "c1" });
  await Promise.resolve();
  await Promise.resolve();
  control.receive({ ...view([]), preview: { source: "camera:da-nang" } });
  control.retry(); // after looking again
  assert.deepEqual(sent[1].command, { type: "take", preview: "camera:da-nang" });
  sent[1].reject({ code: "no_answer", message: "", cmd_id: "c2" });
  await Promise.resolve();
  await Promise.resolve();
  control.receive({ ...view([]), preview: { source: "camera:hue" } });
  control.retry(); // may have been done: the same, or nothing
  assert.deepEqual([sent[2].command, sent[2].id], [sent[1].command, "c2"]);
});

test("selecting goes through accepted and pending rows and stops at the ends", () => {
  const { control } = setUp();
  control.select(1);
  assert.equal(control.selected, "r1");
  control.select(-1);
  assert.equal(control.selected, "r1");
  control.select(Infinity);
  assert.equal(control.selected, "r4");
  control.set({ filter: "pending" });
  assert.deepEqual(control.rows, ["r4"]);
});

test("what the selection, the window or the question was about may go away", () => {
  const { control } = setUp(view(["r1"], ["r2"], ["r3"]));
  control.set({
    selected: "r1",
    dialog: { kind: "deny", request: "r2" },
    question: { kind: "revoke", request: "r3" },
  });
  control.receive(view(["r1"], ["r2"], ["r3"]));
  assert.equal(control.selected, "r1");
  assert.notEqual(control.dialog, null);
  assert.notEqual(control.question, null);
  control.receive(view([], [], []));
  assert.equal(control.selected, "");
  assert.equal(control.dialog, null);
  assert.equal(control.question, null);
});

test("the next agenda item follows the one under way", () => {
  const { control } = setUp();
  assert.equal(control.nextItem?.id, "i3");
  const ended = view([]);
  ended.agenda[1].state = "done";
  ended.agenda[2].state = "now";
  control.receive(ended);
  assert.equal(control.nextItem, undefined);
  const fresh = view([]);
  for (const item of fresh.agenda) item.state = "next";
  control.receive(fresh);
  assert.equal(control.nextItem?.id, "i1");
});
