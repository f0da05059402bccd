// Keys of the page, carried out. What a key means is in keys.js.

/** @import { AboutRequest, Control, List } from "./control.js" */
/** @import { Action, Place } from "./keys.js" */
import * as deeds from "./deeds.js";
import { action } from "./keys.js";
import { isOnDeck } from "./next.js";
import { warnedOf } from "./weak.js";

/** Elements in which letters are text. */
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/**
 * Whether the selected request stands in one of *lists*.
 * @param {Control} control
 * @param {List[]} lists
 */
const isIn = (control, ...lists) =>
  lists.some((list) => control.view?.[list].includes(control.selected));

/**
 * A deed with the selected request, if it stands in one of *lists*.
 * @param {(control: Control, request: string) => void} deed
 * @param {List[]} lists
 */
const withSelected =
  (deed, ...lists) =>
  (/** @type {Control} */ control) => {
    if (isIn(control, ...lists)) deed(control, control.selected);
  };

/** @param {AboutRequest["kind"]} kind @returns {(control: Control, request: string) => void} */
const asking = (kind) => (control, request) => control.set({ dialog: { kind, request } });

/** @param {"add" | "help" | "proposal" | "ledger" | "rules" | "journal"} kind */
const opening = (kind) => (/** @type {Control} */ control) => control.set({ dialog: { kind } });

/**
 * A deed with the one who speaks: where the focus is, else the first.
 * @param {(control: Control, request: string) => void} deed
 */
const withSpeaker =
  (deed) =>
  (/** @type {Control} */ control, /** @type {Element} */ target) => {
    const row = /** @type {HTMLElement | null} */ (target.closest(".live"));
    const request = row?.dataset.request || control.speaking;
    if (request) deed(control, request);
  };

/** The selected request, or with none selected the first on deck. @param {Control} control */
function grant(control) {
  const request = control.selected
    ? control.selected
    : control.queue.find((id) => isOnDeck(control.request(id)));
  if (request && control.queue.includes(request)) void control.grant(request);
}

/** Behind the one a warning or a question is about, or the selected one. @param {Control} control */
function following(control) {
  const { question, selected, queue } = control;
  const warned = warnedOf(control);
  const asked = question?.kind === "override" ? question.request : "";
  const request = warned || asked || selected;
  if (warned || queue.includes(request)) deeds.callFollowing(control, request);
}

/** @type {Record<Action, (control: Control, target: Element) => void>} */
const DEEDS = {
  take: (control) => control.take(),
  slate: (control) => control.toggleSlate(),
  single: (control) => control.arrange("single"),
  inset: (control) => control.arrange("inset"),
  side_by_side: (control) => control.arrange("side_by_side"),
  slot: (control) => control.swapSlot(),
  undo: (control) => void control.undo(),
  previous: (control) => control.select(-1),
  next: (control) => control.select(1),
  first: (control) => control.select(-Infinity),
  last: (control) => control.select(Infinity),
  up: (control) => void control.tryMove(control.stepOf(-1)),
  down: (control) => void control.tryMove(control.stepOf(1)),
  call: withSelected(deeds.call, "queue"),
  back: withSelected(deeds.offDeck, "queue"),
  following,
  grant,
  accept: withSelected(deeds.accept, "pending"),
  deny: withSelected(asking("deny"), "pending"),
  file: withSelected(deeds.file, "queue", "pending"),
  unfile: withSelected(deeds.unfile, "filed"),
  add: opening("add"),
  edit: withSelected(asking("edit"), "queue", "pending", "filed"),
  cancel: withSelected(asking("cancel"), "queue", "filed"),
  readd: withSelected(deeds.readd, "ended"),
  correct: withSelected((control, request) => {
    const { status } = control.request(request) ?? {};
    if (status === "released" || status === "revoked") asking("correct")(control, request);
  }, "ended"),
  extend: withSpeaker(deeds.extend),
  pause: withSpeaker(deeds.pauseOrResume),
  release: withSpeaker(deeds.release),
  revoke: withSpeaker(deeds.revoke),
  item: deeds.nextItem,
  search: () => document.getElementById("find-source")?.focus(),
  lock: (control) => control.set({ locked: !control.locked, question: null, message: null }),
  proposal: opening("proposal"),
  ledger: opening("ledger"),
  rules: opening("rules"),
  journal: opening("journal"),
  help: opening("help"),
};

/** Actions after which the selected row has the focus. @type {ReadonlySet<Action>} */
const SELECTING = new Set(["previous", "next", "first", "last"]);

/** What a locked page still does: showing things, and unlocking. @type {ReadonlySet<Action>} */
const FREE = new Set([
  ...SELECTING,
  ...(/** @type {const} */ (["search", "lock", "proposal", "ledger", "journal", "help"])),
]);

/** Puts the question away, or what the last command came to; windows and menus go by themselves. @param {Control} control */
function leave(control) {
  const { question, notice, message, dialog, menu } = control;
  if (question) control.set({ question: null });
  else if ((notice || message) && !dialog && !menu) control.set({ notice: null, message: null });
}

/** @param {Control} control @param {Element} target @returns {Place} */
function place(control, target) {
  const shown = document.querySelector("dialog");
  if (control.dialog && shown?.open !== false) return "dialog";
  // A quick key is not lost: one that has just been closed is still drawn, and the focus goes
  // back to the queue only with the next drawing when what had it before is gone.
  if (shown && (target === document.body || shown.contains(target))) return "queue";
  if (target.matches(FIELDS)) return "field";
  return target.closest(".right") && !target.closest(".menu") ? "queue" : "page";
}

/**
 * @param {Control} control
 * @param {() => void} focusRow put the focus on the selected row
 */
export function listen(control, focusRow) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented) return;
    if (event.code === "Escape") leave(control);
    const wanted = action(event, place(control, target));
    if (!wanted) return;
    event.preventDefault();
    if (event.repeat && !SELECTING.has(wanted)) return;
    if (!FREE.has(wanted) && control.refuseLocked()) return;
    DEEDS[wanted](control, target);
    if (SELECTING.has(wanted)) focusRow();
  });
}
