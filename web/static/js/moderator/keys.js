// Which key means what. Pure. Reads `code`, the place of the key, because a Vietnamese input
// method may turn the letter into something else. Single letters count only while the queue
// has focus (WCAG 2.1.4); F2 counts everywhere.

/**
 * @typedef {"take" | "previous" | "next" | "first" | "last" | "up" | "down" | "grant" | "add"
 *   | "edit" | "deny" | "cancel" | "extend" | "pause" | "revoke" | "item" | "search" | "help"} Action
 * @typedef {Pick<KeyboardEvent, "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">} Key
 */

/** @type {Record<string, Action>} */
const PLAIN = {
  ArrowUp: "previous",
  ArrowDown: "next",
  Home: "first",
  End: "last",
  KeyG: "grant",
  KeyA: "add",
  KeyE: "edit",
  KeyD: "deny",
  Delete: "cancel",
  Equal: "extend",
  NumpadAdd: "extend",
  KeyP: "pause",
  KeyR: "revoke",
  KeyN: "item",
  Slash: "search",
  NumpadDivide: "search",
};

/** Rows of the help window: the words' key in the catalogue and the caps of the keys. */
export const HELP = /** @type {const} */ ([
  ["select", ["↑", "↓"]],
  ["move", ["Alt", "↑", "↓"]],
  ["grant", ["G"]],
  ["add", ["A"]],
  ["edit", ["E"]],
  ["deny", ["D"]],
  ["cancel", ["Del"]],
  ["extend", ["+"]],
  ["pause", ["P"]],
  ["revoke", ["R"]],
  ["item", ["N"]],
  ["search", ["/"]],
  ["take", ["F2"]],
  ["help", ["?"]],
]);

/**
 * What *key* asks for, or null.
 * @param {Key} key
 * @param {boolean} inQueue the queue has focus, and not one of its fields
 * @returns {Action | null}
 */
export function action(key, inQueue) {
  if (key.ctrlKey || key.metaKey) return null;
  if (key.code === "F2" && !key.altKey && !key.shiftKey) return "take";
  if (!inQueue) return null;
  if (key.altKey) {
    if (key.code === "ArrowUp") return "up";
    return key.code === "ArrowDown" ? "down" : null;
  }
  if (key.shiftKey) {
    if (key.code === "Slash") return "help";
    return key.code === "Equal" ? "extend" : null;
  }
  return PLAIN[key.code] ?? null;
}
