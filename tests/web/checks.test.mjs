import assert from "node:assert/strict";
import { test } from "node:test";

import { checkRows } from "../../web/static/js/host/checks.js";

const FINE = { connected: true, other: false, camera: true, microphone: "on", blocked: false };
const ALL = ["link", "picture", "sound", "return"];
const remedies = (facts, missing = ALL, returned = false) =>
  checkRows({ missing, returned }, { ...FINE, ...facts }).map(({ ok, remedy }) => (ok ? "ok" : remedy));

test("rows keep their order", () => {
  assert.deepEqual(checkRows({ missing: [], returned: true }, FINE).map(({ check }) => check), ALL);
});

test("what is there needs no help", () => {
  assert.deepEqual(remedies({}, [], true), ["ok", "ok", "ok", "ok"]);
});

test("what is confirmed is not asked again while the server's list follows", () => {
  assert.deepEqual(remedies({}, ["return"], true)[3], "ok");
  assert.deepEqual(remedies({}, [], false)[3], "confirm");
});

const CASES = [
  ["everything works here: wait, speak, confirm", {}, ["wait", "wait", "speak", "confirm"]],
  ["the connection is being made", { connected: false }, ["wait", "wait", "wait", "confirm"]],
  ["the microphone is off", { microphone: "muted" }, ["wait", "wait", "unmute", "confirm"]],
  ["no microphone", { microphone: "none" }, ["wait", "wait", "devices", "confirm"]],
  ["no camera", { camera: false }, ["wait", "devices", "speak", "confirm"]],
  ["nothing to send", { camera: false, microphone: "none" }, ["devices", "devices", "devices", "confirm"]],
  ["another device is sent", { other: true, microphone: "muted" }, ["other", "other", "other", "confirm"]],
  ["nothing can be heard before a click", { blocked: true }, ["wait", "wait", "speak", "start_sound"]],
];
for (const [what, facts, expected] of CASES) {
  test(`what helps: ${what}`, () => assert.deepEqual(remedies(facts), expected));
}
