// The rules of the queue as fields of a form, and what of them was changed. Pure.

/** @import { FloorPolicy, PolicyChange } from "../protocol.js" */
import { formatSpan, parseSpan } from "./spans.js";

/**
 * How a rule is entered. span: minutes and seconds. seconds: a whole number of them.
 * count: a small number. choice: one of `values`. flag: yes or no.
 * @typedef {{name: keyof FloorPolicy, kind: "span" | "seconds", least: number, most: number}} Length
 * @typedef {{name: keyof FloorPolicy, kind: "choice", values: readonly (string | number)[]}} Choice
 * @typedef {{name: keyof FloorPolicy, kind: "flag"}} Flag
 * @typedef {Length | Choice | Flag} Rule
 */

/**
 * Groups of the form; limits are those of the server.
 * @type {readonly {name: string, rules: readonly Rule[]}[]}
 */
export const GROUPS = [
  {
    name: "time",
    rules: [
      { name: "first_limit", kind: "span", least: 10, most: 7200 },
      { name: "next_limit", kind: "span", least: 10, most: 7200 },
      { name: "reply_limit", kind: "span", least: 0, most: 7200 },
      { name: "point_of_order_limit", kind: "span", least: 0, most: 7200 },
      { name: "chair_limit", kind: "span", least: 0, most: 7200 },
      { name: "warning", kind: "seconds", least: 0, most: 600 },
      { name: "contribution", kind: "choice", values: ["site", "delegate"] },
      { name: "overtime", kind: "choice", values: ["warn", "cut"] },
    ],
  },
  {
    name: "turns",
    rules: [
      { name: "capacity", kind: "choice", values: [1, 2, 3] },
      { name: "chair_priority", kind: "choice", values: ["beside", "suspend", "clear"] },
      { name: "auto_accept", kind: "flag" },
      { name: "auto_call", kind: "flag" },
      { name: "auto_grant", kind: "flag" },
      { name: "several_requests", kind: "flag" },
    ],
  },
  {
    name: "waits",
    rules: [
      { name: "check_timeout", kind: "seconds", least: 5, most: 600 },
      { name: "prep_timeout", kind: "seconds", least: 5, most: 600 },
      { name: "arm_timeout", kind: "seconds", least: 5, most: 600 },
      { name: "drop_timeout", kind: "seconds", least: 5, most: 600 },
      { name: "revoke_grace", kind: "seconds", least: 0, most: 60 },
    ],
  },
];

/**
 * What a field of *rule* shows for *value*.
 * @param {Rule} rule
 * @param {unknown} value
 */
export const shown = (rule, value) =>
  rule.kind === "span" ? formatSpan(Number(value)) : String(value);

/**
 * The value typed, null if it is none that the rule allows.
 * @param {Rule} rule
 * @param {string | null} typed null for a box that is not ticked
 * @returns {string | number | boolean | null}
 */
export function entered(rule, typed) {
  if (rule.kind === "flag") return typed !== null;
  if (typed === null) return null;
  if (rule.kind === "choice") return rule.values.find((value) => String(value) === typed) ?? null;
  const seconds = rule.kind === "span" ? parseSpan(typed) : Number(typed || NaN);
  if (seconds === null || !Number.isInteger(seconds)) return null;
  return seconds >= rule.least && seconds <= rule.most ? seconds : null;
}

/**
 * What a form changes, and the rules whose fields cannot be used.
 * @param {FloorPolicy} before the rules the form was filled from
 * @param {(name: string) => string | null} typed
 * @returns {{change: PolicyChange, wrong: (keyof FloorPolicy)[]}}
 */
export function changes(before, typed) {
  /** @type {Record<string, unknown>} */
  const change = {};
  /** @type {(keyof FloorPolicy)[]} */
  const wrong = [];
  for (const rule of GROUPS.flatMap((group) => group.rules)) {
    const text = typed(rule.name);
    // A rule that is not a whole second is only changed by somebody who touches it.
    if (rule.kind !== "flag" && text === shown(rule, before[rule.name])) continue;
    const value = entered(rule, text);
    if (value === null) wrong.push(rule.name);
    else if (value !== before[rule.name]) change[rule.name] = value;
  }
  return { change, wrong };
}
