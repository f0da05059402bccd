// What was asked of sites' pages and what became of it, as the server tells; asking for more.
// Draws nothing; `changed` is called after every change.

/** @import { Action, ActionKind } from "../protocol.js" */
/** @import { PageAction } from "../connection.js" */
/** @import { Talker } from "./talker.js" */
import { errorText } from "../say.js";

/** Actions that are remembered: the server tells some more than that of all sites together. */
const KEPT = 500;

/**
 * @typedef {{sites: readonly string[], action: ActionKind, value: string, bulk?: boolean}} Wish
 * @typedef {Wish & {at: number}} Bulk `at`: server time when it was asked, Unix seconds
 */

export class Acts {
  /** The newest last. @type {Map<string, Action>} */
  known = new Map();
  /** Why the last wish was refused, as a sentence. */
  refusal = "";
  /** What is asked before it is done, since its site is on air. @type {Wish | null} */
  question = null;
  /** The last action on several sites, summed up until it is closed. @type {Bulk | null} */
  bulk = null;
  /** Talks to a site; made by who has the connection. @type {Talker | null} */
  talker = null;
  /** Site to which a note is being written. */
  noting = "";
  /** Sends to the server; set by who has the connection. @type {(action: PageAction) => Promise<unknown>} */
  send = async () => {};
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {Partial<Acts>} change */
  set(change) {
    Object.assign(this, change);
    this.#changed();
  }

  /** Take what the server says of an action. @param {Action} action */
  take(action) {
    this.known.set(action.id, action);
    const [oldest] = this.known.keys();
    if (this.known.size > KEPT) this.known.delete(oldest);
    this.#changed();
  }

  /** The newest actions at a site, the newest first. @param {string} site @param {number} count */
  of(site, count) {
    return [...this.known.values()].filter((action) => action.site === site).slice(-count).reverse();
  }

  /**
   * Ask it of several sites, and sum up what becomes of it.
   * @param {readonly string[]} sites
   * @param {ActionKind} action
   * @param {string} value
   * @param {number} at server time, Unix seconds
   */
  async askAll(sites, action, value, at) {
    this.set({ bulk: { sites, action, value, at } });
    if (!(await this.ask(sites, action, value))) this.set({ bulk: null });
  }

  /**
   * @param {readonly string[]} sites
   * @param {ActionKind} action
   * @param {string} [value]
   * @returns {Promise<boolean>} whether the server has taken it
   */
  async ask(sites, action, value = "") {
    this.set({ refusal: "", question: null });
    const of = sites.length === 1 ? { site: sites[0] } : { sites: [...sites] };
    try {
      await this.send({ type: "site_action", action, value, ...of });
      return true;
    } catch (error) {
      this.set({ refusal: errorText(error) });
      return false;
    }
  }
}
