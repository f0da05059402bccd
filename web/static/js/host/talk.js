// Talkback: a technician talks to this site beside the program, and the host may answer. The
// page says who speaks and who hears what is answered; the program is quieter meanwhile.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { connection, devices, sound } from "./parts.js";
import { change, state } from "./state.js";

/** @import { Talk } from "../protocol" */

const DUCKED = 0.2; // still there, and under a voice
let answering = false; // we have said so, and opened the microphone for it

/** Take what the server says of the conversation. @param {Talk} talk */
export function takeTalk(talk) {
  change({ talk: talk.peer ? talk : null });
}

/** Bring sound and microphone in line with the conversation; call after each change. */
export function followTalk() {
  const { talk, view } = state;
  sound.setVolume(talk?.speaking ? DUCKED : 1);
  // What was meant for the technician must not become a speech.
  if (answering && (!talk || view?.microphone_open)) answer(false);
}

/** @param {boolean} on */
export function answer(on) {
  const before = answering;
  answering = on;
  devices.setMuted(state.muted && !on); // our own mute holds again afterwards
  if (before || on) connection.tell({ type: "talk_answer", peer: state.peer, on });
  change({});
}

/** Who talks to us, and the way to answer. */
export function talkNotice() {
  const { talk } = state;
  if (!talk) return nothing;
  const by = talk.by || t("orders.technician");
  const words = answering
    ? t("orders.talk_answering", { by })
    : t(talk.speaking ? "orders.talk_speaking" : "orders.talk_open", { by });
  return html`<div class="notice info talk" data-testid="talk" data-speaking=${talk.speaking ?? false} data-answering=${answering}>
    ${icon(talk.speaking ? "spk" : "mic")}<b class="grow">${words}</b>${answerButton()}
  </div>`;
}

function answerButton() {
  if (state.view?.microphone_open) return html`<span>${t("orders.talk_on_air")}</span>`;
  if (!devices.tracks.microphone || !state.peer) return html`<span>${t("orders.talk_no_microphone")}</span>`;
  return html`<button
    type="button"
    class=${`btn ${answering ? "" : "pri"}`}
    data-testid="talk-answer"
    aria-pressed=${answering}
    @click=${() => answer(!answering)}
  >
    ${icon(answering ? "micoff" : "mic")}${t(answering ? "orders.talk_end" : "orders.talk_answer")}
  </button>`;
}
