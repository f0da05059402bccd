// What happened to a link, in words.

/** @import { LinkEvent } from "./timeline.js" */
import { has, t } from "../i18n.js";
import { causeWords } from "./charts-strip.js";

/** @param {LinkEvent} event @param {string} field */
const said = (event, field) => (typeof event[field] === "string" ? /** @type {string} */ (event[field]) : "");

/** What an alert is about: a cause, or the alert's own word. @param {string} what */
const about = (what) => (has(`site.cause_${what}`) ? causeWords(what) : what);

/** What a technician did. @param {string} action */
const deed = (action) =>
  has(`site.deed_${action}`) ? t(`site.deed_${action}`) : action;

/** @param {LinkEvent} event */
export function eventWords(event) {
  const { kind } = event;
  const by = said(event, "by");
  const text = said(event, "text");
  const name = said(event, "name");
  const key = `site.event_${kind}`;
  const start = has(key) ? t(key) : kind;
  const what = {
    alert: about(said(event, "what")),
    alert_ended: about(said(event, "what")),
    granted: name,
    on_air: name,
    action: deed(said(event, "action") || text),
    note: said(event, "note") || text,
    acknowledged: said(event, "note") || text,
  }[kind];
  const whole = what ? t("site.event_with", { event: start, what }) : start;
  return by ? t("site.event_by", { event: whole, by }) : whole;
}
