import assert from "node:assert/strict";
import { test } from "node:test";
import { PageMeter, Punctuality } from "../../web/static/js/stats.js";

const track = (id, more = {}) => ({ id, readyState: "live", muted: false, enabled: true, ...more });
const OWN = { camera: track("cam"), microphone: track("mic") };

/** What Chromium tells of a host page; *n* seconds into a steady call, the figures of each second. */
function chromium(n, { reason = "none", limited = {}, ...more } = {}) {
  const durations = { none: n, cpu: 0, bandwidth: 0, other: 0, ...limited };
  const layer = (rid, fps, mid = "0", source = "V") => ({
    id: `O${source}${rid}`,
    type: "outbound-rtp",
    kind: "video",
    rid,
    mid,
    mediaSourceId: source,
    framesEncoded: fps * n,
    totalEncodeTime: 0.004 * fps * n,
    qualityLimitationReason: reason,
    qualityLimitationDurations: durations,
  });
  const slot = (id, rate, more) => ({
    id,
    type: "inbound-rtp",
    kind: "audio",
    packetsReceived: rate * n,
    totalSamplesReceived: 48_000 * n,
    concealedSamples: 0,
    silentConcealedSamples: 0,
    jitterBufferDelay: 960 * n,
    jitterBufferEmittedCount: 48_000 * n,
    ...more,
  });
  return [
    { id: "V", type: "media-source", kind: "video", trackIdentifier: "cam", frames: 30 * n },
    { id: "S", type: "media-source", kind: "video", trackIdentifier: "screen", frames: 5 * n },
    {
      id: "A",
      type: "media-source",
      kind: "audio",
      trackIdentifier: "mic",
      audioLevel: 0.05,
      totalAudioEnergy: 0.04 * n,
      totalSamplesDuration: n,
    },
    layer("q", 30),
    layer("h", 25),
    layer("", 5, "2", "S"),
    {
      id: "I",
      type: "inbound-rtp",
      kind: "video",
      frameWidth: 1280,
      framesDecoded: 24 * n,
      freezeCount: n,
      totalFreezesDuration: 0.25 * n,
    },
    { id: "J", type: "inbound-rtp", kind: "video", frameWidth: 320, framesDecoded: 5 * n },
    slot("K", 50, { concealedSamples: 4800 * n, silentConcealedSamples: 2400 * n }),
    slot("L", 0, { concealedSamples: 48_000 * n, silentConcealedSamples: 48_000 * n }),
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    {
      id: "P",
      type: "candidate-pair",
      localCandidateId: "lc",
      remoteCandidateId: "rc",
      availableOutgoingBitrate: 1_500_000,
      currentRoundTripTime: 0.0485,
    },
    { id: "lc", type: "local-candidate", candidateType: "host", port: 5000, ...more },
    { id: "rc", type: "remote-candidate", address: "10.0.0.1", port: 7000 },
  ];
}

/** Two readings two seconds apart. */
function twice(first, second, own = OWN) {
  const meter = new PageMeter();
  meter.read("p", first, own, 1000, null);
  return meter.read("p", second, own, 3000, 7.5);
}

test("what Chromium tells becomes rates over the time between two readings", () => {
  assert.deepEqual(twice(chromium(10), chromium(12)), {
    interval_s: 2,
    limitation: "none",
    captured_fps: 30,
    encoded_fps: 30,
    encode_ms: 7.333, // both layers, for each frame of the faster one
    microphone_level: 0.2,
    decoded_fps: 24,
    freezes: 2,
    freeze_s: 0.5,
    concealed: 0.05, // slots in which nobody speaks do not count
    buffer_ms: 20,
    available_kbps: 1500,
    rtt_ms: 48.5,
    camera: "live",
    microphone: "live",
    page_lag_ms: 7.5,
    candidate_changes: 0,
    reconnects: 0,
  });
});

test("the first reading tells what needs no other", () => {
  const page = new PageMeter().read("p", chromium(10, { reason: "cpu" }), OWN, 1000, null);
  assert.deepEqual(page, {
    interval_s: 2,
    limitation: "cpu",
    microphone_level: 0.05,
    available_kbps: 1500,
    rtt_ms: 48.5,
    camera: "live",
    microphone: "live",
    candidate_changes: 0,
    reconnects: 0,
  });
});

