// Speaking time so far, by delegate, site and region, the longest first; and the ways out:
// the spreadsheet and the minutes.

/** @import { ModeratorView, SpokenView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html } from "lit-html";
import { boot } from "../boot.js";
import { has, t, text } from "../i18n.js";
import { walk } from "../neighbour.js";
import { collate } from "../search.js";
import { icon } from "../ui.js";
import { formatSpan } from "./spans.js";
import { closeButton } from "./window-parts.js";

/**
 * @typedef {"delegates" | "sites" | "regions"} Tab
 * @typedef {SpokenView & {name: string, note: string}} Line
 */

/** @type {readonly Tab[]} */
const TABS = ["delegates", "sites", "regions"];

/** Name of a region; an event may have regions that nobody translated. @param {string} code */
const region = (code) => (has(`region.${code}`) ? t(`region.${code}`) : code || t("region.none"));

/** @param {ModeratorView} view @param {Tab} tab @returns {Line[]} */
function lines({ ledger, sites }, tab) {
  const site = (/** @type {string} */ code) => text(sites[code]?.name) || code;
  /** @type {Line[]} */
  let found;
  if (tab === "delegates") {
    found = ledger.delegates.map((one) => ({
      ...one,
      note: [site(one.site), one.title].filter(Boolean).join(" · "),
    }));
  } else {
    const named = tab === "sites" ? site : region;
    found = Object.entries(ledger[tab]).map(([code, one]) => ({
      ...one,
      name: named(code),
      note: "",
    }));
  }
  return found.sort((a, b) => b.seconds - a.seconds || collate(a.name, b.name));
}

/** @param {Control} control */
function tabs(control) {
  const choose = (/** @type {Tab} */ tab) => control.set({ tab });
  return html`<div
    class="seg"
    role="tablist"
    aria-label=${t("moderator.ledger")}
    @keydown=${(/** @type {KeyboardEvent} */ event) => {
      const next = walk(event, "[role=tab]");
      if (next) choose(/** @type {Tab} */ (next.dataset.tab));
    }}
  >
    ${TABS.map(
      (each) =>
        html`<button
          type="button"
          role="tab"
          id=${`tab-${each}`}
          data-tab=${each}
          data-testid=${`tab-${each}`}
          aria-selected=${control.tab === each}
          aria-controls="ledger-panel"
          tabindex=${control.tab === each ? 0 : -1}
          @click=${() => choose(each)}
        >
          ${t(`moderator.tab_${each}`)}
        </button>`,
    )}
  </div>`;
}

/** @param {Line[]} list @param {Tab} tab */
function table(list, tab) {
  const longest = Math.max(1, ...list.map((line) => line.seconds));
  return html`<table class="ledger">
    <thead>
      <tr>
        <th scope="col">${t(`moderator.tab_${tab}`)}</th>
        <th scope="col" class="n">${t("moderator.col_speeches")}</th>
        <th scope="col" class="n">${t("moderator.col_time")}</th>
        <td class="share"></td>
        <th scope="col" class="n">${t("moderator.col_overtime")}</th>
      </tr>
    </thead>
    <tbody>
      ${list.map(
        ({ name, note, speeches, seconds, overtime }) =>
          html`<tr>
            <th scope="row"><b>${name}</b> ${note ? html`<small>${note}</small>` : ""}</th>
            <td class="n nums">${speeches}</td>
            <td class="n nums">${formatSpan(seconds)}</td>
            <td class="share">
              <div class="bar"><i .style=${`width:${((seconds / longest) * 100).toFixed(1)}%`}></i></div>
            </td>
            <td class="n nums">${overtime > 0 ? formatSpan(overtime) : "–"}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Address of a page or file of this session that proves itself with this page's cookie. @param {string} path */
const address = (path) => `${path}?k=${encodeURIComponent(boot.key)}`;

/** The minutes, in a tab of their own. */
export const minutesLink = () =>
  html`<a class="btn tight" href=${address("/minutes")} target="_blank" data-testid="minutes">
    ${icon("doc")}<span>${t("moderator.minutes_page")}</span>
  </a>`;

/** @param {Control} control */
export function ledger(control) {
  const { view, tab } = control;
  if (!view) return html``;
  const list = lines(view, tab);
  const file = address(`/ledger/${encodeURIComponent(boot.session)}.xlsx`);
  return html`<h2 id="dialog-title">${t("moderator.ledger")}</h2>
    <div class="row wrap tabrow">
      ${tabs(control)}
      <span class="grow"></span>
      ${minutesLink()}
      <a class="btn tight" href=${file} download data-testid="ledger-file">
        ${icon("down")}${t("moderator.ledger_file")}
      </a>
    </div>
    <div
      class="tablebox"
      id="ledger-panel"
      role="tabpanel"
      tabindex="0"
      aria-labelledby=${`tab-${tab}`}
      data-testid="ledger"
    >
      ${list.length ? table(list, tab) : html`<p class="muted">${t("moderator.ledger_empty")}</p>`}
    </div>
    <p class="muted small">${t("moderator.ledger_about")}</p>
    <div class="row buttons">${closeButton(control)}</div>`;
}
