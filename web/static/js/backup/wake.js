// Keeps the screen on: a phone that goes to sleep sends nothing.

export class WakeLock {
  /** Whether the screen stays on by itself; otherwise a person has to see to it. */
  held = false;
  #wanted = false;
  #onChange;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** @param {() => void} onChange `held` is new */
  constructor(onChange) {
    this.#onChange = onChange;
    // The browser takes the lock away from a page that is not seen.
    document.addEventListener("visibilitychange", () => void this.#hold());
  }

  /** @param {boolean} wanted */
  async want(wanted) {
    this.#wanted = wanted;
    if (wanted) await this.#hold();
    else await this.#lock?.release();
  }

  async #hold() {
    if (!this.#wanted || this.held || document.visibilityState !== "visible") return;
    const lock = await navigator.wakeLock?.request("screen").catch(() => null);
    if (!lock) return;
    this.#lock = lock;
    lock.addEventListener("release", () => this.#set(false));
    this.#set(true);
  }

  /** @param {boolean} held */
  #set(held) {
    this.held = held;
    this.#onChange();
  }
}
