// What the technician's page knows: the newest view and links, two minutes of history, the
// order of the wall, what is selected. Draws nothing; `changed` is called after every change.

/** @import { LinkView, TechnicianView } from "../protocol.js" */
/** @import { Status, Uncommanded } from "../connection.js" */
/** @import { Link } from "../links.js" */
/** @import { Group, Order } from "./order.js" */
import { text } from "../i18n.js";
import { complete, linkState, needsLook } from "../links.js";
import { rank } from "../search.js";
import { History } from "./history.js";
import { groups, held, sorted } from "./order.js";

/** @typedef {"all" | "air" | "look" | "gone"} Filter */

/** @type {Filter[]} */
export const FILTERS = ["all", "air", "look", "gone"];

const NO_LINK = complete();

export class Desk {
  /** @type {TechnicianView | null} */
  view = null;
  /** @type {Record<string, Link>} */
  links = {};
  /** What is shown instead of now; nothing may be done to a site then. @type {{at: number, links: Record<string, Link>} | null} */
  moment = null;
  /** @type {Status} */
  status = { online: false, saving: true, refused: "" };
  /** Site in the side panel. */
  selected = "";
  /** Tile in the tab order. */
  focused = "";
  /** @type {Filter} */
  filter = "all";
  query = "";
  history = new History();
  /** @type {Map<string, Group>} */
  groups = new Map();
  /** Sites that were asked to get ready. @type {Set<string>} */
  onDeck = new Set();
  /** Places in the queue by site, 1-based. @type {Map<string, number>} */
  places = new Map();
  /**
   * Asks the server for something about a site; set by who has the connection.
   * @type {(message: Uncommanded) => void}
   */
  tell = () => {};
  /** @type {Order | null} */
  #order = null;
  #touched = -Infinity;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {Partial<Desk>} change */
  set(change) {
    Object.assign(this, change);
    this.#changed();
  }

  /** @param {TechnicianView} view @param {number} now seconds, monotonic */
  receive(view, now) {
    const site = (/** @type {string} */ id) => view.requests[id]?.site ?? "";
    const queue = view.queue.map(site);
    const called = view.queue.filter((id) => view.requests[id]?.deck).map(site);
    this.view = view;
    this.onDeck = new Set(called);
    const beside = view.program.second ? [view.program.second.site] : [];
    this.groups = groups(view.program.site, [...beside, ...view.microphones], [...called, ...queue]);
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
  }

  /** @param {string} site */
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

  /** @param {string} site @param {Filter} filter */
  passes(site, filter) {
    const link = this.link(site);
    if (filter === "air") return this.groups.get(site) === "air";
    if (filter === "look") return needsLook(link);
    if (filter === "gone") return !link.connected && linkState(link) !== "waiting";
    return true;
  }

  /** Codes of the tiles to show: the order of the wall, without what is filtered away. */
  get shown() {
    return this.codes.filter(
      (code) => this.passes(code, this.filter) && rank(this.query, this.name(code)) >= 0,
    );
  }
}
