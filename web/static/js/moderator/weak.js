// Which links are bad enough to think before somebody speaks over them, and who may be called
// instead. Pure. Whether one is asked before, the server decides.

/** @import { Link } from "../links.js" */
/** @import { Control } from "./control.js" */
import { level, linkState } from "../links.js";

/** Bars up to which one should think before somebody speaks over a link. */
const POOR = 2;
/** Who waits in line and may be called; a place that is held may not. */
const ABLE = new Set(["queued", "checking", "ready", "failed"]);

/** @param {Link} link */
export function isWeak(link) {
  const state = linkState(link);
  if (state !== "up") return state === "lost" || (state === "waiting" && link.since > 0);
  return level(link.score) <= POOR && !["remote", "server"].includes(link.verdict.cause ?? "");
}

/**
 * The next behind *id* who may be called, over a link that is not bad; empty if there is none.
 * @param {Control} control
 * @param {string} id
 */
export function followingOf(control, id) {
  const { queue } = control;
  const at = queue.indexOf(id);
  if (at < 0) return "";
  const able = (/** @type {string} */ one) => {
    const request = control.request(one);
    return request && ABLE.has(request.state) && !isWeak(control.link(request.site));
  };
  return queue.slice(at + 1).find(able) ?? "";
}
