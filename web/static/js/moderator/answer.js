// The reserved place under PREVIEW: which command had no effect (or may have had), why, and "do it again".

/** @import { PageCommand } from "../connection.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { isUnclear } from "../connection.js";
import { t, text } from "../i18n.js";
import { errorText, icon } from "../ui.js";

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
  return t(`moderator.deed_${command.type}`, { site });
}

/** @param {Control} control */
export function answer(control) {
  const { notice } = control;
  return html`<div class="answer" role="status">
    ${notice
      ? html`<div class="toast" data-testid="toast" data-code=${notice.error.code}>
          <p class="grow tiny">
            <b>${t(isUnclear(notice.error) ? "moderator.unclear" : "moderator.no_effect")} ${deed(notice.command, control)}.</b>
            ${errorText(notice.error)}
          </p>
          <button class="btn tight" type="button" data-testid="retry" @click=${() => control.retry()}>
            ${t("moderator.again")}
          </button>
          <button
            class="btn icon quiet"
            type="button"
            aria-label=${t("common.close")}
            @click=${() => control.set({ notice: null })}
          >
            ${icon("x")}
          </button>
        </div>`
      : nothing}
  </div>`;
}
