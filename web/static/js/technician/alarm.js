// The sound of a new critical alert, and whether this person wants to hear it.

/** @import { Link } from "../links.js" */
import { playAlert } from "../tone.js";
import { heard } from "./alert-rows.js";

const KEY = "dc-alarm";

export class Alarm {
  /** @type {Set<string> | null} */
  #known = null;
  #muted = localStorage.getItem(KEY) === "muted";
  /** The browser wants a click before it plays a sound. */
  blocked = false;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  get muted() {
    return this.#muted;
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    localStorage.setItem(KEY, muted ? "muted" : "on");
    this.#changed();
    if (!muted) this.#ring();
  }

  /** A second has passed. What was there when the page was opened is no news. @param {Iterable<Link>} links */
  listen(links) {
    const { known, ring } = heard(this.#known ?? new Set(), links);
    const first = this.#known === null;
    this.#known = known;
    if (ring && !first && !this.#muted) this.#ring();
  }

  #ring() {
    // Before the first click a browser plays nothing, and complains when it is asked to.
    const allowed = navigator.userActivation?.hasBeenActive ?? true;
    const played = allowed ? playAlert() : Promise.reject(new Error("no click yet"));
    played.then(
      () => this.#block(false),
      () => this.#block(true),
    );
  }

  /** @param {boolean} blocked */
  #block(blocked) {
    if (this.blocked === blocked) return;
    this.blocked = blocked;
    this.#changed();
  }
}
