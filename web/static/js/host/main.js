// The host page: starts everything, draws the view the state asks for, speaks changes aloud.

import { html, render } from "lit-html";
import { lang, loadLocale, t } from "../i18n.js";
import { announce, setTitle } from "../ui.js";
import { answer, rejoin, resume, ring, sendMicrophone, sendSlides, sendTracks, suspend } from "./actions.js";
import { changesAloud } from "./aloud.js";
import { answerReload, take } from "./asked.js";
import { Call } from "./call.js";
import { checkView } from "./check.js";
import { deckView } from "./deck.js";
import { closeDialog, dialogs, showQuestion } from "./dialogs.js";
import { leftPage, notices, refusedPage } from "./notices.js";
import { onAirView } from "./onair.js";
import {
  asked,
  connection,
  devices,
  meter,
  own,
  ownSlides,
  program,
  sharing,
  sound,
  talkSound,
} from "./parts.js";
import { takePart } from "./rehearsed.js";
import { roomView } from "./room.js";
import { granted, onDeck, onDraw, receivesSoundOnly, redraw, sendsSoundOnly, state } from "./state.js";
import { followTalk, takeTalk } from "./talk.js";
import { weakLine } from "../weak-line.js";
import { tabTitle } from "./words.js";

const CLOCK_MS = 250; // a clock that jumps by a second looks broken; by a quarter nobody sees

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
/** @type {(MediaStreamTrack | null)[]} */
let shown = [null, null];
/** @type {MediaStreamTrack | null} */
let slides = null;
let soundOnly = false; // a technician wants so
let screen = "";
let step = ""; // within a screen: what is asked of the person
let refused = false;
const call = new Call(ring);

/** @returns {[string, unknown]} name and content of the screen */
function screenNow() {
  if (state.status.refused) return ["refused", refusedPage()];
  if (state.screen === "check") return ["check", checkView()];
  if (state.screen === "left") return ["left", leftPage()];
  const request = granted();
  if (request?.grant) return ["air", onAirView(request, request.grant)];
  const next = onDeck();
  if (state.view && next?.deck) return ["deck", deckView(state.view, next, next.deck)];
  return ["room", roomView()];
}

function draw() {
  followRefusal();
  followDevices();
  answerReload();
  followTalk();
  program.sign(signOfProgram());
  const [name, content] = screenNow();
  if (name === "air" && screen !== "air") closeDialog("request");
  if (name !== screen && (screen === "air" || screen === "deck")) answer(false); // what was asked is over
  render(html`${notices()}${content}${dialogs()}`, app);
  showQuestion();
  followDeck(name);
  if (name !== screen && screen) focusStart();
  screen = name;
  setTitle(tabTitle());
  const news = changesAloud().join(" ");
  if (news) announce(news);
}

/** What stands over a program that does not move. */
function signOfProgram() {
  if (receivesSoundOnly()) return t("orders.no_pictures");
  return weakLine(state.slots.main, state.media === "connected" ? program : undefined);
}

/** A new screen starts at its decision or its heading, unless a person is somewhere else on purpose. */
function focusStart() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const start = app.querySelector("[data-primary]") ?? app.querySelector("h1");
  // Shown whatever was used last: it is what is asked of the person.
  /** @type {HTMLElement | null} */ (start)?.focus({ focusVisible: true });
}

/** Call the host, and let the focus follow what is asked of them. @param {string} name of the screen */
function followDeck(name) {
  const request = name === "deck" ? onDeck() : null;
  const deck = request?.deck;
  const ready = request?.state === "ready";
  call.follow(deck ? `${request.id} ${deck.called_at}` : "", ready, deck?.returned ?? false);
  const now = deck ? [request.id, request.state, deck.missing, deck.returned, state.closings].join() : "";
  if (now !== step && screen === "deck") focusStart();
  step = now;
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
  talkSound.setSink(devices.choice.speaker);
  const changed = soundOnly !== sendsSoundOnly();
  soundOnly = sendsSoundOnly();
  if (changed || camera !== shown[0] || microphone !== shown[1]) sendTracks();
  if (changed) sendSlides();
  shown = [camera, microphone];
  if (sharing.track === slides) return;
  slides = sharing.track;
  ownSlides.show(slides);
  sendSlides();
}

asked.take = take;
asked.talk = takeTalk;
takePart(sendMicrophone);
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
