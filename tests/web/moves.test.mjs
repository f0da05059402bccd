import assert from "node:assert/strict";
import { test } from "node:test";

import { applyMove, dropMove, stepMove } from "../../web/static/js/moderator/moves.js";

const order = ["r1", "r2", "r3", "r4"];
const oneClass = () => "normal";

test("a drop names the row below", () => {
  assert.deepEqual(dropMove(order, "r4", 0, oneClass), { request: "r4", before: "r1" });
  assert.deepEqual(dropMove(order, "r1", 2, oneClass), { request: "r1", before: "r4" });
});

test("a drop at the end names the row above", () => {
  assert.deepEqual(dropMove(order, "r2", 3, oneClass), { request: "r2", after: "r4" });
});

test("a drop where the row stood, or nowhere, is no move", () => {
  assert.equal(dropMove(order, "r2", 1, oneClass), null);
  assert.equal(dropMove(order, "r2", -1, oneClass), null);
  assert.equal(dropMove(order, "gone", 1, oneClass), null);
  assert.equal(dropMove(["r1"], "r1", 1, oneClass), null);
});

test("at the border of a class a drop names the row of its own class", () => {
  const classes = { r1: "reply", r2: "reply", r3: "normal", r4: "normal" };
  const classOf = (id) => classes[id];
  assert.deepEqual(dropMove(order, "r1", 1, classOf), { request: "r1", after: "r2" });
  assert.deepEqual(dropMove(order, "r4", 2, classOf), { request: "r4", before: "r3" });
});

test("a drop into another class is still sent, for the server to refuse", () => {
  const classes = { r1: "reply", r2: "reply", r3: "normal", r4: "normal" };
  const wanted = dropMove(order, "r4", 0, (id) => classes[id]);
  assert.deepEqual(wanted, { request: "r4", before: "r1" });
});

test("steps stop at both ends and at the border of the class", () => {
  assert.deepEqual(stepMove(order, "r2", -1, oneClass), { request: "r2", before: "r1" });
  assert.deepEqual(stepMove(order, "r2", 1, oneClass), { request: "r2", after: "r3" });
  assert.equal(stepMove(order, "r1", -1, oneClass), null);
  assert.equal(stepMove(order, "r4", 1, oneClass), null);
  assert.equal(stepMove(order, "gone", 1, oneClass), null);
  const ownClass = (id) => id;
  assert.equal(stepMove(order, "r2", 1, ownClass), null);
});

test("the list shows a move before the server has confirmed it", () => {
  assert.deepEqual(applyMove(order, { request: "r4", before: "r2" }), ["r1", "r4", "r2", "r3"]);
  assert.deepEqual(applyMove(order, { request: "r1", after: "r3" }), ["r2", "r3", "r1", "r4"]);
});

test("every drop puts the row where it was let go", () => {
  for (const request of order) {
    for (let index = 0; index < order.length; index += 1) {
      const moved = applyMove(order, dropMove(order, request, index, oneClass));
      assert.equal(moved.indexOf(request), index);
      assert.deepEqual([...moved].sort(), order);
    }
  }
});

test("a move whose rows have left the list changes nothing", () => {
  assert.equal(applyMove(order, null), order);
  assert.equal(applyMove(order, { request: "gone", before: "r1" }), order);
  assert.equal(applyMove(order, { request: "r1", before: "gone" }), order);
});
