// Sentences that follow from the state. The server decides; this only says it.

import { boot } from "../boot.js";
import { formatNumber, lang, text, t } from "../i18n.js";
import { onBackup } from "../lines.js";
import { formatTime } from "../time.js";
import { siteTitle } from "../ui.js";
import { deckTitle, place } from "./line.js";
import { connection, devices } from "./parts.js";
import { granted, onDeck, sendsSoundOnly, state } from "./state.js";
import { judge } from "./tally.js";

/** @import { DeckView, HostView, RequestView } from "../protocol" */
/** @import { Said } from "./line.js" */

const QUIET_MS = 3500; // three reports in a row that did not come

/** `Điểm cầu Điện Biên`; empty until the server has said where we are. */
export function ownTitle() {
  const site = state.view?.sites[boot.site];
  return site ? siteTitle(site) : "";
}

/** `điểm cầu Điện Biên`, within a sentence. @param {string} [code] our own unless given */
export function siteInline(code = boot.site) {
  const site = state.view?.sites[code];
  if (!site) return "";
  return t(site.venue ? "host.venue_inline" : "host.site_inline", { site: text(site.name) });
}

/** `Điện Biên`. @param {string} code */
export const siteShort = (code) => text(state.view?.sites[code]?.name);

/** A sentence that was decided elsewhere. @param {Said} said */
export const say = ([key, values]) => t(key, values);

/** `hình, tiếng và đường truyền`. @param {string[]} words */
export const listed = (words) => new Intl.ListFormat(lang(), { type: "conjunction" }).format(words);

/** `09:47` where the event is. @param {number} unix Unix seconds */
export const timeOfDay = (unix) => formatTime(unix, state.view?.time_zone ?? "UTC");

/** `7`, `2,5`. @param {number} seconds */
export const minutes = (seconds) => formatNumber(seconds / 60, seconds % 60 ? 1 : 0);

/** A track that carries something. @param {MediaStreamTrack | null} track */
const live = (track) => !state.watching && track?.readyState === "live" && !track.muted;

/** What this computer does, as far as others could hear and see it. */
function devicesNow() {
  const { camera } = devices.tracks;
  return {
    publisher: state.link?.publisher ?? "",
    peer: state.peer,
    connected: state.media === "connected",
    camera: live(camera),
    microphone: microphone(),
  };
}

/** @returns {"on" | "muted" | "none"} */
function microphone() {
  if (!live(devices.tracks.microphone)) return "none";
  return state.muted ? "muted" : "on";
}

/** What the server said still holds: a speaker must not talk to nobody until the line is given up. */
export const serverHeard = () => state.status.online && performance.now() - state.heardAt < QUIET_MS;

/** Who can hear and see this site now. */
export function tally() {
  const { on_program = false, microphone_open: heard = false } = state.view ?? {};
  const seen = on_program && !sendsSoundOnly();
  const silenced = (state.view?.orders.muted ?? false) && granted() !== null;
  return judge({ online: serverHeard(), seen, heard, silenced, ...devicesNow() });
}

/** What this computer knows about the checks of a speaker on deck. */
export function checkFacts() {
  const { publisher, peer, ...own } = devicesNow();
  const other = publisher !== "" && publisher !== peer;
  return { ...own, other, blocked: state.soundBlocked };
}

/** The tally in words: the truth in one sentence, and what to do or to know. */
export function tallyWords() {
  const { open, who, why } = tally();
  const by = who === "other" && onBackup(state.link) ? "backup" : who;
  const more = why ? `why_${why}` : `tally_${by}_text`;
  let sentence = why ? `${who}_${why}` : who;
  if (who === "other") sentence = `${by}_${open}`;
  return {
    title: t(`host.tally_${sentence}`),
    text: open === "nobody" && why !== "silenced" ? "" : t(`host.${more}`, { site: siteInline() }),
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

/** What the card about our place in line says. */
export function placeNow() {
  if (!state.view) return { title: /** @type {Said} */ (["host.place_none"]), text: null };
  return place(state.view, connection.serverNow(), timeOfDay);
}

/** What a speaker on deck still lacks. @param {DeckView} deck */
export function missingWords({ missing, returned }) {
  const left = missing.filter((check) => check !== "return" || !returned);
  return t("host.deck_missing", { what: listed(left.map((check) => t(`host.part_${check}`))) });
}

/** What stands over the on-deck page: what is missing, ready, or how many turns there are. @param {RequestView} request */
export function deckWords(request) {
  if (request.state === "failed" && request.deck) return missingWords(request.deck);
  return say(deckTitle(/** @type {HostView} */ (state.view), request));
}

/** Where a request stands, in a word or two. @param {RequestView} request */
export function requestBadge({ id, state: now, status }) {
  const n = state.view?.positions[id];
  if (now === "held") return t("host.held", { n: n ?? "" });
  if (now === "filed") return t("host.written_received");
  if (["checking", "ready", "failed"].includes(now)) return t(now === "ready" ? "host.badge_ready" : "host.badge_deck");
  return status === "accepted" && n ? t("host.number", { n }) : t(`common.status_${status}`);
}

/** Title of the browser's tab: on air and on deck must be seen from another tab too. */
export function tabTitle() {
  if (state.screen !== "room") return t("host.title_check");
  if (granted()) return `● ${t("host.air_title")}`;
  if (tally().open !== "nobody") return `● ${tallyWords().title}`;
  const deck = onDeck();
  return deck ? `▲ ${deckWords(deck)}` : t("host.title_room");
}
