// The relay a page may need, and credentials for it that soon expire: asked for once, renewed at
// half their time, kept when they cannot be renewed. A server without a relay answers with none.

/** @typedef {{servers: RTCIceServer[], renew_after: number}} Answer */

const ASKING_MS = 3000; // the direct way needs no answer: nobody waits longer for it

export class IceServers {
  /** What was told last; good for `new RTCPeerConnection`. @type {RTCIceServer[]} */
  known = [];
  #address;
  #renewAt = -Infinity; // ms of performance.now()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} session @param {string} key of the join link */
  constructor(session, key) {
    this.#address = `/ice/${encodeURIComponent(session)}?k=${encodeURIComponent(key)}`;
  }

  /** The servers to use from now on; never fails, and answers within a few seconds. */
  async get() {
    if (performance.now() < this.#renewAt) return this.known;
    try {
      const signal = AbortSignal.timeout(ASKING_MS);
      const response = await fetch(this.#address, { signal });
      if (response.ok) this.#take(await response.json());
    } catch {
      // Those before may still be good, and the direct way needs none.
    }
    return this.known;
  }

  /** The relay refused these: ask for others next time. */
  forget() {
    this.#renewAt = -Infinity;
  }

  close() {
    clearTimeout(this.#timer);
    this.forget();
  }

  /** @param {Answer} answer */
  #take({ servers, renew_after }) {
    this.known = servers;
    const ms = renew_after > 0 ? renew_after * 1000 : Infinity;
    this.#renewAt = performance.now() + ms;
    clearTimeout(this.#timer);
    // Before a change of the network asks for them, when asking may take long.
    if (renew_after > 0) this.#timer = setTimeout(() => void this.get(), ms);
  }
}
