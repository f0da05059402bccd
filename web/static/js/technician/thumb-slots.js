// Which of the page's small video slots shows which site. Pure: the page says what it wants to
// see and what the server says; this says what to ask for next, and what may be looked at.
//
// A slot is asked for another site only after the server has said that it took the last wish, so
// what the server says of a slot is always about the newest wish.

/** @import { WatchedView } from "../protocol.js" */

/** Small video slots of a page: a screenful. */
export const SLOTS = Array.from({ length: 16 }, (_, at) => `thumb${at + 1}`);

/** @typedef {{asked: string, said: string, since: number | null}} Slot sites, empty for none */

export class ThumbSlots {
  /** @type {Map<string, Slot>} */
  #slots = new Map(SLOTS.map((name) => [name, { asked: "", said: "", since: null }]));
  /** @type {readonly string[]} */
  #wanted = [];

  /** Show these, the first ones if there are more than slots. @param {readonly string[]} sites */
  want(sites) {
    this.#wanted = sites.slice(0, SLOTS.length);
  }

  /** Another media connection, or another line to the server: nothing was asked yet. */
  forget() {
    for (const name of SLOTS) this.#slots.set(name, { asked: "", said: "", since: null });
  }

  /** What the server says of all slots. @param {Record<string, WatchedView>} watched */
  say(watched) {
    for (const [name, slot] of this.#slots) {
      slot.said = watched[name]?.site ?? "";
      slot.since = watched[name]?.since ?? null;
    }
  }

  /**
   * The next wish to send, as if it were sent now.
   * @param {(slot: string) => void} [leaving] called before a slot is another site's
   * @returns {{slot: string, site: string} | null} an empty site is for a slot that is not needed
   */
  next(leaving = () => {}) {
    const slots = [...this.#slots];
    const has = new Set(slots.map(([, slot]) => slot.asked));
    const missing = this.#wanted.find((site) => !has.has(site)) ?? "";
    const free = slots.filter(
      ([, slot]) => slot.asked === slot.said && !this.#wanted.includes(slot.asked),
    );
    const empty = free.find(([, slot]) => !slot.asked);
    const found = missing ? (empty ?? free[0]) : free.find(([, slot]) => slot.asked);
    if (!found) return null;
    const [name, slot] = found;
    leaving(name);
    slot.asked = missing;
    slot.since = null;
    return { slot: name, site: missing };
  }

  /** Site a slot was asked to show, empty for none. @param {string} name */
  shows(name) {
    return this.#slots.get(name)?.asked ?? "";
  }

  /** Slot that was asked to show a site, empty if none. @param {string} site */
  slot(site) {
    return [...this.#slots].find(([, slot]) => slot.asked === site)?.[0] ?? "";
  }

  /**
   * RTP time of the first packet of a slot's picture, null as long as it may be another one's.
   * @param {string} name
   */
  since(name) {
    const slot = this.#slots.get(name);
    return slot && slot.asked && slot.asked === slot.said ? slot.since : null;
  }
}

/**
 * Whether a frame belongs to a picture that began at *since*; RTP times wrap at 2^32.
 * @param {number} time @param {number} since both 0 to 2^32 - 1
 */
export const belongs = (time, since) => ((time - since) | 0) >= 0;
