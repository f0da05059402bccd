// Which sites have a moving picture when more are in sight than there are slots: the first ones
// (on air, on deck, the worst) always, all others in turn. Pure; who calls keeps what each turn
// leaves behind as a still picture. However many sites there are, as many pictures are decoded,
// and as few cameras are asked for a key frame, as there are slots.

import { SLOTS } from "./thumb-slots.js";

/** Slots that go round at most, and how many sites more than slots there are for each of them. */
const ROUND_MOST = 6;
const ROUND_EACH = 8;
const ROUND_LEAST = 2;

/** Seconds a site may take until its picture is there; then it is the next one's turn. */
export const PATIENCE_S = 6;

/** Slots that go round among *count* sites. @param {number} count */
export function rounds(count) {
  const more = count - SLOTS.length;
  if (more <= 0) return 0;
  return Math.min(ROUND_MOST, Math.max(ROUND_LEAST, Math.ceil(more / ROUND_EACH)));
}

export class Rota {
  /** Sites whose turn it is, and since when. @type {Map<string, number>} */
  #turns = new Map();
  /** When the last turn of a site was over. @type {Map<string, number>} */
  #over = new Map();

  /**
   * The sites that have a moving picture now, no more than slots.
   * @param {readonly string[]} sites in sight, the most important first
   * @param {number} now seconds, monotonic
   * @returns {string[]}
   */
  hold(sites, now) {
    const round = rounds(sites.length);
    const always = sites.slice(0, SLOTS.length - round);
    const others = sites.slice(always.length);
    if (!round) {
      this.#turns.clear();
      return always;
    }
    const waiting = new Set(others);
    for (const [site, since] of this.#turns) {
      if (!waiting.has(site)) this.#turns.delete(site);
      else if (now - since > PATIENCE_S) this.done(site, now);
    }
    const last = (/** @type {string} */ site) => this.#over.get(site) ?? -1;
    const next = others.filter((site) => !this.#turns.has(site)).sort((a, b) => last(a) - last(b));
    for (const site of next.slice(0, Math.max(0, round - this.#turns.size))) this.#turns.set(site, now);
    return [...always, ...[...this.#turns.keys()].slice(0, round)];
  }

  /** Whether a site has its picture for one turn only. @param {string} site */
  turning(site) {
    return this.#turns.has(site);
  }

  /** A turn is over. @param {string} site @param {number} now seconds, monotonic */
  done(site, now) {
    if (this.#turns.delete(site)) this.#over.set(site, now);
  }

  /** Begin anew. */
  forget() {
    this.#turns.clear();
    this.#over.clear();
  }
}
