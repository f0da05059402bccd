// What can be done with a selected request, and the question before a site that is not ready
// gets the floor.

/** @import { RequestView } from "../protocol.js" */
/** @import { Act } from "./act.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { actButton } from "./act.js";
import { missingWords } from "./deck.js";
import * as deeds from "./deeds.js";
import { followingAct } from "./following.js";
import { isOnDeck } from "./next.js";
import { weakWords } from "./weak-words.js";
import { isWeak, warnedOf } from "./weak.js";

/**
 * Calling the following one, whose key goes to a warning under the preview while there is one.
 * @param {Control} control
 * @param {string} id
 */
function following(control, id) {
  const act = followingAct(control, id);
  const taken = warnedOf(control);
  return act && { ...act, cap: taken && taken !== id ? "" : act.cap };
}

/** Buttons several states share. @param {Control} control @param {RequestView} request */
function common(control, request) {
  const { id, site } = request;
  const window = (/** @type {"edit" | "cancel" | "deny"} */ kind) => () =>
    control.set({ dialog: { kind, request: id } });
  return {
    call: {
      id: "call",
      words: t("moderator.call"),
      cap: "C",
      kind: "pri",
      run: () => deeds.call(control, id),
    },
    grantNow: {
      id: "grant",
      words: t("moderator.grant_now"),
      cap: "G",
      run: () => void control.grant(id),
    },
    back: {
      id: "off-deck",
      words: t("moderator.off_deck"),
      cap: "Q",
      run: () => deeds.offDeck(control, id),
    },
    preview: {
      id: "show-preview",
      words: t("moderator.show_preview"),
      symbol: "eye",
      run: () => control.preview(`camera:${site}`),
    },
    up: {
      id: "move-up",
      label: t("moderator.move_up"),
      symbol: "up",
      off: !control.stepOf(-1),
      run: () => void control.tryMove(control.stepOf(-1)),
    },
    down: {
      id: "move-down",
      label: t("moderator.move_down"),
      symbol: "down",
      off: !control.stepOf(1),
      run: () => void control.tryMove(control.stepOf(1)),
    },
    edit: { id: "edit", words: t("common.edit"), cap: "E", run: window("edit") },
    file: {
      id: "file",
      words: t("moderator.file"),
      cap: "V",
      run: () => deeds.file(control, id),
    },
    unfile: {
      id: "unfile",
      words: t("moderator.unfile"),
      cap: "M",
      kind: "pri",
      run: () => deeds.unfile(control, id),
    },
    cancel: {
      id: "cancel",
      words: t("moderator.cancel"),
      cap: "Del",
      kind: "danger",
      run: window("cancel"),
    },
    deny: {
      id: "deny",
      words: t("moderator.deny"),
      cap: "D",
      kind: "danger",
      run: window("deny"),
    },
  };
}

/** @param {Control} control @param {RequestView} request @returns {Act[]} */
function wanted(control, request) {
  const { call, grantNow, back, preview, up, down, edit, file, unfile, cancel, deny } =
    common(control, request);
  const next = isWeak(control.link(request.site)) ? following(control, request.id) : null;
  const instead = next ? [next] : [];
  if (request.state === "pending") return [edit, file, deny];
  if (request.state === "filed") return [unfile, edit, cancel];
  if (isOnDeck(request)) return [...instead, back, preview, up, down, edit, file, cancel];
  if (request.state === "held") return [...instead, grantNow, up, down, edit, file, cancel];
  return [call, grantNow, ...instead, preview, up, down, edit, file, cancel];
}

/** @param {Control} control @param {RequestView} request */
export const actions = (control, request) =>
  wanted(control, request).map((act) => actButton(control, act));

/** Why the server would not give this site the floor by itself. @param {RequestView} request @param {string} weak what is said of its link */
function why(request, weak) {
  if (request.state === "ready") return weak ? "" : t("moderator.ready_now");
  if (request.state === "held") return t("moderator.ask_held");
  if (!request.deck) return t("moderator.ask_unchecked");
  return t("moderator.ask_missing", { missing: missingWords(request.deck.missing) });
}

/** What is said of the link: what the server warned of, or what one sees. @param {Control} control @param {RequestView} request */
function warning(control, request) {
  const { why: told, weak } = control.question ?? {};
  if (!weak) return "";
  return told || weakWords(control, request.site) || t("moderator.weak");
}

/**
 * The question before the floor is given. Over a bad link the safe way is the one at hand;
 * going on is the same key once more.
 * @param {Control} control
 * @param {RequestView} request
 */
export function question(control, request) {
  const { id, state } = request;
  const close = () => control.set({ question: null });
  const call = () => {
    close();
    deeds.call(control, id);
  };
  const weak = warning(control, request);
  const instead = weak ? following(control, id) : null;
  const waits = weak && !instead;
  const ready = weak ? "moderator.grant_weak" : "moderator.grant";
  const goOn = actButton(control, {
    id: "grant-override",
    words: t(state === "ready" ? ready : "moderator.grant_override"),
    cap: "G",
    ...(weak ? {} : { kind: "pri", focus: true }),
    run: () => control.override(id),
  });
  const wait = html`<button
    class=${`btn tight ${waits ? "pri" : ""}`}
    type="button"
    data-testid="grant-wait"
    ?autofocus=${!!waits}
    @click=${(/** @type {Event} */ event) => {
      event.stopPropagation();
      close();
    }}
  >
    ${t(isOnDeck(request) ? "moderator.wait_more" : "moderator.back")}
  </button>`;
  return html`<p class="b" role="status">${[why(request, weak), weak].filter(Boolean).join(" ")}</p>
    ${instead ? actButton(control, { ...instead, kind: "pri", focus: true }) : nothing}
    ${waits ? wait : nothing} ${goOn}
    ${state === "queued"
      ? actButton(control, { id: "call-first", words: t("moderator.call_first"), run: call })
      : nothing}
    ${waits ? nothing : wait}`;
}
