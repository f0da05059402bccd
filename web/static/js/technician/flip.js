// Tiles that change places glide there, so that the eye can follow the one it was on (first,
// last, invert, play). Nothing moves for people who asked for reduced motion.

const MOVE_MS = 200;
const EASE = "cubic-bezier(.2,0,0,1)";
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {readonly string[]} before @param {readonly string[]} after the same ones in another order */
export function reordered(before, after) {
  if (before.length !== after.length || before.every((code, at) => code === after[at])) return false;
  const known = new Set(before);
  return after.every((code) => known.has(code));
}

export class Flip {
  /** @type {readonly string[]} */
  #codes = [];
  /** @type {Map<string, DOMRect>} */
  #places = new Map();

  /**
   * Before the tiles are drawn in the order of *codes*.
   * @param {ParentNode} root
   * @param {readonly string[]} codes
   */
  first(root, codes) {
    this.#places.clear();
    if (!still.matches && reordered(this.#codes, codes)) {
      for (const tile of tiles(root)) this.#places.set(tile.dataset.site ?? "", tile.getBoundingClientRect());
    }
    this.#codes = codes;
  }

  /** After they were drawn. @param {ParentNode} root */
  play(root) {
    if (!this.#places.size) return;
    for (const tile of tiles(root)) {
      const from = this.#places.get(tile.dataset.site ?? "");
      const to = tile.getBoundingClientRect();
      if (!from || (from.left === to.left && from.top === to.top)) continue;
      const start = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      tile.animate([{ transform: start }, { transform: "none" }], { duration: MOVE_MS, easing: EASE });
    }
  }
}

/** @param {ParentNode} root */
const tiles = (root) => /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".tile"));
