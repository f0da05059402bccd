// Two minutes of every link, kept by the page. Pure.

/** @import {Link} from "../links.js" */

/** Samples kept: one a second for two minutes. */
export const LENGTH = 120;

/** Points of a drawn line; two minutes on a tile need no more. */
const POINTS = 60;

/**
 * @typedef {(link: Link) => number | null} Figure one figure of a sample, null if there is none
 */

/**
 * @typedef {{line: string, area: string}} Line `points` of an SVG polyline and of the
 *   polygon between it and the bottom
 */

/** Newest samples of each site, the newest last. */
export class History {
  /** @type {Map<string, Link[]>} */
  #samples = new Map();

  /**
   * Adds one second.
   * @param {Record<string, Link>} links
   */
  add(links) {
    for (const [code, link] of Object.entries(links)) {
      const samples = this.#samples.get(code) ?? [];
      samples.push(link);
      if (samples.length > LENGTH) samples.shift();
      this.#samples.set(code, samples);
    }
  }

  get empty() {
    return this.#samples.size === 0;
  }

  /**
   * @param {string} code
   * @returns {readonly Link[]}
   */
  of(code) {
    return this.#samples.get(code) ?? [];
  }
}

/**
 * The lines of a figure over two minutes in a box of 100 × 20, the newest at the right edge,
 * one line for each stretch without a gap. Each point is the worst of its two seconds.
 * @param {readonly Link[]} samples
 * @param {Figure} figure
 * @param {number} low value at the bottom
 * @param {number} high value at the top
 * @param {(a: number, b: number) => number} worst `Math.min` or `Math.max`
 * @returns {Line[]}
 */
export function lines(samples, figure, low, high, worst) {
  const step = LENGTH / POINTS;
  /** @type {string[][]} */
  const found = [[]];
  for (let end = samples.length; end > 0; end -= step) {
    const values = samples
      .slice(Math.max(0, end - step), end)
      .map(figure)
      .filter((value) => value !== null);
    if (values.length === 0) {
      if (found[found.length - 1].length > 0) found.push([]);
      continue;
    }
    const share = (values.reduce((a, b) => worst(a, b)) - low) / (high - low);
    const x = 100 - ((samples.length - end) / (LENGTH - step)) * 100;
    const y = 20 - Math.min(1, Math.max(0, share)) * 20;
    found[found.length - 1].push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  return found.filter((points) => points.length > 1).map(drawn);
}

/**
 * @param {string[]} points from right to left
 * @returns {Line}
 */
function drawn(points) {
  const line = points.join(" ");
  const right = points[0].split(",")[0];
  const left = points[points.length - 1].split(",")[0];
  return { line, area: `${right},20 ${line} ${left},20` };
}