test("the limitation is what held longest, not what holds this instant", () => {
  const after = (limited) => twice(chromium(10), chromium(12, { reason: "none", limited })).limitation;
  assert.equal(after({ cpu: 1.5 }), "cpu");
  assert.equal(after({ cpu: 0.4, bandwidth: 1.2 }), "bandwidth");
  assert.equal(after({ cpu: 0.4 }), "none");
});

test("without sources the camera's layers are those of the first m-line", () => {
  const firefox = (n) => [
    { id: "1", type: "outbound-rtp", kind: "video", mid: "0", framesEncoded: 15 * n },
    { id: "2", type: "outbound-rtp", kind: "video", mid: "2", framesEncoded: 99 * n },
    { id: "3", type: "inbound-rtp", kind: "video", framesDecoded: 10 * n },
    { id: "4", type: "candidate-pair", selected: true, currentRoundTripTime: 0.03 },
  ];
  assert.deepEqual(twice(firefox(1), firefox(3)), {
    interval_s: 2,
    encoded_fps: 15,
    decoded_fps: 10,
    rtt_ms: 30,
    camera: "live",
    microphone: "live",
    page_lag_ms: 7.5,
    candidate_changes: 0,
    reconnects: 0,
  });
});

test("Firefox has sources, but its streams name none", () => {
  const nameless = (n) => chromium(n).map(({ mediaSourceId, ...one }) => one);
  const page = twice(nameless(10), nameless(12));
  assert.deepEqual([page.captured_fps, page.encoded_fps, page.limitation], [30, 30, "none"]);
});

test("a browser that tells nothing is believed nothing", () => {
  const page = twice([], [], { camera: null, microphone: null });
  assert.deepEqual(page, { interval_s: 2, page_lag_ms: 7.5, candidate_changes: 0, reconnects: 0 });
});

test("counters that begin anew are no steps back", () => {
  const page = twice(chromium(100), chromium(2));
  for (const field of ["encoded_fps", "freezes", "concealed", "encode_ms"]) assert.equal(page[field], undefined);
});

test("devices are live, muted or gone", () => {
  const states = (camera, microphone, problems) => {
    const page = new PageMeter().read("p", [], { camera, microphone, problems }, 1, null);
    return [page.camera, page.microphone];
  };
  assert.deepEqual(states(track("c", { muted: true }), track("m", { enabled: false })), ["muted", "muted"]);
  assert.deepEqual(states(track("c", { readyState: "ended" }), null), ["ended", undefined]);
  assert.deepEqual(states(null, null, { camera: "unplugged", microphone: "denied" }), ["ended", undefined]);
});

test("changes of the path and new connections are counted for the page's whole life", () => {
  const meter = new PageMeter();
  const counts = (peer, reading) => {
    const page = meter.read(peer, reading, OWN, 1, null);
    return [page.candidate_changes, page.reconnects];
  };
  assert.deepEqual(counts("p", chromium(1)), [0, 0]);
  assert.deepEqual(counts("p", chromium(2, { port: 5001 })), [1, 0]);
  assert.deepEqual(counts("p", []), [1, 0]); // no path for a moment is no other one
  assert.deepEqual(counts("p", chromium(3, { port: 5001 })), [1, 0]);
  assert.deepEqual(counts("q", chromium(1, { port: 5001 })), [1, 1]);
  assert.deepEqual(counts("q", chromium(2, { candidateType: "relay", relayProtocol: "tcp" })), [2, 1]);
});

test("figures stay in the ranges the server takes", () => {
  const wild = chromium(12).map((one) => (one.id === "P" ? { ...one, availableOutgoingBitrate: 1e15 } : one));
  assert.equal(twice(chromium(10), wild).available_kbps, 10_000_000);
});

test("a page's timers are as late as the worst of them", () => {
  let now = 0;
  const punctuality = new Punctuality(() => now);
  assert.equal(punctuality.take(false), null); // nobody looks yet
  const { setInterval: real } = globalThis;
  globalThis.setInterval = () => {};
  punctuality.start();
  globalThis.setInterval = real;
  for (const moment of [250, 900, 1150]) {
    now = moment;
    punctuality.look();
  }
  assert.equal(punctuality.take(false), 400);
  now = 1400;
  punctuality.look();
  assert.equal(punctuality.take(false), 0);
  now = 2600;
  assert.equal(punctuality.take(true), null); // throttled in the background
  now = 5000;
  assert.equal(punctuality.take(true), 3350); // that is no throttle any more
});
