import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../web/static/js/host/tally.js";

const SENDING = {
  online: true,
  seen: true,
  heard: true,
  publisher: "p1",
  peer: "p1",
  connected: true,
  camera: true,
  microphone: "on",
};

const CASES = [
  ["all of it", {}, "both", ""],
  ["the microphone alone", { seen: false }, "sound", ""],
  ["the picture alone", { heard: false }, "picture", ""],
  ["nothing is let through", { seen: false, heard: false }, "nobody", ""],
  ["a muted microphone is not heard", { microphone: "muted" }, "picture", "muted"],
  ["muted and not on program", { microphone: "muted", seen: false }, "nobody", "muted"],
  ["muted does not matter where no sound is let through", { microphone: "muted", heard: false }, "picture", ""],
  ["no microphone", { microphone: "none" }, "picture", "no_microphone"],
  ["no camera", { camera: false }, "sound", "no_camera"],
  ["no camera, and only the picture would be let through", { camera: false, heard: false }, "nobody", "no_camera"],
  ["no camera and muted", { camera: false, microphone: "muted" }, "nobody", "muted"],
  ["no camera does not matter off program", { camera: false, seen: false }, "sound", ""],
  ["no device at all", { camera: false, microphone: "none" }, "nobody", "nothing"],
  ["another device publishes", { publisher: "p2" }, "other", ""],
  ["another device publishes and this one has nothing", { publisher: "p2", camera: false, microphone: "none" }, "other", ""],
  ["another device publishes before we joined", { publisher: "p2", peer: "" }, "other", ""],
  ["nobody publishes yet", { publisher: "" }, "unknown", "connecting"],
  ["our media is lost: something may still get through", { connected: false }, "unknown", "connecting"],
  ["our media is lost and we are muted", { connected: false, microphone: "muted" }, "nobody", "muted"],
  ["the server is not heard: nothing is certain", { online: false }, "unknown", "offline"],
  ["even what was closed may have been opened", { online: false, seen: false, heard: false }, "unknown", "offline"],
];

test("tally: a technician has muted a speaker, who must know it", () => {
  const seen = judge({ ...SENDING, heard: false, silenced: true });
  assert.deepEqual([seen.who, seen.why], ["picture", "silenced"]);
  const nobody = judge({ ...SENDING, heard: false, seen: false, silenced: true });
  assert.deepEqual([nobody.who, nobody.why], ["nobody", "silenced"]);
});

for (const [name, change, who, why] of CASES) {
  test(`tally: ${name}`, () => {
    const tally = judge({ ...SENDING, ...change });
    assert.deepEqual([tally.who, tally.why], [who, why]);
  });
}

test("tally: what the server lets through is told whoever is using it", () => {
  assert.equal(judge({ ...SENDING, microphone: "muted" }).open, "both");
  assert.equal(judge({ ...SENDING, publisher: "p2", seen: false }).open, "sound");
  assert.equal(judge({ ...SENDING, online: false, heard: false }).open, "picture");
});
