// The head of the queue: what is shown, whether new requests are taken, and what concerns the
// whole list.

/** @import { ListState } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { mainLine, onBackup } from "../lines.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { menu } from "./menu.js";

/** @type {ListState[]} */
const STATES = ["open", "suspended", "closed"];

/** @param {Control} control */
function listState(control) {
  const now = control.view?.list_state ?? "open";
  const state = t(`moderator.list_${now}`);
  return menu(control, {
    name: "list",
    label: t("moderator.list_menu", { state }),
    words: html`${state}<span class="caret" aria-hidden="true"></span>`,
    kind: `tight list ${now}`,
    choices: STATES.map((each) => ({
      id: `list-${each}`,
      words: t(`moderator.list_${each}_long`),
      checked: each === now,
      off: control.locked,
      run: () => void control.run({ type: "set_list", state: each }),
    })),
  });
}

/** How many requests wait, accepted or not. @param {Control} control */
export const waiting = ({ view }) => (view?.queue.length ?? 0) + (view?.pending.length ?? 0);

/** For each site on its backup line, the way back to its main one. @param {Control} control */
function returns({ view, links, useDevice }) {
  return Object.values(view?.sites ?? {}).flatMap(({ code, name }) => {
    const main = onBackup(links[code]) ? mainLine(links[code]) : null;
    if (!main) return [];
    const words = t("moderator.to_main", { site: text(name) });
    return { id: `to-main-${code}`, words, off: !main.sending, run: () => useDevice(main.peer) };
  });
}

/** @param {Control} control */
function more(control) {
  const window = (/** @type {"proposal" | "ledger" | "rules" | "journal" | "help"} */ kind) => () =>
    control.set({ dialog: { kind } });
  const count = waiting(control);
  return menu(control, {
    name: "more",
    label: t("moderator.more"),
    words: icon("dots"),
    kind: "icon",
    choices: [
      { id: "open-proposal", words: t("moderator.proposal"), cap: "F", run: window("proposal") },
      { id: "open-ledger", words: t("moderator.ledger"), cap: "H", run: window("ledger") },
      {
        id: "open-rules",
        words: t("moderator.rules"),
        cap: "S",
        off: control.locked,
        run: window("rules"),
      },
      { id: "open-journal", words: t("moderator.journal"), cap: "J", run: window("journal") },
      ...returns(control),
      { id: "open-help", words: t("moderator.help_title"), cap: "?", run: window("help") },
      {
        id: "open-clear",
        words: t("moderator.clear", { count }),
        danger: true,
        off: control.locked || count === 0,
        run: () => control.set({ dialog: { kind: "clear", count } }),
      },
    ],
  });
}

/** @param {Control} control */
export function head(control) {
  const { view, filter, locked } = control;
  const counts = { all: waiting(control), pending: view?.pending.length ?? 0 };
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
      ${actButton(control, {
        id: "add",
        words: t("moderator.add"),
        symbol: "plus",
        cap: "A",
        run: () => control.set({ dialog: { kind: "add" } }),
      })}
      ${listState(control)} ${more(control)}
    </div>
    ${locked
      ? html`<p class="lockbar" role="status" data-testid="lockbar">
          ${icon("lock")}<span class="grow">${t("moderator.locked")}</span>
          <button
            class="btn tight"
            type="button"
            data-testid="unlock"
            @click=${() => control.set({ locked: false, message: null })}
          >
            ${t("moderator.unlock")} <kbd>L</kbd>
          </button>
        </p>`
      : nothing}`;
}
