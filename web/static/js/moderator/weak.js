// Which links are bad enough to think before somebody speaks over them, and who may be called
// instead. Pure. Whether one is asked before, the server decides.

/** @import { PageCommand } from "../connection.js" */
/** @import { Link } from "../links.js" */
/** @import { Control } from "./control.js" */
import { level, linkState } from "../links.js";
import { isOnDeck } from "./next.js";

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
 * One whose bridge point is connected comes before one whose is not there (yet).
 * Behind one who speaks stands the whole line, unless somebody of it is on deck already.
 * @param {Control} control
 * @param {string} id
 */
export function followingOf(control, id) {
  const { queue } = control;
  const at = queue.indexOf(id);
  if (at < 0) {
    const waits = !queue.some((one) => isOnDeck(control.request(one)));
    if (!control.view?.speaking.includes(id) || !waits) return "";
  }
  const able = (/** @type {string} */ one) => {
    const request = control.request(one);
    return request && ABLE.has(request.state) && !isWeak(control.link(request.site));
  };
  const after = queue.slice(at + 1).filter(able);
  const there = (/** @type {string} */ one) => control.link(control.request(one)?.site ?? "").connected;
  return after.find(there) ?? after[0] ?? "";
}

/** Sites whose camera or slides a take was to put on program. @param {PageCommand} command */
function sitesOf(command) {
  if (command.type !== "take") return [];
  const sources = command.source
    ? [command.source, command.inset]
    : [command.preview, command.preview_inset];
  return sources.flatMap((source) => {
    const [kind, site] = (source ?? "").split(":");
    return kind === "slate" || !site ? [] : [site];
  });
}

/**
 * The site whose link the server has warned of before a take; empty if there was no warning.
 * @param {Control} control
 */
export function warnedSite(control) {
  const { notice } = control;
  if (notice?.error.code !== "link_bad") return "";
  const sites = sitesOf(notice.command);
  return sites.find((site) => isWeak(control.link(site))) ?? sites[0] ?? "";
}

/**
 * The speech, or the request in line, that a take was about which the server has warned of;
 * empty if there was no warning, or nobody of the site speaks or waits.
 * @param {Control} control
 */
export function warnedOf(control) {
  const { queue, view } = control;
  const bad = warnedSite(control);
  if (!bad) return "";
  const those = [...(view?.speaking ?? []), ...queue];
  return those.find((id) => control.request(id)?.site === bad) ?? "";
}
