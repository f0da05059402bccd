// What people have just done: one line under the queue with the way back, and the whole list
// in a window.

/** @import { ActionView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { has, t, text } from "../i18n.js";
import { formatSeconds } from "../time.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";

/** @param {Control} control @param {ActionView} action */
export function who(control, action) {
  if (action.key === control.you.key) return t("moderator.you");
  if (action.by) return action.by;
  const site = text(control.view?.sites[action.site]?.name);
  return t(has(`moderator.who_${action.role}`) ? `moderator.who_${action.role}` : "moderator.who", {
    site,
  });
}

/**
 * "mời chuẩn bị: Cần Thơ, Ông Huỳnh Tấn Lộc"
 * @param {Control} control
 * @param {ActionView} action
 * @param {boolean} [brief] without the delegate
 */
export function what(control, { deed, subject, name }, brief = false) {
  const site = text(control.view?.sites[subject]?.name);
  const about = [site, brief ? "" : name].filter(Boolean).join(", ");
  const words = t(`deed.${deed}`, { site, name });
  return about ? t("moderator.done_with", { deed: words, about }) : words;
}

/** @param {Control} control */
export function journalLine(control) {
  const { view, undoable } = control;
  const newest = view?.actions[0];
  if (!view || !newest) return nothing;
  const time = formatSeconds(newest.at, view.time_zone);
  return html`<div class="journal" data-testid="journal">
    <button
      class="newest grow cut"
      type="button"
      aria-haspopup="dialog"
      data-testid="open-newest"
      title=${t("moderator.journal")}
      @click=${() => control.set({ dialog: { kind: "journal" } })}
    >
      <span class="nums num">${time}</span> <b>${who(control, newest)}</b> ${what(control, newest)}
    </button>
    ${undoable
      ? actButton(control, {
          id: "undo",
          words: t("moderator.undo", { what: what(control, undoable, true) }),
          hint: what(control, undoable),
          symbol: "undo",
          kind: "undo",
          run: () => void control.undo(),
        })
      : nothing}
  </div>`;
}

/** @param {Control} control */
export function journal(control) {
  const { view } = control;
  if (!view) return nothing;
  return html`<h2 id="dialog-title">${t("moderator.journal")}</h2>
    ${view.actions.length
      ? html`<ol class="deeds" tabindex="0" aria-labelledby="dialog-title">
          ${view.actions.map(
            (action) =>
              html`<li class=${action.undone ? "undone" : ""}>
                <span class="nums num muted">${formatSeconds(action.at, view.time_zone)}</span>
                <span class="grow"
                  ><b>${who(control, action)}</b> <span>${what(control, action)}</span>
                  ${action.undone
                    ? html`<span class="badge">${icon("undo")}${t("moderator.was_undone")}</span>`
                    : nothing}</span
                >
              </li>`,
          )}
        </ol>`
      : html`<p class="muted">${t("moderator.journal_empty")}</p>`}`;
}
