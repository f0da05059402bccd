// Which tiles are in sight: only those get moving pictures, and only their curves are drawn.

export class Visible {
  /** @type {Map<Element, string>} */
  #tiles = new Map();
  /** @type {Set<string>} */
  #sites = new Set();
  #observer;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const site = this.#tiles.get(target);
        if (site === undefined) continue;
        if (isIntersecting) this.#sites.add(site);
        else this.#sites.delete(site);
      }
      changed();
    });
  }

  /** Watch the tiles *root* has now. @param {ParentNode} root */
  follow(root) {
    const tiles = new Map(
      [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".tile"))].map((tile) => [
        /** @type {Element} */ (tile),
        tile.dataset.site ?? "",
      ]),
    );
    for (const [tile, site] of this.#tiles) {
      if (tiles.get(tile) === site) continue;
      this.#observer.unobserve(tile);
      this.#sites.delete(site);
    }
    for (const tile of tiles.keys()) if (!this.#tiles.has(tile)) this.#observer.observe(tile);
    this.#tiles = tiles;
  }

  /** @param {string} site */
  has(site) {
    return this.#sites.has(site);
  }
}
