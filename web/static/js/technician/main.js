// The technician's page: wires the connection and the media to the wall and the panel.

/** @import { TechnicianView } from "../protocol.js" */
import { html, nothing, render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { lang, loadLocale, t } from "../i18n.js";
import { Pictures } from "../pictures.js";
import { topBar } from "../top-bar.js";
import { setTitle } from "../ui.js";
import { Desk } from "./desk.js";
import { panel } from "./panel.js";
import { Review } from "./review.js";
import { timelineBar } from "./timeline-bar.js";
import { tools, wall } from "./wall.js";

/** The clock is drawn this long after the second begins: timers may fire a little early. */
const LATE_MS = 20;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const monotonic = () => performance.now() / 1000;
let scheduled = false;
/** What the server was last asked to show in the monitor slot, and for whom. */
let watched = "";

function schedule() {
  if (!scheduled) requestAnimationFrame(draw);
  scheduled = true;
}

await loadLocale(boot.lang);
const client = await tabId();
const desk = new Desk(schedule);
const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: lang(),
  onView: (/** @type {TechnicianView} */ view) => desk.receive(view, monotonic()),
  onLinks: (sites, now, server) => {
    desk.measure(sites, monotonic());
    review.measure(now, server);
  },
  onStatus: (status) => {
    watched = ""; // what was said while offline is lost
    if (status.online && !desk.status.online) review.again();
    desk.set({ status });
    pictures.setRefused(Boolean(status.refused));
  },
  onSlots: (slots) => pictures.setSlots(slots),
  onServerRestart: () => pictures.restart(),
});
desk.tell = connection.tell;
const review = new Review({
  desk,
  session: boot.session,
  key: boot.key,
  now: connection.serverNow,
  changed: schedule,
});
const pictures = new Pictures({
  session: boot.session,
  key: boot.key,
  client,
  video: ["main", "monitor", "inset"],
  changed: schedule,
  joined: (peer) => connection.joined(peer),
});

function watch() {
  const { peer } = pictures;
  const source = desk.selected ? `camera:${desk.selected}` : "";
  const wanted = `${peer} ${source}`;
  if (!peer || !desk.status.online || watched === wanted) return;
  watched = wanted;
  connection.tell({ type: "watch", peer, source });
}

function draw() {
  scheduled = false;
  watch();
  review.follow();
  const now = connection.serverNow();
  const links = desk.codes.map((code) => desk.link(code));
  render(
    html`${topBar({ page: t("technician.page"), view: desk.view, links, status: desk.status, now })}
    ${desk.view ? html`${tools(desk)} ${wall(desk, now)} ${panel(desk, pictures, now, review)} ${timelineBar({ review, zone: desk.view.time_zone })}` : nothing}`,
    app,
  );
  app.classList.toggle("past", desk.moment !== null);
  app.classList.toggle("wide", review.wide);
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.key === "Escape" && review.cursor.at !== null) {
    review.cursor.live();
    return;
  }
  if (event.key !== "Escape" || !desk.selected || target.matches("input")) return;
  const tile = app.querySelector(`.tile[data-site="${desk.selected}"]`);
  desk.set({ selected: "" });
  if (tile instanceof HTMLElement) tile.focus();
});
window.addEventListener("lang", () => {
  connection.setLang(lang());
  setTitle(t("technician.page"));
  schedule();
});
setTitle(t("technician.page"));
function tick() {
  schedule();
  setTimeout(tick, 1000 - ((connection.serverNow() * 1000) % 1000) + LATE_MS);
}
tick();
