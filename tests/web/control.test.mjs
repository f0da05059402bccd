import assert from "node:assert/strict";
import { test } from "node:test";

import { Control } from "../../web/static/js/moderator/control.js";

const ME = { role: "moderator", key: "me" };
const bus = (source, layout = "single", inset = "") => ({ source, layout, inset });
const request = (id, kind = "normal") => ({ id, site: `site-${id}`, priority_class: kind });
const view = (queue, pending = [], speaking = [], ended = []) => ({
  queue,
  pending,
  speaking,
  filed: [],
  ended,
  actions: [],
  venue: "ha-noi",
  program: bus("camera:ha-noi"),
  preview: bus(""),
  sites: {},
  requests: Object.fromEntries(
    [...queue, ...pending, ...speaking, ...ended].map((id) => [id, request(id)]),
  ),
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
  control.receive(first, ME);
  return { control, sent };
}

/** Lets what waits for an answer go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a move is shown at once and stays when the server agrees", async () => {
  const { control, sent } = setUp();
  const done = control.tryMove({ request: "r3", before: "r1" });
  assert.deepEqual(sent[0].command, { type: "move_request", request: "r3", before: "r1" });
  assert.deepEqual(control.queue, ["r3", "r1", "r2"]);
  control.receive(view(["r3", "r1", "r2"], ["r4"]), ME);
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
  const { control, sent } = setUp({ ...view([]), preview: bus("") });
  control.take();
  assert.equal(sent.length, 0);
  control.receive({ ...view([]), preview: bus("camera:hue") }, ME);
  control.take();
  const seen = { preview_layout: "single", preview_inset: "" };
  assert.deepEqual(sent[0].command, { type: "take", preview: "camera:hue", ...seen });
  sent[0].reject({ code: "preview_changed", message: "changed", cmd_id: "c1" });
  await settled();
  control.receive({ ...view([]), preview: bus("camera:da-nang") }, ME);
  control.retry(); // after looking again
  assert.deepEqual(sent[1].command, { type: "take", preview: "camera:da-nang", ...seen });
  sent[1].reject({ code: "no_answer", message: "", cmd_id: "c2" });
  await settled();
  control.receive({ ...view([]), preview: bus("camera:hue") }, ME);
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
  control.receive(view(["r1"], ["r2"], ["r3"]), ME);
  assert.equal(control.selected, "r1");
  assert.notEqual(control.dialog, null);
  assert.notEqual(control.question, null);
  control.receive(view([], [], []), ME);
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
  control.receive(ended, ME);
  assert.equal(control.nextItem, undefined);
  const fresh = view([]);
  for (const item of fresh.agenda) item.state = "next";
  control.receive(fresh, ME);
  assert.equal(control.nextItem?.id, "i1");
});

test("a row of a list to look up can be selected while that list is open", () => {
  const { control } = setUp(view(["r1"], [], [], ["r9"]));
  assert.deepEqual(control.rows, ["r1"]);
  control.set({ unfolded: { filed: false, ended: true } });
  assert.deepEqual(control.rows, ["r1", "r9"]);
  control.select(Infinity);
  control.receive(view(["r1"], [], [], ["r9"]), ME);
  assert.equal(control.selected, "r9");
  control.set({ unfolded: { filed: false, ended: false } });
  control.receive(view(["r1"], [], [], ["r9"]), ME);
  assert.equal(control.selected, "");
});

test("a site that is not ready is asked about, one that is gets the floor", async () => {
  const { control, sent } = setUp();
  await control.grant("r1");
  assert.deepEqual([control.question?.kind, control.question?.request], ["override", "r1"]);
  assert.equal(sent.length, 0);
  control.set({ question: null });
  const ready = view(["r1", "r2"]);
  ready.requests.r2.state = "ready";
  control.receive(ready, ME);
  const granted = control.grant("r2");
  assert.deepEqual(sent[0].command, { type: "grant_floor", request: "r2" });
  sent[0].reject({ code: "not_ready", message: "just lost" }); // it was, a moment ago
  await granted;
  assert.deepEqual([control.question?.kind, control.question?.request], ["override", "r2"]);
});

test("the question about a site goes when its request does", () => {
  const { control } = setUp();
  control.set({ question: { kind: "override", request: "r1" } });
  control.receive(view(["r1", "r2"]), ME);
  assert.notEqual(control.question, null);
  control.receive(view(["r2"], [], ["r1"]), ME);
  assert.equal(control.question, null);
});

test("a locked page sends nothing, says so, and can be unlocked", async () => {
  const { control, sent } = setUp();
  control.set({ locked: true });
  assert.equal(await control.run({ type: "accept_request", request: "r4" }), false);
  await control.tryMove({ request: "r3", before: "r1" });
  await control.grant("r1");
  await control.undo();
  control.toggleSlate();
  assert.equal(sent.length, 0);
  assert.equal(control.question, null);
  assert.deepEqual(control.queue, ["r1", "r2", "r3"]);
  assert.deepEqual(control.message, { kind: "locked" });
  control.set({ locked: false });
  void control.run({ type: "accept_request", request: "r4" });
  assert.equal(sent.length, 1);
  assert.equal(control.message, null);
});

test("the emergency slate goes on, and off to what was on program before", () => {
  const { control, sent } = setUp();
  const onProgram = (source) => ({ ...view([]), program: bus(source) });
  control.receive(onProgram("camera:hue"), ME);
  control.toggleSlate();
  assert.deepEqual(sent[0].command, { type: "take", source: "slate:ha-noi" });
  control.receive(onProgram("slate:ha-noi"), ME);
  assert.equal(control.onSlate, true);
  control.toggleSlate();
  assert.deepEqual(sent[1].command, { type: "take", ...bus("camera:hue") });
});

test("after the emergency slate both pictures come back", () => {
  const { control, sent } = setUp();
  const lecture = bus("slides:hue", "inset", "camera:hue");
  control.receive({ ...view([]), program: lecture }, ME);
  control.receive({ ...view([]), program: bus("slate:ha-noi") }, ME);
  control.toggleSlate();
  assert.deepEqual(sent[0].command, { type: "take", ...lecture });
});

test("of two pictures the next source comes into the one that was picked", () => {
  const { control, sent } = setUp({ ...view([]), preview: bus("slides:hue", "inset") });
  assert.equal(control.slot, "main");
  control.preview("camera:hue");
  control.swapSlot();
  assert.equal(control.slot, "inset");
  control.preview("camera:da-nang");
  control.take();
  assert.deepEqual(
    sent.map(({ command }) => command),
    [
      { type: "set_preview", source: "camera:hue" },
      { type: "set_preview", source: "camera:da-nang", slot: "inset" },
      { type: "take", preview: "slides:hue", preview_layout: "inset", preview_inset: "" },
    ],
  );
  control.swapSlot();
  assert.equal(control.slot, "main");
});

test("one picture has one place, whatever was picked before", () => {
  const { control, sent } = setUp({ ...view([]), preview: bus("slides:hue", "inset") });
  control.pickSlot("inset");
  control.arrange("single");
  assert.deepEqual(sent[0].command, { type: "set_layout", layout: "single" });
  control.receive({ ...view([]), preview: bus("slides:hue") }, ME);
  assert.equal(control.slot, "main");
  control.pickSlot("inset");
  assert.equal(control.slot, "main");
});

test("a page that never saw anything else leaves the slate for the venue", () => {
  const { control, sent } = setUp({ ...view([]), program: bus("slate:ha-noi") });
  control.toggleSlate();
  assert.deepEqual(sent[0].command, { type: "take", source: "camera:ha-noi" });
});

test("a refused slate is tried again as it was, not as a take of the preview", async () => {
  const { control, sent } = setUp({ ...view([]), preview: bus("camera:hue") });
  control.toggleSlate();
  sent[0].reject({ code: "store_conflict", message: "", cmd_id: "c1" });
  await settled();
  control.retry();
  assert.deepEqual(sent[1].command, { type: "take", source: "slate:ha-noi" });
});

test("undo names the action it means, and says what was undone", async () => {
  const { control, sent } = setUp();
  const action = { rev: 7, key: "me", undoable: true, deed: "request_moved", request: "r1" };
  control.receive({ ...view(["r1"]), actions: [action] }, ME);
  const undone = control.undo();
  assert.deepEqual(sent[0].command, { type: "undo", rev: 7 });
  sent[0].resolve({ rev: 8 });
  await undone;
  assert.deepEqual(control.message, { kind: "undone", action });
});

test("with nothing to undo the server is asked, which says why", async () => {
  const { control, sent } = setUp();
  const undone = control.undo();
  assert.deepEqual(sent[0].command, { type: "undo", rev: 0 });
  sent[0].reject({ code: "nothing_to_undo", message: "nothing" });
  await undone;
  assert.equal(control.message, null);
  assert.equal(control.notice?.error.code, "nothing_to_undo");
});

test("a window closed by a colleague's hand says whose", () => {
  const { control } = setUp();
  control.set({ dialog: { kind: "deny", request: "r4" } });
  const action = { rev: 5, key: "other", request: "r4", deed: "request_accepted" };
  control.receive({ ...view(["r1", "r4"]), actions: [action] }, ME);
  assert.equal(control.dialog, null);
  assert.deepEqual(control.message, { kind: "elsewhere", action });
});
