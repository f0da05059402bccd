// A speech of this site: one screen, one clock, one way to end it.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon } from "../ui.js";
import { release } from "./actions.js";
import { connection, devices, meter } from "./parts.js";
import { linkWord, muteButton, programFrame } from "./pieces.js";
import { state } from "./state.js";
import { siteInline, tally } from "./words.js";

/** @import { GrantView, RequestView } from "../protocol" */

/** @param {RequestView} request @param {GrantView} grant */
export function onAirView(request, grant) {
  const seen = Boolean(state.view?.on_program);
  return html`<div class="edge air" data-testid="on-air" data-phase=${grant.phase}>
    ${band(grant)}
    <main class="airgrid">
      ${timeBox(grant)}
      <section class="col airside">
        ${programFrame(t(seen ? "host.they_see" : "common.program"), seen)}
        <p class="row micline">
          ${icon(state.muted ? "micoff" : "mic")}
          <span class="num">${t(microphoneWord())}</span>
          <span class="grow">${state.muted ? nothing : meter.element}</span>
        </p>
        <p class="row">${linkWord()}</p>
      </section>
      <div class="row airbuttons">
        <button
          type="button"
          class="btn big pri"
          data-testid="release"
          ?disabled=${grant.phase === "revoking"}
          @click=${() => release(request.id)}
        >
          ${icon("stop")}${t("host.release")}
        </button>
        ${muteButton()}
      </div>
    </main>
  </div>`;
}

/** @param {GrantView} grant */
function band(grant) {
  const words = grant.phase === "revoking" ? "revoking" : state.muted ? "muted" : grant.phase;
  const who = words === "live" ? tally() : "both";
  const suffix = who === "both" ? "" : `_${who}`;
  return html`<div class="band">
    ${icon(words === "muted" ? "micoff" : "air")}
    <div class="grow">
      <h1 tabindex="-1">${t(`host.air_${words}`)}</h1>
      <p data-testid="tally">${t(`host.air_${words}_text${suffix}`, { site: siteInline() })}</p>
    </div>
  </div>`;
}

function microphoneWord() {
  if (!devices.tracks.microphone) return "host.mic_missing";
  return state.muted ? "host.mic_muted" : "host.mic_open";
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
