// What buttons and keys do with a request, in one place, so that both do the same.

/** @import { Control } from "./control.js" */
import { isOnDeck, nextInLine } from "./next.js";
import { followingOf } from "./weak.js";

/** Seconds one press of "+1 minute" gives. */
const EXTENSION = 60;

/** @param {Control} control @param {string} request */
export function accept(control, request) {
  void control.run({ type: "accept_request", request });
}

/** @param {Control} control @param {string} request */
export function call(control, request) {
  void control.run({ type: "call_on_deck", request });
}

/** @param {Control} control @param {string} request */
export function offDeck(control, request) {
  void control.run({ type: "return_to_queue", request });
}

/**
 * Asks the next one over a good link to get ready instead; the place stays, and so does the
 * floor of one who speaks.
 * @param {Control} control
 * @param {string} request
 */
export function callFollowing(control, request) {
  const following = followingOf(control, request);
  control.set({ question: null });
  if (!following) control.set({ message: { kind: "alone" }, notice: null });
  else if (control.view?.speaking.includes(request)) call(control, following);
  else void control.run({ type: "call_following", request, following });
}

/** @param {Control} control @param {string} request */
export function file(control, request) {
  void control.run({ type: "file_request", request });
}

/** @param {Control} control @param {string} request */
export function unfile(control, request) {
  void control.run({ type: "unfile_request", request });
}

/** @param {Control} control @param {string} request */
export function readd(control, request) {
  void control.run({ type: "readd_request", request });
}

/** @param {Control} control @param {string} request */
export function extend(control, request) {
  void control.run({ type: "extend_floor", request, seconds: EXTENSION });
}

/** @param {Control} control @param {string} request */
export function withdraw(control, request) {
  void control.run({ type: "withdraw_grant", request });
}

/**
 * Stops a speech for a while, or lets it go on: one that pauses, and one being revoked.
 * @param {Control} control
 * @param {string} request
 */
export function pauseOrResume(control, request) {
  const phase = control.request(request)?.grant?.phase;
  if (phase === "live") void control.run({ type: "pause_floor", request });
  if (phase === "paused") void control.run({ type: "resume_floor", request });
  if (phase === "revoking") void control.run({ type: "keep_floor", request });
}

/** Takes the floor back: at once before the first sound, else after asking. @param {Control} control @param {string} request */
export function revoke(control, request) {
  const phase = control.request(request)?.grant?.phase;
  if (phase === "arming") withdraw(control, request);
  else if (phase !== "revoking") control.set({ question: { kind: "revoke", request } });
}

/** @param {Control} control @param {string} request */
export function release(control, request) {
  if (control.request(request)?.grant?.phase === "arming") return;
  control.set({ question: { kind: "release", request } });
}

/** Asks the next in line to get ready, unless somebody is on deck already. @param {Control} control */
export function callNext(control) {
  const next = nextInLine(control.queue, (id) => control.request(id));
  if (next && !isOnDeck(control.request(next))) call(control, next);
}

/** @param {Control} control */
export function nextItem(control) {
  const next = control.nextItem;
  if (next) void control.run({ type: "start_item", item: next.id });
}
