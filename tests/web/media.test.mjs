import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

/** An RTCPeerConnection that does what the test says. */
class FakePeer {
  static all = [];
  static get last() {
    return FakePeer.all.at(-1);
  }
  connectionState = "new";
  remoteDescription = null;
  localDescription = null;
  transceivers = [];
  restarts = 0;
  constructor() {
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

/** A camera's track. */
const camera = (width, height) => ({ getSettings: () => ({ width, height }) });
const HD = camera(1280, 720);

let requests;
let answers;
let seen;
let media;

const created = (peer) => ({
  ok: true,
  status: 201,
  headers: new Headers({ location: `/media/plenary/${peer}` }),
  text: async () => `answer of ${peer}`,
});
const problem = (status, code) => ({
  ok: false,
  status,
  headers: new Headers(),
  json: async () => ({ code, detail: `sentence of ${code}` }),
});
/** Lets everything that is already decided happen. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

beforeEach(async () => {
  FakePeer.all = [];
  requests = [];
  answers = [];
  seen = { states: [], peers: [], tracks: [] };
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 1);
  globalThis.fetch = async (url, { method, body, headers }) => {
    requests.push({ url, method, body, headers });
    const next = answers.shift() ?? created(`p${requests.length}`);
    if (next instanceof Error) throw next;
    return next;
  };
});

afterEach(() => {
  media.close();
  mock.timers.reset();
  mock.restoreAll();
});

const start = async (more = {}) => {
  media = joinMedia({
    session: "plenary",
    key: "k1",
    client: "tab1",
    video: ["main", "preview"],
    audio: 2,
    onTrack: (slot, track) => seen.tracks.push([slot, track]),
    onState: (state, error) => seen.states.push([state, error?.code]),
    onPeer: (peer) => seen.peers.push(peer),
    ...more,
  });
  await settle();
};

test("offers what it sends first, then its slots, and names received tracks", async () => {
  await start({ camera: null, microphone: null });
  const [{ url, method, body }] = requests;
  assert.equal(method, "POST");
  assert.equal(url, "/media/plenary?k=k1&client=tab1&slots=main%2Cpreview");
  assert.equal(body, "offer 0");
  assert.deepEqual(
    FakePeer.last.transceivers.map(({ kind, direction }) => `${direction} ${kind}`),
    [
      "sendonly video",
      "sendonly audio",
      "sendonly video", // slides
      "recvonly video",
      "recvonly video",
      "recvonly audio",
      "recvonly audio",
    ],
  );
  FakePeer.last.ontrack({ transceiver: FakePeer.last.transceivers[4], track: "t" });
  FakePeer.last.ontrack({ transceiver: FakePeer.last.transceivers[6], track: "a" });
  assert.deepEqual(seen.tracks, [
    ["preview", "t"],
    ["audio1", "a"],
  ]);
  assert.deepEqual(seen.peers, ["p1"]);
  assert.equal(media.peer, "p1");
  FakePeer.last.becomes("connected");
  assert.deepEqual(seen.states, [["connected", undefined]]);
});

test("a viewing page sends nothing", async () => {
  await start();
  assert.ok(FakePeer.last.transceivers.every(({ direction }) => direction === "recvonly"));
});

test("a line that stays away for a second gets new ICE credentials on the same peer", async () => {
  await start();
  FakePeer.last.becomes("connected");
  FakePeer.last.becomes("disconnected");
  mock.timers.tick(999);
  await settle();
  assert.equal(requests.length, 1);
  mock.timers.tick(1);
  await settle();
  const { method, url, headers } = requests[1];
  assert.deepEqual([method, url, headers.get("if-match")], ["PATCH", "/media/plenary/p1?k=k1", "*"]);
  FakePeer.last.becomes("connected");
  assert.equal(FakePeer.all.length, 1);
  assert.deepEqual(
    seen.states.map(([state]) => state),
    ["connected", "reconnecting", "connected"],
  );
});

test("a line that heals by itself is left alone", async () => {
  await start();
  FakePeer.last.becomes("connected");
  FakePeer.last.becomes("disconnected");
  FakePeer.last.becomes("connected");
  mock.timers.tick(60_000);
  await settle();
  assert.equal(requests.length, 1);
});

test("a peer the server no longer knows is replaced, with the newest tracks", async () => {
  await start({ camera: null, microphone: null });
  FakePeer.last.becomes("connected");
  await media.setMicrophone("m");
  assert.deepEqual(FakePeer.last.transceivers[1].sender.tracks, ["m"]);
  answers = [problem(404, "peer_unknown")];
  FakePeer.last.becomes("failed");
  await settle();
  assert.deepEqual(
    requests.map(({ method }) => method),
    ["POST", "PATCH", "POST"],
  );
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.all[0].connectionState, "closed");
  assert.equal(FakePeer.last.transceivers[1].kind, "m");
});

test("a server that is away is asked again for ever; the page is told after three tries", async () => {
  answers = Array.from({ length: 6 }, () => new TypeError("network"));
  await start();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    mock.timers.tick(2000);
    await settle();
  }
  assert.deepEqual(
    seen.states.slice(0, 3),
    [
      ["reconnecting", "media_unreachable"],
      ["reconnecting", "media_unreachable"],
      ["failed", "media_unreachable"],
    ],
  );
  FakePeer.last.becomes("connected");
  assert.deepEqual(seen.states.at(-1), ["connected", undefined]);
});

test("a refusal carries the server's code", async () => {
  answers = [problem(503, "too_many_peers")];
  await start();
  assert.deepEqual(seen.states, [["reconnecting", "too_many_peers"]]);
});

test("an answer that never connects is given up after ten seconds", async () => {
  await start();
  mock.timers.tick(10_000);
  await settle();
  mock.timers.tick(2000);
  await settle();
  assert.deepEqual(
    requests.map(({ method }) => method),
    ["POST", "POST"],
  );
});

test("leaving tells the server", async () => {
  await start();
  FakePeer.last.becomes("connected");
  media.close();
  await settle();
  assert.deepEqual([requests[1].method, requests[1].url], ["DELETE", "/media/plenary/p1?k=k1"]);
  mock.timers.tick(60_000);
  window.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(requests.length, 2);
});

test("leaving while joining takes the new peer back", async () => {
  let answer;
  globalThis.fetch = (url, { method }) => {
    requests.push({ url, method });
    return method === "POST" ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
  };
  await start();
  media.close();
  answer(created("p9"));
  await settle();
  assert.deepEqual([requests[1].method, requests[1].url], ["DELETE", "/media/plenary/p9?k=k1"]);
});

test("what was closed can be joined again, with the tracks chosen meanwhile", async () => {
  await start({ camera: null, microphone: null });
  FakePeer.last.becomes("connected");
  media.close();
  await media.setCamera(HD);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(FakePeer.all.length, 1);
  media.reopen();
  media.reopen();
  await settle();
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.last.transceivers[0].kind, HD);
  FakePeer.last.becomes("connected");
  assert.deepEqual(
    seen.states.map(([state]) => state),
    ["connected", "closed", "connecting", "connected"],
  );
});

test("slides begin and end on their own line, and go on when the line is made anew", async () => {
  await start({ camera: HD, microphone: "m" });
  FakePeer.last.becomes("connected");
  await media.setSlides("s");
  await media.setSlides(null);
  assert.deepEqual(FakePeer.last.transceivers[2].sender.tracks, ["s", null]);
  assert.equal(requests.length, 1, "nothing is negotiated");
  await media.setSlides("s2");
  media.close();
  media.reopen();
  await settle();
  assert.deepEqual(
    FakePeer.last.transceivers.slice(0, 3).map(({ kind }) => kind),
    [HD, "m", "s2"],
  );
});

test("four audio slots unless a page wants fewer", async () => {
  await start({ audio: undefined });
  assert.equal(FakePeer.last.transceivers.filter(({ kind }) => kind === "audio").length, 4);
});

test("a picture is sent in as many sizes as it has lines for", async () => {
  for (const [track, rids] of [
    [camera(1920, 1080), "qhf"],
    [camera(720, 1280), "qhf"],
    [camera(960, 540), "qhf"],
    [camera(640, 480), "hf"],
    [camera(480, 270), "hf"],
    [camera(320, 240), "f"],
    [null, "qhf"],
  ]) {
    await start({ camera: track, microphone: null });
    assert.equal(FakePeer.last.transceivers[0].rids, rids);
  }
});

test("a camera of another kind needs another offer, one of the same kind none", async () => {
  await start({ camera: null, microphone: null });
  FakePeer.last.becomes("connected");
  await media.setCamera(HD);
  await media.setCamera(null);
  await media.setCamera(camera(1920, 1080));
  assert.equal(FakePeer.all.length, 1);
  await media.setCamera(camera(640, 480));
  await settle();
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.last.transceivers[0].rids, "hf");
  FakePeer.last.becomes("connected");
  await media.setCamera(null);
  await media.setCamera(camera(640, 360));
  assert.equal(FakePeer.all.length, 2);
});
