// What a screen reader is told when something important changes by itself.

import { t } from "../i18n.js";
import { clockForm } from "../time.js";
import { connection } from "./parts.js";
import { granted, state } from "./state.js";
import { airWords, impaired, place, siteInline, tallyWords } from "./words.js";

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
  const grant = granted()?.grant;
  if (!grant) {
    const { title, text } = place();
    return { tally: tallyWords().title, place: `${title}. ${text}`, air: "" };
  }
  if (impaired()) {
    const { title, text } = airWords(grant);
    return { tally: "", place: "", air: `${title}. ${text}` };
  }
  const form = clockForm(grant, connection.serverNow());
  const words = grant.phase === "live" && form !== "normal" ? `host.say_${form}` : `host.air_${grant.phase}`;
  const minutes = Math.round(grant.limit / 6) / 10;
  return { tally: "", place: "", air: t(words, { n: minutes, site: siteInline() }) };
}
