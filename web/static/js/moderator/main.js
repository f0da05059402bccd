// The moderator's page: wires the connection, the media and the keys to the view.

/** @import { ModeratorView, You } from "../protocol.js" */
import { html, render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { lang, loadLocale, t } from "../i18n.js";
import { complete } from "../links.js";
import { Pictures } from "../pictures.js";
import { topBar } from "../top-bar.js";
import { setTitle } from "../ui.js";
import { Control } from "./control.js";
import { desk } from "./desk.js";
import { dialog } from "./dialogs.js";
import { enableDrag } from "./drag.js";
import { queue } from "./queue.js";
import { rundown } from "./rundown.js";
import { listen } from "./shortcuts.js";
import { speaking } from "./speaking.js";
import { rememberLock, tools, wasLocked } from "./tools.js";

/** Clocks show whole seconds; four looks a second keep them within a quarter of the truth. */
const TICK_MS = 250;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
let scheduled = false;
let wantsRow = false;
let lastSelected = "";
let lastItem = "";
/** @type {HTMLElement | null} */
let lastAsked = null;
/** The newest window that was shown. @type {HTMLDialogElement | null} */
let lastShown = null;
/** @type {ReturnType<typeof enableDrag> | null} */
let dragged = null;

function schedule() {
  if (!scheduled) requestAnimationFrame(draw);
  scheduled = true;
}

await loadLocale(boot.lang);
const client = await tabId();
const control = new Control((command, id) => connection.send(command, id), schedule);
control.useDevice = (peer) => connection.tell({ type: "use_device", peer });
control.locked = wasLocked();
const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: lang(),
  onView: (/** @type {ModeratorView} */ view, /** @type {You} */ you) => control.receive(view, you),
  onLinks: (sites) => {
    const links = Object.entries(sites).map(([code, link]) => [code, complete(link)]);
    control.set({ links: Object.fromEntries(links) });
  },
  onStatus: (status) => {
    control.set({ status });
    pictures.setRefused(Boolean(status.refused));
  },
  onSlots: (slots) => pictures.setSlots(slots),
  onReturn: () => pictures.revive(),
});
const pictures = new Pictures({
  session: boot.session,
  key: boot.key,
  client,
  video: ["main", "preview", "inset", "preview_inset"],
  changed: schedule,
  joined: (peer) => connection.joined(peer),
});

/** @param {string} what @returns {HTMLElement | null} */
const find = (what) => app.querySelector(what);

/** The window over the page, drawn last. Looked for by place: hundreds of rows stand before it. */
function shownWindow() {
  const last = app.lastElementChild;
  return last instanceof HTMLDialogElement ? last : null;
}

function draw() {
  scheduled = false;
  const now = connection.serverNow();
  const open = shownWindow();
  if (open?.open && !control.dialog) open.close(); // gives the focus back, which removing does not
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const { view, status, unanswered } = control;
  rememberLock(control.locked);
  const links = Object.keys(view?.sites ?? {}).map((code) => control.link(code));
  render(
    html`${topBar({
        page: t("moderator.page"),
        view,
        links,
        status,
        unanswered,
        now,
        tools: tools(control),
      })}
      <main class="mod">
        ${rundown(control, now)} ${desk(control, pictures)}
        <section class="right" aria-label=${t("moderator.queue")}>
          ${speaking(control, now)} ${queue(control, now)}
        </section>
      </main>
      ${dialog(control)}`,
    app,
  );
  const list = document.getElementById("accepted");
  if (list && list !== dragged?.el) dragged = enableDrag(list, control);
  dragged?.option("disabled", control.locked);
  const asked = shownWindow();
  // Once: one that Escape has closed tells it a moment later, and is not to come back until then.
  if (asked && asked !== lastShown) asked.showModal();
  lastShown = asked;
  keepFocus(focused, Boolean(open) && open !== asked);
  const item = view?.agenda.find((each) => each.state === "now")?.id ?? "";
  if (item !== lastItem) find(".run .now")?.scrollIntoView({ block: "nearest" });
  lastItem = item;
}

/**
 * Puts the focus where the work is: on a question just asked, on the row just selected by
 * key, on the element of the queue that had it and was moved, or else on the selected row or
 * the list, so that keys go on working.
 * @param {HTMLElement | null} before what had the focus before drawing
 * @param {boolean} closed whether a window went: what had the focus before it may be gone too
 */
function keepFocus(before, closed) {
  const asks = control.question || control.menu;
  const asked = asks ? find(".ask [autofocus], .menu [autofocus]") : null;
  if (asked && asked !== lastAsked) asked.focus();
  else if (wantsRow) find(".queue .sel")?.focus({ preventScroll: true });
  else if ((closed || before !== document.body) && document.activeElement === document.body) {
    const work = find(".queue .sel") ?? find(".queue .scroll");
    const stays = before !== document.body && before?.isConnected;
    (stays ? before : work)?.focus({ preventScroll: true });
  }
  if (control.selected !== lastSelected) find(".queue .sel")?.scrollIntoView({ block: "nearest" });
  lastAsked = asked;
  lastSelected = control.selected;
  wantsRow = false;
}

listen(control, () => {
  wantsRow = true;
  schedule();
});
window.addEventListener("lang", () => {
  connection.setLang(lang());
  setTitle(t("moderator.page"));
  schedule();
});
setTitle(t("moderator.page"));
setInterval(schedule, TICK_MS);
schedule();
