// What a delegate can do. Each action says in state what became of it.

import { boot } from "../boot.js";
import { connect, isUnclear } from "../connection.js";
import { t } from "../i18n.js";
import { errorText } from "../say.js";
import { DraftBook } from "./draft.js";
import { isTaken, kindOf } from "./stages.js";
import { change, state } from "./state.js";

/** @import { DelegateView, PriorityClass, RequestView } from "../protocol" */
/** @import { PageCommand } from "../connection.js" */

/** Reading the property throws where a browser keeps nothing. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

export const book = new DraftBook(storage(), `${boot.session}-${boot.site}`);

/** @type {ReturnType<typeof connect<DelegateView>>} */
export const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: boot.lang,
  onView: (view) => change({ view }),
  onStatus: (status) => change({ status, wasOnline: state.wasOnline || status.online }),
});

/**
 * @param {PageCommand} command
 * @param {string} [id] of the same command sent before
 * @returns {Promise<boolean>} whether it took effect
 */
async function run(command, id) {
  if (state.sending) return false;
  change({ sending: true, refusal: "" });
  try {
    await connection.send(command, id);
    return true;
  } catch (error) {
    const unclear = isUnclear(/** @type {{code?: string}} */ (error));
    change({ refusal: unclear ? t("delegate.unclear") : errorText(error) });
    return false;
  } finally {
    change({ sending: false });
  }
}

/** Send what was typed. */
export async function ask() {
  const { name, title, topic, reply_to } = book.draft;
  const priority_class = kindOf(state.view, book.draft.priority_class);
  const texts = { name: name.trim(), title: title.trim(), topic: topic.trim() };
  const answered = priority_class === "reply" ? reply_to || newestSpeech() : "";
  const about = answered ? { reply_to: answered } : {};
  const id = book.sending();
  const sent = await run({ type: "request_floor", ...texts, priority_class, ...about }, id);
  if (!sent) return;
  book.sent();
  change({ asking: false, focus: "[data-main]" });
}

const newestSpeech = () => state.view?.speeches[0]?.request ?? "";

/** Open the form for one more. @param {PriorityClass} priority_class */
export function askForMore(priority_class) {
  if (isTaken(state.view, priority_class)) book.type({ priority_class });
  change({ asking: true, refusal: "", focus: "[data-form]" });
}

/** Open the form to correct a request that has not had the floor yet. @param {RequestView} request */
export function correct({ id, name, title, topic }) {
  change({ correction: { request: id, name, title, topic }, refusal: "", focus: "[data-form]" });
}

/** Send what was corrected. */
export async function sendCorrection() {
  if (!state.correction) return;
  const { request, name, title, topic } = state.correction;
  const texts = { name: name.trim(), title: title.trim(), topic: topic.trim() };
  if (!(await run({ type: "edit_request", request, ...texts }))) return;
  book.remember(texts);
  change({ correction: null, focus: "[data-main]" });
}

/** Leave a form; what was typed for a new request stays for the next time. */
export function closeForm() {
  change({ asking: false, correction: null, refusal: "", focus: "[data-main]" });
}

/** Ask once. @param {string} request */
export function askToCancel(request) {
  change({ cancelling: request, refusal: "", focus: "[data-keep]" });
}

/** @param {string} request */
export function keep(request) {
  change({ cancelling: "", focus: `[data-cancel="${request}"]` });
}

/** @param {string} request */
export async function cancel(request) {
  if (!(await run({ type: "cancel_request", request }))) return;
  change({ cancelling: "", focus: "[data-main]" });
}
