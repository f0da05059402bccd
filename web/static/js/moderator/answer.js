// The reserved place under PREVIEW: which command had no effect (or may have had), why, and
// "do it again"; or what happened meanwhile.

/** @import { PageCommand } from "../connection.js" */
/** @import { Control, Message, Notice } from "./control.js" */
import { html, nothing } from "lit-html";
import { isUnclear } from "../connection.js";
import { t, text } from "../i18n.js";
import { errorText, icon } from "../ui.js";
import { actButton } from "./act.js";
import { followingAct } from "./following.js";
import { what, who } from "./journal.js";
import { warnedOf, warnedSite } from "./weak.js";

/**
 * What a command was to do, in words.
 * @param {PageCommand} command
 * @param {Control} control
 */
function deed(command, control) {
  const name = (/** @type {string} */ code) => text(control.view?.sites[code]?.name) || code;
  /** @type {string} */
  let site = "";
  if ("request" in command) site = name(control.request(command.request)?.site ?? "");
  else if (command.type === "request_floor") site = name(command.site ?? "");
  else if ("source" in command && command.source) site = name(command.source.split(":")[1]);
  if (command.type === "take" && command.source) return t("moderator.deed_take_source", { site });
  return t(`moderator.deed_${command.type}`, { site });
}

/** @param {Control} control */
const closeButton = (control) =>
  html`<button
    class="btn icon quiet"
    type="button"
    aria-label=${t("common.close")}
    @click=${() => control.set({ notice: null, message: null })}
  >
    ${icon("x")}
  </button>`;

/** @param {Control} control @param {Notice} notice */
function refused(control, { command, error }) {
  const outcome = t(isUnclear(error) ? "moderator.unclear" : "moderator.no_effect");
  const warned = command.type === "take" && error.code === "link_bad";
  const site = text(control.view?.sites[warnedSite(control)]?.name);
  const instead = warned ? followingAct(control, warnedOf(control)) : null;
  return html`<div
    class=${`toast ${warned ? "warned" : ""}`}
    data-testid="toast"
    data-code=${error.code}
  >
    <p class="grow tiny">
      <b>${outcome} ${deed(command, control)}.</b>
      ${warned && site ? html`<b>${site}:</b> ` : nothing}${errorText(error)}
    </p>
    ${instead ? actButton(control, { ...instead, kind: "pri" }) : nothing}
    ${actButton(control, {
      id: "retry",
      words: t(warned ? "moderator.take_weak" : "moderator.again"),
      cap: warned ? "F2" : "",
      run: () => control.retry(),
    })}
    ${closeButton(control)}
  </div>`;
}

/** @param {Control} control @param {Message} message */
function words(control, message) {
  if (message.kind === "locked") return html`<b>${t("moderator.locked_now")}</b>`;
  if (message.kind === "alone") return html`<b>${t("moderator.nobody_follows")}</b>`;
  const { action } = message;
  const done = what(control, action);
  if (message.kind === "undone") return html`<b>${t("moderator.undone")}</b> ${done}`;
  return html`<b>${t("moderator.elsewhere", { who: who(control, action) })}</b> ${done}`;
}

/** @param {Control} control */
export function answer(control) {
  const { notice, message } = control;
  return html`<div class="answer" role="status">
    ${notice ? refused(control, notice) : nothing}
    ${message
      ? html`<div class="toast" data-testid="message" data-kind=${message.kind}>
          <p class="grow tiny">${words(control, message)}</p>
          ${closeButton(control)}
        </div>`
      : nothing}
  </div>`;
}
