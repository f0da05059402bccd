// The run of show: what is done, under way and next. Any item can be started, so a wrong
// step has a way back; starting one takes two clicks, or N for the next.

/** @import { AgendaView, ModeratorView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { walk } from "../neighbour.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { nextItem } from "./deeds.js";

/**
 * @param {AgendaView} item
 * @param {ModeratorView} view
 * @param {number} now
 */
function remark(item, view, now) {
  const started = item.started_at;
  if (item.state === "now" && started) {
    const left = Math.ceil((started + item.minutes * 60 - now) / 60);
    if (left >= 0) return t("moderator.item_left", { minutes: left });
    return t("moderator.item_over", { minutes: -left });
  }
  if (item.state === "done" && started) {
    return t("moderator.item_began", { time: formatTime(started, view.time_zone) });
  }
  return t("moderator.minutes", { minutes: item.minutes });
}

/**
 * @param {Control} control
 * @param {AgendaView} item
 * @param {boolean} stop it is the one of the list in the tab order; arrows lead to the others
 * @param {number} now
 */
function row(control, item, stop, now) {
  const view = /** @type {ModeratorView} */ (control.view);
  const open = control.item === item.id && item.state !== "now";
  const body = html`<span class="num">${item.starts_at}</span>
    <b>${text(item.title)}</b>
    <small>${remark(item, view, now)}</small>`;
  if (item.state === "now") return html`<li class="now" aria-current="step">${body}</li>`;
  return html`<li class=${item.state === "done" ? "done" : ""}>
    <button
      class="item"
      type="button"
      aria-expanded=${open}
      tabindex=${stop || open ? 0 : -1}
      @click=${() => control.set({ item: open ? "" : item.id })}
    >
      ${body}
    </button>
    ${open
      ? html`<div class="start">
          ${actButton(control, {
            id: "start-item",
            words: t("moderator.item_start"),
            run: () => {
              control.set({ item: "" });
              void control.run({ type: "start_item", item: item.id });
            },
          })}
        </div>`
      : nothing}
  </li>`;
}

/**
 * @param {Control} control
 * @param {number} now server time, Unix seconds
 */
export function rundown(control, now) {
  const next = control.nextItem;
  const agenda = control.view?.agenda ?? [];
  const stop = next ?? agenda.find((item) => item.state !== "now");
  return html`<section class="pane run" aria-labelledby="run-title">
    <h2 id="run-title">${icon("list")}${t("moderator.rundown")}</h2>
    <ol
      class="scroll"
      @keydown=${(/** @type {KeyboardEvent} */ event) => walk(event, ".item")}
    >
      ${agenda.map((item) => row(control, item, item === stop, now))}
    </ol>
    <div class="foot">
      ${actButton(control, {
        id: "next-item",
        words: t("moderator.next_item"),
        cap: "N",
        hint: next ? text(next.title) : "",
        off: !next,
        run: () => nextItem(control),
      })}
    </div>
  </section>`;
}
