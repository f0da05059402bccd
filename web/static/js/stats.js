// What this page's browser knows of its own end of the line, for the technicians: one report a
// reading of getStats. Pure but for the timer of Punctuality; a browser that lacks a figure (Firefox
// estimates no bitrate, Safari tells no encoder's limits of old) leaves it out.

/** @import { Problem } from "./devices.js" */
/** @import { Limitation, PageStats, TrackState } from "./protocol" */

const LIMITS = /** @type {Limitation[]} */ (["cpu", "bandwidth", "other"]);
const LOOK_MS = 250;
// A device that was there and is not, or that another program took.
const LOST = /** @type {Set<string>} */ (new Set(["unplugged", "busy", "failed"]));
// A tab in the background is woken once a second at most: that says nothing of its processor.
const THROTTLED_MS = 1000;

/**
 * @typedef {object} Own
 * @property {MediaStreamTrack | null} camera
 * @property {MediaStreamTrack | null} microphone
 * @property {{camera: Problem, microphone: Problem}} [problems] why a device is not there
 */

/** @typedef {Map<string, any>} Reading entries of an RTCStatsReport by id */

/** How late this page's timers are: a processor without breath shows here before anywhere else. */
export class Punctuality {
  #worst = 0;
  #due = 0;
  #now;

  /** @param {() => number} [now] ms */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Begin to look; twice is as good as once. */
  start() {
    if (this.#due) return;
    this.#due = this.#now() + LOOK_MS;
    setInterval(() => this.look(), LOOK_MS);
  }

  look() {
    const now = this.#now();
    this.#worst = Math.max(this.#worst, now - this.#due);
    this.#due = now + LOOK_MS;
  }

  /** The worst since the last call, ms; null if nothing was to be seen. @param {boolean} hidden */
  take(hidden) {
    const worst = Math.max(this.#worst, this.#due ? this.#now() - this.#due : 0);
    this.#worst = 0;
    return !this.#due || (hidden && worst < THROTTLED_MS * 2) ? null : worst;
  }
}

/** Turns readings into reports; of one page, whatever connections it makes. */
export class PageMeter {
  #peer = "";
  #reconnects = 0;
  #route = "";
  #routes = 0;
  /** @type {Reading} */
  #before = new Map();
  #at = 0;

  /**
   * @param {string} peer id of our media connection
   * @param {any[]} entries of an RTCStatsReport
   * @param {Own} own what we send
   * @param {number} now ms
   * @param {number | null} lag of the page's timers, ms
   * @returns {PageStats}
   */
  read(peer, entries, own, now, lag) {
    if (peer !== this.#peer) {
      this.#reconnects += this.#peer ? 1 : 0;
      this.#before = new Map();
      this.#peer = peer;
      this.#at = 0;
    }
    const seconds = this.#at ? (now - this.#at) / 1000 : 0;
    const read = new Map(entries.map((entry) => [entry.id, entry]));
    const steps = new Steps(read, this.#before, seconds);
    const pair = pairOf(read);
    this.#follow(read, pair);
    this.#before = read;
    this.#at = now;
    return tidy({
      interval_s: Math.max(0.001, seconds || 2),
      ...sent(steps, own),
      ...received(steps),
      available_kbps: scaled(pair?.availableOutgoingBitrate, 0.001),
      rtt_ms: scaled(pair?.currentRoundTripTime, 1000),
      camera: stateOf(own.camera, own.problems?.camera ?? ""),
      microphone: stateOf(own.microphone, own.problems?.microphone ?? ""),
      page_lag_ms: lag,
      candidate_changes: this.#routes,
      reconnects: this.#reconnects,
    });
  }

  /** Count changes of the path. @param {Reading} read @param {any} pair */
  #follow(read, pair) {
    const local = read.get(pair?.localCandidateId);
    const remote = read.get(pair?.remoteCandidateId);
    if (!local || !remote) return;
    const { candidateType, protocol, relayProtocol, address, port } = local;
    const route = [candidateType, protocol, relayProtocol, address, port, remote.address, remote.port].join();
    if (this.#route && route !== this.#route) this.#routes += 1;
    this.#route = route;
  }
}

/** Two readings, and what changed between them. */
class Steps {
  /** @param {Reading} read @param {Reading} before @param {number} seconds between them, 0 if there is one */
  constructor(read, before, seconds) {
    this.read = read;
    this.before = before;
    this.seconds = seconds;
  }

  /** @param {string} type @param {string} kind @returns {any[]} */
  of(type, kind) {
    return [...this.read.values()].filter((one) => one.type === type && (one.kind ?? one.mediaType) === kind);
  }

  /** How much *field* has grown; null if that is not known. @param {any} entry @param {string} field */
  step(entry, field) {
    const now = entry?.[field];
    const before = this.before.get(entry?.id)?.[field];
    if (typeof now !== "number" || typeof before !== "number" || now < before) return null;
    return now - before;
  }

  /** Of several; null if none of them knows. @param {any[]} entries @param {string} field */
  sum(entries, field) {
    const steps = entries.map((entry) => this.step(entry, field)).filter((step) => step !== null);
    return steps.length ? steps.reduce((sum, step) => sum + step, 0) : null;
  }

  /** @param {any} entry @param {string} field @returns {number | null} */
  perSecond(entry, field) {
    const step = this.step(entry, field);
    return step === null || !this.seconds ? null : step / this.seconds;
  }
}

/** @param {Reading} read */
function pairOf(read) {
  const all = [...read.values()];
  const transport = all.find(({ type, selectedCandidatePairId: id }) => type === "transport" && id);
  const pairs = all.filter(({ type }) => type === "candidate-pair");
  return (
    read.get(transport?.selectedCandidatePairId) ??
    pairs.find(({ selected }) => selected) ??
    pairs.find(({ nominated, state }) => nominated && state === "succeeded")
  );
}

/** What is sent: camera and microphone. @param {Steps} steps @param {Own} own */
function sent(steps, own) {
  const sources = steps.of("media-source", "video");
  const source = sources.find(({ trackIdentifier: id }) => id === own.camera?.id);
  const video = steps.of("outbound-rtp", "video");
  // Slides go out beside the camera; where streams name no source (Firefox), their m-lines tell them apart.
  const named = source && video.some(({ mediaSourceId: id }) => id === source.id);
  const layers = named ? video.filter(({ mediaSourceId: id }) => id === source.id) : own.camera ? layersOf(video) : [];
  const encoded = layers.map((layer) => steps.perSecond(layer, "framesEncoded")).filter((fps) => fps !== null);
  const most = Math.max(...layers.map((layer) => steps.step(layer, "framesEncoded") ?? 0));
  const spent = steps.sum(layers, "totalEncodeTime");
  const heard = steps.of("media-source", "audio").find(({ trackIdentifier: id }) => id === own.microphone?.id);
  return {
    limitation: limitationOf(layers, steps),
    captured_fps: steps.perSecond(source, "frames") ?? source?.framesPerSecond ?? null,
    encoded_fps: encoded.length ? Math.max(...encoded) : null,
    encode_ms: most > 0 && spent !== null ? (spent / most) * 1000 : null,
    microphone_level: levelOf(heard, steps),
  };
}

/** The camera's layers: those of the first m-line, for the camera's is the first. @param {any[]} video */
function layersOf(video) {
  const first = video.map(({ mid }) => mid).sort((one, other) => Number(one) - Number(other))[0];
  return video.filter(({ mid }) => mid === first);
}

/**
 * What held the encoder back longest since the last reading; what it says at the moment if it keeps
 * no account of it.
 *
 * @param {any[]} layers
 * @param {Steps} steps
 * @returns {Limitation | null}
 */
function limitationOf(layers, steps) {
  const known = layers.filter(({ qualityLimitationReason: reason }) => reason);
  if (!known.length) return null;
  const spans = LIMITS.map((reason) => {
    const grown = known.map(({ id, qualityLimitationDurations: now }) => {
      const before = steps.before.get(id)?.qualityLimitationDurations;
      return now && before ? (now[reason] ?? 0) - (before[reason] ?? 0) : NaN;
    });
    return { reason, seconds: Math.max(...grown) };
  });
  if (spans.every(({ seconds }) => seconds >= 0)) {
    const [worst] = spans.sort((one, other) => other.seconds - one.seconds);
    return worst.seconds > steps.seconds / 2 ? worst.reason : "none";
  }
  return LIMITS.find((reason) => known.some((one) => one.qualityLimitationReason === reason)) ?? "none";
}

/** Loudness of the microphone, 0-1. @param {any} source @param {Steps} steps @returns {number | null} */
function levelOf(source, steps) {
  const energy = steps.step(source, "totalAudioEnergy");
  const seconds = steps.step(source, "totalSamplesDuration");
  const mean = energy !== null && seconds ? Math.sqrt(energy / seconds) : null;
  const now = source?.audioLevel;
  return typeof now === "number" ? Math.max(now, mean ?? 0) : mean;
}

/** What is received: the main picture, and all sound. @param {Steps} steps */
function received(steps) {
  const pictures = steps.of("inbound-rtp", "video").filter(({ framesDecoded = 0 }) => framesDecoded > 0);
  const [main] = pictures.sort((one, other) => (other.frameWidth ?? 0) - (one.frameWidth ?? 0));
  // A slot nobody speaks in is silence all the time: that is not made up for anything.
  const sound = steps.of("inbound-rtp", "audio").filter((one) => (steps.step(one, "packetsReceived") ?? 0) > 0);
  const played = steps.sum(sound, "totalSamplesReceived");
  const concealed = steps.sum(sound, "concealedSamples");
  const silent = steps.sum(sound, "silentConcealedSamples") ?? 0;
  const waited = steps.sum(sound, "jitterBufferDelay");
  const emitted = steps.sum(sound, "jitterBufferEmittedCount");
  return {
    decoded_fps: steps.perSecond(main, "framesDecoded"),
    freezes: steps.step(main, "freezeCount"),
    freeze_s: steps.step(main, "totalFreezesDuration"),
    concealed: played && concealed !== null ? (concealed - silent) / played : null,
    buffer_ms: emitted && waited !== null ? (waited / emitted) * 1000 : null,
  };
}

/** @param {MediaStreamTrack | null} track @param {string} problem @returns {TrackState | null} */
function stateOf(track, problem) {
  if (!track) return LOST.has(problem) ? "ended" : null;
  if (track.readyState === "ended") return "ended";
  return track.muted || !track.enabled ? "muted" : "live";
}

/** @param {unknown} value @param {number} scale @returns {number | null} */
const scaled = (value, scale) => (typeof value === "number" ? value * scale : null);

// What the server takes (bridge/link/samples.py): a figure that makes no sense is left at the end.
const MOST = {
  interval_s: 600,
  available_kbps: 10_000_000,
  captured_fps: 1000,
  encoded_fps: 1000,
  encode_ms: 600_000,
  microphone_level: 1,
  decoded_fps: 1000,
  freezes: 1_000_000,
  freeze_s: 600,
  concealed: 1,
  buffer_ms: 600_000,
  rtt_ms: 600_000,
  page_lag_ms: 600_000,
  candidate_changes: 1_000_000,
  reconnects: 1_000_000,
};

/**
 * Short figures within their ranges, without those that are not known.
 *
 * @param {Record<string, any>} stats
 * @returns {PageStats}
 */
function tidy(stats) {
  const kept = Object.entries(stats).filter(([, value]) => value !== null && !Number.isNaN(value));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (typeof value !== "number") return [name, value];
      const most = MOST[/** @type {keyof typeof MOST} */ (name)];
      return [name, Math.round(Math.min(most, Math.max(0, value)) * 1000) / 1000];
    }),
  );
}

/**
 * Reports every reading of a page's statistics to the server.
 *
 * @param {(message: {type: "stats", peer: string, page: PageStats}) => void} tell
 * @param {{problems: {camera: Problem, microphone: Problem}}} devices
 * @returns {(peer: string, entries: any[], own: Own) => void} give it every reading
 */
export function statsReporter(tell, devices) {
  const meter = new PageMeter();
  const punctuality = new Punctuality();
  return (peer, entries, own) => {
    punctuality.start();
    const lag = punctuality.take(document.hidden);
    const ours = { ...own, problems: devices.problems };
    tell({ type: "stats", peer, page: meter.read(peer, entries, ours, performance.now(), lag) });
  };
}
