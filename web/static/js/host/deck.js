// On deck: who is to sit down, what is still missing and what helps, and when it is our turn.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { speaker, stands } from "../speaker.js";
import { formatClock, remaining } from "../time.js";
import { icon } from "../ui.js";
import { command, publishHere, returnToQueue, setMuted } from "./actions.js";
import { checkRows } from "./checks.js";
import { openDialog } from "./dialogs.js";
import { deckWhen } from "./line.js";
import { connection, meter, startSound } from "./parts.js";
import { linkQuality, ownFrame, smallProgram } from "./pieces.js";
import { airBand } from "./room.js";
import { slidesBox, slidesButton } from "./slides.js";
import { checkFacts, deckWords, say, siteInline, siteShort, tally, tallyWords } from "./words.js";

/** @import { DeckView, HostView, RequestView } from "../protocol" */
/** @import { Speech } from "../speaker.js" */
/** @import { Row } from "./checks.js" */

/** @param {HostView} view @param {RequestView} request @param {DeckView} deck */
export function deckView(view, request, deck) {
  const exposed = tally().open !== "nobody"; // red is louder than amber
  return html`<div
    class=${`edge ${exposed ? "air" : "deck"}`}
    data-testid="on-deck"
    data-state=${request.state}
    data-missing=${deck.missing.join(" ")}
  >
    ${exposed ? airBand() : nothing} ${band(view, request)}
    <main class="deckgrid">
      <section class="col">
        ${ownFrame(t("host.your_picture"), "", exposed ? "" : "deck")} ${slidesBox()} ${whoHears()}
        ${onAirNow(view)}
      </section>
      <section class="col">
        <div>
          <p class="sub">${t("host.deck_sit")}</p>
          <h2 class="delegate">${request.name}</h2>
          ${request.title ? html`<p class="muted">${request.title}</p>` : nothing}
        </div>
        <div class="card checks">
          ${progress(request, deck)}
          <ol>
            ${checkRows(deck, checkFacts()).map((row) => checkRow(row, request))}
          </ol>
        </div>
        <div class="row deckbuttons">
          <button type="button" class="btn grow" data-testid="devices" @click=${() => openDialog("devices")}>
            ${icon("cam")}${t("host.devices")}
          </button>
          <button
            type="button"
            class="btn grow"
            data-testid="not-ready"
            @click=${() => returnToQueue(request.id, view.positions[request.id] ?? 0)}
          >
            ${icon("wait")}${t("host.not_ready")}
          </button>
          ${slidesButton()}
        </div>
      </section>
    </main>
  </div>`;
}

/** @param {HostView} view @param {RequestView} request */
function band(view, request) {
  const when = deckWhen(view, request.id, connection.serverNow(), siteInline);
  const ready = request.state === "ready";
  return html`<div class="band call">
    ${icon(ready ? "ok" : request.state === "failed" ? "warn" : "bell")}
    <div class="grow">
      <h1 tabindex="-1" data-testid="deck-title">${deckWords(request)}</h1>
      <p data-testid="deck-when">${ready ? `${t("host.deck_ready_text")} ` : ""}${say(when)}</p>
    </div>
    ${speakerClock(speaker(view))}
  </div>`;
}

/** How long the one before us still has. @param {Speech | null} speech */
function speakerClock(speech) {
  if (!speech || speech.grant.phase === "arming") return nothing;
  const left = remaining(speech.grant, connection.serverNow());
  const word = stands(speech.grant) ? "stands" : Math.ceil(left) < 0 ? "over" : "left";
  return html`<div class="bandclock">
    <span class="clock" role="timer" data-testid="speaker-clock">${formatClock(left)}</span>
    <p>${t(`host.speaker_${word}`, { site: siteShort(speech.site) })}</p>
  </div>`;
}

/** The card's first line: ready, or how long there is. @param {RequestView} request @param {DeckView} deck */
function progress(request, deck) {
  if (request.state === "ready") {
    return html`<p class="prep ok" data-testid="ready">
      <span class="mark ok">${icon("ok")}</span><b>${t("host.ready")}</b>
    </p>`;
  }
  const time = formatClock(Math.max(0, deck.prep_until - connection.serverNow()));
  return html`<p class=${`prep ${request.state}`}>
    ${icon("wait")}<span data-testid="prep">${t("host.prep_left", { time })}</span>
  </p>`;
}

/** @param {Row} row @param {RequestView} request */
function checkRow({ check, ok, remedy }, request) {
  const failed = !ok && request.state === "failed";
  const quiet = request.state === "ready" && check !== "link"; // all is well: less to read
  const word = ok ? "ok" : failed ? "failed" : "checking";
  return html`<li class=${`check ${ok ? "fine" : ""}`} data-testid=${`deck-${check}`} data-state=${word} data-remedy=${remedy}>
    <span class=${`mark ${ok ? "ok" : failed ? "note" : "wait"}`}>${icon(ok ? "ok" : failed ? "warn" : "wait")}</span>
    <div>
      <b>${t(`host.deck_${check}_${word}`)}</b>
      ${remedy === "speak" ? meter.element : nothing}
      ${quiet ? nothing : html`<p class="muted">${ok ? fine(check) : t(`host.help_${remedy === "wait" ? `wait_${check}` : remedy}`)}</p>`}
    </div>
    ${remedyButton(remedy, request.id)}
  </li>`;
}

/** @param {Row["check"]} check */
const fine = (check) => (check === "link" ? linkQuality() : t(`host.deck_${check}_fine`));

/** @param {Row["remedy"]} remedy @param {string} request */
function remedyButton(remedy, request) {
  const buttons = {
    confirm: ["host.confirm", () => command({ type: "confirm_return", request })],
    start_sound: ["common.start_sound", startSound],
    unmute: ["host.unmute", () => setMuted(false)],
    devices: ["host.devices", () => openDialog("devices")],
    other: ["host.publish_here", publishHere],
  };
  const button = /** @type {[string, () => void] | undefined} */ (Reflect.get(buttons, remedy));
  if (!button) return nothing;
  const [words, act] = button;
  const primary = remedy === "confirm" || remedy === "start_sound";
  return html`<button
    type="button"
    class=${`btn ${primary ? "pri" : ""}`}
    data-testid=${`remedy-${remedy}`}
    ?data-primary=${primary}
    @click=${act}
  >
    ${t(words)}
  </button>`;
}

/** Nobody hears us yet; what will open by itself, and what will not. */
function whoHears() {
  const { who, why } = tally();
  const { microphone, other } = checkFacts();
  const later = { on: "host.opens_itself", muted: "host.muted_note", none: "" }[microphone];
  const told = who === "nobody" && !why && !other && later;
  return html`<p class="row whohears">
    ${icon(who === "both" || who === "sound" ? "mic" : "micoff")}
    <span data-testid="tally" data-tally=${who} data-why=${why}
      >${tallyWords().title}${told ? `. ${t(later)}` : ""}</span
    >
  </p>`;
}

/** @param {HostView} view */
function onAirNow(view) {
  const speech = speaker(view);
  return html`<div class="card row onairnow">
    ${smallProgram()}
    <div class="grow">
      <span class="muted">${t(speech ? "common.status_granted" : "common.program")}</span>
      <p class="b">${speech ? `${speech.name}, ${siteInline(speech.site)}` : t("host.nobody_speaks")}</p>
      ${speech?.topic ? html`<p class="muted topic">${speech.topic}</p>` : nothing}
    </div>
  </div>`;
}
