// Two minutes of every link's score, up to the moment that is shown, drawn on the canvases of the
// tiles. A canvas is drawn when a second was added, when another moment is shown, or when its size
// has changed; one that is out of sight is not.

/** @import { Desk } from "./desk.js" */
/** @import { Link } from "../links.js" */
import { linkState } from "../links.js";
import { LENGTH } from "./history.js";

/** Bounds of the score (ITU-T G.107 as MOS). */
const WORST = 1;
const BEST = 4.5;
const LINE_PX = 1.5;
const AREA_ALPHA = 0.16;

/**
 * The curve as stretches of neighbouring points without a gap, the newest at the right edge.
 * @param {readonly (number | null)[]} scores the newest last; nothing, or 0, is a gap
 * @param {number} step seconds in one of them
 * @param {number} width @param {number} height in the same unit as the result
 * @returns {number[][]} x, y, x, y, … of each stretch
 */
export function stretches(scores, step, width, height) {
  /** @type {number[][]} */
  const found = [];
  let open = false;
  scores.forEach((score, at) => {
    if (!score) {
      open = false;
      return;
    }
    if (!open) found.push([]);
    open = true;
    const share = (Math.min(BEST, Math.max(WORST, score)) - WORST) / (BEST - WORST);
    const x = width - ((scores.length - 1 - at) * step * width) / (LENGTH - 1);
    found[found.length - 1].push(x, (1 - share) * height);
  });
  return found;
}

/**
 * What is drawn of a site: of now what the page has kept, of an earlier moment what the server told.
 * @param {Desk} desk @param {string} site
 * @returns {{scores: (number | null)[], step: number}}
 */
export function curve({ moment, history }, site) {
  if (moment) return { scores: moment.curves[site] ?? [], step: moment.step };
  const score = (/** @type {Link} */ link) => (linkState(link) === "up" ? link.score : null);
  return { scores: history.of(site).map(score), step: 1 };
}

export class Sparks {
  #desk;
  #visible;
  /** @type {WeakSet<Element>} */
  #known = new WeakSet();
  #observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const canvas = /** @type {HTMLCanvasElement} */ (target);
      canvas.width = Math.round(contentRect.width * devicePixelRatio);
      canvas.height = Math.round(contentRect.height * devicePixelRatio);
      this.#draw(canvas);
    }
  });

  /**
   * @param {Desk} desk
   * @param {(site: string) => boolean} visible
   */
  constructor(desk, visible) {
    this.#desk = desk;
    this.#visible = visible;
  }

  /** Draw what *root* shows; call it after a second was added. @param {ParentNode} root */
  draw(root) {
    for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (
      root.querySelectorAll("canvas[data-spark]")
    )) {
      if (!this.#known.has(canvas)) {
        this.#known.add(canvas);
        this.#observer.observe(canvas);
      } else if (this.#visible(canvas.dataset.spark ?? "")) this.#draw(canvas);
    }
  }

  /** @param {HTMLCanvasElement} canvas */
  #draw(canvas) {
    const context = canvas.getContext("2d");
    const { width, height } = canvas;
    if (!context || !width || !height) return;
    context.clearRect(0, 0, width, height);
    const line = LINE_PX * devicePixelRatio;
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineWidth = line;
    const { scores, step } = curve(this.#desk, canvas.dataset.spark ?? "");
    for (const points of stretches(scores, step, width, height - line)) {
      const path = new Path2D();
      for (let at = 0; at < points.length; at += 2) path.lineTo(points[at], points[at + 1] + line / 2);
      context.stroke(path);
      path.lineTo(points[points.length - 2], height);
      path.lineTo(points[0], height);
      context.globalAlpha = AREA_ALPHA;
      context.fill(path);
      context.globalAlpha = 1;
    }
  }
}
