// The last picture seen of each site, for tiles that have no moving one at the moment. Each
// says how old it is; one that is too old is thrown away, for it would pass for the room as it is.

/** Seconds after which a still picture is no news any more. */
export const STALE_S = 60;
/** Pixels: what a tile of a wall screen has room for. */
const WIDTH = 320;

/** @typedef {{element: HTMLCanvasElement, at: number}} Still `at` in seconds, monotonic */

export class Stills {
  /** @type {Map<string, Still>} */
  #stills = new Map();

  /**
   * Keep what a video shows now as the picture of *site*.
   * @param {string} site
   * @param {HTMLVideoElement} video
   * @param {number} now seconds, monotonic
   */
  keep(site, video, now) {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width || !height) return;
    const element = this.#stills.get(site)?.element ?? document.createElement("canvas");
    const scale = Math.min(1, WIDTH / width);
    element.width = Math.round(width * scale);
    element.height = Math.round(height * scale);
    element.getContext("2d")?.drawImage(video, 0, 0, element.width, element.height);
    this.#stills.set(site, { element, at: now });
  }

  /** @param {string} site @param {number} now seconds, monotonic @returns {Still | null} */
  of(site, now) {
    const still = this.#stills.get(site);
    return still && now - still.at <= STALE_S ? still : null;
  }

  /** Throw away what is too old, and all of sites that are gone. @param {(site: string) => boolean} there @param {number} now */
  sweep(there, now) {
    for (const site of this.#stills.keys()) if (!there(site) || !this.of(site, now)) this.#stills.delete(site);
  }

  clear() {
    this.#stills.clear();
  }
}
