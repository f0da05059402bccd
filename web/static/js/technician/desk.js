// What the technician's page knows: the newest view and links, two minutes of history, the
// order of the wall, what is selected and what is marked. Draws nothing; `changed` is called
// after every change.

/** @import { LinkView, TechnicianView } from "../protocol.js" */
/** @import { Status, Uncommanded } from "../connection.js" */
/** @import { Link } from "../links.js" */
/** @import { Filter, Section } from "./filters.js" */
/** @import { Group, Order } from "./order.js" */
import { text } from "../i18n.js";
import { complete } from "../links.js";
import { Acts } from "./acts.js";
import { passes, sections } from "./filters.js";
import { History } from "./history.js";
import { groups, held, sorted } from "./order.js";

/**
 * An earlier moment of the whole wall.
 *
 * @typedef {object} Moment
 * @property {number} at Unix seconds
 * @property {Record<string, Link>} links
 * @property {number} step seconds in one figure of a curve
 * @property {Record<string, (number | null)[]>} curves scores of the two minutes before, the newest
 *   last: 0 without signal, null if not known
 */

const NO_LINK = complete();

export class Desk {
  /** @type {TechnicianView | null} */
  view = null;
  /** Links now, whatever moment is shown. @type {Record<string, Link>} */
  links = {};
  /** What is shown instead of now; nothing may be done to a site then. @type {Moment | null} */
  moment = null;
  /** @type {Status} */
  status = { online: false, saving: true, refused: "" };
  /** Site in the side panel. */
  selected = "";
  /** Tile in the tab order. */
  focused = "";
  /** Sites marked for doing something to all of them; replaced, never changed. @type {ReadonlySet<string>} */
  marked = new Set();
  /** @type {Filter} */
  filter = "all";
  query = "";
  /** Code of the region to show, empty for all, `*` for all under their names. */
  region = "";
  /** @type {"tiles" | "map"} */
  layout = "tiles";
  /** Alert to which a note is being written. */
  noting = "";
  /** Moving pictures on the tiles. */
  pictures = false;
  history = new History();
  /** @type {Map<string, Group>} */
  groups = new Map();
  /** Places in the queue by site, 1-based. @type {Map<string, number>} */
  places = new Map();
  /**
   * Asks the server for something about a site; set by who has the connection.
   * @type {(message: Uncommanded) => void}
   */
  tell = () => {};
  /** What was asked of sites. */
  acts = new Acts(() => this.#changed());
  /** @type {Order | null} */
  #order = null;
  /** @type {Section[] | null} */
  #sections = null;
  #touched = -Infinity;
  /** Where the marking of a range begins. */
  #anchor = "";
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {Partial<Desk>} change */
  set(change) {
    Object.assign(this, change);
    if ("moment" in change) {
      this.#order = null; // another moment has an order of its own
      this.#arrange(0);
    }
    this.#sections = null;
    this.#changed();
  }

  /** @param {TechnicianView} view @param {number} now seconds, monotonic */
  receive(view, now) {
    const site = (/** @type {string} */ id) => view.requests[id]?.site ?? "";
    const queue = view.queue.map(site);
    const called = view.queue.filter((id) => view.requests[id]?.deck).map(site);
    this.view = view;
    const beside = view.program.second ? [view.program.second.site] : [];
    this.groups = groups(view.program.site, [...beside, ...view.microphones], called, queue);
    this.places = new Map();
    queue.forEach((site, at) => {
      if (!this.places.has(site)) this.places.set(site, at + 1);
    });
    this.#arrange(now);
    this.#changed();
  }

  /** @param {Record<string, LinkView>} sites @param {number} now seconds, monotonic */
  measure(sites, now) {
    if (this.history.empty) this.#order = null; // what came before was only a list of names
    this.links = Object.fromEntries(
      Object.entries(sites).map(([code, link]) => [code, complete(link)]),
    );
    this.history.add(this.links);
    this.#arrange(now);
    this.#changed();
  }

  /** The wall was used: hold the tiles still for a while. @param {number} now */
  touch(now) {
    this.#touched = now;
  }

  /** @param {number} now */
  #arrange(now) {
    const entries = Object.values(this.view?.sites ?? {}).map((site) => ({
      code: site.code,
      name: text(site.name),
      link: this.link(site.code),
    }));
    this.#order = held(this.#order, sorted(entries, this.groups), now, this.#touched);
    this.#sections = null;
  }

  /** The link of a site at the moment that is shown. @param {string} site */
  link(site) {
    return (this.moment?.links ?? this.links)[site] ?? NO_LINK;
  }

  /** @param {string} site */
  name(site) {
    return text(this.view?.sites[site]?.name);
  }

  /** Codes of all sites in the order of the wall. */
  get codes() {
    return this.#order?.codes ?? [];
  }

  /** How many sites pass a filter, whatever else hides them. @param {Filter} filter */
  count(filter) {
    return this.codes.filter((code) => this.passes(code, filter)).length;
  }

  /** @param {string} site @param {Filter} filter */
  passes(site, filter) {
    return passes(filter, this.link(site), this.groups.get(site));
  }

  /** The tiles to show, under their headings. */
  get sections() {
    const { view } = this;
    this.#sections ??= sections(
      this.codes.map((code) => ({
        code,
        region: view?.sites[code]?.region ?? "",
        names: Object.values(view?.sites[code]?.name ?? {}),
        link: this.link(code),
        group: this.groups.get(code),
      })),
      this,
      (view?.regions ?? []).map((region) => region.code),
    );
    return this.#sections;
  }

  /** Codes of the tiles to show, in their order. */
  get shown() {
    return this.sections.flatMap((section) => section.codes);
  }

  /**
   * Mark a site or take its mark away.
   * @param {string} site
   * @param {boolean} [on] the other way round without it
   */
  mark(site, on = !this.marked.has(site)) {
    const marked = new Set(this.marked);
    if (on) marked.add(site);
    else marked.delete(site);
    this.#anchor = site;
    this.set({ marked, focused: site });
  }

  /** Mark everything shown from where marking began to *site*. @param {string} site */
  markTo(site) {
    const { shown } = this;
    const from = shown.indexOf(this.#anchor);
    const to = shown.indexOf(site);
    if (from < 0 || to < 0) {
      this.mark(site, true);
      return;
    }
    const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.set({ marked: new Set([...this.marked, ...range]), focused: site });
  }

  /** Mark exactly these. @param {Iterable<string>} sites */
  markOnly(sites) {
    this.#anchor = "";
    this.set({ marked: new Set(sites) });
  }
}
