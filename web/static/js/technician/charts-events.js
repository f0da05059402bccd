// What happened to a link, in words.

/** @import { LinkEvent } from "./timeline.js" */
import { has, t } from "../i18n.js";

/** @param {LinkEvent} event @param {string} field */
const said = (event, field) => (typeof event[field] === "string" ? /** @type {string} */ (event[field]) : "");

/** A word the server sends, in the page's language; unknown ones stay. @param {string} key @param {string} word */
const named = (key, word) => (has(key + word) ? t(key + word) : word);

/** What a technician did, and how. @param {LinkEvent} event */
function deed(event) {
  const action = said(event, "action");
  const value = said(event, "value");
  if (action === "mute" && value === "off") return t("actions.kind_unmute");
  if (action === "cap" && Number(value) > 0) return t("site.is_capped", { value });
  if (action === "cap") return t("site.uncapped");
  return named("actions.kind_", action);
}

/** What an event is about. @param {LinkEvent} event */
function about(event) {
  switch (event.kind) {
    case "alert":
    case "alert_ended": {
      const what = said(event, "what");
      return has(`verdict.${what}`) ? t(`verdict.${what}`) : named("site.alert_", what);
    }
    case "action":
      return deed(event);
    case "note":
      return said(event, "value");
    case "acknowledged":
      return said(event, "note");
    default:
      return said(event, "name");
  }
}

/** @param {LinkEvent} event */
export function eventWords(event) {
  const what = about(event);
  const by = said(event, "by");
  const start = named("site.event_", event.slate === true ? "slated" : event.kind);
  const whole = what ? t("site.event_with", { event: start, what }) : start;
  return by ? t("site.event_by", { event: whole, by }) : whole;
}
