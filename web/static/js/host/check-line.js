// Measures the line before anybody enters: a picture goes to the server and comes back for 8 s, the way
// media go. docs/protocol.md, "Checking a line". Knows no words.

import { IceServers } from "../ice-servers.js";
import { pathOf } from "../media-path.js";
import { judge, summarise } from "./check-verdict.js";
import { testPicture } from "./test-picture.js";

/** @import { Finding, Measured } from "./check-verdict.js" */
/** @typedef {Finding & {measured: Measured | null}} LineResult */

const KBPS = 2000; // one site's largest picture, and a little
const CONNECT_MS = 12_000; // by a relay over TLS, far away
const TRIES = 8; // others may be checking: each takes 8 s
const NOTHING = { measured: null };

class Refused extends Error {
  /** @param {string} code @param {number} retryAfter seconds */
  constructor(code, retryAfter) {
    super(code);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Asking the server itself failed: that is another trouble than media that do not get through. */
class Unreached extends Error {}

/** @param {string} address @param {RequestInit} [init] */
async function ask(address, init) {
  try {
    return await fetch(address, init);
  } catch {
    throw new Unreached(address);
  }
}

/** @param {Refused} refused */
const reasonOf = ({ code }) => (["site_on_air", "test_running"].includes(code) ? code : "later");

const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class LineCheck {
  /** @type {"idle" | "waiting" | "running" | "done"} */
  state = "idle";
  /** Seconds measured so far, and how many there will be. */
  passed = 0;
  seconds = 8;
  /** @type {LineResult | null} */
  result = null;
  #session;
  #key;
  #onChange;
  /** Counts runs: what an older one finds is not wanted any more. */
  #run = 0;
  /** @type {() => void} */
  #end = () => {};

  /** @param {string} session @param {string} key @param {() => void} onChange */
  constructor(session, key, onChange) {
    this.#session = session;
    this.#key = key;
    this.#onChange = onChange;
  }

  /** Measure; a run before is given up. @returns {Promise<LineResult | null>} null if given up */
  async run() {
    this.stop();
    const mine = (this.#run += 1);
    this.#set({ state: "running", passed: 0, result: null });
    const result = await this.#tries(mine);
    if (mine !== this.#run) return null;
    this.#set({ state: "done", result });
    return result;
  }

  /** Give up: the person goes in. */
  stop() {
    this.#run += 1;
    this.#end();
    this.#end = () => {};
    if (this.state !== "done") this.#set({ state: "idle" });
  }

  /** @param {Partial<LineCheck>} change */
  #set(change) {
    Object.assign(this, change);
    this.#onChange();
  }

  /** @param {number} mine @returns {Promise<LineResult>} */
  async #tries(mine) {
    for (let tried = 1; mine === this.#run; tried += 1) {
      try {
        return await this.#measure(mine);
      } catch (error) {
        const refused = error instanceof Refused ? error : null;
        if (refused?.code === "test_running" && tried < TRIES) {
          this.#set({ state: "waiting" });
          await wait(refused.retryAfter * 1000);
          continue;
        }
        if (refused) return { verdict: "skipped", reason: reasonOf(refused), ...NOTHING };
        const reason = error instanceof Unreached ? "no_server" : "no_media";
        return { verdict: "none", reason, ...NOTHING };
      }
    }
    return { verdict: "skipped", reason: "", ...NOTHING };
  }

  /** @param {number} mine @returns {Promise<LineResult>} */
  async #measure(mine) {
    const relay = new IceServers(this.#session, this.#key);
    const pc = new RTCPeerConnection({ iceServers: await relay.get() });
    const picture = testPicture();
    let place = "";
    const end = () => {
      pc.close();
      picture.stop();
      relay.close();
      if (place) void fetch(place, { method: "DELETE", keepalive: true }).catch(() => {});
      place = "";
    };
    this.#end = end;
    try {
      pc.addTransceiver(picture.track, {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: KBPS * 1000 }],
      });
      pc.addTransceiver("audio", { direction: "sendonly" });
      pc.addTransceiver("video", { direction: "recvonly" });
      await pc.setLocalDescription();
      place = await this.#join(pc);
      await connected(pc);
      if (mine === this.#run) this.#set({ state: "running" });
      return await this.#watch(pc, place, mine);
    } finally {
      end();
    }
  }

  /** @param {string} [path] */
  #address(path = "") {
    const base = path || `/api/sessions/${encodeURIComponent(this.#session)}/preflight`;
    return `${base}?k=${encodeURIComponent(this.#key)}`;
  }

  /** @param {RTCPeerConnection} pc @returns {Promise<string>} address of the probe */
  async #join(pc) {
    const headers = { "content-type": "application/sdp" };
    const body = pc.localDescription?.sdp ?? "";
    const response = await ask(this.#address(), { method: "POST", headers, body });
    if (!response.ok) {
      const { code = "internal" } = await response.json().catch(() => ({}));
      throw new Refused(String(code), Number(response.headers.get("retry-after") ?? 5));
    }
    this.seconds = Number(response.headers.get("probe-seconds")) || this.seconds;
    await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
    return this.#address(response.headers.get("location") ?? "");
  }

  /** @param {RTCPeerConnection} pc @param {string} place @param {number} mine @returns {Promise<LineResult>} */
  async #watch(pc, place, mine) {
    const page = [];
    let before = await reading(pc);
    while (page.length < this.seconds && mine === this.#run && pc.connectionState === "connected") {
      await wait(1000);
      const now = await reading(pc);
      page.push({
        kbps: (8 * (now.bytes - before.bytes)) / (now.at - before.at),
        lost: now.lost - before.lost,
        received: now.received - before.received,
        rtt_ms: now.rtt_ms,
      });
      before = now;
      if (mine === this.#run) this.#set({ passed: page.length });
    }
    const response = await ask(place);
    const { seconds = [] } = response.ok ? await response.json() : {};
    const measured = summarise(seconds, page, before.path, before.slow);
    return { ...judge(measured), measured };
  }
}

/** @param {RTCPeerConnection} pc */
function connected(pc) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no media")), CONNECT_MS);
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "connected") resolve(clearTimeout(late));
      if (pc.connectionState === "failed" || pc.connectionState === "closed") reject(new Error("no media"));
    });
  });
}

/** What the page has counted so far. @param {RTCPeerConnection} pc */
async function reading(pc) {
  /** @type {any[]} */
  const entries = [...(await pc.getStats()).values()];
  const find = (/** @type {string} */ type) =>
    entries.find((entry) => entry.type === type && entry.kind === "video") ?? {};
  const { bytesReceived = 0, packetsLost = 0, packetsReceived = 0 } = find("inbound-rtp");
  const pair = entries.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
  return {
    at: performance.now(),
    bytes: bytesReceived,
    lost: packetsLost,
    received: packetsReceived,
    rtt_ms: pair?.currentRoundTripTime >= 0 ? pair.currentRoundTripTime * 1000 : -1,
    path: pathOf(entries),
    slow: find("outbound-rtp").qualityLimitationReason === "cpu",
  };
}
