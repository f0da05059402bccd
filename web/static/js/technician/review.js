// Looking back: the history of the site in the panel with its charts, and the time cursor that
// takes the whole wall to an earlier second.

/** @import { Desk } from "./desk.js" */
/** @import { ServerLoadView } from "../protocol.js" */
/** @import { Told } from "./cursor.js" */
/** @import { Baseline } from "./panel-baseline.js" */
import { lang } from "../i18n.js";
import { Board } from "./charts-board.js";
import { eventWords } from "./charts-events.js";
import { TimeCursor } from "./cursor.js";
import { asked, SiteHistory } from "./history-site.js";
import { baselineValue } from "./panel-baseline.js";
import { KEPT_S } from "./timeline.js";

export class Review {
  /** The panel over the whole wall. */
  wide = false;
  /** The tables under the charts are open. */
  tables = false;
  /** Baselines of the rehearsal by site. @type {Record<string, Baseline>} */
  baselines = {};
  cursor;
  history;
  board;
  #desk;
  #now;
  #path;
  #key;
  #changed;
  #drawn = "";

  /**
   * @param {object} options
   * @param {Desk} options.desk
   * @param {string} options.session
   * @param {string} options.key of the cookie
   * @param {() => number} options.now server time, Unix seconds
   * @param {() => void} options.changed draw the page
   */
  constructor({ desk, session, key, now, changed }) {
    this.#desk = desk;
    this.#now = now;
    this.#changed = changed;
    this.#path = `/api/sessions/${encodeURIComponent(session)}`;
    this.#key = `k=${encodeURIComponent(key)}`;
    this.history = new SiteHistory(`${this.#path}/history?${this.#key}`, () => {
      this.board.update();
      changed();
    });
    this.cursor = new TimeCursor({
      ask: (at) => this.#moment(at),
      show: (moment) => {
        desk.set({ moment });
        if (moment) this.board.reveal(moment.at);
        this.board.update();
      },
      extent: () => this.extent,
    });
    this.board = new Board({
      zone: () => desk.view?.time_zone ?? "UTC",
      pinned: () => this.cursor.at,
      baseline: (column) => {
        const baseline = this.baselines[this.history.site];
        return (baseline && baselineValue(baseline, column)) ?? undefined;
      },
      eventWords,
      pin: (at) => this.cursor.pin(at),
      changed,
    });
  }

  /** Seconds that can be looked at. */
  get extent() {
    const now = this.#now();
    return { from: now - KEPT_S, to: now };
  }

  /** Called before the page is drawn: the charts are of the selected site, in its language. */
  follow() {
    const { selected } = this.#desk;
    this.history.open(selected, this.#now());
    if (!selected) this.wide = false;
    const wanted = `${selected} ${lang()}`;
    if (this.#drawn === wanted) return;
    this.#drawn = wanted;
    if (!selected) return;
    this.board.show(this.history.timeline);
    void this.#rehearsed();
  }

  /**
   * The newest second was told.
   * @param {number} now Unix seconds
   * @param {ServerLoadView | null} [server]
   */
  measure(now, server) {
    this.history.measure(this.#desk.links, now, server ?? undefined);
    this.board.update();
  }

  /** The server is there again: what was missed meanwhile is fetched. */
  again() {
    this.history.again(this.#now());
  }

  /** @param {number} at Unix seconds @returns {Promise<Told | null>} */
  async #moment(at) {
    const told = await asked(`${this.#path}/history/moment?${this.#key}&at=${at}`);
    return told?.known ? told : null;
  }

  /** Rehearsals go on while sites are looked at, so each look asks anew. */
  async #rehearsed() {
    const told = await asked(`${this.#path}/baselines?${this.#key}`);
    if (!told) return;
    this.baselines = told.baselines;
    this.board.update();
    this.#changed();
  }
}
