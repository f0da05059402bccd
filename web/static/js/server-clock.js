// The server's clock as seen from here. A message arrives late, never early, so the
// largest offset heard lately is the nearest to the truth.

// About a quarter of a minute of link reports: long enough to hear one quick message,
// short enough to follow a clock that is being set.
const KEPT = 16;

export class ServerClock {
  /** @type {number[]} */
  #offsets = [];
  #stale = false;

  /** The machine may have slept: trust the next message alone (until then, what was known). */
  reset() {
    this.#stale = true;
  }

  /** @param {number} now the server's time when it sent a message, Unix seconds */
  heard(now) {
    if (this.#stale) this.#offsets = [];
    this.#stale = false;
    this.#offsets.push(now - performance.now() / 1000);
    if (this.#offsets.length > KEPT) this.#offsets.shift();
  }

  /** Unix seconds; the page's own clock until the server was heard. */
  now() {
    if (!this.#offsets.length) return Date.now() / 1000;
    return performance.now() / 1000 + Math.max(...this.#offsets);
  }
}
