// The site's place in line and its own requests.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { cancel } from "./actions.js";
import { correct } from "./request-form.js";
import { mine } from "./state.js";
import { place, requestBadge } from "./words.js";

/** @import { RequestView } from "../protocol" */

const ENDED_SHOWN = 4; // newest first; older ones are in the minutes

export function placeCard() {
  const { title, text } = place();
  return html`<section class="card place" data-testid="place">
    <h2 class="small muted">${t("host.place_heading")}</h2>
    <strong>${title}</strong>
    ${text ? html`<p>${text}</p>` : nothing}
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

/** @param {RequestView} request */
function row(request) {
  const kind = request.priority_class;
  const about = [kind === "normal" ? "" : t(`common.class_${kind}`), request.topic];
  const open = isOpen(request);
  const waiting = open && request.status !== "granted";
  const look = { accepted: "info", granted: "air" }[request.status] ?? "";
  return html`<li data-request=${request.id} data-status=${request.status} class=${open ? "" : "ended"}>
    <div class="grow">
      <b>${request.name}</b>
      <p class="muted small">${about.filter(Boolean).join(" · ")}</p>
      ${request.reason ? html`<p class="small reason">${t("host.reason", { reason: request.reason })}</p>` : nothing}
    </div>
    <span class=${`badge ${look}`}>${requestBadge(request)}</span>
    ${waiting
      ? html`<button
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
          @click=${() => cancel(request.id, request.name)}
        >
          ${t("common.cancel")}
        </button>`
      : nothing}
  </li>`;
}
