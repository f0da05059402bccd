// Talking to the selected site: hold to talk, or leave it open; who else does, who answers.

/** @import { Desk } from "./desk.js" */
/** @import { Talker } from "./talker.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";

const HOLDING = new Set(["Space", "Enter"]);

/** What is going on, in words. @param {Talker} talker @param {string} code */
function status(talker, code) {
  const busy = talker.busy(code);
  if (busy) return t("actions.talk_busy", { by: busy.by || t("orders.technician") });
  if (talker.problem) return t(`actions.talk_${talker.problem}`);
  if (talker.site !== code) return "";
  if (talker.answers(code)) return t("actions.talk_answers");
  return t(talker.speaking ? "actions.talk_speaking" : "actions.talk_waits");
}

/** @param {Desk} desk @param {string} code */
export function talkBox(desk, code) {
  const { talker } = desk.acts;
  if (!talker) return nothing;
  const ours = talker.site === code;
  const off = talker.busy(code) !== null;
  const hold = (/** @type {boolean} */ on) => () => {
    if (on === (ours && talker.speaking) || (!on && talker.latched)) return;
    void talker.speak(code, on);
  };
  const key = (/** @type {boolean} */ on) => (/** @type {KeyboardEvent} */ event) => {
    if (!HOLDING.has(event.code)) return;
    event.preventDefault();
    if (!event.repeat) hold(on)();
  };
  const words = status(talker, code);
  return html`<div class=${`talkbox ${ours ? "open" : ""}`} data-testid="talkbox" data-speaking=${ours && talker.speaking}>
    <div class="row wrap">
      <button
        type="button"
        class=${`btn tight ${ours && talker.speaking && !talker.latched ? "pri" : ""}`}
        data-testid="talk-hold"
        ?disabled=${off}
        @pointerdown=${(/** @type {PointerEvent} */ event) => {
          /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
          hold(true)();
        }}
        @pointerup=${hold(false)}
        @pointercancel=${hold(false)}
        @keydown=${key(true)}
        @keyup=${key(false)}
        @blur=${hold(false)}
      >
        ${icon("mic")}${t("actions.talk_hold")}
      </button>
      <button
        type="button"
        class=${`btn tight ${ours && talker.latched ? "pri" : ""}`}
        data-testid="talk-latch"
        aria-pressed=${ours && talker.latched}
        ?disabled=${off}
        @click=${() => void talker.latch(code)}
      >
        ${t("actions.talk_latch")}
      </button>
      ${ours
        ? html`<button type="button" class="btn tight" data-testid="talk-end" @click=${() => talker.end()}>
            ${icon("x")}${t("actions.talk_end")}
          </button>`
        : nothing}
    </div>
    <p role="status" class="small">${words}</p>
    ${ours && desk.view?.microphones.includes(code)
      ? html`<p class="small b">${t("actions.talk_open_mic")}</p>`
      : nothing}
  </div>`;
}
