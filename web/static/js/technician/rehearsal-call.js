// The talkback step of one site's rehearsal: the call, how far it was measured, and what that came to.

/** @import { Mark } from "../protocol" */
/** @import { Rehearsal } from "./rehearsal.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { talkBox } from "./talk.js";

/** @param {Rehearsal} rehearsal @param {boolean} signed */
export function callBox(rehearsal, signed) {
  const { desk, site, book } = rehearsal;
  const { talker } = desk.acts;
  if (!talker || signed) return nothing;
  const call = book.calling[site];
  if (call || talker.site === site) {
    return html`<div class="callbox">${call ? progress(rehearsal) : nothing}${talkBox(desk, site)}</div>`;
  }
  const busy = talker.busy(site);
  return html`<div class="callbox row wrap">
    <button
      type="button"
      class="btn tight"
      data-testid="call"
      aria-disabled=${busy !== null}
      @click=${() => busy || rehearsal.call()}
    >
      ${icon("mic")}${t("rehearsal.call")}<kbd>C</kbd>
    </button>
    <span class="small muted" role="status"
      >${busy ? t("actions.talk_busy", { by: busy.by || t("orders.technician") }) : talker.problem ? t(`actions.talk_${talker.problem}`) : ""}</span
    >
  </div>`;
}

/** The way of a word to the site and back, and how far it has come. @param {Rehearsal} rehearsal */
function progress({ book, site }) {
  const { spoken = false, heard = null, answered = false, voice = false } = book.calling[site];
  const blocked = heard?.problem === "sound_blocked";
  /** @type {[string, boolean, string][]} */
  const steps = [
    ["spoken", spoken, spoken ? "call_spoken" : "call_speak"],
    ["heard", heard !== null && !blocked, blocked ? "call_blocked" : heard ? "call_heard" : "call_hear"],
    ["answered", answered && voice, voice ? "call_voice" : answered ? "call_quiet" : "call_answer"],
  ];
  return html`<ol class="callsteps" data-testid="calling" aria-live="polite">
    ${steps.map(
      ([name, done, words]) =>
        html`<li data-step=${name} data-done=${done}>${icon(done ? "ok" : "wait")}<span>${t(`rehearsal.${words}`)}</span></li>`,
    )}
  </ol>`;
}

/** What a call that is over came to, as long as the technician has not said their word. @param {Mark} found @param {string} time */
export function afterCall(found, time) {
  if (found.outcome === "good") return t("rehearsal.called_good", { time });
  return t("rehearsal.called_bad", { time, why: t(`rehearsal.why_${found.reason}`) });
}
