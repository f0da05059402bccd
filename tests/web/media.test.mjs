import assert from "node:assert/strict";
import { test } from "node:test";
import { FakePeer, created, line, pass, problem, settle, start } from "./fake-media.mjs";

/** A camera's track. */
const camera = (width, height) => ({ getSettings: () => ({ width, height }) });
const HD = camera(1280, 720);

test("offers what it sends first, then its slots, and names received tracks", async () => {
  await start({ camera: null, microphone: null });
  const [{ url, method, body }] = line.requests;
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
  assert.deepEqual(line.seen.tracks, [
    ["preview", "t"],
    ["audio1", "a"],
  ]);
  assert.deepEqual(line.seen.peers, ["p1"]);
  assert.equal(line.media.peer, "p1");
  FakePeer.last.becomes("connected");
  assert.deepEqual(line.seen.states, [["connected", undefined]]);
});

test("a viewing page sends nothing", async () => {
  await start();
  assert.ok(FakePeer.last.transceivers.every(({ direction }) => direction === "recvonly"));
});

test("a line that stays away for a second gets new ICE credentials on the same peer", async () => {
  await start();
  FakePeer.last.becomes("connected");
  FakePeer.last.becomes("disconnected");
  await pass(999);
  assert.equal(line.requests.length, 1);
  await pass(1);
  const { method, url, headers } = line.requests[1];
  assert.deepEqual([method, url, headers.get("if-match")], ["PATCH", "/media/plenary/p1?k=k1", "*"]);
  FakePeer.last.becomes("connected");
  assert.equal(FakePeer.all.length, 1);
  assert.deepEqual(
    line.seen.states.map(([state]) => state),
    ["connected", "reconnecting", "connected"],
  );
});

test("a line that heals by itself is left alone", async () => {
  await start();
  FakePeer.last.becomes("connected");
  FakePeer.last.becomes("disconnected");
  FakePeer.last.becomes("connected");
  await pass(60_000);
  assert.equal(line.requests.length, 1);
});

test("a peer the server no longer knows is replaced, with the newest tracks", async () => {
  await start({ camera: null, microphone: null });
  FakePeer.last.becomes("connected");
  await line.media.setMicrophone("m");
  assert.deepEqual(FakePeer.last.transceivers[1].sender.tracks, ["m"]);
  line.answers = [problem(404, "peer_unknown")];
  FakePeer.last.becomes("failed");
  await settle();
  assert.deepEqual(
    line.requests.map(({ method }) => method),
    ["POST", "PATCH", "POST"],
  );
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.all[0].connectionState, "closed");
  assert.equal(FakePeer.last.transceivers[1].kind, "m");
});

test("a server that is away is asked again for ever; the page is told after three tries", async () => {
  line.answers = Array.from({ length: 6 }, () => new TypeError("network"));
  await start();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await pass(2000);
  }
  assert.deepEqual(
    line.seen.states.slice(0, 3),
    [
      ["reconnecting", "media_unreachable"],
      ["reconnecting", "media_unreachable"],
      ["failed", "media_unreachable"],
    ],
  );
  FakePeer.last.becomes("connected");
  assert.deepEqual(line.seen.states.at(-1), ["connected", undefined]);
});

test("a refusal carries the server's code", async () => {
  line.answers = [problem(503, "too_many_peers")];
  await start();
  assert.deepEqual(line.seen.states, [["reconnecting", "too_many_peers"]]);
});

test("an answer that never connects is given up after ten seconds", async () => {
  await start();
  await pass(10_000);
  await pass(2000);
  assert.deepEqual(
    line.requests.map(({ method }) => method),
    ["POST", "POST"],
  );
});

test("leaving tells the server", async () => {
  await start();
  FakePeer.last.becomes("connected");
  line.media.close();
  await settle();
  assert.deepEqual([line.requests[1].method, line.requests[1].url], ["DELETE", "/media/plenary/p1?k=k1"]);
  await pass(60_000);
  window.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(line.requests.length, 2);
});

test("leaving while joining takes the new peer back", async () => {
  let answer;
  globalThis.fetch = (url, { method }) => {
    if (url.startsWith("/ice/")) return Promise.resolve({ ok: false });
    line.requests.push({ url, method });
    return method === "POST" ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
  };
  await start();
  line.media.close();
  answer(created("p9"));
  await settle();
  assert.deepEqual([line.requests[1].method, line.requests[1].url], ["DELETE", "/media/plenary/p9?k=k1"]);
});

test("what was closed can be joined again, with the tracks chosen meanwhile", async () => {
  await start({ camera: null, microphone: null });
  FakePeer.last.becomes("connected");
  line.media.close();
  await line.media.setCamera(HD);
  await pass(60_000);
  assert.equal(FakePeer.all.length, 1);
  line.media.reopen();
  line.media.reopen();
  await settle();
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.last.transceivers[0].kind, HD);
  FakePeer.last.becomes("connected");
  assert.deepEqual(
    line.seen.states.map(([state]) => state),
    ["connected", "closed", "connecting", "connected"],
  );
});

test("slides begin and end on their own line, and go on when the line is made anew", async () => {
  await start({ camera: HD, microphone: "m" });
  FakePeer.last.becomes("connected");
  await line.media.setSlides("s");
  await line.media.setSlides(null);
  assert.deepEqual(FakePeer.last.transceivers[2].sender.tracks, ["s", null]);
  assert.equal(line.requests.length, 1, "nothing is negotiated");
  await line.media.setSlides("s2");
  line.media.close();
  line.media.reopen();
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
  await line.media.setCamera(HD);
  await line.media.setCamera(null);
  await line.media.setCamera(camera(1920, 1080));
  assert.equal(FakePeer.all.length, 1);
  await line.media.setCamera(camera(640, 480));
  await settle();
  assert.equal(FakePeer.all.length, 2);
  assert.equal(FakePeer.last.transceivers[0].rids, "hf");
  FakePeer.last.becomes("connected");
  await line.media.setCamera(null);
  await line.media.setCamera(camera(640, 360));
  assert.equal(FakePeer.all.length, 2);
});
