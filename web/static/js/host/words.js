// Sentences that follow from the state. The server decides; this only says it.

import { boot } from "../boot.js";
import { text, t } from "../i18n.js";
import { siteTitle } from "../ui.js";
import { granted, mine, state } from "./state.js";

/** @import { RequestView } from "../protocol" */
/** @import { Kind, Problem } from "../devices.js" */

/** `Điểm cầu Điện Biên`; empty until the server has said where we are. */
export function ownTitle() {
  const site = state.view?.sites[boot.site];
  return site ? siteTitle(site) : "";
}

/** `điểm cầu Điện Biên`, within a sentence. */
export function siteInline() {
  const site = state.view?.sites[boot.site];
  if (!site) return "";
  return t(site.venue ? "host.venue_inline" : "host.site_inline", { site: text(site.name) });
}

/** Who can hear and see this site now. @returns {"both" | "sound" | "picture" | "nobody"} */
export function tally() {
  const { on_program: seen = false, microphone_open: heard = false } = state.view ?? {};
  if (seen) return heard ? "both" : "picture";
  return heard ? "sound" : "nobody";
}

/** @returns {{title: string, text: string}} what the card about our place in line says */
export function place() {
  const requests = mine();
  const accepted = requests.find((request) => request.status === "accepted");
  if (granted()) return { title: t("host.place_speaking"), text: "" };
  if (accepted) {
    const number = state.view?.positions[accepted.id] ?? 0;
    const ahead = number - 1;
    return {
      title: t("host.place_number", { n: number }),
      text: ahead ? t("host.place_ahead", { n: ahead }) : t("host.place_next"),
    };
  }
  if (requests.some((request) => request.status === "pending")) {
    return { title: t("host.place_pending"), text: t("host.place_pending_text") };
  }
  const open = state.view?.list_state !== "closed";
  return {
    title: t("host.place_none"),
    text: t(open ? "host.place_none_text" : "host.place_closed_text"),
  };
}

/** @param {RequestView} request */
export function requestBadge(request) {
  const number = state.view?.positions[request.id];
  if (request.status === "accepted" && number) return t("host.number", { n: number });
  if (request.priority_class === "written" && request.status === "accepted") {
    return t("host.written_received");
  }
  return t(`common.status_${request.status}`);
}

/**
 * What is wrong with a device and what to do about it.
 *
 * @param {Kind} kind
 * @param {Problem} problem
 */
export const problemText = (kind, problem) => ({
  title: t(`host.${kind}_${problem}`),
  text: t(`host.help_${problem}`, { device: t(`host.${kind}_lower`) }),
});

/** Title of the browser's tab: on air must be seen from another tab too. */
export function tabTitle() {
  if (state.screen !== "room") return t("host.title_check");
  if (granted()) return `● ${t("host.air_title")}`;
  return tally() === "nobody" ? t("host.title_room") : `● ${t(`host.tally_${tally()}_title`)}`;
}
