// The two hours of the site in the panel: fetched when it is chosen, then kept up to date.

/** @import { Link } from "../links.js" */
/** @import { ServerLoadView } from "../protocol.js" */
/** @import { Answer } from "./timeline.js" */
import { KEPT_S, row, Timeline } from "./timeline.js";

/** Events come with the history only: asked for this often, with the last minute's figures. */
const AGAIN_S = 5;
const OVERLAP_S = 60;
const PATIENCE_MS = 15_000;

/** @typedef {"" | "loading" | "ready" | "failed"} Loading */

export class SiteHistory {
  site = "";
  timeline = new Timeline();
  /** @type {Loading} */
  state = "";
  #address;
  #changed;
  #asked = 0;
  #busy = false;

  /**
   * @param {string} address of the session's history, with its query begun
   * @param {() => void} changed more is known, or it failed
   */
  constructor(address, changed) {
    this.#address = address;
    this.#changed = changed;
  }

  /** Shows a site's history; the same site changes nothing. @param {string} site @param {number} now Unix seconds */
  open(site, now) {
    if (site === this.site) return;
    this.site = site;
    this.timeline = new Timeline();
    this.state = site ? "loading" : "";
    this.#busy = false;
    if (site) void this.#load(now - KEPT_S, now);
  }

  /** After a failure, or a server that was away. @param {number} now Unix seconds */
  again(now) {
    if (this.site && !this.#busy) void this.#load(now - KEPT_S, now);
  }

  /**
   * The newest second of the link, as pages are told of it.
   * @param {Record<string, Link>} links
   * @param {number} now Unix seconds
   * @param {ServerLoadView} [server]
   */
  measure(links, now, server) {
    const link = links[this.site];
    if (!link) return;
    this.timeline.append(now, row(link, server, this.timeline.causes));
    const due = now - this.#asked >= AGAIN_S;
    if (this.state === "ready" && due && !this.#busy) void this.#load(now - OVERLAP_S, now);
    if (this.state === "failed" && due) this.again(now);
  }

  /** @param {number} since @param {number} now */
  async #load(since, now) {
    const { site } = this;
    this.#asked = now;
    this.#busy = true;
    const answer = /** @type {Answer | null} */ (
      await asked(`${this.#address}&site=${encodeURIComponent(site)}&since=${Math.floor(since)}&step=1`)
    );
    if (this.site !== site) return;
    this.#busy = false;
    if (answer) this.timeline.load(answer);
    if (answer) this.state = "ready";
    else if (this.state === "loading") this.state = "failed";
    this.#changed();
  }
}

/** The JSON at an address of ours, null if there is none. @param {string} address @returns {Promise<any>} */
export async function asked(address) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address, { headers: { accept: "application/json" }, signal });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
