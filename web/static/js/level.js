// How loud a microphone is, drawn without going through the page's views: 15 times a second.

import { t } from "./i18n.js";

const CELLS = 16;
const EVERY_MS = 66;
const QUIET_DB = -60; // an empty room
const VOICE = 0.35; // about -39 dBFS: somebody speaks towards the microphone
const HOT = CELLS - 2; // above about -7 dBFS speech is distorted

export class LevelMeter {
  /** Put this into a view; it is made once. */
  element = document.createElement("div");
  /** A voice was heard since the microphone was opened. */
  heard = false;
  #onHeard;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  #frame = 0;

  /** @param {() => void} onHeard first voice of a microphone */
  constructor(onHeard) {
    this.#onHeard = onHeard;
    this.element.className = "meter";
    this.element.setAttribute("role", "meter");
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", String(CELLS));
    this.element.append(...Array.from({ length: CELLS }, () => document.createElement("i")));
    this.#draw(0);
  }

  /** @param {MediaStreamTrack | null} track */
  follow(track) {
    this.element.setAttribute("aria-label", t("common.level"));
    if (track === this.#track) return;
    this.#track = track;
    this.#source?.disconnect();
    cancelAnimationFrame(this.#frame);
    this.heard = false;
    this.#draw(0);
    if (track) this.#listen(track);
  }

  /** @param {MediaStreamTrack} track */
  #listen(track) {
    const context = (this.#context ??= new AudioContext());
    // Some browsers keep a sound graph asleep until the first click.
    const wake = () => void context.resume().catch(() => {});
    for (const event of ["pointerdown", "keydown"]) {
      document.addEventListener(event, wake, { once: true, capture: true });
    }
    wake();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let drawn = 0;
    /** @param {number} now */
    const step = (now) => {
      if (this.#track !== track) return;
      this.#frame = requestAnimationFrame(step);
      if (now - drawn < EVERY_MS) return;
      drawn = now;
      analyser.getFloatTimeDomainData(samples);
      const level = loudness(samples);
      this.#draw(level);
      if (level > VOICE && !this.heard) {
        this.heard = true;
        this.#onHeard();
      }
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** @param {number} level 0-1 */
  #draw(level) {
    const lit = Math.round(level * CELLS);
    this.element.setAttribute("aria-valuenow", String(lit));
    for (const [cell, node] of [...this.element.children].entries()) {
      node.className = cell >= lit ? "" : cell >= HOT ? "on hot" : "on";
    }
  }
}

/** @param {Float32Array} samples @returns {number} 0 (an empty room) to 1 (full scale) */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, 1 - db / QUIET_DB));
}
