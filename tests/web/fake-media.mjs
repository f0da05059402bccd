// A peer connection and a server that do what a test says, and a page's media on them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock } from "node:test";

/** An RTCPeerConnection that does what the test says. */
export class FakePeer {
  static all = [];
  static get last() {
    return FakePeer.all.at(-1);
  }
  connectionState = "new";
  remoteDescription = null;
  localDescription = null;
  transceivers = [];
  restarts = 0;
  stats = [];
  iceConnectionState = "new";
  constructor(configuration) {
    this.configuration = configuration;
    FakePeer.all.push(this);
  }
  addTransceiver(kind, { direction, sendEncodings = [] }) {
    const sender = { tracks: [], replaceTrack: async (track) => void sender.tracks.push(track) };
    const rids = sendEncodings.map(({ rid }) => rid).join("");
    const made = { kind, direction, rids, sender, setCodecPreferences() {} };
    this.transceivers.push(made);
    return made;
  }
  restartIce() {
    this.restarts += 1;
  }
  getConfiguration() {
    return this.configuration;
  }
  setConfiguration(configuration) {
    this.configuration = configuration;
  }
  async getStats() {
    return new Map(this.stats.map((entry) => [entry.id, entry]));
  }
  async setLocalDescription() {
    this.localDescription = { sdp: `offer ${this.restarts}` };
  }
  async setRemoteDescription(description) {
    this.remoteDescription = description;
  }
  close() {
    this.connectionState = "closed";
  }
  becomes(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

globalThis.window = new EventTarget();
globalThis.location = new URL("http://localhost:8080/host?k=k1");
globalThis.RTCPeerConnection = FakePeer;
globalThis.RTCRtpReceiver = { getCapabilities: () => ({ codecs: [] }) };
const { joinMedia } = await import("../../web/static/js/media.js");

/** What the page asked for, what it is answered, and what it was told. */
export const line = {
  /** @type {{url: string, method: string, body: string, headers: Headers}[]} */
  requests: [],
  /** Answers to the next requests; a new peer when there is none. */
  answers: [],
  /** Answers to `GET /ice`; no relay when there is none. */
  relays: [],
  /** How often it was asked for a relay. */
  asked: 0,
  seen: { states: [], peers: [], tracks: [], paths: [] },
  /** @type {ReturnType<typeof joinMedia>} */
  media: null,
};

export const created = (peer) => ({
  ok: true,
  status: 201,
  headers: new Headers({ location: `/media/plenary/${peer}` }),
  text: async () => `answer of ${peer}`,
});
export const problem = (status, code) => ({
  ok: false,
  status,
  headers: new Headers(),
  json: async () => ({ code, detail: `sentence of ${code}` }),
});
const relay = async (url) => {
  assert.equal(url, "/ice/plenary?k=k1");
  line.asked += 1;
  const next = line.relays.shift() ?? { servers: [], renew_after: 0 };
  if (next instanceof Error) throw next;
  return { ok: true, json: async () => next };
};

/** Lets everything that is already decided happen. */
export const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
};
/** Lets *ms* pass, and what follows from it happen. */
export const pass = async (ms) => {
  now += ms;
  mock.timers.tick(ms);
  await settle();
};
let now = 1;

beforeEach(() => {
  FakePeer.all = [];
  line.requests = [];
  line.answers = [];
  line.relays = [];
  line.asked = 0;
  line.seen = { states: [], peers: [], tracks: [], paths: [] };
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 1);
  mock.method(performance, "now", () => now);
  globalThis.fetch = async (url, { method, body, headers }) => {
    if (url.startsWith("/ice/")) return relay(url);
    line.requests.push({ url, method, body, headers });
    const next = line.answers.shift() ?? created(`p${line.requests.length}`);
    if (next instanceof Error) throw next;
    return next;
  };
});

afterEach(() => {
  line.media.close();
  mock.timers.reset();
  mock.restoreAll();
});

export const start = async (more = {}) => {
  const { states, peers, tracks, paths } = line.seen;
  line.media = joinMedia({
    session: "plenary",
    key: "k1",
    client: "tab1",
    video: ["main", "preview"],
    audio: 2,
    onTrack: (slot, track) => tracks.push([slot, track]),
    onState: (state, error) => states.push([state, error?.code]),
    onPeer: (peer) => peers.push(peer),
    onPath: (path) => paths.push(path),
    ...more,
  });
  await settle();
};
