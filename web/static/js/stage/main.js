// The stage: program full screen for a hall. Nobody sits at this computer, so it mends
// itself silently, keeps the last picture, and hides the cursor.

import { html, nothing, render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { lang, loadLocale, t, text } from "../i18n.js";
import { joinMedia } from "../media.js";
import { Picture, Sound } from "../player.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon, setTitle, siteTitle } from "../ui.js";

/** @import { StageView } from "../protocol" */

const CLOCK_MS = 250;
const CURSOR_MS = 3000;
const STALLED_MS = 4000; // a picture that stands this long is said to be missing

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const picture = new Picture("program-video");
const sound = new Sound(() => draw());
/** @type {StageView | null} */
let view = null;
/** @type {import("../connection.js").Status} */
let status = { online: false, saving: true, refused: "" };
/** @type {import("../media.js").MediaState} */
let media = "connecting";
/** @type {ReturnType<typeof joinMedia> | undefined} */
let joined;
let started = 0;

function stage() {
  const line = status.online && media === "connected";
  const stalled = performance.now() - Math.max(picture.lastFrame, started) > STALLED_MS;
  const slate = !picture.lastFrame || (stalled && line);
  return html`<main class="stage">
    <h1 class="sr">${t("stage.program")}</h1>
    ${picture.element} ${slate ? slateCard() : nothing} ${lowerThird()} ${corner()}
    ${line || !picture.lastFrame
      ? nothing
      : html`<p class="sign" role="status" data-testid="reconnecting">
          ${icon("reload")}${t("stage.reconnecting")}
        </p>`}
    ${sound.blocked ? soundButton() : nothing}
  </main>`;
}

/** Instead of a picture: the event before it begins, then whose picture is awaited. */
function slateCard() {
  const site = picture.lastFrame ? view?.sites[view.program.site] : undefined;
  const title = site ? siteTitle(site) : text(boot.event);
  let words = t(site ? "stage.waiting_site" : "stage.waiting");
  if (status.refused) words = t("stage.refused");
  return html`<section class="slate" role="status" data-testid="slate">
    <div>${icon("logo")}<h1>${title}</h1><p>${words}</p></div>
  </section>`;
}

function lowerThird() {
  const band = view?.lower_third;
  if (!band) return nothing;
  const site = view?.sites[band.site];
  return html`<div class="l3" data-testid="lower-third">
    ${site ? html`<em>${siteTitle(site)}</em>` : nothing}
    <b>${band.name}</b>
    ${band.title ? html`<span>${band.title}</span>` : nothing}
  </div>`;
}

function corner() {
  const grant = view?.requests[view.speaking[0] ?? ""]?.grant;
  if (!grant || grant.phase === "arming") return nothing;
  const now = connection.serverNow();
  const form = clockForm(grant, now);
  const time = formatClock(remaining(grant, now));
  const words = t(form === "over" ? "stage.time_over" : "stage.time_left", { time });
  return html`<div class=${`corner ${form}`} role="timer" aria-label=${words} data-testid="clock">
    ${form === "normal" ? nothing : icon(form === "over" ? "warn" : "bell")}${time}
  </div>`;
}

const soundButton = () =>
  html`<div class="startbox">
    <p>${t("common.sound_blocked")}</p>
    <button
      type="button"
      class="btn pri big"
      data-testid="start-sound"
      @click=${() => sound.start()}
    >
      ${icon("spk")}${t("common.start_sound")}
    </button>
  </div>`;

const draw = () => render(stage(), app);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let cursor;
const showCursor = () => {
  document.body.classList.remove("quiet");
  clearTimeout(cursor);
  cursor = setTimeout(() => document.body.classList.add("quiet"), CURSOR_MS);
};

await loadLocale(lang());
setTitle(t("stage.title"));
const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: lang(),
  onView: (/** @type {StageView} */ next) => {
    if (next.program.source !== view?.program.source) started = performance.now();
    view = next;
    draw();
  },
  onServerRestart: () => void joined?.restart(),
  onStatus: (next) => {
    status = next;
    if (status.refused) joined?.close();
    else joined?.reopen();
    draw();
  },
});
draw();
setInterval(draw, CLOCK_MS);
showCursor();
for (const event of ["pointermove", "keydown"]) window.addEventListener(event, showCursor);
// A click anywhere is the permission to play sound that the browser was waiting for.
window.addEventListener("pointerdown", () => sound.blocked && sound.start());
window.addEventListener("keydown", () => sound.blocked && sound.start());
joined = joinMedia({
  session: boot.session,
  key: boot.key,
  client: await tabId(),
  video: ["main"],
  onTrack: (slot, track) => (track.kind === "video" ? picture.show(track) : sound.play(slot, track)),
  onState: (next) => {
    media = next;
    draw();
  },
});
if (status.refused) joined.close();
