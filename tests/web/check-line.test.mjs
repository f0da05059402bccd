import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { BY_MS } from "../../web/static/js/host/check-deadlines.js";
import { LineCheck } from "../../web/static/js/host/check-line.js";

/** A canvas, its pen and its stream: what a picture is drawn with, which no test looks at. */
const anything = () => ({
  getContext: anything,
  createImageData: (width, height) => ({ data: new Uint8ClampedArray(width * height * 4) }),
  putImageData() {},
  drawImage() {},
  captureStream: () => ({ getVideoTracks: () => [{ stop() {} }] }),
});

/** A peer connection over the network of the test. */
class Peer extends EventTarget {
  static all = [];
  connectionState = "new";
  localDescription = null;
  lines = [];
  parameters = [];
  seconds = 0;
  constructor({ iceServers }) {
    super();
    this.iceServers = iceServers;
    Peer.all.push(this);
  }
  addTransceiver(what, { direction }) {
    const sender = {
      getParameters: () => ({ transactionId: "t1", encodings: [{}] }),
      setParameters: async (parameters) => void this.parameters.push(parameters),
    };
    this.lines.push(`${direction} ${typeof what === "string" ? what : "picture"}`);
    return { sender };
  }
  async setLocalDescription() {
    this.localDescription = { sdp: "offer" };
  }
  async setRemoteDescription() {
    const { connects } = network;
    if (connects) setTimeout(() => this.becomes(connects.to), connects.ms);
  }
  becomes(state) {
    if (this.connectionState === "closed") return;
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
  async getStats() {
    this.seconds += 1;
    return new Map(
      [
        { id: "in", type: "inbound-rtp", kind: "video", bytesReceived: this.seconds * 200_000, packetsLost: 0, packetsReceived: this.seconds * 180 },
        { id: "pair", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "local", currentRoundTripTime: 0.03 },
        { id: "local", type: "local-candidate", ...network.candidate },
      ].map((entry) => [entry.id, entry]),
    );
  }
  close() {
    this.connectionState = "closed";
  }
}

/** What the network does with requests and packets. */
let network;
let now = 0;
const swallowed = () => new Promise(() => {});
const answer = (body, { status = 200, headers = {} } = {}) => ({
  ok: status < 300,
  status,
  headers: new Headers(headers),
  text: async () => body,
  json: async () => body,
});
const PLACE = "/api/sessions/plenary/preflight/p1";
const joined = () =>
  answer("answer", { status: 201, headers: { location: PLACE, "probe-seconds": "8" } });
const busy = () =>
  answer({ code: "test_running" }, { status: 409, headers: { "retry-after": "3" } });
const SECOND = { kbps_up: 1900, kbps_down: 1900, loss_up: 0, loss_down: 0, rtt_ms: 30 };

const settle = async () => {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
};
const pass = async (ms) => {
  for (const until = now + ms; now < until; ) {
    now += 100;
    mock.timers.tick(100);
    await settle();
  }
};

let line;
let shown;
/** Runs a check; gives what it found and how long it took. */
const check = async () => {
  const began = now;
  let found;
  void line.run().then((result) => (found = { result, ms: now - began }));
  await settle();
  await pass(30_000);
  return found;
};

const globals = { window: new EventTarget(), RTCPeerConnection: Peer, document: { createElement: anything } };

beforeEach(() => {
  Object.assign(globalThis, globals);
  now = 0;
  Peer.all = [];
  shown = [];
  network = {
    ice: async () => answer({ servers: [{ urls: "turn:relay" }], renew_after: 0 }),
    join: async () => joined(),
    report: async () => answer({ seconds: Array(8).fill(SECOND) }),
    connects: { to: "connected", ms: 500 },
    candidate: { candidateType: "host" },
    requests: [],
  };
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "setInterval", () => 0); // nobody draws the picture
  mock.method(performance, "now", () => now);
  mock.method(AbortSignal, "timeout", (ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), ms);
    return controller.signal;
  });
  mock.method(globalThis, "fetch", (url, { method = "GET", signal } = {}) => {
    network.requests.push(`${method} ${url.split("?")[0]}`);
    const by = { GET: url.startsWith("/ice/") ? network.ice : network.report, POST: network.join, DELETE: async () => answer("") };
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      by[method]().then(resolve, reject);
    });
  });
  line = new LineCheck("plenary", "k1", () => {
    const { state, passed, path } = line;
    const said = state === "running" ? `${state} ${passed} ${path}`.trim() : state;
    if (shown.at(-1) !== said) shown.push(said);
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("a line is measured for eight seconds, and the page says what goes on", async () => {
  const { result, ms } = await check();
  assert.equal(result.verdict, "good");
  assert.deepEqual(result.measured, { path: "direct", kbps_up: 1900, kbps_down: 1600, loss_up: 0, loss_down: 0, rtt_ms: 30, slow: false });
  assert.ok(ms < 9000);
  assert.deepEqual(shown.slice(0, 6), ["idle", "asking", "connecting", "running 0", "running 0 direct", "running 1 direct"]);
  assert.equal(shown.at(-1), "done");
  assert.deepEqual(network.requests, ["GET /ice/plenary", "POST /api/sessions/plenary/preflight", `GET ${PLACE}`, `DELETE ${PLACE}`]);
  assert.deepEqual(Peer.all.map(({ connectionState }) => connectionState), ["closed"]);
});

test("the picture keeps its size, or Firefox would take any line for a narrow one", async () => {
  await check();
  const [{ lines, parameters }] = Peer.all;
  assert.deepEqual(lines, ["sendonly picture", "sendonly audio", "recvonly video"]);
  const size = { transactionId: "t1", encodings: [{}], degradationPreference: "maintain-resolution" };
  assert.deepEqual(parameters, [size]);
});

test("that pictures go by the relay is known as soon as they do", async () => {
  network.candidate = { candidateType: "relay", relayProtocol: "tcp" };
  network.connects.ms = 8000; // the direct way was tried first
  const { result, ms } = await check();
  assert.deepEqual([result.verdict, result.reason], ["fair", "relay"]);
  assert.ok(shown.includes("running 0 relay_tcp"));
  assert.ok(ms <= BY_MS.told);
  assert.equal(shown.filter((said) => said.startsWith("running")).length, 10, "0 to 8, and before the path was known");
});

for (const [what, change, reason, by] of [
  ["the request for a relay", { ice: swallowed, connects: null }, "no_media", BY_MS.connected],
  ["the offer", { join: swallowed }, "no_server", BY_MS.connected],
  ["the body of the answer", { join: async () => ({ ...joined(), text: swallowed }) }, "no_server", BY_MS.connected],
  ["all media", { connects: null }, "no_media", BY_MS.connected],
  ["a refusal's words", { join: async () => ({ ...busy(), headers: new Headers(), json: swallowed }) }, "later", BY_MS.connected],
  ["the server's half", { report: swallowed }, "no_server", BY_MS.told],
  ["everything", { ice: swallowed, join: swallowed, report: swallowed, connects: null }, "no_server", BY_MS.connected],
]) {
  test(`a network that swallows ${what} is named in time`, async () => {
    Object.assign(network, change);
    const { result, ms } = await check();
    assert.equal(result.reason, reason);
    assert.equal(result.verdict, reason === "later" ? "skipped" : "none");
    assert.ok(ms <= Math.min(by, 20_000), `${ms}`);
    assert.ok(Peer.all.every(({ connectionState }) => connectionState === "closed"));
  });
}

test("a line that came late is measured for as long as there is time", async () => {
  network.connects.ms = 11_500;
  const { result, ms } = await check();
  assert.equal(result.verdict, "good");
  assert.ok(ms <= BY_MS.told);
  assert.ok(shown.includes("running 5 direct"));
});

test("media that fail are not waited for", async () => {
  network.connects = { to: "failed", ms: 2000 };
  const { result, ms } = await check();
  assert.equal(result.reason, "no_media");
  assert.ok(ms < 3000);
});

test("a page that waits for its turn says so and is measured within the same time", async () => {
  const answers = [busy, busy, joined];
  network.join = async () => answers.shift()();
  network.connects.ms = 2500;
  const { result, ms } = await check();
  assert.equal(result.verdict, "good");
  assert.ok(ms <= BY_MS.told);
  assert.deepEqual(shown.slice(0, 6), ["idle", "asking", "waiting", "asking", "waiting", "asking"]);
});

test("nobody waits for a turn that does not come", async () => {
  network.join = async () => busy();
  const { result, ms } = await check();
  assert.deepEqual([result.verdict, result.reason], ["skipped", "test_running"]);
  assert.ok(ms <= BY_MS.turn);
});

test("a server that is busy for long is not waited for at all", async () => {
  network.join = async () =>
    answer({ code: "test_running" }, { status: 409, headers: { "retry-after": "60" } });
  const { result, ms } = await check();
  assert.deepEqual([result.reason, ms], ["test_running", 0]);
});

for (const [how, leave] of [
  ["goes in", () => line.stop()],
  ["leaves the page", () => window.dispatchEvent(new Event("pagehide"))],
]) {
  test(`who ${how} leaves no probe behind`, async () => {
    let found = "nothing yet";
    void line.run().then((result) => (found = result));
    await pass(3000);
    leave();
    await settle();
    assert.equal(found, null);
    assert.equal(line.state, "idle");
    assert.equal(Peer.all[0].connectionState, "closed");
    assert.equal(network.requests.at(-1), `DELETE ${PLACE}`);
    const told = shown.length;
    await pass(30_000);
    assert.equal(shown.length, told, "nothing is shown of it any more");
  });
}

test("a second run takes the place of the first", async () => {
  void line.run();
  await pass(3000);
  const { result } = await check();
  assert.equal(result.verdict, "good");
  assert.deepEqual(Peer.all.map(({ connectionState }) => connectionState), ["closed", "closed"]);
});
