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

test("take works everywhere but in a window, letters only in the queue", () => {
  assert.equal(action(key("F2"), "page"), "take");
  assert.equal(action(key("F2"), "field"), "take");
  assert.equal(action(key("F2"), "dialog"), null);
  for (const place of ["page", "field", "dialog"]) assert.equal(action(key("KeyG"), place), null);
  assert.equal(action(key("KeyG"), "queue"), "grant");
  assert.equal(action(key("KeyR"), "queue"), "revoke");
});

test("the emergency slate is one key away, wherever one is", () => {
  for (const place of ["queue", "page", "field", "dialog"]) {
    assert.equal(action(key("F8"), place), "slate");
  }
});

test("undo leaves typing to the browser", () => {
  const undo = key("KeyZ", { ctrlKey: true });
  assert.equal(action(undo, "queue"), "undo");
  assert.equal(action(undo, "page"), "undo");
  assert.equal(action(undo, "field"), null);
  assert.equal(action(undo, "dialog"), null);
  assert.equal(action(key("KeyZ", { ctrlKey: true, shiftKey: true }), "queue"), null);
  assert.equal(action(key("KeyZ"), "queue"), null);
});

test("alt with an arrow moves, an arrow alone selects", () => {
  assert.equal(action(key("ArrowUp"), "queue"), "previous");
  assert.equal(action(key("ArrowUp", { altKey: true }), "queue"), "up");
  assert.equal(action(key("ArrowDown", { altKey: true }), "queue"), "down");
  assert.equal(action(key("KeyG", { altKey: true }), "queue"), null);
});

test("plus is plus with and without shift and on the number pad", () => {
  assert.equal(action(key("Equal"), "queue"), "extend");
  assert.equal(action(key("Equal", { shiftKey: true }), "queue"), "extend");
  assert.equal(action(key("NumpadAdd"), "queue"), "extend");
});

test("a slash searches, with shift it asks for help", () => {
  assert.equal(action(key("Slash"), "queue"), "search");
  assert.equal(action(key("Slash", { shiftKey: true }), "queue"), "help");
});

test("keys of the browser stay with the browser", () => {
  assert.equal(action(key("KeyR", { ctrlKey: true }), "queue"), null);
  assert.equal(action(key("KeyA", { metaKey: true }), "queue"), null);
  assert.equal(action(key("F2", { altKey: true }), "queue"), null);
  assert.equal(action(key("Tab"), "queue"), null);
});

const codes = { "+": "Equal", "/": "Slash", Del: "Delete", "↑": "ArrowUp", "↓": "ArrowDown" };
const held = { Ctrl: "ctrlKey", Alt: "altKey" };

test("every line of the help window is true, and each is there once", () => {
  const lines = HELP.flatMap(([, keys]) => keys);
  assert.equal(new Set(lines.map(([name]) => name)).size, lines.length);
  for (const [name, caps] of lines) {
    const with_ = Object.fromEntries(caps.filter((cap) => cap in held).map((cap) => [held[cap], true]));
    const means = caps
      .filter((cap) => !(cap in held))
      .map((cap) => {
        if (cap === "?") return action(key("Slash", { shiftKey: true }), "queue");
        const letter = /^[A-Z]$/.test(cap) ? `Key${cap}` : cap;
        const code = codes[cap] ?? (/^\d$/.test(cap) ? `Digit${cap}` : letter);
        return action(key(code, with_), "queue");
      });
    const wanted = { select: ["previous", "next"], move: ["up", "down"] }[name] ?? [name];
    assert.deepEqual(means, wanted, name);
  }
});
