import assert from "node:assert/strict";
import { test } from "node:test";

import { outcome } from "../../web/static/js/technician/bulk.js";

const asked = { action: "cap", value: "400", at: 100 };
const told = (site, state, more = {}) => ({ site, state, action: "cap", value: "400", at: 101, ...more });

test("what became of an action on several sites", () => {
  const known = [told("a", "done"), told("b", "failed", { detail: "unreachable" }), told("c", "sent"), told("e", "shown"),
    told("f", "failed", { detail: "no_page" }), told("g", "failed", { detail: "no_answer" })];
  assert.deepEqual(outcome(["a", "b", "c", "d", "e", "f", "g"], known, asked), {
    done: 2,
    waiting: ["c", "d"],
    silent: ["f", "g"],
    failed: ["b"],
  });
});

test("other actions, former ones and other sites do not count; the newest does", () => {
  const known = [
    told("a", "done", { at: 99 }),
    told("b", "done", { value: "0" }),
    told("c", "done", { action: "mute" }),
    told("d", "failed"),
    told("d", "done", { at: 102 }),
    told("x", "done"),
  ];
  assert.deepEqual(outcome(["a", "b", "c", "d"], known, asked), {
    done: 1,
    waiting: ["a", "b", "c"],
    silent: [],
    failed: [],
  });
});
