// Which sites have a moving picture when more are in sight than there are slots: the first ones
// (on air, on deck, the worst) always, all others in turn. Pure; who calls keeps what each turn
// leaves behind as a still picture. However many sites there are, no more pictures are decoded than
// there are slots, and no camera is asked for more than a key frame or two a minute: a browser that
// is asked for one of its small picture makes one of each size, and whoever is sent the large one
// gets that too.

import { SLOTS } from "./thumb-slots.js";

/** Slots that go round at most, and how many sites more than slots there are for each of them. */
const ROUND_MOST = 6;
const ROUND_EACH = 8;
const ROUND_LEAST = 2;

/** Seconds a site may take until its picture is there; then the next round does without it. */
export const PATIENCE_S = 4.3;
/** Seconds a site moves in its turn as long as others have had none at all. */
const FIRST_TURN_S = 0.7;
/** Seconds a site moves in its turn, at least: the first frames after a key frame are coarse. */
const TURN_S = 2;
/** Seconds from one turn of a site to its next, at least: each costs the site a key frame. */
export const AGAIN_S = 30;

/** Slots that go round among *count* sites. @param {number} count */
export function rounds(count) {
  const more = count - SLOTS.length;
  if (more <= 0) return 0;
  return Math.min(ROUND_MOST, Math.max(ROUND_LEAST, Math.ceil(more / ROUND_EACH)));
}

export class Rota {
  /** Sites of this round, and whether each has had its turn. @type {Map<string, boolean>} */
  #round = new Map();
  #began = 0;
  /** Seconds a site moves in its turn, now. */
  turn = TURN_S;
  /** When a site last had a slot. @type {Map<string, number>} */
  #last = new Map();
  /** Who has had a picture, or a turn in which none came. @type {Set<string>} */
  #had = new Set();

  /**
   * The sites that have a moving picture now, no more than slots. All of a round change together:
   * the page is drawn anew once for all of them.
   * @param {readonly string[]} sites in sight, the most important first
   * @param {number} now seconds, monotonic
   * @returns {string[]}
   */
  hold(sites, now) {
    const round = rounds(sites.length);
    const always = sites.slice(0, SLOTS.length - round);
    const others = sites.slice(always.length);
    for (const site of always) this.#last.set(site, now); // who falls back among the others waits
    this.turn = this.#turn(others, round);
    const waiting = new Set(others);
    for (const site of this.#round.keys()) if (!waiting.has(site)) this.#round.delete(site);
    const patience = this.turn + PATIENCE_S;
    const over = [...this.#round.values()].every(Boolean) || now - this.#began > patience;
    if (over || this.#round.size > round) {
      this.#next(others, round, now);
      this.turn = this.#turn(others, round);
    }
    return [...always, ...this.#round.keys()];
  }

  /** @param {readonly string[]} others @param {number} round */
  #turn(others, round) {
    if (others.some((site) => !this.#had.has(site) && !this.#round.has(site))) return FIRST_TURN_S;
    return round ? Math.max(TURN_S, AGAIN_S / Math.floor(others.length / round)) : TURN_S;
  }

  /** Those who have waited longest. @param {readonly string[]} others @param {number} round @param {number} now */
  #next(others, round, now) {
    const last = (/** @type {string} */ site) => (this.#had.has(site) ? (this.#last.get(site) ?? 0) : -1);
    for (const site of this.#round.keys()) this.#had.add(site);
    const longest = [...others].sort((a, b) => last(a) - last(b)).slice(0, round);
    this.#round = new Map(longest.map((site) => [site, false]));
    this.#began = now;
    for (const site of longest) this.#last.set(site, now);
  }

  /** The picture of a site is there. @param {string} site */
  came(site) {
    this.#had.add(site);
  }

  /** A site has had its turn; one that has its picture always is none of this round. @param {string} site */
  done(site) {
    if (this.#round.has(site)) this.#round.set(site, true);
  }

  /** Begin anew. */
  forget() {
    this.#round.clear();
    this.#last.clear();
    this.#had.clear();
  }
}
