import assert from "node:assert/strict";
import { test } from "node:test";

import { answered, kindOf, kinds, limitOf } from "../../web/static/js/host/kinds.js";

const view = { speeches: [{ request: "r7" }, { request: "r3" }] };
const quiet = { speeches: [] };
const minutes = (seconds) => String(seconds / 60);
const limits = { first: 420, next: 180, reply: 120, point_of_order: 0 };

test("without a speech there is nothing to reply to", () => {
  assert.deepEqual(kinds(view), ["normal", "reply", "point_of_order", "written"]);
  assert.deepEqual(kinds(quiet), ["normal", "point_of_order", "written"]);
  assert.equal(kindOf(quiet, { priority_class: "reply" }), "normal");
  assert.equal(kindOf(view, { priority_class: "reply" }), "reply");
});

test("a reply answers the newest speech unless another is chosen", () => {
  assert.equal(answered(view, { reply_to: "" }), "r7");
  assert.equal(answered(view, { reply_to: "r3" }), "r3");
  assert.equal(answered(view, { reply_to: "r1" }), "r7"); // no longer offered
  assert.equal(answered(quiet, { reply_to: "r3" }), "");
});

test("limits are said as the rules have them", () => {
  assert.deepEqual(limitOf(limits, "normal", minutes), ["host.limits", { first: "7", next: "3" }]);
  assert.deepEqual(limitOf(limits, "reply", minutes), ["host.limit", { n: "2" }]);
  assert.deepEqual(limitOf(limits, "point_of_order", minutes), ["host.limits", { first: "7", next: "3" }]);
  assert.deepEqual(limitOf({ ...limits, next: 420 }, "normal", minutes), ["host.limit", { n: "7" }]);
  assert.equal(limitOf(limits, "written", minutes), null);
});
