import assert from "node:assert/strict";
import { test } from "node:test";
import { isBlind, pathOf } from "../../web/static/js/media-path.js";

const relay = { id: "R", type: "local-candidate", candidateType: "relay", relayProtocol: "tcp" };
const host = { id: "H", type: "local-candidate", candidateType: "host", protocol: "udp" };
const pair = (id, local, more) => ({ id, type: "candidate-pair", localCandidateId: local, ...more });

test("Chromium names the pair in the transport", () => {
  const transport = { id: "T", type: "transport", selectedCandidatePairId: "2" };
  const pairs = [pair("1", "H", { nominated: true, state: "succeeded" }), pair("2", "R")];
  assert.equal(pathOf([...pairs, relay, host, transport]), "relay_tcp");
});

test("Firefox marks the pair", () => {
  const pairs = [
    pair("1", "H", { nominated: true, state: "succeeded" }),
    pair("2", "R", { nominated: true, state: "succeeded", selected: true }),
  ];
  assert.equal(pathOf([host, relay, ...pairs]), "relay_tcp");
});

test("else it is the nominated one that works", () => {
  const pairs = [
    pair("1", "R", { nominated: true, state: "failed" }),
    pair("2", "H", { nominated: true, state: "succeeded" }),
  ];
  assert.equal(pathOf([host, relay, ...pairs]), "direct");
});

test("every way to a relay has its name, and its absence too", () => {
  for (const [relayProtocol, path] of [
    ["udp", "relay_udp"],
    ["tcp", "relay_tcp"],
    ["tls", "relay_tls"],
    [undefined, "relay_udp"],
  ]) {
    const selected = pair("1", "R", { selected: true });
    assert.equal(pathOf([{ ...relay, relayProtocol }, selected]), path);
  }
  assert.equal(pathOf([relay, host, pair("1", "H", { state: "in-progress" })]), "");
  assert.equal(pathOf([]), "");
});

test("a page is blind while video arrives and none of it was decoded", () => {
  const video = (more) => ({ type: "inbound-rtp", kind: "video", ...more });
  const sound = { type: "inbound-rtp", kind: "audio", packetsReceived: 9 };
  assert.equal(isBlind([]), false);
  assert.equal(isBlind([sound]), false);
  assert.equal(isBlind([video({ packetsReceived: 0 })]), false);
  assert.equal(isBlind([video({ packetsReceived: 9 }), sound]), true);
  assert.equal(isBlind([video({ packetsReceived: 9, framesDecoded: 0 })]), true);
  const seen = video({ packetsReceived: 9, framesDecoded: 1 });
  assert.equal(isBlind([seen]), false);
  assert.equal(isBlind([seen, video({ packetsReceived: 9 })]), false); // a monitor of a dark site
});
