// Sites at their coordinates: projection, and names that do not cover each other. Pure.

/**
 * @typedef {{lat: number, lon: number}} Point degrees
 * @typedef {{x: number, y: number}} Spot pixels, down is positive
 * @typedef {{width: number, height: number}} Size pixels
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 * @typedef {object} Wish a name to be placed
 * @property {string} code
 * @property {Spot} at of its site
 * @property {number} width of the name, pixels
 * @property {boolean} must it is shown even if it covers another
 *
 * @typedef {{box: Box, anchor: "start" | "end" | "middle"}} Label
 */

/**
 * The equirectangular projection that fills the box with *points*: a degree of longitude is as
 * wide as at their middle latitude.
 * @param {Iterable<Point>} points those that must be inside
 * @param {Size} size
 * @param {number} margin pixels left free on every side
 * @returns {(point: Point) => Spot}
 */
export function projection(points, { width, height }, margin) {
  const all = [...points];
  const lats = all.map((point) => point.lat);
  const lons = all.map((point) => point.lon);
  const south = Math.min(...lats);
  const north = Math.max(...lats);
  const west = Math.min(...lons);
  const east = Math.max(...lons);
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  // One site alone has no extent: as much land as a province stands around it.
  const wide = Math.max(east - west, 0.5) * squeeze;
  const tall = Math.max(north - south, 0.5);
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / tall);
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 };
  return ({ lat, lon }) => ({
    x: width / 2 + (lon - middle.lon) * squeeze * scale,
    y: height / 2 - (lat - middle.lat) * scale,
  });
}

/** Height of a name, and its distance from the site. */
export const LABEL_HEIGHT = 18;
const GAP = 10;

/** A name over another name can be read as neither; over a site's mark it can still be read. */
const NAME_COSTS = 8;

/** Area two boxes share, in square pixels. @param {Box} a @param {Box} b */
const shared = (a, b) =>
  Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top));

/** Places of a name around its site, the best first. @param {Wish} wish @returns {Label[]} */
function around({ at, width }) {
  const top = at.y - LABEL_HEIGHT / 2;
  const box = (/** @type {number} */ left, /** @type {number} */ y) => ({
    left,
    top: y,
    width,
    height: LABEL_HEIGHT,
  });
  return [
    { box: box(at.x + GAP, top), anchor: "start" },
    { box: box(at.x - GAP - width, top), anchor: "end" },
    { box: box(at.x + GAP, top - LABEL_HEIGHT / 2), anchor: "start" },
    { box: box(at.x + GAP, top + LABEL_HEIGHT / 2), anchor: "start" },
    { box: box(at.x - GAP - width, top - LABEL_HEIGHT / 2), anchor: "end" },
    { box: box(at.x - GAP - width, top + LABEL_HEIGHT / 2), anchor: "end" },
    { box: box(at.x - width / 2, at.y - GAP - LABEL_HEIGHT), anchor: "middle" },
    { box: box(at.x - width / 2, at.y + GAP), anchor: "middle" },
  ];
}

/**
 * Where each name stands; those for which there is no room are left out, the first wishes are
 * served first.
 * @param {readonly Wish[]} wishes the most important first
 * @param {readonly Spot[]} spots of all sites: no name covers one
 * @param {number} radius of a site's mark, pixels
 * @param {Size} size names stay inside
 * @returns {Map<string, Label>}
 */
export function labels(wishes, spots, radius, size) {
  const marks = spots.map(({ x, y }) => ({
    left: x - radius,
    top: y - radius,
    width: 2 * radius,
    height: 2 * radius,
  }));
  /** @type {Map<string, Label>} */
  const found = new Map();
  /** @type {Box[]} */
  const taken = [];
  const area = (/** @type {Box} */ box, /** @type {readonly Box[]} */ others) =>
    others.reduce((sum, other) => sum + shared(box, other), 0);
  for (const wish of wishes) {
    const all = around(wish);
    const places = all.filter(({ box }) => inside(box, size));
    const costs = (places.length ? places : all).map((label) => ({
      label,
      cost: NAME_COSTS * area(label.box, taken) + area(label.box, marks),
    }));
    const best = costs.reduce((a, b) => (b.cost < a.cost ? b : a));
    if (best.cost > 0 && !wish.must) continue;
    if (!places.length && !wish.must) continue;
    found.set(wish.code, best.label);
    taken.push(best.label.box);
  }
  return found;
}

/** @param {Box} box @param {Size} size */
const inside = ({ left, top, width, height }, size) =>
  left >= 0 && top >= 0 && left + width <= size.width && top + height <= size.height;

/**
 * Line of a link on the map by the bars of its score: worse is thicker and more broken, so that
 * it can be told without its colour.
 * @param {number} bars 0-5
 */
export function stroke(bars) {
  if (bars === 0) return { width: 1.5, dash: "1 5" };
  if (bars >= 4) return { width: bars === 5 ? 1 : 1.5, dash: "" };
  return { width: [4, 3, 2.25][bars - 1], dash: ["4 4", "8 4", "14 4"][bars - 1] };
}
