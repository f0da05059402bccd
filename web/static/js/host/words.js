// Sentences that follow from the state. The server decides; this only says it.

import { boot } from "../boot.js";
import { text, t } from "../i18n.js";
import { siteTitle } from "../ui.js";
import { devices } from "./parts.js";
import { granted, mine, state } from "./state.js";
import { judge } from "./tally.js";

/** @import { GrantView, RequestView } from "../protocol" */
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

/** A track that carries something. @param {MediaStreamTrack | null} track */
const live = (track) => !state.watching && track?.readyState === "live" && !track.muted;

/** Who can hear and see this site now. */
export function tally() {
  const { on_program: seen = false, microphone_open: heard = false } = state.view ?? {};
  const { camera, microphone } = devices.tracks;
  return judge({
    online: state.status.online,
    seen,
    heard,
    publisher: state.link?.publisher ?? "",
    peer: state.peer,
    connected: state.media === "connected",
    camera: live(camera),
    microphone: !live(microphone) ? "none" : state.muted ? "muted" : "on",
  });
}

/** The tally in words: the truth in one sentence, and what to do or to know. */
export function tallyWords() {
  const { open, who, why } = tally();
  const more = why ? `why_${why}` : `tally_${who}_text`;
  let sentence = why ? `${who}_${why}` : who;
  if (who === "other") sentence = `other_${open}`;
  return {
    title: t(`host.tally_${sentence}`),
    text: open === "nobody" ? "" : t(`host.${more}`, { site: siteInline() }),
  };
}

/** Symbol of the tally. */
export function tallySymbol() {
  const { who, why } = tally();
  if (who === "other") return "info";
  if (who === "unknown") return "wait";
  if (why === "no_camera") return "camoff";
  return why ? "micoff" : "air";
}

/** Not heard, or not from here, although the server lets us through; a speech without a picture is fine. */
export function impaired() {
  const { who, why } = tally();
  return who === "other" || (why !== "" && who !== "sound");
}

/**
 * The speech is paused, and nobody hears or sees the site for another reason either: a
 * co-chair's microphone stays open, a moderator may have put our picture on air.
 * @param {GrantView} grant
 */
export function held(grant) {
  return grant.phase === "paused" && tally().who === "nobody";
}

/** What stands over a speech. @param {GrantView} grant */
export function airWords(grant) {
  const truth = grant.phase === "paused" ? !held(grant) : grant.phase !== "revoking" && impaired();
  if (truth) return tallyWords();
  const { who, why } = tally();
  const less = why ? `_${who}_${why}` : `_${who}`;
  const part = grant.phase === "live" && who !== "both" ? less : "";
  return {
    title: t(`host.air_${grant.phase}`),
    text: t(`host.air_${grant.phase}_text${part}`, { site: siteInline() }),
  };
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
  return tally().open === "nobody" ? t("host.title_room") : `● ${tallyWords().title}`;
}
