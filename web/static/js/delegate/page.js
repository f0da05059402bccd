// What stands around: where we are, the language, and what this page has to say about itself.

import { boot } from "../boot.js";
import { has, lang, setLang, t, text } from "../i18n.js";
import { siteTitle } from "../say.js";
import { formatDate } from "../time.js";
import { html, icon, nothing } from "./draw.js";
import { change, state } from "./state.js";

export const topBar = () => {
  const { view } = state;
  const other = lang() === "vi" ? "en" : "vi";
  const site = view?.sites[boot.site];
  const session = text(view?.session ?? boot.session_name);
  return html`<header class="top">
    <span class="logo">${icon("logo")}<span class="brand">Điểm Cầu</span></span>
    <div class="what grow">
      <b data-testid="site-name">${site ? siteTitle(site) : ""}</b>
      <span class="muted">${session}${view ? `, ${formatDate(view.date, lang())}` : ""}</span>
    </div>
    <button
      type="button"
      class="btn tight quiet"
      lang=${other}
      data-testid=${`lang-${other}`}
      @click=${() => setLang(other)}
    >
      ${other === "en" ? "English" : "Tiếng Việt"}
    </button>
  </header>`;
};

/** @param {boolean} form what a refusal belongs to says it itself */
export function notices(form) {
  const { status, wasOnline, refusal } = state;
  const parts = [];
  if (!status.online) {
    parts.push(notice("offline", "wait", t(wasOnline ? "delegate.offline" : "delegate.connecting")));
  } else if (!status.saving) parts.push(notice("not-saving", "warn", t("delegate.not_saving")));
  return html`<div class="notices" role="status">${parts}</div>
    ${refusal && !form ? refused(refusal) : nothing}`;
}

/** @param {string} id @param {string} symbol @param {string} words */
const notice = (id, symbol, words) =>
  html`<p class="notice" data-testid=${`notice-${id}`}>${icon(symbol)}<span class="grow">${words}</span></p>`;

/** @param {string} words */
const refused = (words) =>
  html`<div class="notice" role="alert" data-testid="error">
    ${icon("warn")}<span class="grow">${words}</span>
    <button type="button" class="btn tight" @click=${() => change({ refusal: "" })}>${t("common.close")}</button>
  </div>`;

/** The link is no longer good: nothing else on this page can work. */
export const refusedPage = () => {
  const key = `error.${state.status.refused}`;
  return html`<main class="end" data-testid="refused">
    ${icon("info")}
    <h1 tabindex="-1">${t("delegate.refused")}</h1>
    <p>${has(key) ? t(key) : t("common.error_ask")}</p>
    <p>${t("delegate.refused_text")}</p>
  </main>`;
};
