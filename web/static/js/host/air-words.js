// What stands over a speech of this site: the truth about who hears it, and what happens next.

import { boot } from "../boot.js";
import { t } from "../i18n.js";
import { connection } from "./parts.js";
import { state } from "./state.js";
import { holds, turnOf } from "./turn.js";
import { impaired, serverHeard, siteInline, tally, tallyWords } from "./words.js";

/** @import { GrantView, HostView, RequestView } from "../protocol" */

/**
 * The speech is paused, and nobody hears or sees the site for another reason either: a
 * co-chair's microphone stays open, a moderator may have put our picture on air.
 * @param {GrantView} grant
 */
export function held(grant) {
  return grant.phase === "paused" && tally().who === "nobody";
}

/** What stands over a speech. @param {RequestView} request @param {GrantView} grant */
export function airWords(request, grant) {
  const turn = turnOf(request, grant);
  if (turn === "link_lost" && serverHeard()) return lostWords(grant);
  const stopping = turn === "revoking" || turn === "cut";
  const truth = grant.phase === "paused" ? !held(grant) : !stopping && impaired();
  if (truth) return tallyWords();
  const { who, why } = tally();
  const less = why ? `_${who}_${why}` : `_${who}`;
  const part = turn === "live" && who !== "both" ? less : "";
  const text = t(`host.air_${turn}_text${part}`, { site: siteInline() });
  const because = stopping && request.reason ? `. ${t("host.reason", { reason: request.reason })}` : "";
  return { title: t(`host.air_${turn}`), text: text + because };
}

/** The link of our speech is lost: what the hall sees, and how long the floor is kept. @param {GrantView} grant */
function lostWords(grant) {
  const { program } = /** @type {HostView} */ (state.view);
  const seen = program.slate && program.site === boot.site ? "slate" : "other";
  const n = holds(grant, connection.serverNow());
  return { title: t("host.air_link_lost"), text: `${t(`host.lost_${seen}`)} ${t("host.lost_text", { n })}` };
}
