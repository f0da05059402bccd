// Keys of the page, carried out. What a key means is in keys.js.

/** @import { Control } from "./control.js" */
import { action } from "./keys.js";
import { nextItem } from "./rundown.js";
import { extend, pauseOrResume } from "./speaking.js";

/** @typedef {import("./keys.js").Action} Action */

/** Elements in which letters are text. */
const FIELDS = "input, textarea, select, [contenteditable]";

/** @param {Control} control @param {"deny" | "cancel"} kind */
function askReason(control, kind) {
  const request = control.selected;
  const list = kind === "deny" ? control.view?.pending : control.queue;
  if (list?.includes(request)) control.set({ dialog: { kind, request } });
}

/** @type {Record<Action, (control: Control) => void>} */
const DEEDS = {
  take: (control) => control.take(),
  previous: (control) => control.select(-1),
  next: (control) => control.select(1),
  first: (control) => control.select(-Infinity),
  last: (control) => control.select(Infinity),
  up: (control) => void control.tryMove(control.stepOf(-1)),
  down: (control) => void control.tryMove(control.stepOf(1)),
  grant: (control) => {
    const request = control.selected;
    if (control.queue.includes(request)) void control.run({ type: "grant_floor", request });
  },
  add: (control) => control.set({ dialog: { kind: "add" } }),
  edit: (control) => {
    const request = control.selected;
    if (request) control.set({ dialog: { kind: "edit", request } });
  },
  deny: (control) => askReason(control, "deny"),
  cancel: (control) => askReason(control, "cancel"),
  extend: (control) => {
    if (control.speaking) extend(control, control.speaking);
  },
  pause: (control) => pauseOrResume(control, control.speaking),
  revoke: (control) => {
    const request = control.speaking;
    if (request) control.set({ question: { kind: "revoke", request } });
  },
  item: nextItem,
  search: () => document.getElementById("find-source")?.focus(),
  help: (control) => control.set({ dialog: { kind: "help" } }),
};

/** Actions after which the selected row has the focus. @type {ReadonlySet<Action>} */
const SELECTING = new Set(["previous", "next", "first", "last"]);

/**
 * @param {Control} control
 * @param {() => void} focusRow put the focus on the selected row
 */
export function listen(control, focusRow) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (control.dialog || event.defaultPrevented) return;
    if (event.code === "Escape" && control.question) control.set({ question: null });
    const inQueue = !!target.closest(".right") && !target.matches(FIELDS);
    const wanted = action(event, inQueue);
    if (!wanted) return;
    event.preventDefault();
    if (event.repeat && !SELECTING.has(wanted)) return;
    DEEDS[wanted](control);
    if (SELECTING.has(wanted)) focusRow();
  });
}
