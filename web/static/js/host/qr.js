// The codes to scan: for the phones of delegates of this site, to show on a screen and to print,
// and for the one phone that is to be the site's backup line.

import { html, nothing, render } from "lit-html";
import { boot } from "../boot.js";
import { lang, t, text } from "../i18n.js";
import { onBackup, spare } from "../lines.js";
import { formatDate } from "../time.js";
import { icon } from "../ui.js";
import { state } from "./state.js";
import { ownTitle, timeOfDay } from "./words.js";

/** @typedef {{url: string, site: string, expires: number}} SiteLink `expires` in Unix seconds */

const address = `/qr/${encodeURIComponent(boot.session)}?k=${encodeURIComponent(boot.key)}`;
const PATHS = { delegates: address, backup: `${address}&backup=1` };
// Beside the page and not in it: whoever prints while it is open prints it alone.
const box = document.createElement("dialog");
box.id = "dialog-qr";
box.setAttribute("aria-labelledby", "qr-title");
box.addEventListener("close", () => document.body.classList.remove("qr-open"));
document.body.append(box);
window.addEventListener("lang", () => box.open && draw());

/** For whom the code is. @type {keyof typeof PATHS} */
let kind = "delegates";
/** @type {SiteLink | null} */
let link = null;
let failed = false;

export const qrButton = () =>
  html`<button type="button" class="btn qrbutton" data-testid="qr" ?disabled=${!state.view} @click=${() => open("delegates")}>
    ${icon("qr")}${t("host.qr_title")}
  </button>`;

/** Leads to the code of the backup line, and says how that line is doing. */
export function backupButton() {
  const now = onBackup(state.link) ? "used" : spare(state.link) ? "ready" : "add";
  const symbol = { used: "right", ready: "ok", add: "phone" }[now];
  return html`<button
    type="button"
    class=${`btn qrbutton backup ${now}`}
    data-testid="backup"
    data-state=${now}
    ?disabled=${!state.view}
    @click=${() => open("backup")}
  >
    ${icon(symbol)}${t(`host.backup_${now}`)}
  </button>`;
}

/** @param {keyof typeof PATHS} wanted */
async function open(wanted) {
  if (kind !== wanted) link = null;
  [kind, failed] = [wanted, false];
  const path = PATHS[kind];
  draw();
  box.showModal();
  document.body.classList.add("qr-open");
  try {
    const response = await fetch(path, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const answer = await response.json();
    if (kind === wanted) link = answer;
  } catch {
    failed = true;
  }
  draw();
}

const draw = () => render(content(), box);

function content() {
  const backup = kind === "backup";
  const shown = link && (backup ? backupSheet(link) : sheet(link));
  return html`<h2 id="qr-title" class="screen">${t(backup ? "host.backup_title" : "host.qr_title")}</h2>
    ${failed ? html`<p class="refusal" role="alert">${t("common.failed")}</p>` : (shown ?? nothing)}
    <div class="row screen">
      ${backup
        ? nothing
        : html`<button type="button" class="btn pri grow" data-testid="qr-print" ?disabled=${!link || failed} @click=${() => print()}>
            ${icon("print")}${t("host.qr_print")}
          </button>`}
      <button type="button" class="btn grow" data-testid="qr-close" @click=${() => box.close()}>${t("common.close")}</button>
    </div>`;
}

/** Another link is another picture; the same one need not be drawn again. @param {string} url */
const picture = (url) =>
  html`<img class="code" src=${`${PATHS[kind]}&link=${encodeURIComponent(url)}`} alt=${t("host.qr_alt")} data-testid="qr-code" />`;

/** @param {SiteLink} link */
function sheet({ url, expires }) {
  const { view } = state;
  const date = view ? `, ${formatDate(view.date, lang())}` : "";
  return html`<div class="sheet" data-testid="qr-sheet">
    <p class="where">${ownTitle()}</p>
    <p>${text(boot.session_name)}${date}</p>
    ${picture(url)}
    <p class="how">${t("host.qr_how")}</p>
    <p class="url" data-testid="qr-url">${url}</p>
    <p class="muted small screen">${t("host.qr_until", { date: dayOf(expires - 1) })}</p>
  </div>`;
}

/** Not for the room: the address is a key, so it is not written out. @param {SiteLink} link */
function backupSheet({ url, expires }) {
  const until = t("host.backup_until", { time: timeOfDay(expires), date: dayOf(expires) });
  return html`<div class="sheet backup" data-testid="backup-sheet" data-url=${url}>
    <p>${t("host.backup_how")}</p>
    ${picture(url)}
    <p class="secret">${icon("lock")}${t("host.backup_secret")}</p>
    <p class="muted small">${until}</p>
  </div>`;
}

/** The day of a moment where the event is. @param {number} unix Unix seconds */
function dayOf(unix) {
  const timeZone = state.view?.time_zone ?? "UTC";
  // Swedish writes dates as ISO 8601 does.
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(unix * 1000);
  return formatDate(day, lang());
}
