// The time cursor: an earlier moment of the whole wall instead of now. One question to the
// server at a time; while it is out, only the newest wish is kept.

/** @import { LinkView } from "../protocol.js" */
/** @import { Moment } from "./desk.js" */
import { complete } from "../links.js";

/** Steps of the cursor in seconds. */
export const STEPS = /** @type {const} */ ([1, 10, 60]);

/** Figures of a curve in one point of score. */
const CURVE_SCALE = 10;

/**
 * @typedef {object} Told what the server says of a second (docs/protocol.md)
 * @property {Record<string, LinkView>} sites
 * @property {number} step seconds in one figure of a curve
 * @property {Record<string, (number | null)[]>} curves
 *
 * @typedef {(at: number) => Promise<Told | null>} Ask every site's link at a second, null if the
 *   server does not say
 */

export class TimeCursor {
  /** Unix seconds that were asked for, null for now. @type {number | null} */
  at = null;
  /** The server did not say what was then. */
  failed = false;
  #ask;
  #show;
  #extent;
  #busy = false;

  /**
   * @param {object} options
   * @param {Ask} options.ask
   * @param {(moment: Moment | null) => void} options.show called with what the wall is to show
   * @param {() => {from: number, to: number}} options.extent seconds that can be looked at
   */
  constructor({ ask, show, extent }) {
    this.#ask = ask;
    this.#show = show;
    this.#extent = extent;
  }

  /** Moves the wall to a second; one that has not come yet is now. @param {number} at Unix seconds */
  pin(at) {
    const { from, to } = this.#extent();
    const second = Math.floor(at);
    if (second >= Math.floor(to)) {
      this.live();
      return;
    }
    this.at = Math.max(Math.ceil(from), second);
    void this.#look();
  }

  /** @param {number} seconds negative: back */
  step(seconds) {
    this.pin((this.at ?? this.#extent().to) + seconds);
  }

  /** Back to now. */
  live() {
    if (this.at === null && !this.failed) return;
    this.at = null;
    this.failed = false;
    this.#show(null);
  }

  async #look() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.at !== null) {
      const { at } = this;
      const told = await this.#ask(at);
      if (this.at !== at && this.at !== null) continue; // somebody has gone on
      if (this.at === null) break;
      if (told) {
        this.failed = false;
        this.#show(moment(at, told));
      } else {
        this.at = null;
        this.failed = true;
        this.#show(null);
      }
      break;
    }
    this.#busy = false;
  }
}

/** @param {number} at @param {Told} told @returns {Moment} */
function moment(at, { sites, step, curves }) {
  const score = (/** @type {number | null} */ figure) => figure && figure / CURVE_SCALE;
  return {
    at,
    links: mapped(sites, complete),
    step,
    curves: mapped(curves, (figures) => figures.map(score)),
  };
}

/** @template A, B @param {Record<string, A>} values @param {(value: A) => B} change @returns {Record<string, B>} */
const mapped = (values, change) =>
  Object.fromEntries(Object.entries(values).map(([code, value]) => [code, change(value)]));

/**
 * Seconds a key on the time bar goes, null if it means nothing there.
 * @param {{key: string, shiftKey: boolean}} event
 */
export function keyStep({ key, shiftKey }) {
  const [second, ten, minute] = STEPS;
  const arrow = shiftKey ? ten : second;
  if (key === "ArrowLeft" || key === "ArrowDown") return -arrow;
  if (key === "ArrowRight" || key === "ArrowUp") return arrow;
  if (key === "PageDown") return -minute;
  if (key === "PageUp") return minute;
  return null;
}
