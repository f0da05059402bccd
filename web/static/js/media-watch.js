// What a connection's statistics tell that no event does: packets that stopped, video without
// pictures. Pure: time is an argument.

import { isBlind, packetsOf } from "./media-path.js";

const SILENT_MS = 4000; // pictures, sound or a slate come all the time; Firefox misses them late
const PICTURE_MS = 8000; // the server asks for key frames every 0.2 s

/** One connection's; give it every reading. */
export class MediaWatch {
  #received = 0; // packets so far
  #heardAt = 0; // when there were more than before, ms; 0: nothing flows
  #blindSince = 0; // ms, 0: pictures are seen

  /**
   * "silent": packets came, and no more; said once each time. "blind": video comes, and no picture.
   *
   * @param {any[]} entries of an RTCStatsReport
   * @param {number} now ms, above 0
   * @returns {"" | "silent" | "blind"}
   */
  look(entries, now) {
    const before = this.#received;
    this.#received = packetsOf(entries);
    if (this.#received !== before) this.#heardAt = this.#received && now;
    if (!isBlind(entries)) this.#blindSince = 0;
    else this.#blindSince ||= now;
    if (this.#blindSince && now - this.#blindSince >= PICTURE_MS) return "blind";
    if (!this.#heardAt || now - this.#heardAt < SILENT_MS) return "";
    this.#heardAt = 0;
    return "silent";
  }
}
