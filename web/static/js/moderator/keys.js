// Which key means what. Pure. Reads `code`, the place of the key, because a Vietnamese input
// method may turn the letter into something else. Single letters count only while the queue
// has focus (WCAG 2.1.4); F2, F8 and Ctrl+Z count everywhere.

/**
 * @typedef {"take" | "slate" | "undo" | "previous" | "next" | "first" | "last" | "up" | "down"
 *   | "call" | "back" | "following" | "grant" | "accept" | "deny" | "file" | "unfile" | "add" | "edit"
 *   | "cancel" | "readd" | "correct" | "extend" | "pause" | "release" | "revoke" | "item"
 *   | "single" | "inset" | "side_by_side" | "slot"
 *   | "search" | "lock" | "proposal" | "ledger" | "rules" | "journal" | "help"} Action
 * @typedef {Pick<KeyboardEvent, "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">} Key
 * @typedef {"queue" | "page" | "field" | "dialog"} Place where the focus is: a field is one
 *   of letters, wherever it stands
 */

/** @type {Record<string, Action>} */
const PLAIN = {
  ArrowUp: "previous",
  ArrowDown: "next",
  Home: "first",
  End: "last",
  KeyC: "call",
  KeyQ: "back",
  KeyW: "following",
  KeyG: "grant",
  KeyY: "accept",
  KeyD: "deny",
  KeyV: "file",
  KeyM: "unfile",
  KeyA: "add",
  KeyE: "edit",
  Delete: "cancel",
  KeyX: "readd",
  KeyT: "correct",
  Equal: "extend",
  NumpadAdd: "extend",
  KeyP: "pause",
  KeyK: "release",
  KeyR: "revoke",
  KeyN: "item",
  Digit1: "single",
  Numpad1: "single",
  Digit2: "inset",
  Numpad2: "inset",
  Digit3: "side_by_side",
  Numpad3: "side_by_side",
  KeyI: "slot",
  Slash: "search",
  NumpadDivide: "search",
  KeyL: "lock",
  KeyF: "proposal",
  KeyH: "ledger",
  KeyS: "rules",
  KeyJ: "journal",
};

/**
 * The help window: groups, their words' keys in the catalogue and the caps of the keys.
 * @type {readonly [string, readonly [Action | "select" | "move", readonly string[]][]][]}
 */
export const HELP = [
  [
    "list",
    [
      ["select", ["↑", "↓"]],
      ["move", ["Alt", "↑", "↓"]],
      ["call", ["C"]],
      ["back", ["Q"]],
      ["following", ["W"]],
      ["grant", ["G"]],
      ["accept", ["Y"]],
      ["deny", ["D"]],
      ["file", ["V"]],
      ["unfile", ["M"]],
      ["add", ["A"]],
      ["edit", ["E"]],
      ["cancel", ["Del"]],
      ["correct", ["T"]],
      ["readd", ["X"]],
    ],
  ],
  [
    "speech",
    [
      ["extend", ["+"]],
      ["pause", ["P"]],
      ["release", ["K"]],
      ["revoke", ["R"]],
    ],
  ],
  [
    "page",
    [
      ["take", ["F2"]],
      ["slate", ["F8"]],
      ["single", ["1"]],
      ["inset", ["2"]],
      ["side_by_side", ["3"]],
      ["slot", ["I"]],
      ["search", ["/"]],
      ["item", ["N"]],
      ["undo", ["Ctrl", "Z"]],
      ["lock", ["L"]],
      ["proposal", ["F"]],
      ["ledger", ["H"]],
      ["rules", ["S"]],
      ["journal", ["J"]],
      ["help", ["?"]],
    ],
  ],
];

/**
 * What *key* asks for, or null.
 * @param {Key} key
 * @param {Place} place
 * @returns {Action | null}
 */
export function action(key, place) {
  const { code, altKey, shiftKey } = key;
  if (key.ctrlKey || key.metaKey) {
    // In a field the browser takes back what was typed.
    const undo = code === "KeyZ" && !altKey && !shiftKey;
    return undo && (place === "queue" || place === "page") ? "undo" : null;
  }
  if (code === "F8" && !altKey && !shiftKey) return "slate";
  if (place === "dialog") return null;
  if (code === "F2" && !altKey && !shiftKey) return "take";
  if (place !== "queue") return null;
  if (altKey) {
    if (code === "ArrowUp") return "up";
    return code === "ArrowDown" ? "down" : null;
  }
  if (shiftKey) {
    if (code === "Slash") return "help";
    return code === "Equal" ? "extend" : null;
  }
  return PLAIN[code] ?? null;
}
