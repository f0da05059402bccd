// Camera, microphone and loudspeaker of this computer: asking, choosing, losing, finding again.
// Knows no words: a problem is a code that the page turns into a sentence.

/** @typedef {"camera" | "microphone"} Kind */
/**
 * Why a device cannot be used: `insecure` (page not over HTTPS), `denied` (blocked in the
 * browser), `dismissed` (the question was closed), `system` (blocked by the operating system),
 * `missing`, `busy` (another program has it), `unplugged`, `failed`; empty if all is well.
 *
 * @typedef {"" | "insecure" | "denied" | "dismissed" | "system" | "missing" | "busy" | "unplugged" | "failed"} Problem
 */

const STORE = "dc-devices";
export const NONE = "none"; // chosen: do without
const FOUND_AGAIN = new Set(["unplugged", "missing", "busy"]);

/** @type {Record<Kind, MediaTrackConstraints>} */
const WANTED = {
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

const KINDS = /** @type {Kind[]} */ (["camera", "microphone"]);

/** @param {Kind} kind */
const constraintName = (kind) => (kind === "camera" ? "video" : "audio");

export class Devices {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  tracks = { camera: null, microphone: null };
  /** @type {Record<Kind, Problem>} */
  problems = { camera: "", microphone: "" };
  /** Id of the chosen device, `NONE`, or empty for the browser's choice. */
  choice = { camera: "", microphone: "", speaker: "" };
  /** @type {MediaDeviceInfo[]} */
  known = [];
  /** The browser is asking the person, or opening the device. */
  asking = false;
  #onChange;
  #muted = false;
  /** Counts choices and closings: a device that was asked for before one of them is not kept. */
  #turns = { camera: 0, microphone: 0 };
  /** Counts openings and closings: only the newest says when the asking is over. */
  #openings = 0;

  /** @param {() => void} onChange something above is new */
  constructor(onChange) {
    this.#onChange = onChange;
    Object.assign(this.choice, JSON.parse(localStorage.getItem(STORE) ?? "{}"));
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#onDevices());
  }

  /** Ask for what was chosen; one question for both. */
  async open() {
    const kinds = KINDS.filter((kind) => this.choice[kind] !== NONE);
    this.#openings += 1;
    const opening = this.#openings;
    this.asking = true;
    this.#onChange();
    if (!navigator.mediaDevices?.getUserMedia) for (const kind of kinds) this.problems[kind] = "insecure";
    else if (kinds.length) await this.#acquireAll(kinds);
    if (opening === this.#openings) this.asking = false;
    await this.#list();
  }

  /** @param {Kind} kind @param {string} id device id, `NONE`, or empty */
  async choose(kind, id) {
    this.choice[kind] = id;
    this.#remember();
    this.#forget(kind);
    if (id !== NONE) await this.#acquireAll([kind]);
    await this.#list();
  }

  /** @param {string} id */
  chooseSpeaker(id) {
    this.choice.speaker = id;
    this.#remember();
    this.#onChange();
  }

  /** Silence at the source: nothing leaves this computer. @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    if (this.tracks.microphone) this.tracks.microphone.enabled = !muted;
  }

  /** Turn everything off, and keep it off whatever is answered or plugged in afterwards. */
  close() {
    this.#openings += 1;
    this.asking = false;
    for (const kind of KINDS) this.#forget(kind);
    this.#onChange();
  }

  /** @param {MediaDeviceKind} kind @returns {MediaDeviceInfo[]} with a name to show */
  list(kind) {
    return this.known.filter((device) => device.kind === kind && device.label);
  }

  /** Id of the device in use, for the select. @param {Kind} kind */
  current(kind) {
    if (this.choice[kind] === NONE) return NONE;
    const track = this.tracks[kind];
    if (!track && !this.problems[kind] && !this.asking) return NONE; // closed, or never opened
    return track?.getSettings().deviceId ?? this.choice[kind];
  }

  /** @param {Kind[]} kinds */
  async #acquireAll(kinds) {
    const turns = { ...this.#turns };
    try {
      await this.#acquire(kinds, turns);
    } catch (error) {
      // Which of the two is it? The one that may be used is used.
      for (const kind of kinds) {
        const problem = await this.#fail(kind, error, turns);
        const refused = ["", "denied", "dismissed", "system"].includes(problem);
        if (!refused && kinds.length > 1) {
          await this.#acquire([kind], turns).catch((again) => this.#fail(kind, again, turns));
        }
      }
    }
  }

  /**
   * @param {Kind} kind
   * @param {unknown} error of getUserMedia
   * @param {Record<Kind, number>} turns when it was asked
   * @returns {Promise<Problem>} empty if the device is no longer wanted
   */
  async #fail(kind, error, turns) {
    const problem = await problemOf(kind, error);
    if (this.#turns[kind] !== turns[kind]) return "";
    this.problems[kind] = problem;
    return problem;
  }

  /** @param {Kind[]} kinds @param {Record<Kind, number>} turns when it was asked */
  async #acquire(kinds, turns) {
    /** @type {MediaStreamConstraints} */
    const wanted = {};
    for (const kind of kinds) {
      const id = this.choice[kind];
      wanted[constraintName(kind)] = { ...WANTED[kind], deviceId: id ? { ideal: id } : undefined };
    }
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    for (const kind of kinds) {
      const track = stream.getTracks().find((each) => each.kind === constraintName(kind)) ?? null;
      if (this.#turns[kind] !== turns[kind]) {
        track?.stop();
        continue;
      }
      this.#release(kind);
      this.tracks[kind] = track;
      this.problems[kind] = "";
      if (kind === "microphone") this.setMuted(this.#muted);
      track?.addEventListener("ended", () => this.#lost(kind, track));
    }
  }

  /** @param {Kind} kind @param {MediaStreamTrack} track */
  #lost(kind, track) {
    if (this.tracks[kind] !== track) return;
    this.tracks[kind] = null;
    this.problems[kind] = "unplugged";
    this.#onChange();
  }

  /** @param {Kind} kind */
  #release(kind) {
    const track = this.tracks[kind];
    this.tracks[kind] = null; // before stop, so that it does not count as lost
    track?.stop();
  }

  /** @param {Kind} kind */
  #forget(kind) {
    this.#turns[kind] += 1;
    this.#release(kind);
    this.problems[kind] = "";
  }

  async #onDevices() {
    for (const kind of KINDS) {
      if (FOUND_AGAIN.has(this.problems[kind])) await this.#acquireAll([kind]);
    }
    await this.#list();
  }

  async #list() {
    this.known = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    this.#onChange();
  }

  #remember() {
    localStorage.setItem(STORE, JSON.stringify(this.choice));
  }
}

/**
 * @param {Kind} kind
 * @param {unknown} error of getUserMedia
 * @returns {Promise<Problem>}
 */
async function problemOf(kind, error) {
  const { name = "", message = "" } = error instanceof Error ? error : {};
  switch (name) {
    case "NotAllowedError": {
      if (/system/i.test(message)) return "system";
      const state = await permission(kind);
      if (state === "granted") return "failed"; // the other device was refused
      return state === "prompt" ? "dismissed" : "denied";
    }
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}

/** @param {Kind} kind */
async function permission(kind) {
  try {
    const name = /** @type {PermissionName} */ (/** @type {unknown} */ (kind));
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return "denied"; // a browser that cannot tell: say how to allow it
  }
}
