// The code that delegates of this site scan with their phones, to show on a screen and to print.

import { html, nothing, render } from "lit-html";
import { boot } from "../boot.js";
import { lang, t, text } from "../i18n.js";
import { formatDate } from "../time.js";
import { icon } from "../ui.js";
import { state } from "./state.js";
import { ownTitle } from "./words.js";

/** @typedef {{url: string, site: string, expires: number}} SiteLink `expires` in Unix seconds */

const path = `/qr/${encodeURIComponent(boot.session)}?k=${encodeURIComponent(boot.key)}`;
// Beside the page and not in it: whoever prints while it is open prints it alone.
const box = document.createElement("dialog");
box.id = "dialog-qr";
box.setAttribute("aria-labelledby", "qr-title");
box.addEventListener("close", () => document.body.classList.remove("qr-open"));
document.body.append(box);
window.addEventListener("lang", () => box.open && draw());

/** @type {SiteLink | null} */
let link = null;
let failed = false;

export const qrButton = () =>
  html`<button type="button" class="btn qrbutton" data-testid="qr" ?disabled=${!state.view} @click=${open}>
    ${icon("qr")}${t("host.qr_title")}
  </button>`;

async function open() {
  failed = false;
  draw();
  box.showModal();
  document.body.classList.add("qr-open");
  try {
    const response = await fetch(path, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    link = await response.json();
  } catch {
    failed = true;
  }
  draw();
}

const draw = () => render(content(), box);

function content() {
  return html`<h2 id="qr-title" class="screen">${t("host.qr_title")}</h2>
    ${failed ? html`<p class="refusal" role="alert">${t("common.failed")}</p>` : link ? sheet(link) : nothing}
    <div class="row screen">
      <button type="button" class="btn pri grow" data-testid="qr-print" ?disabled=${!link || failed} @click=${() => print()}>
        ${icon("print")}${t("host.qr_print")}
      </button>
      <button type="button" class="btn grow" data-testid="qr-close" @click=${() => box.close()}>${t("common.close")}</button>
    </div>`;
}

/** @param {SiteLink} link */
function sheet({ url, expires }) {
  const { view } = state;
  const date = view ? `, ${formatDate(view.date, lang())}` : "";
  // Another link is another picture; the same one need not be drawn again.
  const picture = `${path}&link=${encodeURIComponent(url)}`;
  return html`<div class="sheet" data-testid="qr-sheet">
    <p class="where">${ownTitle()}</p>
    <p>${text(boot.session_name)}${date}</p>
    <img class="code" src=${picture} alt=${t("host.qr_alt")} data-testid="qr-code" />
    <p class="how">${t("host.qr_how")}</p>
    <p class="url" data-testid="qr-url">${url}</p>
    <p class="muted small screen">${t("host.qr_until", { date: lastDay(expires) })}</p>
  </div>`;
}

/** The day that ends when the link does. @param {number} expires Unix seconds */
function lastDay(expires) {
  const timeZone = state.view?.time_zone ?? "UTC";
  // Swedish writes dates as ISO 8601 does.
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone }).format((expires - 1) * 1000);
  return formatDate(day, lang());
}
