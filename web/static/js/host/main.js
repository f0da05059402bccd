// The host page: starts everything, draws the view the state asks for, speaks changes aloud.

import { html, render } from "lit-html";
import { lang, loadLocale } from "../i18n.js";
import { announce, setTitle } from "../ui.js";
import { answer, rejoin, resume, sendTracks, suspend } from "./actions.js";
import { changesAloud } from "./aloud.js";
import { checkView } from "./check.js";
import { closeDialog, dialogs, showQuestion } from "./dialogs.js";
import { leftPage, notices, refusedPage } from "./notices.js";
import { onAirView } from "./onair.js";
import { connection, devices, meter, own, sound } from "./parts.js";
import { roomView } from "./room.js";
import { granted, onDraw, redraw, state } from "./state.js";
import { tabTitle } from "./words.js";

const CLOCK_MS = 250; // a clock that jumps by a second looks broken; by a quarter nobody sees

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
/** @type {(MediaStreamTrack | null)[]} */
let shown = [null, null];
let screen = "";
let refused = false;

/** @returns {[string, unknown]} name and content of the screen */
function screenNow() {
  if (state.status.refused) return ["refused", refusedPage()];
  if (state.screen === "check") return ["check", checkView()];
  if (state.screen === "left") return ["left", leftPage()];
  const request = granted();
  if (request?.grant) return ["air", onAirView(request, request.grant)];
  return ["room", roomView()];
}

function draw() {
  followRefusal();
  followDevices();
  const [name, content] = screenNow();
  if (name === "air" && screen !== "air") closeDialog("request");
  if (name !== "air" && screen === "air") answer(false); // what was asked is over
  render(html`${notices()}${content}${dialogs()}`, app);
  showQuestion();
  if (name !== screen && screen) focusHeading();
  screen = name;
  setTitle(tabTitle());
  const news = changesAloud().join(" ");
  if (news) announce(news);
}

/** A new screen starts at its heading, unless a person is somewhere else on purpose. */
function focusHeading() {
  if (document.activeElement && document.activeElement !== document.body) return;
  app.querySelector("h1")?.focus();
}

function followRefusal() {
  const before = refused;
  refused = Boolean(state.status.refused);
  if (refused && !before) suspend();
  if (!refused && before) void resume();
}

function followDevices() {
  const { camera, microphone } = devices.tracks;
  if (camera !== shown[0]) own.show(camera);
  meter.follow(microphone);
  sound.setSink(devices.choice.speaker);
  if (camera !== shown[0] || microphone !== shown[1]) sendTracks();
  shown = [camera, microphone];
}

onDraw(draw);
window.addEventListener("lang", () => {
  connection.setLang(lang());
  redraw();
});
await loadLocale(lang());
rejoin();
redraw();
setInterval(() => state.view && redraw(), CLOCK_MS);
if (!refused && !state.watching) await devices.open();
