// The list of speakers: accepted in order, then pending, then what is in writing or over.
// Hundreds of rows stay fluid: each is drawn again only when something of it has changed.

/** @import { RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, noChange, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t } from "../i18n.js";
import { closedKey, closedRow } from "./closed.js";
import { head } from "./head.js";
import { journalLine } from "./journal.js";
import { row, rowKey } from "./rows.js";

/** Keys shown under the list; the rest is one `?` away. */
const SHOWN_KEYS = /** @type {const} */ ([
  ["select", ["↑", "↓"]],
  ["move", ["Alt", "↑", "↓"]],
  ["call", ["C"]],
  ["grant", ["G"]],
  ["take", ["F2"]],
  ["undo", ["Ctrl", "Z"]],
  ["help", ["?"]],
]);

/** @param {Control} control @param {readonly string[]} ids @returns {RequestView[]} */
function requests(control, ids) {
  return ids.map((id) => control.request(id)).filter((request) => request !== undefined);
}

/**
 * @param {Control} control
 * @param {readonly string[]} ids
 * @param {{inLine: boolean, focusable: string, now: number}} how
 */
function rows(control, ids, { inLine, focusable, now }) {
  return repeat(
    requests(control, ids),
    (request) => request.id,
    (request, at) => {
      const place = { position: inLine ? at + 1 : 0, stop: focusable === request.id, now };
      return guard(rowKey(control, request, place), () => row(control, request, place));
    },
  );
}

/** @param {Control} control @param {number} now */
function lists(control, now) {
  const { view, filter } = control;
  const focusable = control.selected || control.rows[0];
  const accepted = filter === "all" ? control.queue : [];
  const pending = view?.pending ?? [];
  const empty = accepted.length + pending.length === 0;
  return html`<ol id="accepted" aria-label=${t("moderator.accepted_list")}>
      ${rows(control, accepted, { inLine: true, focusable, now })}
    </ol>
    ${empty ? html`<p class="muted none">${t(`moderator.empty_${filter}`)}</p>` : nothing}
    ${pending.length
      ? html`<h3 class="qhead">${t("moderator.pending", { count: pending.length })}</h3>
          <ol aria-label=${t("moderator.pending_list")}>
            ${rows(control, pending, { inLine: false, focusable, now })}
          </ol>`
      : nothing}
    ${filter === "all" ? html`${folded(control, "filed", focusable, now)}
    ${folded(control, "ended", focusable, now)}` : nothing}`;
}

/**
 * A list to look up, closed until asked for.
 * @param {Control} control
 * @param {"filed" | "ended"} kind
 * @param {string} focusable
 * @param {number} now
 */
function folded(control, kind, focusable, now) {
  const ids = control.view?.[kind] ?? [];
  if (ids.length === 0) return nothing;
  const open = control.unfolded[kind];
  const ended = () =>
    repeat(
      requests(control, ids),
      (request) => request.id,
      (request) => {
        const stop = focusable === request.id;
        return guard(closedKey(control, request, stop), () => closedRow(control, request, stop));
      },
    );
  return html`<details
    class="folded"
    data-testid=${kind}
    .open=${open}
    @toggle=${(/** @type {Event} */ event) => {
      const now = /** @type {HTMLDetailsElement} */ (event.currentTarget).open;
      if (now !== control.unfolded[kind]) {
        control.set({ unfolded: { ...control.unfolded, [kind]: now } });
      }
    }}
  >
    <summary class="qhead">${t(`moderator.${kind}`, { count: ids.length })}</summary>
    ${open
      ? html`<ol>
          ${kind === "ended" ? ended() : rows(control, ids, { inLine: false, focusable, now })}
        </ol>`
      : nothing}
  </details>`;
}

/**
 * @param {Control} control
 * @param {number} now server time, Unix seconds
 */
export function queue(control, now) {
  const { view, links, selected, filter, move, unfolded, question, locked } = control;
  const second = Math.floor(now);
  const watched = [
    view,
    links,
    selected,
    filter,
    move,
    unfolded,
    question,
    locked,
    second,
    lang(),
  ];
  return html`<div class="pane queue" data-testid="queue">
    ${head(control)}
    <div class="scroll" tabindex="-1" role="region" aria-labelledby="queue-title">
      ${control.dragging ? noChange : guard(watched, () => lists(control, now))}
    </div>
    ${journalLine(control)}
    <div class="keys">
      ${SHOWN_KEYS.map(
        ([name, caps]) =>
          html`<span>${caps.map((cap) => html`<kbd>${cap}</kbd> `)}${t(`moderator.key_${name}`)}</span>`,
      )}
    </div>
  </div>`;
}
