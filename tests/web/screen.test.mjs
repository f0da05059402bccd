import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Screen } from "../../web/static/js/host/screen.js";

class FakeTrack extends EventTarget {
  contentHint = "";
  stopped = false;
  stop() {
    this.stopped = true;
  }
}

/** Answers of the browser's question, in turn. */
let answers;
let asked;

const use = (mediaDevices) =>
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });

const refusal = (name, message = "") => Object.assign(new Error(message), { name });

beforeEach(() => {
  answers = [];
  asked = [];
  use({
    getDisplayMedia: (wanted) =>
      new Promise((resolve, reject) => {
        asked.push(wanted);
        answers.push({ track: (track) => resolve({ getVideoTracks: () => [track] }), reject });
      }),
  });
});

test("what is chosen is shared, sharp rather than smooth, until it is stopped", async () => {
  let changes = 0;
  const screen = new Screen(() => (changes += 1));
  const started = screen.start();
  assert.equal(screen.asking, true);
  await screen.start(); // a second click asks nothing
  const track = new FakeTrack();
  answers[0].track(track);
  await started;
  assert.equal(asked.length, 1);
  assert.equal(asked[0].audio, false);
  assert.deepEqual([screen.track, screen.asking, track.contentHint], [track, false, "text"]);
  assert.equal(changes, 2);
  screen.stop();
  assert.deepEqual([screen.track, track.stopped], [null, true]);
});

test("the browser's own bar ends it too", async () => {
  const screen = new Screen(() => {});
  const started = screen.start();
  const track = new FakeTrack();
  answers[0].track(track);
  await started;
  track.dispatchEvent(new Event("ended"));
  assert.equal(screen.track, null);
});

test("the end of a former screen does not end the present one", async () => {
  const screen = new Screen(() => {});
  const tracks = [new FakeTrack(), new FakeTrack()];
  for (const [at, track] of tracks.entries()) {
    const started = screen.start();
    answers[at].track(track);
    await started;
  }
  tracks[0].dispatchEvent(new Event("ended"));
  assert.deepEqual([screen.track, tracks[0].stopped], [tracks[1], true]);
});

test("what is chosen after all was stopped is not shared", async () => {
  const screen = new Screen(() => {});
  const started = screen.start();
  screen.stop();
  const track = new FakeTrack();
  answers[0].track(track);
  await started;
  assert.deepEqual([screen.track, track.stopped, screen.asking], [null, true, false]);
});

test("closing the question is no problem, everything else is named", async () => {
  const screen = new Screen(() => {});
  const cases = [
    [refusal("NotAllowedError", "Permission denied"), ""],
    [refusal("NotAllowedError", "Permission denied by system"), "system"],
    [refusal("AbortError"), ""],
    [refusal("NotReadableError"), "failed"],
  ];
  for (const [at, [error, problem]] of cases.entries()) {
    const started = screen.start();
    answers[at].reject(error);
    await started;
    assert.deepEqual([screen.problem, screen.asking, screen.track], [problem, false, null]);
  }
  use(undefined);
  await screen.start();
  assert.equal(screen.problem, "unsupported");
});
