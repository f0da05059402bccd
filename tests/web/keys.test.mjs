import assert from "node:assert/strict";
import { test } from "node:test";

import { action, HELP } from "../../web/static/js/moderator/keys.js";

const key = (code, held = {}) => ({
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

test("take works everywhere, letters only in the queue", () => {
  assert.equal(action(key("F2"), false), "take");
  assert.equal(action(key("KeyG"), false), null);
  assert.equal(action(key("KeyG"), true), "grant");
  assert.equal(action(key("KeyR"), true), "revoke");
});

test("alt with an arrow moves, an arrow alone selects", () => {
  assert.equal(action(key("ArrowUp"), true), "previous");
  assert.equal(action(key("ArrowUp", { altKey: true }), true), "up");
  assert.equal(action(key("ArrowDown", { altKey: true }), true), "down");
  assert.equal(action(key("KeyG", { altKey: true }), true), null);
});

test("plus is plus with and without shift and on the number pad", () => {
  assert.equal(action(key("Equal"), true), "extend");
  assert.equal(action(key("Equal", { shiftKey: true }), true), "extend");
  assert.equal(action(key("NumpadAdd"), true), "extend");
});

test("a slash searches, with shift it asks for help", () => {
  assert.equal(action(key("Slash"), true), "search");
  assert.equal(action(key("Slash", { shiftKey: true }), true), "help");
});

test("keys of the browser stay with the browser", () => {
  assert.equal(action(key("KeyR", { ctrlKey: true }), true), null);
  assert.equal(action(key("KeyA", { metaKey: true }), true), null);
  assert.equal(action(key("F2", { altKey: true }), true), null);
  assert.equal(action(key("Tab"), true), null);
});

test("the help window names each key once", () => {
  const names = HELP.map(([name]) => name);
  assert.equal(new Set(names).size, names.length);
});
