// The stage: program full screen for a hall. Nobody sits at this computer, so it mends
// itself silently, keeps the last picture, and hides the cursor.

import { html, nothing, render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { lang, loadLocale, t, text } from "../i18n.js";
import { pictures } from "../layout.js";
import { joinMedia } from "../media.js";
import { Picture, Sound } from "../player.js";
import { slate, slateNote } from "../slate.js";
import { speaker, stands } from "../speaker.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon, setTitle, siteTitle } from "../ui.js";
import { weakLine } from "../weak-line.js";

/** @import { StageView } from "../protocol" */

const CLOCK_MS = 250;
const CURSOR_MS = 3000;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const picture = new Picture("program-video", () => draw());
const second = new Picture("inset-video", () => draw());
const sound = new Sound(() => draw());
/** @type {StageView | null} */
let view = null;
/** @type {import("../connection.js").Status} */
let status = { online: false, saving: true, refused: "" };
/** @type {import("../media.js").MediaState} */
let media = "connecting";
/** @type {ReturnType<typeof joinMedia> | undefined} */
let joined;
/** @type {import("../protocol").Slots["slots"]} */
let slots = {};

function stage() {
  const line = status.online && media === "connected";
  const weak = weakLine(slots.main, media === "connected" ? picture : undefined);
  picture.sign(weak);
  const slated = picture.slated(view?.program.slate ?? false);
  return html`<main class="stage">
    <h1 class="sr">${t("stage.program")}</h1>
    ${pictures(
      view?.program.shown ?? "single",
      {
        picture: picture.element,
        slate: slated || !picture.lastFrame || weak ? slateCard(slated, weak) : nothing,
      },
      { picture: second.element, slate: secondSlate() },
    )}
    ${lowerThird()} ${corner()}
    ${line || !picture.lastFrame
      ? nothing
      : html`<p class="sign" role="status" data-testid="reconnecting">
          ${icon("reload")}${t("stage.reconnecting")}
        </p>`}
    ${sound.blocked ? soundButton() : nothing}
  </main>`;
}

/**
 * Instead of a picture: the event before it begins, then whose picture is awaited.
 *
 * @param {boolean} slated the server shows a slate, or did until a moment ago
 * @param {string} weak what is to be said of our line
 */
function slateCard(slated, weak) {
  if (status.refused) return slate(text(boot.event), t("stage.refused"));
  const site = slated || picture.lastFrame ? view?.sites[view.program.site] : undefined;
  if (!view || !site) return slate(text(boot.event), t("stage.waiting"));
  return slate(siteTitle(site), (!slated && weak) || slateNote(view));
}

/** Over the second picture: while there is none, so that a former one never flashes up, too. */
function secondSlate() {
  const beside = view?.program.second;
  const site = view?.sites[beside?.site ?? ""];
  const slated = second.slated(beside ? beside.slate : true);
  if (!view || !beside || !site || !slated) return nothing;
  return slate(siteTitle(site), slateNote({ ...view, program: { ...view.program, ...beside } }));
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
  const grant = view && speaker(view)?.grant;
  if (!grant || grant.phase === "arming") return nothing;
  const now = connection.serverNow();
  const form = clockForm(grant, now);
  const time = formatClock(remaining(grant, now));
  const words = t(form === "over" ? "stage.time_over" : "stage.time_left", { time });
  const still = stands(grant);
  const symbol = still ? "pause" : { normal: "", warning: "bell", over: "warn" }[form];
  return html`<div
    class=${`corner ${form}`}
    role="timer"
    aria-label=${still ? `${t("common.paused")}. ${words}` : words}
    data-testid="clock"
    data-phase=${grant.phase}
  >
    ${symbol ? icon(symbol) : nothing}${time}${still ? html`<small>${t("common.paused")}</small>` : nothing}
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
    view = next;
    draw();
  },
  onSlots: (next) => {
    slots = next;
    draw();
  },
  onReturn: () => joined?.revive(),
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
  video: ["main", "inset"],
  onTrack: (slot, track) => {
    if (track.kind === "audio") sound.play(slot, track);
    else (slot === "inset" ? second : picture).show(track);
  },
  onState: (next) => {
    media = next;
    draw();
  },
  onPeer: (peer) => connection.joined(peer),
});
if (status.refused) joined.close();
