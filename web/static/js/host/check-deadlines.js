// When each part of a check of the line must be over, so that a network which swallows everything
// costs nobody more than twenty seconds. Knows neither media nor words.

/** Milliseconds from the beginning of a check to the end of each part. */
export const BY_MS = {
  /** Our turn, where many measure: what is left still connects and measures. */
  turn: 8000,
  /** Media stand, by a relay over TLS if need be, and 5 s are left to measure. */
  connected: 12_000,
  /** Measured; the server is asked for its half, over a line that may just have been full. */
  measured: 17_000,
  told: 20_000,
};

/** @typedef {keyof typeof BY_MS} Part */

/** A part of the check was not over in time, or the check was given up. */
export class Late extends Error {}

export class Deadlines {
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];
  /** @type {Map<Part, AbortController>} */
  #parts = new Map();

  /** Begins to count. */
  constructor() {
    for (const [part, ms] of /** @type {[Part, number][]} */ (Object.entries(BY_MS))) {
      const controller = new AbortController();
      this.#parts.set(part, controller);
      this.#timers.push(setTimeout(() => controller.abort(), ms));
    }
  }

  /** Aborted when that part must be over. @param {Part} part @returns {AbortSignal} */
  signal(part) {
    return /** @type {AbortController} */ (this.#parts.get(part)).signal;
  }

  /**
   * What *promise* gives, in time for *part*.
   * @template T @param {Part} part @param {Promise<T>} promise
   * @returns {Promise<T>} rejected with `Late` if it takes longer
   */
  within(part, promise) {
    const signal = this.signal(part);
    return new Promise((resolve, reject) => {
      const late = () => reject(new Late(part));
      if (signal.aborted) late();
      signal.addEventListener("abort", late);
      const known = () => signal.removeEventListener("abort", late);
      promise.finally(known).then(resolve, reject);
    });
  }

  /**
   * Lets *ms* pass, or less: *part* ends it.
   * @param {Part} part @param {number} ms
   * @returns {Promise<boolean>} whether they have passed
   */
  pause(part, ms) {
    const passed = new Promise((resolve) => this.#timers.push(setTimeout(resolve, ms)));
    return this.within(part, passed).then(
      () => true,
      () => false,
    );
  }

  /** The check is over: nothing of it is waited for any more. */
  end() {
    this.#timers.forEach(clearTimeout);
    for (const controller of this.#parts.values()) controller.abort();
  }
}
