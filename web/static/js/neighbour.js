// Arrow keys among things that share one place in the tab order: where a key leads follows from
// where the things stand, since the number of columns follows the width of the window.

/**
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/**
 * @param {readonly Box[]} boxes in reading order
 * @param {number} from index of the tile that has the focus
 * @param {string} key `ArrowLeft`, `ArrowRight`, `ArrowUp`, `ArrowDown`, `Home` or `End`
 * @returns {number} index of the next tile; *from* if there is none that way
 */
export function neighbour(boxes, from, key) {
  if (key === "Home") return 0;
  if (key === "End") return boxes.length - 1;
  if (key === "ArrowLeft") return Math.max(0, from - 1);
  if (key === "ArrowRight") return Math.min(boxes.length - 1, from + 1);
  const here = boxes[from];
  const down = key === "ArrowDown";
  const tops = boxes
    .map((box) => box.top)
    .filter((top) => (down ? top > here.top + 1 : top < here.top - 1));
  if (tops.length === 0) return from;
  const row = down ? Math.min(...tops) : Math.max(...tops);
  const centre = here.left + here.width / 2;
  const distance = (/** @type {Box} */ box) => Math.abs(box.left + box.width / 2 - centre);
  let best = -1;
  boxes.forEach((box, index) => {
    if (Math.abs(box.top - row) > 1) return;
    if (best < 0 || distance(box) < distance(boxes[best])) best = index;
  });
  return best;
}

const WALKING = /^(Arrow(Left|Right|Up|Down)|Home|End)$/;

/**
 * Moves the focus among the elements that match *selector* within the listener's element.
 * @param {KeyboardEvent} event
 * @param {string} selector
 * @returns {HTMLElement | null} the element that has the focus now, null if the key means nothing here
 */
export function walk(event, selector) {
  if (event.ctrlKey || event.metaKey || event.altKey || !WALKING.test(event.key)) return null;
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const all = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(selector))];
  const from = all.findIndex((element) => element === event.target);
  if (from < 0) return null;
  const boxes = all.map((element) => element.getBoundingClientRect());
  const next = all[neighbour(boxes, from, event.key)];
  event.preventDefault();
  next.focus();
  return next;
}
