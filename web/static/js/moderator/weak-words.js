// What is said of a speaker's link beside the request, and what technicians have done to it.

/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { icon } from "../ui.js";
import { verdictText } from "../verdict.js";
import { isWeak } from "./weak.js";

/** Causes that are not the site's. */
const OF_OTHERS = new Set(["", "remote", "server"]);

/** What is wrong at the site itself, empty if nothing is. @param {Control} control @param {string} site */
export function causeWords(control, site) {
  const link = control.link(site);
  if (OF_OTHERS.has(link.verdict.cause ?? "")) return "";
  return verdictText(link, (code) => text(control.view?.sites[code]?.name));
}

/** Why the one who stands there should be thought about, in words. @param {Control} control @param {string} site */
export function weakWords(control, site) {
  if (!isWeak(control.link(site))) return "";
  const cause = causeWords(control, site);
  return cause ? t("moderator.weak_because", { cause }) : t("moderator.weak");
}

/** What technicians have done to a site's link, as far as speaking depends on it. @param {Control} control @param {string} site */
export function orderBadges(control, site) {
  const { muted = false, audio_only = "" } = control.view?.orders?.[site] ?? {};
  const unseen = audio_only === "up" || audio_only === "both";
  return html`${muted
    ? html`<span class="badge hold" data-testid="muted">${icon("micoff")}${t("moderator.muted")}</span>`
    : nothing}
  ${unseen
    ? html`<span class="badge" data-testid="unseen">${icon("camoff")}${t("moderator.unseen")}</span>`
    : nothing}`;
}
