// What a screen reader is told when something important changes by itself.

import { t } from "../i18n.js";
import { airWords } from "./air-words.js";
import { connection } from "./parts.js";
import { granted, onDeck, state } from "./state.js";
import { clockOf, turnOf } from "./turn.js";
import { impaired, minutes, missingWords, placeNow, say, siteInline, tallyWords } from "./words.js";

/** @import { RequestView } from "../protocol" */

/** @type {Record<string, string>} */
let before = {};

/** Sentences for what is new since the last call. @returns {string[]} */
export function changesAloud() {
  if (state.screen !== "room" || !state.view) return [];
  const now = sentences();
  const fresh = Object.entries(now)
    .filter(([name, sentence]) => name in before && sentence && sentence !== before[name])
    .map(([, sentence]) => sentence);
  before = now;
  return fresh;
}

function sentences() {
  const request = granted();
  if (request?.grant) return { tally: "", place: "", deck: "", air: airAloud(request) };
  const deck = onDeck();
  // Estimates change every minute; only what happened is worth a word.
  const place = deck ? "" : say(placeNow().title);
  return { tally: tallyWords().title, place, deck: deck ? deckAloud(deck) : "", air: "" };
}

/** @param {RequestView} request on deck */
function deckAloud(request) {
  if (request.state === "ready") return t("host.ready");
  if (request.state === "failed" && request.deck) return missingWords(request.deck);
  return t("host.deck_aloud", { name: request.name });
}

/** @param {RequestView} request that has the floor */
function airAloud(request) {
  const grant = /** @type {NonNullable<RequestView["grant"]>} */ (request.grant);
  const turn = turnOf(request, grant);
  if (turn === "link_lost") return `${t("host.air_link_lost")}. ${t("host.say_link_lost")}`;
  if (impaired()) {
    const { title, text } = airWords(request, grant);
    return `${title}. ${text}`;
  }
  const { form, say: words } = clockOf(turn, grant, connection.serverNow());
  const passing = turn === "live" && form !== "normal";
  return t(passing ? words : `host.air_${turn}`, { n: minutes(grant.limit), site: siteInline() });
}
