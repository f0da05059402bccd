// A speech of this site: one screen, one clock, one way to end it.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon } from "../ui.js";
import { release } from "./actions.js";
import { openDialog } from "./dialogs.js";
import { connection, devices, meter } from "./parts.js";
import { linkWord, muteButton, programFrame } from "./pieces.js";
import { state } from "./state.js";
import { airWords, held, impaired, tally, tallySymbol } from "./words.js";

/** @import { GrantView, RequestView } from "../protocol" */

/** @param {RequestView} request @param {GrantView} grant */
export function onAirView(request, grant) {
  const seen = Boolean(state.view?.on_program && state.status.online);
  const paused = held(grant);
  const word = microphoneWord(paused);
  const open = word === "open";
  const silent = word === "muted" || word === "missing"; // then that is what to mend first
  return html`<div class=${paused ? "edge held" : "edge air"} data-testid="on-air" data-phase=${grant.phase}>
    ${band(grant)}
    <main class="airgrid">
      ${timeBox(grant)}
      <section class="col airside">
        ${programFrame(t(seen ? "host.they_see" : "common.program"), seen)}
        <p class="row micline">
          ${icon(open ? "mic" : "micoff")}
          <span class="num">${t(`host.mic_${word}`)}</span>
          <span class="grow">${open ? meter.element : nothing}</span>
        </p>
        <p class="row">${linkWord()}</p>
      </section>
      <div class="row airbuttons">
        <button
          type="button"
          class=${`btn big ${silent ? "" : "pri"}`}
          data-testid="release"
          ?disabled=${grant.phase === "revoking"}
          @click=${() => release(request.id)}
        >
          ${icon("stop")}${t("host.release")}
        </button>
        ${devices.tracks.microphone ? muteButton(silent ? "pri" : "") : devicesButton()}
      </div>
    </main>
  </div>`;
}

/** @param {GrantView} grant */
function band(grant) {
  const { title, text } = airWords(grant);
  const { who, why } = tally();
  const calm = grant.phase === "revoking" || !impaired();
  return html`<div class=${`band ${calm ? "" : "impaired"}`} data-tally=${who} data-why=${why}>
    ${icon(held(grant) ? "pause" : calm ? "air" : tallySymbol())}
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
  if (tally().who === "other") return "unused";
  if (!devices.tracks.microphone) return "missing";
  return state.muted ? "muted" : "open";
}

/** @param {GrantView} grant */
function timeBox(grant) {
  const now = connection.serverNow();
  if (grant.phase === "revoking") {
    return box("over", "warn", t("host.closes_in"), Math.max(0, grant.ends_at - now), null, t("host.closes_text"));
  }
  const left = remaining(grant, now);
  const minutes = Math.round(grant.limit / 6) / 10;
  if (grant.phase === "arming") {
    return box("normal", "wait", t("common.time_left"), left, 1, t("host.say_arming"));
  }
  if (grant.phase === "paused") {
    const share = Math.max(0, left / grant.limit);
    return box("normal", "pause", t("host.paused_left"), left, share, t("host.say_paused"));
  }
  const form = clockForm(grant, now);
  const label = t({ normal: "common.time_left", warning: "host.nearly", over: "common.overtime" }[form]);
  const symbol = { normal: "wait", warning: "bell", over: "warn" }[form];
  const share = form === "over" ? 1 : Math.max(0, left / grant.limit);
  return box(form, symbol, label, left, share, t(`host.say_${form}`, { n: minutes }));
}

/**
 * @param {"normal" | "warning" | "over"} form
 * @param {string} symbol
 * @param {string} label
 * @param {number} seconds
 * @param {number | null} share of the bar, 0-1; null for no bar
 * @param {string} say
 */
const box = (form, symbol, label, seconds, share, say) =>
  html`<section class=${`timebox ${form}`} data-form=${form}>
    <p class="lbl">${icon(symbol)} ${label}</p>
    <p class="clock" role="timer" data-testid="clock">${formatClock(seconds)}</p>
    ${share === null
      ? nothing
      : html`<div class=${`bar ${form === "over" ? "deck" : ""}`}><i style=${`width:${share * 100}%`}></i></div>`}
    <p class="say">${say}</p>
  </section>`;
