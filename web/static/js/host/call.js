// Calling a host to get ready by sound: once, and once more if nobody reacts. What was ready
// and is no longer so is a new call.

const AGAIN_MS = 20_000; // long enough to walk back to the computer, and a sixth of the time there is

export class Call {
  #ring;
  #known = "";
  #ready = false;
  #answered = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} ring */
  constructor(ring) {
    this.#ring = ring;
  }

  /**
   * What is true now; say it as often as you like.
   *
   * @param {string} call names this time on deck; empty when off it
   * @param {boolean} ready
   * @param {boolean} answered somebody at the site has reacted
   */
  follow(call, ready, answered) {
    const fell = this.#ready && !ready && call === this.#known;
    const news = call !== "" && (call !== this.#known || fell);
    this.#known = call;
    this.#ready = ready;
    this.#answered = ready || (answered && !fell);
    if (news || !call) clearTimeout(this.#timer);
    if (!news || this.#answered) return;
    this.#ring();
    this.#timer = setTimeout(() => this.#answered || this.#ring(), AGAIN_MS);
  }
}
