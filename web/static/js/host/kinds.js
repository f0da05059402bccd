// Which kinds of contribution can be asked for now, and how long each may take. Pure.

/** @import { HostView, LimitsView, PriorityClass } from "../protocol" */
/** @import { Said } from "./line.js" */
/** @typedef {{priority_class: string, reply_to: string}} Draft */

/** @type {PriorityClass[]} */
const KINDS = ["normal", "reply", "point_of_order", "written"];

/** A reply needs a speech to answer. @param {HostView | null} view */
export const kinds = (view) => KINDS.filter((kind) => kind !== "reply" || view?.speeches.length);

/** The kind as it would be sent. @param {HostView | null} view @param {Draft} draft */
export const kindOf = (view, draft) =>
  kinds(view).find((kind) => kind === draft.priority_class) ?? "normal";

/**
 * Request whose speech a reply answers: the one chosen, as long as it can be, else the newest.
 *
 * @param {HostView | null} view
 * @param {Draft} draft
 */
export function answered(view, draft) {
  const speeches = view?.speeches ?? [];
  const chosen = speeches.find(({ request }) => request === draft.reply_to) ?? speeches[0];
  return chosen?.request ?? "";
}

/**
 * How long a contribution of *kind* may take; nothing for one that is not spoken.
 *
 * @param {LimitsView} limits
 * @param {PriorityClass} kind
 * @param {(seconds: number) => string} minutes writes a number of minutes
 * @returns {Said | null}
 */
export function limitOf(limits, kind, minutes) {
  if (kind === "written") return null;
  const own = kind === "reply" || kind === "point_of_order" ? limits[kind] : 0;
  const { first, next } = limits;
  if (own || first === next) return ["host.limit", { n: minutes(own || first) }];
  return ["host.limits", { first: minutes(first), next: minutes(next) }];
}
