// What technicians have done to this site's link, and what they write: calm sentences, on every
// screen of the page, because whoever speaks must know it too.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { read } from "./asked.js";
import { granted, state } from "./state.js";
import { talkNotice } from "./talk.js";
import { timeOfDay } from "./words.js";

/** @import { Action } from "../protocol" */

const SYMBOLS = { down: "camoff", up: "camoff", both: "camoff" };

/** Notices about orders in force, and notes to be read. Of a muted speech its own band tells. */
export function orderNotices() {
  const { muted = false, audio_only: way = "" } = state.view?.orders ?? {};
  return [
    talkNotice(),
    muted && !granted() ? sentence("muted", "micoff", t("orders.host_muted"), "") : nothing,
    way ? sentence("audio-only", SYMBOLS[way], t(`orders.host_audio_${way}`), "info") : nothing,
    ...state.notes.map(note),
  ];
}

/** @param {string} id @param {string} symbol @param {string} words @param {string} look */
const sentence = (id, symbol, words, look) =>
  html`<div class=${`notice ${look}`} data-testid=${`notice-${id}`}>
    ${icon(symbol)}<span class="grow">${words}</span>
  </div>`;

/** @param {Action} action */
const note = ({ id, by = "", at, value = "" }) =>
  html`<div class="notice info technote" data-testid="note">
    ${icon("info")}
    <p class="grow">
      <span class="muted small">${t("orders.note_from", { by: by || t("orders.technician"), time: timeOfDay(at) })}</span>
      <b>${value}</b>
    </p>
    <button type="button" class="btn" data-testid="note-read" @click=${() => read(id)}>
      ${icon("ok")}${t("orders.note_read")}
    </button>
  </div>`;
