// The page of a delegate's phone: starts everything, draws, speaks changes aloud.

import { lang, loadLocale, t } from "../i18n.js";
import { announce, setTitle } from "../say.js";
import { connection } from "./actions.js";
import { html, nothing, render } from "./draw.js";
import { form } from "./form.js";
import { notices, refusedPage, topBar } from "./page.js";
import { requests, standing } from "./requests.js";
import { isChangeable, isOpen } from "./stages.js";
import { change, mine, onDraw, redraw, state } from "./state.js";

const CLOCK_MS = 1000;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
let said = "";

function draw() {
  followRequests();
  render(state.status.refused ? html`${topBar()} ${refusedPage()}` : page(), app);
  const main = mine().find(isOpen);
  const now = main ? standing(main) : "";
  setTitle(now || t("title.delegate"));
  if (now && now !== said) announce(now);
  said = now;
  if (state.focus) {
    /** @type {HTMLElement | null} */ (app.querySelector(state.focus))?.focus();
    state.focus = "";
  }
}

/** The form alone while one is filled in on purpose; below what has ended while nothing waits. */
function page() {
  const waiting = mine().some(isOpen);
  const typing = state.correction !== null || (state.asking && waiting);
  const shown = typing || !waiting;
  return html`${topBar()} ${notices(shown)}
    <main>
      ${state.view ? html`${typing ? nothing : requests()} ${shown ? form() : nothing}` : nothing}
    </main>`;
}

/** What can no longer be changed is not asked about any more. */
function followRequests() {
  const changeable = (/** @type {string} */ id) =>
    mine().some((request) => request.id === id && isChangeable(request));
  if (!state.view) return;
  if (state.correction && !changeable(state.correction.request)) {
    state.correction = null;
    state.refusal = t("delegate.too_late");
  }
  if (state.cancelling && !changeable(state.cancelling)) state.cancelling = "";
}

async function start() {
  await loadLocale(lang());
  app.textContent = ""; // what was said while this page was opening
  onDraw(draw);
  window.addEventListener("lang", () => {
    connection.setLang(lang());
    change({ refusal: "" });
  });
  redraw();
  setInterval(() => state.view && redraw(), CLOCK_MS);
}

void start();
