// What technicians ask of a site's second device, as far as it is this page's to do: its own line.
// All else is for the main page, which may be open on another computer; it answers.

/** @import { Action } from "../protocol" */

// Kept over the reload that was asked for: which action it was.
const RELOADING = "dc-reloading";
// An ICE restart takes a second or two; with several tries lost, ten. As in host/asked.js.
const RESTART_MS = 12_000;
const LOOK_MS = 100;

export class Asked {
  #options;

  /**
   * @param {object} options
   * @param {(answer: {type: "action_done", action_id: string, ok: boolean, detail?: string}) => void} options.tell
   * @param {() => (() => unknown) | null} options.restart returns what connects our media anew, null without media
   * @param {() => boolean} options.connected our media are connected
   */
  constructor(options) {
    this.#options = options;
  }

  /** Take what the server passes on. @param {Action} action */
  take({ action, id }) {
    if (action === "line") this.#done(id, true); // the server has chosen; the page shows it
    else if (action === "reconnect") void this.#reconnect(id);
    else if (action === "reload") this.#reload(id);
  }

  /** Say that a reload is over; call once everything is back. */
  back() {
    const id = sessionStorage.getItem(RELOADING);
    if (!id) return;
    sessionStorage.removeItem(RELOADING);
    this.#done(id, true);
  }

  /** @param {string} id */
  async #reconnect(id) {
    const restart = this.#options.restart();
    if (!restart) return; // we do not stand by: only the main page has a line
    await restart();
    const end = performance.now() + RESTART_MS;
    while (!this.#options.connected() && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const ok = this.#options.connected();
    this.#done(id, ok, ok ? "" : "unreachable");
  }

  /** @param {string} id */
  #reload(id) {
    if (!this.#options.restart()) return;
    sessionStorage.setItem(RELOADING, id);
    location.reload();
  }

  /** @param {string} id @param {boolean} ok @param {string} [detail] a stable word */
  #done(id, ok, detail = "") {
    this.#options.tell({ type: "action_done", action_id: id, ok, ...(detail ? { detail } : {}) });
  }
}
