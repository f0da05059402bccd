// Dragging rows of the queue. SortableJS moves the element; we put it back where lit-html
// knows it and let the queue be drawn in its new order, so one hand writes the list.

/** @import { Control } from "./control.js" */
import Sortable from "sortablejs";
import { dropMove } from "./moves.js";

/** Touch: a short hold starts the drag, so that a swipe still scrolls. */
const HOLD_MS = 200;

/**
 * @param {HTMLElement} list holds the accepted rows
 * @param {Control} control
 * @returns {Sortable} to switch it off while the page is locked
 */
export function enableDrag(list, control) {
  /** @type {Node | null} */
  let after = null;
  /** @type {readonly string[]} */
  let order = [];
  return Sortable.create(list, {
    draggable: ".qrow",
    filter: "button",
    preventOnFilter: false,
    forceFallback: true, // the same on touch, and no ghost image of the browser's making
    fallbackTolerance: 4,
    delay: HOLD_MS,
    delayOnTouchOnly: true,
    animation: 120,
    ghostClass: "ghost",
    onStart({ item }) {
      after = item.nextSibling;
      order = control.queue;
      control.set({ dragging: true });
    },
    onEnd({ item, newDraggableIndex }) {
      list.insertBefore(item, after);
      control.set({ dragging: false });
      const request = item.dataset.request ?? "";
      const index = newDraggableIndex ?? -1;
      void control.tryMove(dropMove(order, request, index, control.classOf));
    },
  });
}
