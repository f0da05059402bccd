// The list of speakers: accepted in order, then pending, then what is over.

/** @import { RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, noChange, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t } from "../i18n.js";
import { icon } from "../ui.js";
import { closedRow, row } from "./rows.js";

/** Keys shown under the list; the rest is one `?` away. */
const SHOWN_KEYS = /** @type {const} */ ([
  ["select", ["↑", "↓"]],
  ["move", ["Alt", "↑", "↓"]],
  ["grant", ["G"]],
  ["add", ["A"]],
  ["take", ["F2"]],
  ["help", ["?"]],
]);

/** @param {Control} control @param {readonly string[]} ids @returns {RequestView[]} */
function requests(control, ids) {
  return ids.map((id) => control.request(id)).filter((request) => request !== undefined);
}

/** @param {Control} control @param {number} now */
function lists(control, now) {
  const { view, filter } = control;
  const focusable = control.selected || control.rows[0];
  const accepted = filter === "all" ? requests(control, control.queue) : [];
  const pending = requests(control, view?.pending ?? []);
  const empty = accepted.length + pending.length === 0;
  return html`<ol id="accepted" aria-label=${t("moderator.accepted_list")}>
      ${repeat(
        accepted,
        (request) => request.id,
        (request, at) => row(control, request, at + 1, focusable, now),
      )}
    </ol>
    ${empty ? html`<p class="muted none">${t(`moderator.empty_${filter}`)}</p>` : nothing}
    ${pending.length
      ? html`<h3 class="qhead">${t("moderator.pending", { count: pending.length })}</h3>
          <ol aria-label=${t("moderator.pending_list")}>
            ${repeat(
              pending,
              (request) => request.id,
              (request) => row(control, request, 0, focusable, now),
            )}
          </ol>`
      : nothing}
    ${folded(control, "filed", filter === "all" ? (view?.filed ?? []) : [])}
    ${folded(control, "ended", filter === "all" ? (view?.ended ?? []) : [])}`;
}

/**
 * A list to look up, closed until asked for.
 * @param {Control} control
 * @param {"filed" | "ended"} kind
 * @param {readonly string[]} ids
 */
function folded(control, kind, ids) {
  if (ids.length === 0) return nothing;
  return html`<details class="folded" data-testid=${kind}>
    <summary class="qhead">${t(`moderator.${kind}`, { count: ids.length })}</summary>
    <ol>
      ${repeat(
        requests(control, ids),
        (request) => request.id,
        (request) => closedRow(control, request),
      )}
    </ol>
  </details>`;
}

/** @param {Control} control */
function head(control) {
  const { view, filter } = control;
  const open = view?.list_state === "open";
  const pending = view?.pending.length ?? 0;
  const counts = { all: (view?.queue.length ?? 0) + pending, pending };
  return html`<div class="head">
    <h2 id="queue-title">${t("moderator.queue")}</h2>
    <span class="seg" role="group" aria-label=${t("moderator.filter")}>
      ${/** @type {const} */ (["all", "pending"]).map(
        (each) =>
          html`<button
            type="button"
            data-testid=${`filter-${each}`}
            aria-pressed=${filter === each}
            @click=${() => control.set({ filter: each })}
          >
            ${t(`moderator.filter_${each}`, { count: counts[each] })}
          </button>`,
      )}
    </span>
    <button
      class="btn tight"
      type="button"
      data-testid="add"
      @click=${() => control.set({ dialog: { kind: "add" } })}
    >
      ${icon("plus")}${t("moderator.add")} <kbd>A</kbd>
    </button>
    <button
      class="btn tight"
      type="button"
      data-testid="toggle-list"
      aria-pressed=${open}
      title=${t(open ? "moderator.list_close" : "moderator.list_open")}
      @click=${() => control.run({ type: "set_list", state: open ? "closed" : "open" })}
    >
      ${t(open ? "moderator.list_is_open" : "moderator.list_is_closed")}
    </button>
  </div>`;
}

/**
 * @param {Control} control
 * @param {number} now server time, Unix seconds
 */
export function queue(control, now) {
  const { view, links, selected, filter, move } = control;
  const minute = Math.floor(now / 10);
  const watched = [view, links, selected, filter, move, minute, lang()];
  return html`<div class="pane queue" data-testid="queue">
    ${head(control)}
    <div class="scroll" tabindex="-1" role="region" aria-labelledby="queue-title">
      ${control.dragging ? noChange : guard(watched, () => lists(control, now))}
    </div>
    <div class="keys">
      ${SHOWN_KEYS.map(
        ([name, caps]) =>
          html`<span>${caps.map((cap) => html`<kbd>${cap}</kbd> `)}${t(`moderator.key_${name}`)}</span>`,
      )}
    </div>
  </div>`;
}
