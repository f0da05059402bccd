// What the delegate's page knows, in one place. Views read it; actions.js and main.js write it.

import { boot } from "../boot.js";
import { redrawing } from "../redraw.js";
import { own } from "./stages.js";

/** @import { DelegateView } from "../protocol" */
/** @import { Status } from "../connection.js" */
/** @typedef {{request: string, name: string, title: string, topic: string}} Correction */

export const state = {
  /** @type {DelegateView | null} */
  view: null,
  /** @type {Status} */
  status: { online: false, saving: true, refused: "" },
  /** Was connected before: a lost line is worth a word, a first try is not. */
  wasOnline: false,
  /** Asking for one more while others are open. */
  asking: false,
  /** @type {Correction | null} */
  correction: null,
  /** Request whose cancelling is being confirmed. */
  cancelling: "",
  /** A command is on its way. */
  sending: false,
  /** What a command was refused with, as a sentence. */
  refusal: "",
  /** Element to go to after drawing, as a selector; a person who types is not moved. */
  focus: "",
};

export const { onDraw, redraw, change } = redrawing(state);

/** Requests this phone made. */
export const mine = () => own(state.view, boot.key);
