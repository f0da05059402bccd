// Before entering: does the camera see, does the microphone hear, can people hear us, does the line carry it?

import { html, nothing } from "lit-html";
import { problemText } from "../device-words.js";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { join, tryTone } from "./actions.js";
import { lineStep } from "./check-step.js";
import { report } from "./check-report.js";
import { devices, lineCheck, meter } from "./parts.js";
import { deviceSelect, ownFrame, topBar } from "./pieces.js";
import { onDeck, state } from "./state.js";
import { tally } from "./words.js";

/** @import { Kind } from "../devices.js" */

const SILENT_MS = 8000; // time to read the sentence and say one

/** The microphone we listen to, and since when. @type {MediaStreamTrack | null} */
let listened = null;
let listening = 0;

export function checkView() {
  const { camera, microphone } = devices.tracks;
  const { width = 0, height = 0 } = camera?.getSettings() ?? {};
  return html`${topBar()}
    <main class="col checkpage">
      <div>
        <h1 tabindex="-1">${t("host.check_title")}</h1>
        <p class="sub">${t("host.check_text")}</p>
      </div>
      <div class="g-check">
        <div class="col">
          ${ownFrame(t("host.your_camera"), width ? `${width} × ${height}` : "")}
          <div class="form">${deviceSelect("camera")} ${deviceSelect("microphone")}</div>
        </div>
        <div class="col">
          <section class="card panel">
            <h2 class="sr">${t("host.check_results")}</h2>
            ${devices.asking ? asking() : nothing}
            <ol aria-busy=${devices.asking ? "true" : "false"}>
              ${deviceCheck(1, "camera")} ${deviceCheck(2, "microphone")} ${speakerCheck()}
              ${lineStep(4)}
            </ol>
          </section>
          ${enter(Boolean(camera), Boolean(microphone))}
        </div>
      </div>
    </main>`;
}

const asking = () =>
  html`<p class="asking" role="status">${icon("info")}<span>${t("host.asking")}</span></p>`;

/** @param {number} number @param {Kind} kind */
function deviceCheck(number, kind) {
  const track = devices.tracks[kind];
  const problem = devices.problems[kind];
  if (problem) {
    const { title, text } = problemText(kind, problem);
    return html`<li class="check" data-testid=${`problem-${kind}`} data-problem=${problem}>
      <span class="mark note">${icon("warn")}</span>
      <div><b>${number}. ${title}</b><p>${text}</p></div>
      <button type="button" class="btn" data-testid=${`retry-${kind}`} @click=${() => devices.open()}>
        ${icon("reload")}${t("common.retry")}
      </button>
    </li>`;
  }
  const heard = kind === "microphone" ? meter.heard : true;
  const word = !track ? "off" : heard ? "ok" : "listening";
  return html`<li class="check" data-testid=${`check-${kind}`} data-state=${word}>
    <span class=${`mark ${word === "ok" ? "ok" : "wait"}`}
      >${icon(word === "ok" ? "ok" : kind === "camera" ? "cam" : "mic")}</span
    >
    <div>
      <b>${number}. ${t(`host.check_${kind}_${devices.asking && !track ? "asking" : word}`)}</b>
      ${kind === "microphone" && track ? meter.element : nothing}
      ${silent(kind) ? html`<p data-testid="silent">${t("host.check_microphone_silent")}</p>` : html`<p class="muted">${t(`host.check_${kind}_text`)}</p>`}
    </div>
  </li>`;
}

/** A microphone that has given no sound for some seconds needs a hand. @param {Kind} kind */
function silent(kind) {
  const track = devices.tracks.microphone;
  if (track !== listened) {
    listened = track;
    listening = performance.now();
  }
  return kind === "microphone" && track && !meter.heard && performance.now() - listening > SILENT_MS;
}

const speakerCheck = () =>
  html`<li class="check">
    <span class=${`mark ${state.toneHeard ? "ok" : "wait"}`}
      >${icon(state.toneHeard ? "ok" : "spk")}</span
    >
    <div>
      <b>3. ${t(state.toneHeard ? "host.check_speaker_done" : "host.check_speaker")}</b>
      <p class="muted">${t(state.toneHeard ? "host.check_speaker_quiet" : "host.check_speaker_text")}</p>
      ${devices.list("audiooutput").length > 1 ? deviceSelect("speaker") : nothing}
    </div>
    <button
      type="button"
      class="btn"
      data-testid="tone"
      ?disabled=${state.tonePlaying}
      @click=${tryTone}
    >
      ${icon("play")}${t("host.try_speaker")}
    </button>
  </li>`;

/** @param {boolean} watching follow only */
function goIn(watching) {
  void report();
  lineCheck.stop();
  return join(watching);
}

/** @param {boolean} camera @param {boolean} microphone */
function enter(camera, microphone) {
  const any = camera || microphone;
  const { open, who } = tally();
  let note = open === "nobody" ? "host.join_ready" : "host.join_live";
  if (who === "unknown") note = "host.join_unknown";
  if (!camera) note = microphone ? "host.join_no_camera" : "host.join_nothing";
  else if (!microphone) note = "host.join_no_microphone";
  if (onDeck()) note = "host.join_deck";
  return html`<div class="row wrap enter">
      <button
        type="button"
        class="btn pri big grow"
        data-testid="join"
        ?disabled=${devices.asking}
        @click=${() => goIn(!any)}
      >
        ${t(any || devices.asking ? "host.join" : "host.join_watching")}
      </button>
      ${any || devices.asking
        ? html`<button type="button" class="btn big quiet" data-testid="join-watch" @click=${() => goIn(true)}>
            ${icon("eye")}${t("host.join_watch")}
          </button>`
        : nothing}
    </div>
    ${devices.asking ? nothing : html`<p class="muted">${t(note)}</p>`}`;
}
