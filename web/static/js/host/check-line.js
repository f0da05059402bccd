// Measures the line before anybody enters: a picture goes to the server and comes back for 8 s, the way
// media go. docs/protocol.md, "Checking a line". Knows no words.

import { IceServers } from "../ice-servers.js";
import { pathOf } from "../media-path.js";
import { BY_MS, Deadlines } from "./check-deadlines.js";
import { judge, summarise } from "./check-verdict.js";
import { testPicture } from "./test-picture.js";

/** @import { PathKind } from "../protocol" */
/** @import { Finding, Measured } from "./check-verdict.js" */
/** @typedef {Finding & {measured: Measured | null}} LineResult */
/** @typedef {"idle" | "asking" | "waiting" | "connecting" | "running" | "done"} LineState */

const KBPS = 2000; // one site's largest picture, and a little
const RETRY_S = 3; // of a server that does not say
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

/** @template T @param {Promise<T>} answer @returns {Promise<T>} */
const asked = (answer) =>
  answer.catch((error) => {
    throw new Unreached(String(error));
  });

/** @param {Refused} refused */
const reasonOf = ({ code }) => (["site_on_air", "test_running"].includes(code) ? code : "later");

export class LineCheck {
  /** What goes on now. @type {LineState} */
  state = "idle";
  /** Seconds measured so far, and how many there will be. */
  passed = 0;
  seconds = 8;
  /** How packets travel, as soon as that is known. @type {PathKind} */
  path = "";
  /** @type {LineResult | null} */
  result = null;
  #session;
  #key;
  #onChange;
  /** Of the run that is wanted; what an older one finds is not. @type {Deadlines | null} */
  #by = null;

  /** @param {string} session @param {string} key @param {() => void} onChange */
  constructor(session, key, onChange) {
    this.#session = session;
    this.#key = key;
    this.#onChange = onChange;
  }

  /** Measure, for at most 20 s; a run before is given up. @returns {Promise<LineResult | null>} null if given up */
  async run() {
    this.stop();
    const by = new Deadlines();
    this.#by = by;
    // One that is left behind would keep this site's next one waiting.
    window.addEventListener("pagehide", () => this.stop(), { signal: by.signal("told") });
    const result = await this.#tries(by);
    by.end();
    if (by !== this.#by) return null;
    this.#by = null;
    this.#set({ state: "done", result });
    return result;
  }

  /** Give up: the person goes in, or the page goes away. */
  stop() {
    this.#by?.end();
    this.#by = null;
    if (this.state !== "done") this.#set({ state: "idle" });
  }

  /** @param {Partial<LineCheck>} change */
  #set(change) {
    Object.assign(this, change);
    this.#onChange();
  }

  /** What a run does now, if it is still wanted. @param {Deadlines} by @param {Partial<LineCheck>} change */
  #tell(by, change) {
    if (by === this.#by) this.#set(change);
  }

  /** @param {Deadlines} by @returns {Promise<LineResult>} */
  async #tries(by) {
    for (;;) {
      try {
        return await this.#measure(by);
      } catch (error) {
        if (error instanceof Refused) {
          if (error.code === "test_running" && (await this.#turn(by, error.retryAfter))) continue;
          return { verdict: "skipped", reason: reasonOf(error), ...NOTHING };
        }
        const reason = error instanceof Unreached ? "no_server" : "no_media";
        return { verdict: "none", reason, ...NOTHING };
      }
    }
  }

  /**
   * Others are checking: wait until it may be our turn.
   * @param {Deadlines} by @param {number} seconds @returns {Promise<boolean>} false: that takes too long
   */
  async #turn(by, seconds) {
    if (seconds * 1000 > BY_MS.turn) return false;
    this.#tell(by, { state: "waiting" });
    return by.pause("turn", seconds * 1000);
  }

