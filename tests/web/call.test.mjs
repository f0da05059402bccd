import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Call } from "../../web/static/js/host/call.js";

let rings;
let call;
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  rings = 0;
  call = new Call(() => (rings += 1));
});
afterEach(() => mock.timers.reset());

test("rings once when called, and once more if nobody reacts", () => {
  call.follow("", false, false);
  assert.equal(rings, 0);
  call.follow("r1 1000", false, false);
  call.follow("r1 1000", false, false);
  assert.equal(rings, 1);
  mock.timers.tick(19_999);
  assert.equal(rings, 1);
  mock.timers.tick(1);
  assert.equal(rings, 2);
  mock.timers.tick(120_000);
  assert.equal(rings, 2);
});

test("who has reacted is left alone", () => {
  call.follow("r1 1000", false, false);
  call.follow("r1 1000", false, true);
  mock.timers.tick(60_000);
  assert.equal(rings, 1);
});

test("who left the deck is left alone", () => {
  call.follow("r1 1000", false, false);
  call.follow("", false, false);
  mock.timers.tick(60_000);
  assert.equal(rings, 1);
});

test("a page that is opened when all is ready keeps quiet", () => {
  call.follow("r1 1000", true, true);
  mock.timers.tick(60_000);
  assert.equal(rings, 0);
});

test("called again is called", () => {
  call.follow("r1 1000", false, true);
  call.follow("", false, false);
  call.follow("r1 1500", false, false);
  assert.equal(rings, 1);
  call.follow("r2 1600", false, false);
  assert.equal(rings, 2);
});

test("what was ready and is no longer so rings, once", () => {
  call.follow("r1 1000", false, false);
  call.follow("r1 1000", true, true);
  call.follow("r1 1000", false, true);
  assert.equal(rings, 2);
  call.follow("r1 1000", false, true);
  mock.timers.tick(60_000);
  assert.equal(rings, 2);
});
