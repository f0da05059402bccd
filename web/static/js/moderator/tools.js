// The moderator's buttons in the top bar: against the stray click, the minutes, the emergency.

/** @import { Control } from "./control.js" */
import { html } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { minutesLink } from "./ledger-window.js";

const STORED = "dc-locked";

/** Whether this tab was locked before it was loaded again. */
export const wasLocked = () => sessionStorage.getItem(STORED) === "yes";

/** @param {boolean} locked */
export function rememberLock(locked) {
  if (locked) sessionStorage.setItem(STORED, "yes");
  else sessionStorage.removeItem(STORED);
}

/** @param {Control} control */
export function tools(control) {
  const { locked, onSlate, view } = control;
  const lock = t("moderator.lock");
  return html`<button
      class="btn tight lock"
      type="button"
      data-testid="lock"
      aria-label=${lock}
      aria-pressed=${locked}
      title=${t("moderator.lock_hint")}
      @click=${() => control.set({ locked: !locked, question: null, message: null })}
    >
      ${icon("lock")}<span>${lock}</span>
    </button>
    ${minutesLink()}
    <span class=${`slatebox ${onSlate ? "on" : ""}`}>
      ${actButton(control, {
        id: "slate-button",
        words: t(onSlate ? "moderator.slate_off" : "moderator.slate_on"),
        hint: t(onSlate ? "moderator.slate_off_hint" : "moderator.slate_on_hint"),
        cap: "F8",
        kind: "danger",
        off: !view,
        run: () => control.toggleSlate(),
      })}
    </span>`;
}
