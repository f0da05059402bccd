// What a host can do. Each action says in state what became of it.

import { boot, tabId } from "../boot.js";
import { NONE } from "../devices.js";
import { t } from "../i18n.js";
import { joinMedia } from "../media.js";
import { errorText } from "../ui.js";
import { playTone } from "../tone.js";
import { connection, devices, program, sound } from "./parts.js";
import { change, granted, state } from "./state.js";
import { siteInline } from "./words.js";

/** @import { PageCommand } from "../connection.js" */
/** @import { Kind } from "../devices.js" */
/** @import { Question } from "./state.js" */

const JOINED = "dc-joined"; // this tab was in the room: after a reload it goes back by itself
const MUTED = "dc-muted";
const AUDIO_SLOTS = 4;

/** @type {ReturnType<typeof joinMedia> | null} */
let media = null;

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
    video: ["main"],
    audio: AUDIO_SLOTS,
    camera: devices.tracks.camera,
    microphone: devices.tracks.microphone,
    onTrack: (slot, track) => {
      if (track.kind === "video") program.show(track);
      else sound.play(slot, track);
    },
    onState: (next, error) => change({ media: next, mediaError: error ?? null }),
    onPeer: (peer) => change({ peer }),
  });
  state.rejoinMedia = media.restart;
  sendTracks();
}

/** Go back to the room this tab was in before a reload. @returns {boolean} whether it was */
export function rejoin() {
  setMuted(sessionStorage.getItem(MUTED) === "yes");
  const before = sessionStorage.getItem(JOINED);
  if (before) void join(before === "watch");
  return before !== null;
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

/** Devices changed: send what there is now. */
export function sendTracks() {
  void media?.setCamera(devices.tracks.camera);
  void media?.setMicrophone(devices.tracks.microphone);
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

/** @param {string} request @param {string} name of the delegate */
export async function cancel(request, name) {
  const question = {
    title: t("host.cancel_title", { name }),
    text: t("host.cancel_text"),
    yes: t("host.cancel_yes"),
    no: t("host.cancel_no"),
  };
  if (await ask(question)) await command({ type: "cancel_request", request });
}

export const publishHere = () => connection.tell({ type: "publish_here", peer: state.peer });

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
