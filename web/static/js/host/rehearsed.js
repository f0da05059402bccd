// A technician tests this site: the host is asked to speak, then the page plays a row of tones that
// the server looks for in what the microphone sends. Says so all the while.

import { html, nothing } from "lit-html";
import { boot } from "../boot.js";
import { t } from "../i18n.js";
import { playRow } from "../tone-row.js";
import { icon } from "../ui.js";
import { listen } from "./listening.js";
import { devices, program, tests } from "./parts.js";
import { change, state } from "./state.js";

/** @import { Rehearse } from "../protocol" */
/** @typedef {(track: MediaStreamTrack | null) => void} Send */

const SETTLE_MS = 400; // until the new microphone is what leaves
const TAIL_MS = 700; // the last tone comes back from the hall
const OVER_MS = 30_000; // a server that says no more has ended the test

let framesBefore = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let over;

const frames = () => program.video.getVideoPlaybackQuality().totalVideoFrames;
const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Do from now on what the server asks for. @param {Send} send sends this microphone; null the usual one again */
export function takePart(send) {
  tests.take = (asked) => void rehearse(asked, send);
}

/** @param {Rehearse} asked @param {Send} send */
async function rehearse(asked, send) {
  if (asked.step === "listen") return listen(asked);
  if (asked.peer !== state.peer || state.screen !== "room") return;
  clearTimeout(over);
  over = setTimeout(() => change({ tested: "" }), OVER_MS);
  change({ tested: asked.step });
  if (asked.step === "speak") {
    framesBefore = frames();
    return;
  }
  const problem = await played(asked, send);
  const answer = { test: asked.test, problem, frames: Math.max(0, frames() - framesBefore) };
  await tell("answer", answer);
  clearTimeout(over);
  change({ tested: "" });
}

/** @param {Rehearse} asked @param {Send} send @returns {Promise<string>} why not, or nothing */
async function played(asked, send) {
  if (state.muted) return "muted"; // who has turned the microphone off is not overruled
  const row = { notes: asked.notes ?? [], tone_ms: asked.tone_ms ?? 0, gap_ms: asked.gap_ms ?? 0 };
  const microphone = await plainMicrophone();
  if (!microphone) return "no_microphone";
  try {
    send(microphone);
    await wait(SETTLE_MS);
    await playRow(row, devices.choice.speaker, () => void tell("playing", { test: asked.test }));
    await wait(TAIL_MS);
    return "";
  } catch (error) {
    const blocked = error instanceof DOMException && error.name === "NotAllowedError";
    return blocked ? "sound_blocked" : "failed";
  } finally {
    send(null);
    microphone.stop();
  }
}

/** The microphone without what a browser does for speech: it would take our own tones out. */
async function plainMicrophone() {
  const deviceId = devices.tracks.microphone?.getSettings().deviceId;
  const audio = {
    deviceId: deviceId ? { exact: deviceId } : undefined,
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
  };
  if (!devices.tracks.microphone) return null;
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()[0] ?? null;
  } catch {
    return null;
  }
}

/** @param {"playing" | "answer"} what @param {object} body */
async function tell(what, body) {
  const session = encodeURIComponent(boot.session);
  const address = `/api/sessions/${session}/rehearsal/${what}?k=${encodeURIComponent(boot.key)}`;
  const headers = { "content-type": "application/json" };
  await fetch(address, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => {});
}

/** What the host should know while the test lasts. */
export const testNotice = () =>
  state.tested
    ? html`<div class="notice info" data-testid="notice-test" data-step=${state.tested}>
        ${icon(state.tested === "speak" ? "mic" : "spk")}
        <span class="grow">${t(`host.tested_${state.tested}`)}</span>
      </div>`
    : nothing;
