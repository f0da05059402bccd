import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

/** A sound graph of a browser that allows sound, or waits for a click for ever. */
class FakeContext {
  static allows = true;
  static last;
  currentTime = 0;
  closed = false;
  sinks = [];
  constructor() {
    FakeContext.last = this;
  }
  resume() {
    return FakeContext.allows ? Promise.resolve() : new Promise(() => {});
  }
  async setSinkId(id) {
    this.sinks.push(id);
  }
  async close() {
    this.closed = true;
  }
}
let played;
globalThis.AudioContext = FakeContext;
globalThis.GainNode = class {
  gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  connect = (next) => next;
};
globalThis.OscillatorNode = class {
  constructor(_, { frequency }) {
    played.push(Math.round(frequency));
  }
  connect = (next) => next;
  start() {}
  stop() {
    queueMicrotask(() => this.onended?.());
  }
};
const { playCall, playTone } = await import("../../web/static/js/tone.js");

beforeEach(() => {
  played = [];
  FakeContext.allows = true;
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("three notes try a loudspeaker, two call a host", async () => {
  await playTone("");
  assert.deepEqual(played, [523, 659, 784]);
  played = [];
  await playCall("hall");
  assert.deepEqual(played, [659, 523]);
  assert.deepEqual(FakeContext.last.sinks, ["hall"]);
  assert.equal(FakeContext.last.closed, true);
});

test("a browser that waits for a click is not waited for", async () => {
  FakeContext.allows = false;
  const called = assert.rejects(playCall(""), { name: "NotAllowedError" });
  mock.timers.tick(1000);
  await called;
  assert.deepEqual(played, []);
  assert.equal(FakeContext.last.closed, true);
});
