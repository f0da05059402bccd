// What this computer shares of its screen: asking, ending, and being ended by the browser's own
// bar. Knows no words: a problem is a code that the page turns into a sentence.

/**
 * Why nothing is shared although somebody wanted it: `unsupported` (no such browser), `system`
 * (the operating system forbids it), `failed`; empty if all is well, or if the question was closed.
 *
 * @typedef {"" | "unsupported" | "system" | "failed"} Problem
 */

/** Text must be readable to the last row of a hall; a new page may take a moment. */
const WANTED = {
  video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
  audio: false,
  selfBrowserSurface: "exclude", // a page within itself, without end
  surfaceSwitching: "include",
};

export class Screen {
  /** @type {MediaStreamTrack | null} */
  track = null;
  /** @type {Problem} */
  problem = "";
  /** The browser is asking what to share. */
  asking = false;
  #onChange;
  #turn = 0; // counts starts and stops: what was chosen before a stop is not shared

  /** @param {() => void} onChange something above is new */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Ask what to share, and share it. Call it from a click. */
  async start() {
    if (this.asking) return;
    const turn = this.#begin({ asking: true });
    /** @type {MediaStreamTrack | null} */
    let track = null;
    /** @type {Problem} */
    let problem = "";
    try {
      if (!navigator.mediaDevices?.getDisplayMedia) problem = "unsupported";
      else track = (await navigator.mediaDevices.getDisplayMedia(WANTED)).getVideoTracks()[0] ?? null;
    } catch (error) {
      problem = problemOf(error);
    }
    if (turn !== this.#turn) {
      track?.stop();
      return;
    }
    if (track) this.#use(track);
    this.#set({ asking: false, problem });
  }

  /** Share nothing more. */
  stop() {
    this.#begin({ asking: false });
  }

  /** @param {MediaStreamTrack} track */
  #use(track) {
    track.contentHint = "text"; // rather fewer pictures than a blurred one
    this.track = track;
    track.addEventListener("ended", () => {
      if (this.track === track) this.stop();
    });
  }

  /** @param {Partial<Screen>} change */
  #begin(change) {
    this.#turn += 1;
    this.track?.stop();
    this.#set({ ...change, track: null, problem: "" });
    return this.#turn;
  }

  /** @param {Partial<Screen>} change */
  #set(change) {
    Object.assign(this, change);
    this.#onChange();
  }
}

/** @param {unknown} error of getDisplayMedia @returns {Problem} */
function problemOf(error) {
  const { name = "", message = "" } = error instanceof Error ? error : {};
  if (name === "NotAllowedError") return /system/i.test(message) ? "system" : "";
  return name === "AbortError" ? "" : "failed";
}
