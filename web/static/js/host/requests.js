// The site's place in line and its own requests, from this page or from a delegate's phone.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { formatClock } from "../time.js";
import { cancel } from "./actions.js";
import { aboutTime } from "./line.js";
import { connection } from "./parts.js";
import { correct } from "./request-form.js";
import { mine, state } from "./state.js";
import { placeNow, requestBadge, say, siteShort, timeOfDay } from "./words.js";

/** @import { RequestView } from "../protocol" */

const ENDED_SHOWN = 4; // newest first; older ones are in the minutes

export function placeCard() {
  const { title, text } = placeNow();
  const list = { open: "", closed: "host.list_closed", suspended: "host.list_suspended" }[state.view?.list_state ?? "open"];
  const [next] = mine().filter(({ id }) => state.view?.positions[id]);
  return html`<section class="card place" data-testid="place" data-state=${next?.state ?? ""}>
    <h2 class="small muted">${t("host.place_heading")}</h2>
    <strong>${say(title)}</strong>
    ${text ? html`<p>${say(text)}</p>` : nothing}
    ${next && state.back?.id === next.id
      ? html`<p data-testid="back">${t(`host.back_${state.back.from}`)}</p>`
      : nothing}
    ${next?.carried ? html`<p>${t("host.carried", { time: formatClock(next.carried) })}</p>` : nothing}
    ${list && mine().length ? html`<p class="muted">${t(list)}</p>` : nothing}
  </section>`;
}

export function ownRequests() {
  const requests = mine();
  const open = requests.filter(isOpen);
  const ended = requests.filter((request) => !isOpen(request)).slice(0, ENDED_SHOWN);
  if (!requests.length) return nothing;
  return html`<section class="card reqcard" tabindex="0" aria-labelledby="requests-heading">
    <h2 class="small muted" id="requests-heading">${t("host.requests_heading")}</h2>
    <ul class="reqs">
      ${[...open, ...ended].map(row)}
    </ul>
  </section>`;
}

/** @param {RequestView} request */
const isOpen = (request) => ["pending", "accepted", "granted"].includes(request.status);

/** Kind and topic, in one line. @param {RequestView} request */
function about({ priority_class, reply_name, reply_site, topic }) {
  let kind = priority_class === "normal" ? "" : t(`common.class_${priority_class}`);
  if (reply_name) kind = t("host.reply_to", { name: reply_name, site: siteShort(reply_site) });
  return [kind, topic].filter(Boolean).join(" · ");
}

/** What else there is to know: whose phone, when it is its turn, how long it took. @param {RequestView} request */
function facts(request) {
  const { id, by, readd_of, counted, corrected, reason } = request;
  const words = [];
  if (by) words.push(t("host.by_phone"));
  if (readd_of) words.push(t("host.readded"));
  const place = state.view?.positions[id];
  if (state.view && place && request.state !== "held") {
    const time = timeOfDay(aboutTime(state.view, id, connection.serverNow()));
    words.push(t("host.turn_about", { time }));
  }
  if (!isOpen(request) && (counted || corrected)) {
    words.push(t(corrected ? "host.spoken_corrected" : "host.spoken", { time: formatClock(counted) }));
  }
  if (reason) words.push(t("host.reason", { reason }));
  return words.join(" · ");
}

const LOOKS = { held: "hold", checking: "deck", ready: "deck", failed: "deck", filed: "ok", queued: "info" };

/** @param {RequestView} request */
function row(request) {
  const open = isOpen(request);
  const waiting = open && request.status !== "granted";
  const look = request.status === "granted" ? "air" : Reflect.get(LOOKS, request.state) ?? "";
  const more = facts(request);
  return html`<li
    data-request=${request.id}
    data-status=${request.status}
    data-state=${request.state}
    class=${open ? "" : "ended"}
  >
    <b>${request.name}</b>
    <span class=${`badge ${look}`}>${requestBadge(request)}</span>
    <div>
      <p class="muted small">${about(request)}</p>
      ${more ? html`<p class="small facts">${more}</p>` : nothing}
    </div>
    ${waiting
      ? html`<div class="row">
          <button
            type="button"
            class="btn quiet tight"
            data-testid="correct-request"
            aria-label=${t("host.correct_of", { name: request.name })}
            @click=${() => correct(request)}
          >
            ${t("common.edit")}
          </button>
          <button
            type="button"
            class="btn quiet tight"
            data-testid="cancel-request"
            aria-label=${t("host.cancel_of", { name: request.name })}
            @click=${() => cancel(request)}
          >
            ${t("common.cancel")}
          </button>
        </div>`
      : nothing}
  </li>`;
}
