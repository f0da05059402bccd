// What the host page knows, in one place. Views read it; only main.js and actions.js write it.

import { redrawing } from "../redraw.js";
import { deckOf, ours } from "./line.js";

/** @import { Talk } from "../protocol" */
/** @import { Action, HostView, LinkView, PathKind, RequestView, Slots } from "../protocol" */
/** @import { Status } from "../connection.js" */
/** @import { Back } from "./line.js" */
/** @import { MediaError, MediaState } from "../media.js" */

/**
 * A question that needs an answer before something that cannot be taken back.
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} yes
 * @property {string} no
 */

export const state = {
  /** @type {"check" | "room" | "left"} */
  screen: "check",
  /** Joined to follow only: no camera, no microphone. */
  watching: false,
  /** @type {HostView | null} */
  view: null,
  /** Own request that came back into the line without being heard. @type {Back | null} */
  back: null,
  /** @type {Status} */
  status: { online: false, saving: true, refused: "" },
  /** When the server was last heard, ms of performance.now(); it speaks every second. */
  heardAt: 0,
  /** Was connected before: a lost line is worth a word, a first try is not. */
  wasOnline: false,
  /** @type {LinkView | null} */
  link: null,
  /** @type {MediaState} */
  media: "connecting",
  /** @type {MediaError | null} */
  mediaError: null,
  peer: "",
  /** What our line does not carry as it is. @type {Slots["slots"]} */
  slots: {},
  /** How our packets travel; empty while they do not. @type {PathKind} */
  path: "",
  /** Peers that were ours before a media connection was made anew. @type {Set<string>} */
  formerPeers: new Set(),
  /** The server is reached again; set while there is a media connection. */
  reviveMedia: () => {},
  /** A frame of the program was seen. */
  pictured: false,
  soundBlocked: false,
  muted: false,
  toneHeard: false,
  tonePlaying: false,
  /** What a technician's test asks of us now: `speak`, `play`, or nothing. */
  tested: "",
  /** A technician talks to us. @type {Talk | null} */
  talk: null,
  /** What technicians write, until it is read; the oldest first. @type {Action[]} */
  notes: [],
  /** What a command was refused with, as a sentence. */
  refusal: "",
  /** @type {Question | null} */
  question: null,
  /** How many dialogs were closed: each gives the focus back. */
  closings: 0,
};

export const { onDraw, redraw, change } = redrawing(state);

/** A technician wants no pictures of this site sent. */
export const sendsSoundOnly = () => ["up", "both"].includes(state.view?.orders.audio_only ?? "");

/** A technician wants no pictures sent to this site. */
export const receivesSoundOnly = () => ["down", "both"].includes(state.view?.orders.audio_only ?? "");

/** Own request that has the floor. @returns {RequestView | null} */
export const granted = () => mine().find((request) => request.status === "granted") ?? null;

/** Own request that was asked to get ready. @returns {RequestView | null} */
export const onDeck = () => state.view && deckOf(state.view);

/** Own requests in the server's order. @returns {RequestView[]} */
export const mine = () => (state.view ? ours(state.view) : []);
