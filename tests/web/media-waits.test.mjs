// Every wait of a page's media ends: by its event, or by its deadline and a next step.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FakePeer, line, pass, problem, settle, start } from "./fake-media.mjs";

const NEVER = new Promise(() => {});
const RELAY = [{ urls: ["turn:t"], username: "9:k1", credential: "c" }];
const methods = () => line.requests.map(({ method }) => method);
const states = () => line.seen.states.map(([state]) => state);
const connected = async (more) => {
  await start(more);
  FakePeer.last.becomes("connected");
  await settle();
};
const stats = (local, ...more) => [
  { id: "T", type: "transport", selectedCandidatePairId: "P" },
  { id: "P", type: "candidate-pair", localCandidateId: "L" },
  { id: "L", type: "local-candidate", ...local },
  ...more,
];

test("the relay is asked for first, and goes into the connection", async () => {
  line.relays = [{ servers: RELAY, renew_after: 1800 }];
  await start();
  assert.deepEqual(FakePeer.last.configuration.iceServers, RELAY);
  assert.deepEqual(methods(), ["POST"]);
});

test("without an answer about the relay the page joins directly", async () => {
  line.relays = [new TypeError("network")];
  await start();
  assert.deepEqual(FakePeer.last.configuration.iceServers, []);
  assert.deepEqual(methods(), ["POST"]);
});

test("a restart uses credentials that were renewed in time", async () => {
  const renewed = [{ ...RELAY[0], username: "99:k1" }];
  line.relays = [
    { servers: RELAY, renew_after: 1800 },
    { servers: renewed, renew_after: 1800 },
  ];
  await connected();
  await pass(1_799_999);
  assert.equal(line.asked, 1);
  await pass(1);
  assert.equal(line.asked, 2);
  FakePeer.last.becomes("failed");
  await settle();
  assert.equal(line.asked, 2);
  assert.deepEqual(FakePeer.last.configuration.iceServers, renewed);
  assert.equal(FakePeer.last.configuration.bundlePolicy, "max-bundle");
  assert.deepEqual(methods(), ["POST", "PATCH"]);
});

for (const [what, ms] of [
  ["setLocalDescription", 5000],
  ["setRemoteDescription", 5000],
]) {
  test(`a ${what} that never ends is given up after ${ms / 1000} s`, async () => {
    const hang = mock.method(FakePeer.prototype, what, () => NEVER);
    await start();
    await pass(ms - 1);
    assert.equal(FakePeer.all.length, 1);
    hang.mock.restore();
    await pass(1);
    await pass(2000);
    assert.equal(FakePeer.all.length, 2);
    assert.equal(FakePeer.all[0].connectionState, "closed");
    assert.equal(methods().at(-1), "POST");
  });
}

test("a path without keys is given up after eight seconds, and they begin when it is found", async () => {
  await start();
  await pass(9000);
  FakePeer.last.connectionState = "connecting";
  FakePeer.last.iceConnectionState = "connected";
  FakePeer.last.oniceconnectionstatechange();
  await pass(7999);
  assert.equal(FakePeer.all.length, 1);
  await pass(1);
  await pass(2000);
  assert.equal(FakePeer.all.length, 2);
});

test("an ICE restart that never connects ends in a new connection", async () => {
  await connected();
  FakePeer.last.becomes("failed");
  await settle();
  await pass(9999);
  assert.deepEqual(methods(), ["POST", "PATCH"]);
  await pass(1);
  assert.deepEqual(methods(), ["POST", "PATCH", "POST"]);
});

test("a network that carries no request yet is asked again, with the same keys", async () => {
  await connected();
  line.answers = [new TypeError("network"), new TypeError("network")];
  window.dispatchEvent(new Event("online"));
  await settle();
  await pass(500);
  await pass(1000);
  assert.deepEqual(methods(), ["POST", "PATCH", "PATCH", "PATCH"]);
  assert.equal(FakePeer.all.length, 1);
  assert.deepEqual(states(), ["connected", "reconnecting"]);
});

test("after four requests in vain the page joins anew", async () => {
  await connected();
  line.answers = Array.from({ length: 4 }, () => new TypeError("network"));
  FakePeer.last.becomes("failed");
  await settle();
  for (const ms of [500, 1000, 2000, 2000]) await pass(ms);
  assert.deepEqual(methods(), ["POST", "PATCH", "PATCH", "PATCH", "PATCH", "POST"]);
  assert.equal(FakePeer.all.length, 2);
});

test("a peer the server has forgotten is not asked for twice", async () => {
  await connected();
  line.answers = [problem(404, "peer_unknown")];
  FakePeer.last.becomes("failed");
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH", "POST"]);
});

test("a page that reached the server again looks for a path, unless it does so already", async () => {
  await connected();
  await pass(5000);
  line.media.revive();
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH"]);
  line.media.revive();
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH"]);
  await pass(3000);
  line.media.revive();
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH", "PATCH"]);
});

test("a second change of the network during a restart is followed too", async () => {
  await connected();
  window.dispatchEvent(new Event("online"));
  window.dispatchEvent(new Event("online"));
  window.dispatchEvent(new Event("online"));
  await settle();
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH", "PATCH"]);
  assert.equal(FakePeer.last.restarts, 2);
});

