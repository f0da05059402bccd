// What technicians ask of this page: done at once where it can be, and always answered.

import { mediaNow } from "./actions.js";
import { connection, sharing } from "./parts.js";
import { change, state } from "./state.js";

/** @import { Action } from "../protocol" */

// Kept over the reload that was asked for: which action it was, and what it ended.
const RELOADING = "dc-reloading";
// An ICE restart takes a second or two; with several tries lost, ten.
const RESTART_MS = 12_000;
const LOOK_MS = 100;

/** @param {string} id of the action @param {boolean} ok @param {string} [detail] a stable word */
const done = (id, ok, detail = "") =>
  connection.tell({ type: "action_done", action_id: id, ok, ...(detail ? { detail } : {}) });

/** Take what the server passes on. @param {Action} action */
export function take(action) {
  switch (action.action) {
    case "note":
      if (!state.notes.some(({ id }) => id === action.id)) change({ notes: [...state.notes, action] });
      done(action.id, true, "shown");
      break;
    case "reconnect":
      void reconnect(action.id);
      break;
    case "reload":
      reload(action.id);
      break;
    case "talk":
      done(action.id, mediaNow() !== null, mediaNow() ? "" : "not_joined");
      break;
    default:
      done(action.id, true); // the server has done it; the view says so, and this page shows it
  }
}

/** The host has read a note. @param {string} id */
export function read(id) {
  change({ notes: state.notes.filter((note) => note.id !== id) });
  done(id, true, "read");
}

/** @param {string} id */
async function reconnect(id) {
  const media = mediaNow();
  if (!media) {
    done(id, false, "not_joined");
    return;
  }
  await media.restart();
  const end = performance.now() + RESTART_MS;
  while (state.media !== "connected" && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  done(id, state.media === "connected", state.media === "connected" ? "" : "unreachable");
}

/** Load the page anew: it goes back to where it was by itself, with the same devices. @param {string} id */
function reload(id) {
  sessionStorage.setItem(RELOADING, JSON.stringify({ id, slides: sharing.track !== null }));
  location.reload();
}

/** Say that the reload is over, once everything is back; call after each change. */
export function answerReload() {
  const kept = sessionStorage.getItem(RELOADING);
  const back = state.status.online && (state.screen !== "room" || state.media === "connected");
  if (!kept || !back) return;
  sessionStorage.removeItem(RELOADING);
  const { id, slides } = JSON.parse(kept);
  // A screen is shared only by a hand that chooses it: that did not come back.
  done(id, true, slides ? "slides_ended" : "");
}
