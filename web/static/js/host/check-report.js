// What was found before entering, for the technicians: they see who needs help before anybody calls.

import { boot } from "../boot.js";
import { NONE } from "../devices.js";
import { devices, lineCheck, meter } from "./parts.js";
import { state } from "./state.js";

/** @import { Kind } from "../devices.js" */
/** @import { Preflight } from "../protocol" */

/** @param {Kind} kind */
function device(kind) {
  if (devices.tracks[kind]) return "ok";
  return devices.choice[kind] === NONE ? "none" : devices.problems[kind] || "off";
}

/** @returns {Preflight} */
function findings() {
  const { verdict = "skipped", reason = "", measured = null } = lineCheck.result ?? {};
  return {
    camera: device("camera"),
    microphone: device("microphone"),
    voice: meter.heard,
    speaker: state.toneHeard,
    path: measured?.path ?? "",
    kbps_up: measured?.kbps_up ?? 0,
    kbps_down: measured?.kbps_down ?? 0,
    loss_up: measured?.loss_up ?? 0,
    loss_down: measured?.loss_down ?? 0,
    rtt_ms: measured?.rtt_ms ?? -1,
    verdict,
    reason,
  };
}

/** Tell it; without an answer nothing is lost but a courtesy. */
export async function report() {
  const session = encodeURIComponent(boot.session);
  const address = `/api/sessions/${session}/preflight?k=${encodeURIComponent(boot.key)}`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(findings());
  await fetch(address, { method: "PUT", headers, body, keepalive: true }).catch(() => {});
}
