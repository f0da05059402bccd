import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Devices, NONE } from "../../web/static/js/devices.js";

class FakeTrack extends EventTarget {
  enabled = true;
  readyState = "live";
  constructor(kind) {
    super();
    this.kind = kind;
  }
  stop() {
    this.readyState = "ended";
  }
  getSettings() {
    return { deviceId: `${this.kind}-1` };
  }
}

/** What the page asked the browser for and the person has not answered. */
let questions;
let made;
let media;
let devices;

beforeEach(() => {
  questions = [];
  made = [];
  media = new EventTarget();
  media.getUserMedia = (wanted) =>
    new Promise((resolve, reject) => questions.push({ wanted, resolve, reject }));
  media.enumerateDevices = async () => [];
  const permissions = { query: async () => ({ state: "granted" }) };
  const fake = { mediaDevices: media, permissions };
  Object.defineProperty(globalThis, "navigator", { value: fake, configurable: true });
  globalThis.localStorage = { getItem: () => null, setItem() {} };
  devices = new Devices(() => {});
});

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** The person allows what question *number* asked for. */
async function allow(number) {
  const { wanted, resolve } = questions[number];
  const tracks = Object.keys(wanted).map((kind) => new FakeTrack(kind));
  made.push(...tracks);
  resolve({ getTracks: () => tracks });
  await settle();
}

async function refuse(number, name) {
  questions[number].reject(Object.assign(new Error(), { name }));
  await settle();
}

async function plugIn() {
  media.dispatchEvent(new Event("devicechange"));
  await settle();
}

const running = () => made.filter((track) => track.readyState === "live").map(({ kind }) => kind);

test("what was asked for is kept once it is allowed", async () => {
  void devices.open();
  assert.equal(devices.asking, true);
  await allow(0);
  assert.equal(devices.asking, false);
  assert.deepEqual(running(), ["video", "audio"]);
  assert.equal(devices.tracks.camera?.kind, "video");
});

test("allowed after closing: nothing stays on", async () => {
  void devices.open();
  devices.close();
  assert.equal(devices.asking, false);
  await allow(0);
  assert.deepEqual(running(), []);
  assert.deepEqual(devices.tracks, { camera: null, microphone: null });
});

test("closed and opened again: the first answer is dropped, the second kept", async () => {
  void devices.open();
  devices.close();
  void devices.open();
  await allow(0);
  assert.equal(devices.asking, true);
  assert.deepEqual(running(), []);
  await allow(1);
  assert.equal(devices.asking, false);
  assert.deepEqual(running(), ["video", "audio"]);
});

test("doing without a device while it is asked for keeps only the other", async () => {
  void devices.open();
  await devices.choose("microphone", NONE);
  await allow(0);
  assert.deepEqual(running(), ["video"]);
  assert.equal(devices.tracks.microphone, null);
});

test("of two choices in a row the last one counts, whichever is answered first", async () => {
  void devices.choose("camera", "a");
  void devices.choose("camera", "b");
  await allow(1);
  const [kept] = made;
  await allow(0);
  assert.equal(devices.tracks.camera, kept);
  assert.deepEqual(running(), ["video"]);
});

test("a missing device is taken when it is plugged in, but not after closing", async () => {
  void devices.choose("microphone", "");
  await refuse(0, "NotFoundError");
  assert.equal(devices.problems.microphone, "missing");
  await plugIn();
  assert.equal(questions.length, 2);
  await refuse(1, "NotFoundError");
  devices.close();
  assert.equal(devices.problems.microphone, "");
  await plugIn();
  assert.equal(questions.length, 2);
});

test("closed while a plugged-in device is being opened: it is turned off again", async () => {
  void devices.choose("microphone", "");
  await refuse(0, "NotFoundError");
  await plugIn();
  devices.close();
  await allow(1);
  assert.deepEqual(running(), []);
});

test("a refusal that comes after closing is no problem, and asks for nothing more", async () => {
  void devices.open();
  devices.close();
  await refuse(0, "NotFoundError");
  assert.equal(questions.length, 1);
  assert.deepEqual(devices.problems, { camera: "", microphone: "" });
  await plugIn();
  assert.equal(questions.length, 1);
});

test("one of two is missing: the other one is used", async () => {
  void devices.open();
  await refuse(0, "NotFoundError");
  await refuse(1, "NotFoundError");
  await allow(2);
  assert.deepEqual([devices.problems.camera, devices.problems.microphone], ["missing", ""]);
  assert.deepEqual(running(), ["audio"]);
});
