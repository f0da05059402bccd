// A technician calls this site in its rehearsal: the page says when their voice has come out of its
// talkback slot, so that the server knows it and nobody has to guess.

import { boot } from "../boot.js";
import { mediaNow } from "./actions.js";
import { state } from "./state.js";

/** @import { Rehearse } from "../protocol" */

const LOOK_MS = 500;
const OVER_MS = 180_000; // the server watches no longer
// Quieter than this nobody in the room hears it; a voice into a headset is at about -30.
const HEARD_DB = -55;

/** The call we listen to. */
let test = "";

/** How loud something was between two looks, dB of full scale. @param {RTCRtpReceiver} receiver */
async function energyOf(receiver) {
  for (const entry of (await receiver.getStats()).values()) {
    if (entry.type !== "inbound-rtp") continue;
    return { energy: entry.totalAudioEnergy ?? 0, seconds: entry.totalSamplesDuration ?? 0 };
  }
  return { energy: 0, seconds: 0 };
}

/** What comes out of the talkback slot, which is the last one of sound; docs/protocol.md. */
const talkback = () =>
  mediaNow()
    ?.pc?.getReceivers()
    .filter(({ track }) => track.kind === "audio")
    .at(-1);

/** Listen until the technician is heard, as the server asks. @param {Rehearse} asked */
export async function listen(asked) {
  if (test === asked.test || state.screen !== "room") return;
  test = asked.test;
  const end = performance.now() + OVER_MS;
  let receiver = talkback();
  let before = receiver ? await energyOf(receiver) : null;
  let blocked = false;
  while (test === asked.test && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (receiver !== talkback()) [receiver, before] = [talkback(), null]; // joined anew
    if (!receiver) continue;
    const now = await energyOf(receiver);
    const level = before ? levelBetween(before, now) : -127;
    before = now;
    if (level < HEARD_DB) continue;
    if (!state.soundBlocked) {
      await tell(asked.test, level, "");
      return;
    }
    if (!blocked) await tell(asked.test, level, "sound_blocked"); // until somebody clicks
    blocked = true;
  }
}

/**
 * @param {{energy: number, seconds: number}} before
 * @param {{energy: number, seconds: number}} now
 */
export function levelBetween(before, now) {
  const seconds = now.seconds - before.seconds;
  const power = seconds > 0 ? (now.energy - before.energy) / seconds : 0;
  return power > 0 ? Math.min(0, Math.max(-127, 10 * Math.log10(power))) : -127;
}

/** @param {string} test @param {number} level @param {string} problem a stable word */
async function tell(test, level, problem) {
  const session = encodeURIComponent(boot.session);
  const address = `/api/sessions/${session}/rehearsal/heard?k=${encodeURIComponent(boot.key)}`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ test, level_db: Math.round(level * 10) / 10, problem });
  await fetch(address, { method: "POST", headers, body }).catch(() => {});
}
