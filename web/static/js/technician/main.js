// The technician's page: wires the connection and the media to the wall and the panel.

/** @import { TechnicianView } from "../protocol.js" */
import { html, nothing, render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { lang, loadLocale, t } from "../i18n.js";
import { Pictures } from "../pictures.js";
import { topBar } from "../top-bar.js";
import { setTitle } from "../ui.js";
import { bulkActions } from "./actions-bulk.js";
import { Alarm } from "./alarm.js";
import { alertList } from "./alerts.js";
import { Desk } from "./desk.js";
import { Flip } from "./flip.js";
import { Map2D } from "./map.js";
import { panel } from "./panel.js";
import { Rehearsal, rehearsalSwitch, rehearsalView } from "./rehearsal.js";
import { Review } from "./review.js";
import { Sparks } from "./spark.js";
import { SLOTS } from "./thumb-slots.js";
import { Thumbnails } from "./thumbnails.js";
import { Talker } from "./talker.js";
import { timelineBar } from "./timeline-bar.js";
import { bellSwitch, tools } from "./tools.js";
import { Visible } from "./visible.js";
import { wall } from "./wall.js";

/** The clock is drawn this long after the second begins: timers may fire a little early. */
const LATE_MS = 20;
/** Screens of a wall, where thumbnails are on from the beginning. */
const WALL_SCREEN = "(min-width: 2560px)";

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const monotonic = () => performance.now() / 1000;
let scheduled = false;
/** What the server was last asked to show in the monitor slot, and for whom. */
let watched = "";
/** What the curves were last drawn of. */
let drawn = "";
let seconds = 0;

function schedule() {
  if (!scheduled) requestAnimationFrame(draw);
  scheduled = true;
}

await loadLocale(boot.lang);
const client = await tabId();
const desk = new Desk(schedule);
desk.pictures = matchMedia(WALL_SCREEN).matches;
const visible = new Visible(schedule);
const inSight = (/** @type {string} */ site) => visible.has(site);
const sparks = new Sparks(desk, inSight);
const thumbnails = new Thumbnails(desk, inSight, schedule);
const alarm = new Alarm(schedule);
const map = new Map2D(desk, schedule);
const flip = new Flip();
const rehearsal = new Rehearsal({ desk, session: boot.session, key: boot.key, changed: schedule });
const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: lang(),
  onView: (/** @type {TechnicianView} */ view) => desk.receive(view, monotonic()),
  onLinks: (sites, now, server) => {
    seconds += 1;
    desk.measure(sites, monotonic());
    review.measure(now, server);
    alarm.listen(Object.values(desk.links));
  },
  onAction: (action) => desk.acts.take(action),
  onTalk: (talk) => desk.acts.talker?.take(talk),
  onRehearsal: (told) => rehearsal.take(told),
  onStatus: (status) => {
    if (status.online) void rehearsal.again();
    watched = ""; // what was said while offline is lost
    thumbnails.use(pictures);
    if (status.online && !desk.status.online) review.again();
    desk.set({ status });
    pictures.setRefused(Boolean(status.refused));
  },
  onSlots: (slots, asked) => {
    pictures.setSlots(slots);
    thumbnails.say(asked);
  },
  onReturn: () => pictures.revive(),
});
desk.tell = connection.tell;
desk.acts.send = connection.send;
desk.acts.talker = new Talker({
  session: boot.session,
  key: boot.key,
  client,
  tell: connection.tell,
  changed: schedule,
});
const review = new Review({
  desk,
  session: boot.session,
  key: boot.key,
  now: connection.serverNow,
  changed: schedule,
});
let pictures = receive();

function receive() {
  const made = new Pictures({
    session: boot.session,
    key: boot.key,
    client,
    video: ["main", "monitor", "inset", ...(desk.pictures ? SLOTS : [])],
    changed: schedule,
    joined: (peer) => connection.joined(peer),
  });
  thumbnails.use(made);
  return made;
}

/** Slots are fixed at the offer, and 16 of them cost: they are offered once they are wanted. @param {boolean} on */
function showPictures(on) {
  desk.set({ pictures: on });
  if (!on || pictures.has(SLOTS[0])) return;
  pictures.setRefused(true);
  watched = "";
  pictures = receive();
}

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
  thumbnails.ask();
  review.follow();
  const now = connection.serverNow();
  const links = desk.codes.map((code) => desk.link(code));
  const bar = { page: t("technician.page"), view: desk.view, links, status: desk.status, now };
  flip.first(app, desk.shown);
  render(
    html`${topBar({ ...bar, tools: html`${rehearsalSwitch(rehearsal)}${bellSwitch(alarm)}` })}
    ${desk.view && rehearsal.open ? rehearsalView(rehearsal, pictures.get("monitor"), lang()) : nothing}
    ${desk.view && !rehearsal.open
      ? html`${tools(desk, showPictures)} ${wall(desk, thumbnails, map, now)}
          <div class="column">${bulkActions(desk, now)} ${alertList(desk, now)} ${panel(desk, pictures, now, review)}</div>
          ${timelineBar({ review, zone: desk.view.time_zone })}`
      : nothing}`,
    app,
  );
  app.classList.toggle("past", desk.moment !== null);
  app.classList.toggle("wide", review.wide);
  flip.play(app);
  visible.follow(app);
  map.follow(app);
  drawCurves();
}

function drawCurves() {
  const wanted = `${desk.moment ? `at ${desk.moment.at}` : seconds} ${desk.shown.filter(inSight).join()}`;
  if (wanted === drawn) return;
  drawn = wanted;
  sparks.draw(app);
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.key === "Escape" && review.cursor.at !== null) {
    review.cursor.live();
    return;
  }
  if (event.key !== "Escape" || !desk.selected || target.matches("input") || rehearsal.open) return;
  const tile = app.querySelector(`[data-site="${desk.selected}"]`);
  const open = tile?.matches(".open") ? tile : tile?.querySelector(".open");
  desk.set({ selected: "" });
  if (open instanceof HTMLElement || open instanceof SVGElement) open.focus();
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
