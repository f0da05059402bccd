// The waiting room: the program, what comes next, our place in line, our own picture.
// It gets a red edge when the conference sees or hears us without a speech of ours.

import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { addMinutes, formatTime } from "../time.js";
import { icon } from "../ui.js";
import { leave } from "./actions.js";
import { openDialog } from "./dialogs.js";
import { askForFloor } from "./request-form.js";
import { microphone, muteButton, ownFrame, pathLine, programFrame, topBar } from "./pieces.js";
import { backupButton, qrButton } from "./qr.js";
import { ownRequests, placeCard } from "./requests.js";
import { slidesBox, slidesButton } from "./slides.js";
import { state } from "./state.js";
import { impaired, tally, tallySymbol, tallyWords } from "./words.js";

/** @import { AgendaView } from "../protocol" */

export function roomView() {
  const { open } = tally();
  const seen = open === "both" || open === "picture";
  const page = html`${topBar()} ${open === "nobody" ? nothing : airBand()}
    <main class="roompage">
      <h1 class="sr" tabindex="-1">${t("host.title_room")}</h1>
      <div class="g-wait">
        <div class="col watch">
          ${programFrame(t("common.program"), seen)} ${agenda()} ${buttons()}
        </div>
        <aside class="col">
          ${placeCard()} ${ownRequests()}
          <div class="row codes">${qrButton()} ${backupButton()}</div>
          ${slidesBox()}
          <section class="ownbox">
            ${ownFrame(t("host.your_picture"))} ${microphone()} ${pathLine()}
          </section>
        </aside>
      </div>
    </main>`;
  return html`<div class=${`roomedge ${open === "nobody" ? "" : "edge air"}`}>${page}</div>`;
}

/** Seen or heard without a speech of ours. */
export function airBand() {
  const { title, text: more } = tallyWords();
  const look = impaired() ? "impaired" : "";
  return html`<div class=${`band thin ${look}`} data-testid="on-air" data-tally=${tally().who}>
    ${icon(tallySymbol())}
    <div class="grow">
      <h2>${title}</h2>
      <p>${more}</p>
    </div>
  </div>`;
}

function agenda() {
  const items = state.view?.agenda ?? [];
  const now = items.find((item) => item.state === "now");
  const next = items.find((item) => item.state === "next");
  if (!now && !next) return nothing;
  return html`<div class="card nownext">
    ${now ? agendaItem(t("host.now"), now, t("host.until", { time: ends(now) })) : nothing}
    ${next ? agendaItem(t("host.next"), next, next.starts_at) : nothing}
  </div>`;
}

/** @param {string} label @param {AgendaView} item @param {string} when */
const agendaItem = (label, item, when) =>
  html`<div>
    <span class="muted small">${label}${/\d/.test(when) ? ` · ${when}` : ""}</span>
    <b>${text(item.title)}</b>
  </div>`;

/** An item that began late ends late. @param {AgendaView} item */
const ends = (item) =>
  item.started_at && item.minutes
    ? formatTime(item.started_at + item.minutes * 60, state.view?.time_zone ?? "UTC")
    : addMinutes(item.starts_at, item.minutes);

const buttons = () =>
  html`<div class="actions4">
    <button
      type="button"
      class="btn pri"
      data-testid="request-floor"
      ?disabled=${!state.view}
      @click=${askForFloor}
    >
      ${icon("hand")}${t("host.request")}
    </button>
    ${state.watching ? nothing : muteButton()} ${slidesButton()}
    <button type="button" class="btn" data-testid="devices" @click=${() => openDialog("devices")}>
      ${icon("cam")}${t("host.devices")}
    </button>
    <button type="button" class="btn" data-testid="leave" @click=${leave}>
      ${icon("leave")}${t("host.leave")}
    </button>
  </div>`;
