// The windows over the page. A native dialog keeps the focus inside and gives it back.

/** @import { Control, Dialog } from "./control.js" */
import { html, nothing } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { t } from "../i18n.js";
import { waiting } from "./head.js";
import { journal } from "./journal.js";
import { HELP } from "./keys.js";
import { ledger } from "./ledger-window.js";
import { proposal } from "./proposal-window.js";
import { add, correct, edit, reason, reasonField } from "./request-windows.js";
import { rules } from "./rules-window.js";
import { buttons, close, closeButton, fields, refusal } from "./window-parts.js";

/** Windows that need more room than a form. */
const WIDE = new Set(["proposal", "ledger", "rules", "journal", "help"]);

/** @param {Control} control */
function help(control) {
  return html`<h2 id="dialog-title">${t("moderator.help_title")}</h2>
    <div class="help">
      ${HELP.map(
        ([group, keys]) =>
          html`<section>
            <h3>${t(`moderator.keys_${group}`)}</h3>
            <dl>
              ${keys.map(
                ([name, caps]) =>
                  html`<div>
                    <dt>${caps.map((cap) => html`<kbd>${cap}</kbd> `)}</dt>
                    <dd>${t(`moderator.key_${name}`)}</dd>
                  </div>`,
              )}
            </dl>
          </section>`,
      )}
    </div>
    <p class="muted small">${t("moderator.help_note")}</p>
    <div class="row buttons">${closeButton(control)}</div>`;
}

/**
 * Cancelling all that waits: the number is that of the moment the window opened, and has to
 * be looked at again when the list changes.
 * @param {Control} control
 * @param {number} count
 */
function clear(control, count) {
  const now = waiting(control);
  const changed = now !== count;
  const send = async (/** @type {SubmitEvent} */ event) => {
    const get = fields(event);
    const done = await control.run({ type: "clear_requests", count, reason: get("reason") });
    if (done) close(control);
  };
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.clear_title", { count })}</h2>
    <p class="about">${t("moderator.clear_about")}</p>
    ${reasonField(t("moderator.reason_hint"))}
    ${changed
      ? html`<p class="refusal" role="alert" data-testid="clear-changed">
          <span class="grow">${t("moderator.clear_changed", { count: now })}</span>
          <button
            class="btn tight"
            type="button"
            ?disabled=${now === 0}
            @click=${() => control.set({ dialog: { kind: "clear", count: now } })}
          >
            ${t("moderator.look_again")}
          </button>
        </p>`
      : refusal(control)}
    ${buttons(control, t("moderator.clear_send", { count }), "danger", changed)}
  </form>`;
}

/** @param {Control} control @param {Dialog} open */
function body(control, open) {
  switch (open.kind) {
    case "add":
      return add(control);
    case "edit":
      return edit(control, open.request);
    case "correct":
      return correct(control, open.request);
    case "deny":
    case "cancel":
      return reason(control, open.kind, open.request);
    case "clear":
      return clear(control, open.count);
    case "proposal":
      return proposal(control);
    case "ledger":
      return ledger(control);
    case "rules":
      return rules(control);
    case "journal":
      return html`${journal(control)}
        <div class="row buttons">${closeButton(control)}</div>`;
    case "help":
      return help(control);
  }
}

/** @param {Control} control */
export function dialog(control) {
  const { dialog: open } = control;
  if (!open) return nothing;
  return keyed(
    open,
    html`<dialog
      class=${WIDE.has(open.kind) ? "wide" : ""}
      aria-labelledby="dialog-title"
      data-testid="dialog"
      data-kind=${open.kind}
      @close=${() => control.dialog === open && close(control)}
    >
      ${body(control, open)}
    </dialog>`,
  );
}