test("another kind of network restarts, another estimate of it does not", async () => {
  const connection = Object.assign(new EventTarget(), { type: "wifi" });
  Object.defineProperty(globalThis, "navigator", { value: { connection }, configurable: true });
  await connected();
  connection.dispatchEvent(new Event("change"));
  await settle();
  assert.deepEqual(methods(), ["POST"]);
  connection.type = "none";
  connection.dispatchEvent(new Event("change"));
  connection.type = "ethernet";
  connection.dispatchEvent(new Event("change"));
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH"]);
  line.media.close();
  connection.type = "wifi";
  connection.dispatchEvent(new Event("change"));
  await settle();
  assert.deepEqual(methods(), ["POST", "PATCH", "DELETE"]);
  delete globalThis.navigator;
});

test("the page hears how packets travel, and when they do not", async () => {
  await start();
  FakePeer.last.stats = stats({ candidateType: "prflx" });
  FakePeer.last.becomes("connected");
  await settle();
  assert.equal(line.media.path, "direct");
  FakePeer.last.stats = stats({ candidateType: "relay", relayProtocol: "tls" });
  await pass(2000);
  assert.deepEqual(line.seen.paths, ["direct", "relay_tls"]);
  line.media.close();
  assert.deepEqual(line.seen.paths, ["direct", "relay_tls", ""]);
});

test("statistics that never come stop nothing", async () => {
  await start();
  let asked = 0;
  FakePeer.last.getStats = () => {
    asked += 1;
    return NEVER;
  };
  FakePeer.last.becomes("connected");
  await settle();
  await pass(2000);
  await pass(2000);
  assert.equal(asked, 2);
  assert.deepEqual(states(), ["connected"]);
});

test("packets that stop coming restart ICE once, and again after they came back", async () => {
  const video = { id: "V", type: "inbound-rtp", kind: "video", packetsReceived: 9, framesDecoded: 1 };
  await start();
  FakePeer.last.stats = stats({ candidateType: "host" }, video);
  FakePeer.last.becomes("connected");
  await settle();
  await pass(2000);
  assert.deepEqual(methods(), ["POST"]);
  for (let look = 0; look < 10; look += 1) await pass(2000);
  assert.deepEqual(methods(), ["POST", "PATCH"]);
  video.packetsReceived = 10;
  for (let look = 0; look < 10; look += 1) await pass(2000);
  assert.deepEqual(methods(), ["POST", "PATCH", "PATCH"]);
  assert.equal(FakePeer.all.length, 1);
});

test("a connection on which nothing flows yet is left alone", async () => {
  await start();
  FakePeer.last.stats = stats({ candidateType: "host" });
  FakePeer.last.becomes("connected");
  await settle();
  for (let look = 0; look < 10; look += 1) await pass(2000);
  assert.deepEqual(methods(), ["POST"]);
});

test("video of which no picture comes is joined anew after eight seconds, once", async () => {
  const blind = { id: "V", type: "inbound-rtp", kind: "video", packetsReceived: 9 };
  await start();
  FakePeer.last.stats = stats({ candidateType: "host" }, blind);
  FakePeer.last.becomes("connected");
  await settle();
  for (let look = 0; look < 3; look += 1) await pass(3000);
  await pass(2000);
  assert.equal(FakePeer.all.length, 2);
  FakePeer.last.stats = stats({ candidateType: "host" }, blind);
  FakePeer.last.becomes("connected");
  await settle();
  for (let look = 0; look < 10; look += 1) await pass(3000);
  assert.equal(FakePeer.all.length, 2);
});

test("pictures that come late are waited for", async () => {
  const video = { id: "V", type: "inbound-rtp", kind: "video", packetsReceived: 9 };
  await start();
  FakePeer.last.stats = stats({ candidateType: "host" }, video);
  FakePeer.last.becomes("connected");
  await settle();
  await pass(3000);
  video.framesDecoded = 1;
  for (let look = 0; look < 5; look += 1) await pass(3000);
  assert.equal(FakePeer.all.length, 1);
});

test("a relay that refuses is named at once, and asked with other credentials", async () => {
  line.relays = [
    { servers: RELAY, renew_after: 1800 },
    { servers: RELAY, renew_after: 1800 },
  ];
  await start();
  FakePeer.last.onicecandidateerror({ errorCode: 701 });
  FakePeer.last.onicecandidateerror({ errorCode: 401 });
  await pass(10_000);
  assert.deepEqual(line.seen.states, [["failed", "relay_refused"]]);
  await pass(2000);
  assert.equal(line.asked, 2);
  FakePeer.last.becomes("connected");
  assert.deepEqual(line.seen.states.at(-1), ["connected", undefined]);
});

test("a relay that cannot be reached is no refusal", async () => {
  await start();
  FakePeer.last.onicecandidateerror({ errorCode: 701 });
  await pass(10_000);
  assert.deepEqual(line.seen.states, [["reconnecting", "media_unreachable"]]);
});
