// A speech of this site: one screen, one clock, one way to end it.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { formatClock } from "../time.js";
import { icon } from "../ui.js";
import { command, release } from "./actions.js";
import { airWords, held } from "./air-words.js";
import { openDialog } from "./dialogs.js";
import { connection, devices, meter } from "./parts.js";
import { linkWord, muteButton, programFrame } from "./pieces.js";
import { slidesBox, slidesButton } from "./slides.js";
import { onDeck, state } from "./state.js";
import { clockOf, turnOf } from "./turn.js";
import { impaired, minutes, serverHeard, tally, tallySymbol } from "./words.js";

/** @import { GrantView, RequestView } from "../protocol" */
/** @import { Turn } from "./turn.js" */

/** @param {RequestView} request @param {GrantView} grant */
export function onAirView(request, grant) {
  const turn = turnOf(request, grant);
  const { on_program = false, program } = state.view ?? {};
  const seen = on_program && serverHeard();
  const ours = seen || (program?.slate && program.site === request.site);
  const paused = held(grant);
  const word = turn === "link_lost" ? "lost" : microphoneWord(paused);
  const open = word === "open";
  const silent = word === "muted" || word === "missing"; // then that is what to mend first
  return html`<div class=${paused ? "edge held" : "edge air"} data-testid="on-air" data-phase=${grant.phase} data-turn=${turn}>
    ${band(request, grant)}
    <main class="airgrid">
      ${timeBox(turn, grant)}
      <section class="col airside">
        ${programFrame(t(ours ? "host.they_see" : "common.program"), seen)}
        <p class="row micline">
          ${icon(open ? "mic" : "micoff")}
          <span class="num">${t(`host.mic_${word}`)}</span>
          <span class="grow">${open ? meter.element : nothing}</span>
        </p>
        <p class="row">${linkWord()}</p>
        ${slidesBox()} ${nextOfUs()}
      </section>
      <div class="row airbuttons">
        <button
          type="button"
          class=${`btn big ${silent || turn === "link_lost" ? "" : "pri"}`}
          data-testid="release"
          ?disabled=${grant.phase === "revoking"}
          @click=${() => release(request.id)}
        >
          ${icon("stop")}${t("host.release")}
        </button>
        ${devices.tracks.microphone ? muteButton(silent ? "pri" : "") : devicesButton()}
        ${slidesButton()}
      </div>
    </main>
  </div>`;
}

/** @param {RequestView} request @param {GrantView} grant */
function band(request, grant) {
  const { title, text } = airWords(request, grant);
  const { who, why } = tally();
  const lost = grant.phase === "link_lost";
  const calm = grant.phase === "revoking" || !(lost || impaired());
  const symbol = calm ? "air" : lost ? "reload" : tallySymbol();
  return html`<div class=${`band ${calm ? "" : "impaired"}`} data-tally=${who} data-why=${why}>
    ${icon(held(grant) ? "pause" : symbol)}
    <div class="grow">
      <h1 tabindex="-1">${title}</h1>
      <p data-testid="tally">${text}</p>
    </div>
  </div>`;
}

/** A speech without a microphone: choosing one is what helps. */
const devicesButton = () =>
  html`<button type="button" class="btn pri" data-testid="devices" @click=${() => openDialog("devices")}>
    ${icon("mic")}${t("host.devices")}
  </button>`;

/** @param {boolean} paused */
function microphoneWord(paused) {
  if (paused) return "paused";
  if (tally().why === "silenced") return "silenced";
  if (tally().who === "other") return "unused";
  if (!devices.tracks.microphone) return "missing";
  return state.muted ? "muted" : "open";
}

/** @param {Turn} turn @param {GrantView} grant */
function timeBox(turn, grant) {
  const { form, symbol, label, seconds, share, say } = clockOf(turn, grant, connection.serverNow());
  return html`<section class=${`timebox ${form}`} data-form=${form}>
    <p class="lbl">${icon(symbol)} ${t(label)}</p>
    <p class="clock" role="timer" data-testid="clock">${formatClock(seconds)}</p>
    ${share === null
      ? nothing
      : html`<div class=${`bar ${form === "over" ? "deck" : ""}`}><i style=${`width:${share * 100}%`}></i></div>`}
    <p class="say">${t(say, { n: minutes(grant.limit) })}</p>
  </section>`;
}

/** Another delegate of this site is next: they must sit down while this one speaks. */
function nextOfUs() {
  const request = onDeck();
  if (!request?.deck) return nothing;
  const asked = !request.deck.returned;
  return html`<div class="card row nextofus" role="status" data-testid="next-of-us">
    ${icon("bell")}
    <p>${t("host.next_of_us")} <b>${request.name}</b></p>
    ${asked
      ? html`<button
          type="button"
          class="btn tight"
          data-testid="remedy-confirm"
          @click=${() => command({ type: "confirm_return", request: request.id })}
        >
          ${t("host.confirm")}
        </button>`
      : html`<span class="badge ok">${icon("ok")}${t("host.deck_return_ok")}</span>`}
  </div>`;
}
