// The last two minutes of every link's score, drawn on the canvases of the tiles. A canvas is
// drawn when a second was added, or when its size has changed; one that is out of sight is not.

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
 * @param {readonly Link[]} samples the newest last
 * @param {number} width @param {number} height in the same unit as the result
 * @returns {number[][]} x, y, x, y, … of each stretch
 */
export function stretches(samples, width, height) {
  /** @type {number[][]} */
  const found = [];
  let open = false;
  samples.forEach((link, at) => {
    if (linkState(link) !== "up") {
      open = false;
      return;
    }
    if (!open) found.push([]);
    open = true;
    const share = (Math.min(BEST, Math.max(WORST, link.score)) - WORST) / (BEST - WORST);
    const x = width - ((samples.length - 1 - at) * width) / (LENGTH - 1);
    found[found.length - 1].push(x, (1 - share) * height);
  });
  return found;
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
    if (this.#desk.moment) return; // the two minutes before now say nothing of another moment
    const line = LINE_PX * devicePixelRatio;
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineWidth = line;
    const samples = this.#desk.history.of(canvas.dataset.spark ?? "");
    for (const points of stretches(samples, width, height - line)) {
      const curve = new Path2D();
      for (let at = 0; at < points.length; at += 2) curve.lineTo(points[at], points[at + 1] + line / 2);
      context.stroke(curve);
      curve.lineTo(points[points.length - 2], height);
      curve.lineTo(points[0], height);
      context.globalAlpha = AREA_ALPHA;
      context.fill(curve);
      context.globalAlpha = 1;
    }
  }
}
