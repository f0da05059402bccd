// Which alerts there are, in what order, and which of them make a sound. Pure.

/** @import { AlertView } from "../protocol.js" */
/** @import { Link } from "../links.js" */

/** @typedef {{site: string, alert: AlertView}} Row */

/** @param {AlertView} alert */
const weight = (alert) => (alert.acked_by ? 2 : 0) + (alert.level === "critical" ? 0 : 1);

/**
 * Nobody's first, critical ones before warnings, the newest first.
 * @param {Iterable<readonly [string, AlertView | null]>} alerts by site
 * @returns {Row[]}
 */
export function rows(alerts) {
  const found = [...alerts].flatMap(([site, alert]) => (alert ? [{ site, alert }] : []));
  return found.sort(
    (a, b) => weight(a.alert) - weight(b.alert) || b.alert.since - a.alert.since,
  );
}

/**
 * @param {ReadonlySet<string>} known ids of the critical alerts so far
 * @param {Iterable<Link>} links
 * @returns {{known: Set<string>, ring: boolean}} ring for one that is new, and nobody's yet
 */
export function heard(known, links) {
  const critical = [...links].flatMap(({ alert }) => (alert?.level === "critical" ? [alert] : []));
  const ring = critical.some((alert) => !known.has(alert.id) && !alert.acked_by);
  return { known: new Set(critical.map((alert) => alert.id)), ring };
}
