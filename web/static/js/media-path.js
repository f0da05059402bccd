// How packets travel, and whether pictures come out of them, read off a connection's statistics.
// Pure.

/** @import { PathKind } from "./protocol" */

/** By the protocol a relay is reached with. @type {Map<string, PathKind>} */
const RELAYED = new Map([
  ["udp", "relay_udp"],
  ["tcp", "relay_tcp"],
  ["tls", "relay_tls"],
]);

/**
 * The candidate pair in use; browsers say in three ways which it is.
 *
 * @param {Iterable<any>} stats entries of an RTCStatsReport
 */
function selected(stats) {
  const all = [...stats];
  const chosen = all.find(({ type, selectedCandidatePairId: id }) => type === "transport" && id);
  const pairs = all.filter(({ type }) => type === "candidate-pair");
  return (
    pairs.find(({ id }) => id === chosen?.selectedCandidatePairId) ??
    pairs.find((pair) => pair.selected) ??
    pairs.find(({ nominated, state }) => nominated && state === "succeeded")
  );
}

/**
 * Empty while it is not known.
 *
 * @param {Iterable<any>} stats entries of an RTCStatsReport
 * @returns {PathKind}
 */
export function pathOf(stats) {
  const all = [...stats];
  const local = all.find(({ id }) => id === selected(all)?.localCandidateId);
  if (!local) return "";
  if (local.candidateType !== "relay") return "direct";
  return RELAYED.get(local.relayProtocol) ?? "relay_udp";
}

/**
 * How many media packets have come so far.
 *
 * @param {Iterable<any>} stats entries of an RTCStatsReport
 */
export const packetsOf = (stats) =>
  [...stats]
    .filter(({ type }) => type === "inbound-rtp")
    .reduce((sum, { packetsReceived = 0 }) => sum + packetsReceived, 0);

/**
 * Whether video arrives of which nothing was ever decoded.
 *
 * @param {Iterable<any>} stats entries of an RTCStatsReport
 */
export function isBlind(stats) {
  const video = [...stats].filter(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  const arriving = video.filter(({ packetsReceived = 0 }) => packetsReceived > 0);
  return arriving.length > 0 && arriving.every(({ framesDecoded = 0 }) => framesDecoded === 0);
}
