// What a host can do. Each action says in state what became of it.

import { boot, tabId } from "../boot.js";
import { NONE } from "../devices.js";
import { t } from "../i18n.js";
import { joinMedia } from "../media.js";
import { AUDIO_SLOTS } from "../media-offer.js";
import { statsReporter } from "../stats.js";
import { errorText } from "../ui.js";
import { playCall, playTone } from "../tone.js";
import { connection, devices, program, second, sharing, sound, talkSound, tellPath } from "./parts.js";
import { change, granted, sendsSoundOnly, state } from "./state.js";
import { siteInline } from "./words.js";

/** @import { PageCommand } from "../connection.js" */
/** @import { Kind } from "../devices.js" */
/** @import { RequestView } from "../protocol" */
/** @import { Question } from "./state.js" */

const JOINED = "dc-joined"; // this tab was in the room: after a reload it goes back by itself
const MUTED = "dc-muted";

const report = statsReporter(connection.tell, devices);

const TALK_SLOT = `audio${AUDIO_SLOTS}`; // the one after those of the program; docs/protocol.md

/** @type {ReturnType<typeof joinMedia> | null} */
let media = null;

/** The media connection, null outside the room. */
export const mediaNow = () => media;

/** Enter the room. @param {boolean} watching follow only */
export async function join(watching) {
  sessionStorage.setItem(JOINED, watching ? "watch" : "yes");
  if (watching) devices.close();
  change({ screen: "room", watching });
  const client = await tabId();
  if (state.screen !== "room") return;
  media = joinMedia({
    session: boot.session,
    key: boot.key,
    client,
    video: ["main", "inset"],
    audio: AUDIO_SLOTS + 1,
    camera: null,
    microphone: null,
    onTrack: (slot, track) => {
      if (slot === TALK_SLOT) talkSound.play(slot, track);
      else if (track.kind === "audio") sound.play(slot, track);
      else (slot === "inset" ? second : program).show(track);
    },
    onStats: report,
    onState: (next, error) => change({ media: next, mediaError: error ?? null }),
    onPeer: (peer) => {
      state.formerPeers.add(state.peer);
      connection.joined(peer);
      change({ peer, link: withoutPublisher() });
    },
    onPath: (path) => {
      change({ path });
      tellPath();
    },
  });
  state.reviveMedia = media.revive;
  if (state.status.refused) media.close();
  sendTracks();
}

/** Who publishes was said of our former peer; the next report knows the new one. */
const withoutPublisher = () => state.link && { ...state.link, publisher: "" };

/** The link is no longer good: nothing may stay on behind the last page. */
export function suspend() {
  media?.close();
  devices.close();
  sharing.stop();
}

/** The link is good again: go on where we were. */
export async function resume() {
  media?.reopen();
  if (state.screen !== "left" && !state.watching) await devices.open();
}

/** Go back to the room this tab was in before a reload, if it was. */
export function rejoin() {
  setMuted(sessionStorage.getItem(MUTED) === "yes");
  const before = sessionStorage.getItem(JOINED);
  // Somebody may have been quicker than the texts: a tab has one media connection.
  if (before && state.screen === "check") void join(before === "watch");
}

/**
 * Use another device. Who came to follow only may change their mind, one device at a time.
 *
 * @param {Kind} kind
 * @param {string} id
 */
export async function choose(kind, id) {
  if (state.watching && id !== NONE) {
    await devices.choose(kind === "camera" ? "microphone" : "camera", NONE);
    sessionStorage.setItem(JOINED, "yes");
    change({ watching: false });
  }
  await devices.choose(kind, id);
}

/** Send what there is now; who follows only sends nothing. */
export function sendTracks() {
  const { camera, microphone } = devices.tracks;
  void media?.setCamera(state.watching || sendsSoundOnly() ? null : camera);
  void media?.setMicrophone(state.watching ? null : microphone);
}

/** Send another microphone for a test. @param {MediaStreamTrack | null} track null: the usual one again */
export function sendMicrophone(track) {
  void media?.setMicrophone(track ?? (state.watching ? null : devices.tracks.microphone));
}

/** Send the slides there are now, or none: then nobody need wait whether more come. */
export function sendSlides() {
  void media?.setSlides(sendsSoundOnly() ? null : sharing.track);
  if (!sharing.track && state.peer) connection.tell({ type: "slides_ended", peer: state.peer });
}

export async function leave() {
  const speaking = granted() !== null;
  const text = t(speaking ? "host.leave_text_speaking" : "host.leave_text");
  const question = { title: t("host.leave_title"), text, yes: t("host.leave"), no: t("host.stay") };
  if (!(await ask(question))) return;
  sessionStorage.removeItem(JOINED);
  media?.close();
  media = null;
  devices.close();
  sharing.stop();
  change({ screen: "left", peer: "", pictured: false });
}

/** @param {boolean} muted */
export function setMuted(muted) {
  sessionStorage.setItem(MUTED, muted ? "yes" : "no");
  devices.setMuted(muted);
  change({ muted });
}

export async function tryTone() {
  change({ tonePlaying: true });
  await playTone(devices.choice.speaker).catch(() => {});
  change({ tonePlaying: false, toneHeard: true });
}

/** Call the host to the computer, where the browser allows sound and no open microphone would carry it. */
export function ring() {
  if (!state.view?.microphone_open) playCall(devices.choice.speaker).catch(() => {});
}

/**
 * Give a command; a refusal is shown to the person.
 *
 * @param {PageCommand} command
 * @returns {Promise<boolean>} whether it was accepted
 */
export async function command(command) {
  change({ refusal: "" });
  try {
    await connection.send(command);
    return true;
  } catch (error) {
    change({ refusal: errorText(error) });
    return false;
  }
}

/** @param {string} request */
export async function release(request) {
  const question = {
    title: t("host.release_title"),
    text: t("host.release_text", { site: siteInline() }),
    yes: t("host.release_yes"),
    no: t("host.release_no"),
  };
  if (await ask(question)) await command({ type: "release_floor", request });
}

/** @param {RequestView} request */
export async function cancel({ id, name, by }) {
  const question = {
    title: t("host.cancel_title", { name }),
    text: t(by ? "host.cancel_text_phone" : "host.cancel_text"),
    yes: t("host.cancel_yes"),
    no: t("host.cancel_no"),
  };
  if (await ask(question)) await command({ type: "cancel_request", request: id });
}

/** Give up being next, not the place. @param {string} request @param {number} number place in line */
export async function returnToQueue(request, number) {
  const question = {
    title: t("host.not_ready_title"),
    text: t("host.not_ready_text", { n: number }),
    yes: t("host.not_ready_yes"),
    no: t("host.not_ready_no"),
  };
  if (await ask(question)) await command({ type: "return_to_queue", request });
}

export const publishHere = () => connection.tell({ type: "use_device", peer: state.peer });

/** @type {(answer: boolean) => void} */
let answerWith = () => {};

/** @param {Question} question @returns {Promise<boolean>} */
export function ask(question) {
  answerWith(false);
  change({ question });
  return new Promise((resolve) => {
    answerWith = resolve;
  });
}

/** @param {boolean} yes */
export function answer(yes) {
  change({ question: null });
  answerWith(yes);
  answerWith = () => {};
}
