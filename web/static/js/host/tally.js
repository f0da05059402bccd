// Who hears and sees this site now. What the server lets through is one half; whether this
// computer sends anything through it is the other. Pure; the words are in words.js.

/**
 * @typedef {"both" | "sound" | "picture" | "nobody"} Reach
 *
 * @typedef {object} Facts
 * @property {boolean} online what the server said still holds
 * @property {boolean} seen the server puts our site's picture on program
 * @property {boolean} heard the server lets our site's microphone through
 * @property {boolean} silenced a technician has muted our site: it would be let through
 * @property {string} publisher media peer that is used for our site; empty if none is
 * @property {string} peer our own media peer; empty before the first
 * @property {boolean} connected our media connection stands
 * @property {boolean} camera we send a picture
 * @property {"on" | "muted" | "none"} microphone
 *
 * @typedef {object} Tally
 * @property {Reach} open what the server lets through
 * @property {Reach | "other" | "unknown"} who what of it really is this computer's: all, a part
 *   (`nobody` if none), another device's, or not known
 * @property {"" | "silenced" | "muted" | "no_microphone" | "no_camera" | "nothing" | "connecting" | "offline"} why
 *   less than what is open
 */

/** @param {boolean} seen @param {boolean} heard @returns {Reach} */
function reach(seen, heard) {
  if (seen) return heard ? "both" : "picture";
  return heard ? "sound" : "nobody";
}

/**
 * Nobody is told that they are not heard unless that is certain.
 *
 * @param {Facts} facts
 * @returns {Tally}
 */
export function judge({ online, seen, heard, silenced, publisher, peer, connected, camera, microphone }) {
  const open = reach(seen, heard);
  if (!online) return { open, who: "unknown", why: "offline" };
  if (silenced) return { open, who: seen ? "picture" : "nobody", why: "silenced" };
  if (open === "nobody") return { open, who: "nobody", why: "" };
  if (publisher && publisher !== peer) return { open, who: "other", why: "" };
  if (!camera && microphone === "none") return { open, who: "nobody", why: "nothing" };
  const used = connected && publisher !== "";
  const pictured = used && seen && camera;
  if (heard && microphone !== "on") {
    const why = microphone === "muted" ? "muted" : "no_microphone";
    return { open, who: reach(pictured, false), why };
  }
  if (!heard && !camera) return { open, who: "nobody", why: "no_camera" };
  if (!used) return { open, who: "unknown", why: "connecting" };
  return { open, who: reach(pictured, heard), why: seen && !camera ? "no_camera" : "" };
}
