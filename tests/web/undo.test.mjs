import assert from "node:assert/strict";
import { test } from "node:test";

import { isOnDeck, nextInLine } from "../../web/static/js/moderator/next.js";
import { doneByOthers, undoChoice } from "../../web/static/js/moderator/undo.js";

const action = (rev, key, more = {}) => ({
  rev,
  key,
  undoable: true,
  undone: false,
  deed: "request_moved",
  request: `r${rev}`,
  ...more,
});

test("undo means one's own newest action that can be taken back", () => {
  const actions = [
    action(9, "other"),
    action(8, "me", { undoable: false, deed: "action_undone" }),
    action(7, "me", { undoable: false, undone: true }),
    action(6, "me"),
    action(5, "me"),
  ];
  assert.equal(undoChoice(actions, "me", {})?.rev, 6);
  assert.equal(undoChoice(actions, "nobody", {}), null);
  assert.equal(undoChoice([], "me", {}), null);
});

test("a grant can be taken back until something was heard", () => {
  const actions = [action(6, "me", { deed: "floor_granted", request: "r1" }), action(5, "me")];
  assert.equal(undoChoice(actions, "me", { r1: { state: "arming" } })?.rev, 6);
  assert.equal(undoChoice(actions, "me", { r1: { state: "live" } }), null);
  assert.equal(undoChoice(actions, "me", {}), null);
});

test("who was first is the newest of the others", () => {
  const actions = [
    action(9, "me", { request: "r1" }),
    action(8, "other", { request: "r1" }),
    action(7, "third", { request: "r1" }),
  ];
  assert.equal(doneByOthers(actions, "r1", "me")?.rev, 8);
  assert.equal(doneByOthers(actions, "r2", "me"), null);
});

test("next is who is on deck, else the first with a link", () => {
  const states = { a: "held", b: "queued", c: "failed", d: "queued" };
  const request = (id) => ({ state: states[id] });
  assert.equal(nextInLine(["a", "b", "c"], request), "c");
  assert.equal(nextInLine(["a", "b", "d"], request), "b");
  assert.equal(nextInLine(["a"], request), "");
  assert.equal(isOnDeck(request("c")), true);
  assert.equal(isOnDeck(request("b")), false);
  assert.equal(isOnDeck(undefined), false);
});