  /** @param {Deadlines} by @returns {Promise<LineResult>} */
  async #measure(by) {
    this.#tell(by, { state: "asking", passed: 0, path: "", result: null });
    const relay = new IceServers(this.#session, this.#key);
    const pc = new RTCPeerConnection({ iceServers: await by.within("connected", relay.get()) });
    const picture = testPicture();
    let place = "";
    try {
      const { sender } = pc.addTransceiver(picture.track, {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: KBPS * 1000 }],
      });
      await by.within("connected", keepSize(sender));
      pc.addTransceiver("audio", { direction: "sendonly" });
      pc.addTransceiver("video", { direction: "recvonly" });
      await by.within("connected", pc.setLocalDescription());
      const joined = await this.#join(pc, by);
      place = joined.place;
      this.#tell(by, { state: "connecting" });
      await by.within("connected", connected(pc, joined.answer));
      this.#tell(by, { state: "running" });
      return await this.#watch(pc, place, by);
    } finally {
      pc.close();
      picture.stop();
      relay.close();
      if (place) void fetch(place, { method: "DELETE", keepalive: true }).catch(() => {});
    }
  }

  /** @param {string} [path] */
  #address(path = "") {
    const base = path || `/api/sessions/${encodeURIComponent(this.#session)}/preflight`;
    return `${base}?k=${encodeURIComponent(this.#key)}`;
  }

  /** @param {RTCPeerConnection} pc @param {Deadlines} by @returns {Promise<{place: string, answer: string}>} address of the probe, SDP */
  async #join(pc, by) {
    const headers = { "content-type": "application/sdp" };
    const body = pc.localDescription?.sdp ?? "";
    const signal = by.signal("connected");
    const response = await asked(fetch(this.#address(), { method: "POST", headers, body, signal }));
    if (!response.ok) {
      const { code = "internal" } = await by.within("connected", response.json()).catch(() => ({}));
      throw new Refused(String(code), Number(response.headers.get("retry-after") ?? RETRY_S));
    }
    this.seconds = Number(response.headers.get("probe-seconds")) || this.seconds;
    const place = this.#address(response.headers.get("location") ?? "");
    return { place, answer: await asked(by.within("connected", response.text())) };
  }

  /** @param {RTCPeerConnection} pc @param {string} place @param {Deadlines} by @returns {Promise<LineResult>} */
  async #watch(pc, place, by) {
    const page = [];
    let before = await by.within("measured", reading(pc));
    this.#tell(by, { path: before.path });
    while (page.length < this.seconds && pc.connectionState === "connected") {
      if (!(await by.pause("measured", 1000))) break;
      const now = await by.within("told", reading(pc));
      page.push({
        kbps: (8 * (now.bytes - before.bytes)) / (now.at - before.at),
        lost: now.lost - before.lost,
        received: now.received - before.received,
        rtt_ms: now.rtt_ms,
      });
      before = now;
      this.#tell(by, { passed: page.length, path: now.path });
    }
    const response = await asked(fetch(place, { signal: by.signal("told") }));
    const { seconds = [] } = response.ok ? await asked(by.within("told", response.json())) : {};
    const measured = summarise(seconds, page, before.path, before.slow);
    return { ...judge(measured), measured };
  }
}

/**
 * A picture that gets hard to send shall lose frames, not lines: Firefox begins with a small one, and
 * sends no more than 500 kb/s of that however much the line carries. Older browsers do not know it.
 * @param {RTCRtpSender} sender
 */
async function keepSize(sender) {
  const parameters = { ...sender.getParameters(), degradationPreference: "maintain-resolution" };
  await sender.setParameters(/** @type {RTCRtpSendParameters} */ (parameters)).catch(() => {});
}

/** @param {RTCPeerConnection} pc @param {string} answer SDP @returns {Promise<void>} */
function connected(pc, answer) {
  return new Promise((resolve, reject) => {
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "connected") resolve();
      if (pc.connectionState === "failed") reject(new Error("no media"));
    });
    pc.setRemoteDescription({ type: "answer", sdp: answer }).catch(reject);
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
