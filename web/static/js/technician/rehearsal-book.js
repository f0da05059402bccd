// How far the rehearsal is: what the server said of each site, and which site comes next. Pure.

/** @import { Call, Mark, Rehearsal, SiteRehearsal } from "../protocol" */

/** What is checked of a site, in this order; the server's list. */
export const ITEMS = /** @type {const} */ ([
  "equipment",
  "line",
  "picture_up",
  "sound_up",
  "picture_down",
  "sound_down",
  "talkback",
  "backup",
]);
/** @typedef {typeof ITEMS[number]} Item */
/** @typedef {"good" | "bad" | "none"} Outcome */
/**
 * `whole`: everything has an outcome; `reserved`: signed although something is bad.
 *
 * @typedef {"signed" | "reserved" | "whole" | "begun" | "open"} Stage
 */

export const OUTCOMES = /** @type {const} */ (["good", "bad", "none"]);

/** @type {SiteRehearsal} */
const NOTHING = {};

export class Book {
  /** @type {Record<string, SiteRehearsal>} */
  sites = {};
  /** Sites under test, and who began it. @type {Record<string, string>} */
  testing = {};
  /** Sites a technician calls, and how far it is. @type {Record<string, Call>} */
  calling = {};

  /** Take what changed. @param {Pick<Rehearsal, "sites" | "testing" | "calling">} told @param {boolean} [all] it is everything there is */
  take({ sites, testing, calling = {} }, all = false) {
    this.sites = all ? sites : { ...this.sites, ...sites };
    this.testing = testing;
    this.calling = calling;
  }

  /** @param {string} code */
  of(code) {
    return this.sites[code] ?? NOTHING;
  }

  /** @param {string} code @param {Item} item @returns {Mark | null} */
  mark(code, item) {
    return this.of(code).marks?.[item] ?? null;
  }

  /** What the server, or the site itself, found last. @param {string} code @param {Item} item @returns {Mark | null} */
  measured(code, item) {
    return this.of(code).measured?.[item] ?? null;
  }

  /** Passed by hand and without a word, although no measurement says so. @param {string} code @param {Item} item */
  isOverruled(code, item) {
    const mark = this.mark(code, item);
    if (mark?.outcome !== "good" || !mark.by || mark.note) return false;
    const found = this.measured(code, item);
    return found ? found.outcome === "bad" : item === "talkback";
  }

  /** @param {string} code */
  overruled(code) {
    return ITEMS.filter((item) => this.isOverruled(code, item));
  }

  /** @param {string} code */
  isSigned(code) {
    return Boolean(this.of(code).signed_at);
  }

  /** Items nothing is known of yet. @param {string} code */
  open(code) {
    return ITEMS.filter((item) => !this.mark(code, item));
  }

  /** Items that were found bad. @param {string} code */
  bad(code) {
    return ITEMS.filter((item) => this.mark(code, item)?.outcome === "bad");
  }

  /** @param {string} code @returns {Stage} */
  stage(code) {
    if (this.isSigned(code)) return this.bad(code).length + this.overruled(code).length ? "reserved" : "signed";
    const left = this.open(code).length;
    if (!left) return "whole";
    return left < ITEMS.length ? "begun" : "open";
  }

  /** How many are signed. @param {readonly string[]} codes */
  done(codes) {
    return codes.filter((code) => this.isSigned(code)).length;
  }

  /**
   * The next site that is not signed, going round; the same one if there is no other.
   *
   * @param {readonly string[]} codes in the order of the list
   * @param {string} from
   */
  next(codes, from) {
    const at = codes.indexOf(from);
    const round = [...codes.slice(at + 1), ...codes.slice(0, at + 1)];
    return round.find((code) => !this.isSigned(code)) ?? from;
  }
}
