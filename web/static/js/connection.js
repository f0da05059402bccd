// The websocket of a page: the newest view, and commands that survive a lost connection.
// Knows nothing of the DOM and nothing of the rules; docs/protocol.md is the contract.

import { mergePatch } from "./merge.js";
import { ServerClock } from "./server-clock.js";

/** @import { Action, SiteAction, Talk } from "./protocol" */
/** @import { ClientCommand, ClientMessage, LinkView, ServerLoadView, ServerMessage, Slots, WatchedView, You } from "./protocol" */
/** @import { Rehearsal, Rehearse } from "./protocol" */
/** @typedef {Exclude<ClientMessage, ClientCommand | {type: "hello"}>} Uncommanded */
/** @typedef {{code: string, message: string, rev: number, cmd_id: string}} Refusal */
/** @typedef {{online: boolean, saving: boolean, refused: string}} Status `refused`: code of a final no */
/**
 * @template {{type: string}} T
 * @typedef {T extends any ? Omit<T, "cmd_id"> : never} WithoutId
 */
/** @typedef {WithoutId<ClientCommand>} PageCommand */
/** @typedef {WithoutId<SiteAction>} PageAction */
/** @typedef {{text: string, timer: ReturnType<typeof setTimeout>, resolve: (ack: {rev: number}) => void, reject: (refusal: Refusal) => void}} Waiting */

const FIRST_RETRY_MS = 250;
// A restarting server is back within seconds and must find its pages soon after; one that
// stays away for long is not to be stormed.
const LONGEST_RETRY_MS = 2000;
const PATIENT_AFTER = 20;
const PATIENT_RETRY_MS = 5000;
// A refused page asks again now and then: the server may have been starting.
const REFUSED_RETRY_MS = 30_000;
// Links come every second to every page: silence, even while opening, means a dead line.
const SILENCE_MS = 6000;
// A command that takes effect long after the click does harm; the view shows what is true.
const ANSWER_MS = 20_000;
const REFUSAL_MS = 3000; // how long asking for the reason may delay the next try
const REFUSING = new Set([401, 403, 404]);
const CLOSE_DENIED = 4401; // the token is no longer valid: final
const UNCLEAR = new Set(["no_answer", "store_unavailable"]);

/**
 * Whether a command may have taken effect although it was refused. To try it again, send it
 * with the same id: the server then does it once.
 *
 * @param {{code?: string} | null | undefined} refusal
 */
export const isUnclear = (refusal) => UNCLEAR.has(refusal?.code ?? "");

/**
 * @template View
 * @param {object} options
 * @param {string} options.session
 * @param {string} options.key
 * @param {string} options.lang
 * @param {(view: View, you: You) => void} options.onView
 * @param {(sites: Record<string, LinkView>, now: number, server: ServerLoadView | null) => void} [options.onLinks]
 * @param {(slots: Slots["slots"], watched: Record<string, WatchedView>) => void} [options.onSlots] what our line does not carry as it is, and what slots show by our wish
 * @param {(action: Action) => void} [options.onAction] a technician acts on a site
 * @param {(talk: Talk) => void} [options.onTalk] a technician talks to a site
 * @param {(rehearsal: Rehearsal) => void} [options.onRehearsal] how far the rehearsal of some sites is
 * @param {(asked: Rehearse) => void} [options.onRehearse] a technician tests our site
 * @param {(status: Status) => void} [options.onStatus]
 * @param {() => void} [options.onReturn] connected again: our media peer may be gone, or on a path that is dead
 */
export function connect({ session, key, lang, onView, onLinks, onSlots, onAction, onTalk, onRehearsal, onRehearse, onStatus, onReturn }) {
  const path = `/ws/${encodeURIComponent(session)}?k=${encodeURIComponent(key)}`;
  const origin = globalThis.location?.origin ?? "http://localhost";
  const address = new URL(path, origin.replace(/^http/, "ws"));
  const clock = new ServerClock();
  /** @type {Map<string, Waiting>} */
  const waiting = new Map();
  /** @type {Status} */
  let status = { online: false, saving: true, refused: "" };
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {View | null} */
  let view = null;
  /** @type {You} */
  let you = { role: "" };
  let rev = -1;
  let instance = ""; // the run of the server that `rev` belongs to
  let attempts = 0;
  let peer = ""; // our media connection
  let closed = false;
  let before = false; // connected once already
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  /** @param {Partial<Status>} change */
  const setStatus = (change) => {
    const next = { ...status, ...change };
    const same = Object.entries(next).every(([name, value]) => value === Reflect.get(status, name));
    status = next;
    if (!same) onStatus?.(status);
  };

  /** @param {object} message */
  const write = (message) => {
    if (socket?.readyState === 1) socket.send(JSON.stringify(message));
  };

  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(restart, SILENCE_MS);
  };

  /** @param {string} id @returns {Waiting | undefined} */
  const settle = (id) => {
    const command = waiting.get(id);
    waiting.delete(id);
    clearTimeout(command?.timer);
    return command;
  };

  /** @param {ServerMessage} message */
  const receive = (message) => {
    if ("now" in message) clock.heard(message.now);
    switch (message.type) {
      case "view": {
        ({ rev, you, instance } = message);
        view = /** @type {View} */ (message.view);
        onView(view, you);
        break;
      }
      case "patch":
        rev = message.rev;
        view = /** @type {View} */ (mergePatch(view, message.patch));
        onView(view, you);
        break;
      case "ack":
        settle(message.cmd_id)?.resolve({ rev: message.rev });
        break;
      case "nack":
        settle(message.cmd_id)?.reject(message);
        break;
      case "status":
        setStatus({ saving: message.saving });
        break;
      case "rehearsal":
        onRehearsal?.(message);
        break;
      case "rehearse":
        onRehearse?.(message);
        break;
      case "links":
        onLinks?.(message.sites, message.now, message.server ?? null);
        break;
      case "slots":
        onSlots?.(message.slots, message.watched ?? {});
        break;
      case "talk":
        onTalk?.(message);
        break;
      case "action":
        onAction?.(message);
        break;
    }
  };

  const again = () => {
    if (closed) return;
    clearTimeout(retry);
    const longest = attempts < PATIENT_AFTER ? LONGEST_RETRY_MS : PATIENT_RETRY_MS;
    const growing = Math.min(longest, FIRST_RETRY_MS * 2 ** Math.min(attempts, 8));
    attempts += 1;
    const wait = status.refused ? REFUSED_RETRY_MS : growing;
    retry = setTimeout(open, wait * (0.5 + Math.random() / 2));
  };

  // A browser does not say why a websocket was refused; the same address over HTTP does.
  const whyRefused = async () => {
    try {
      const signal = AbortSignal.timeout(REFUSAL_MS);
      const response = await fetch(path, { headers: { accept: "application/json" }, signal });
      if (!REFUSING.has(response.status)) return "";
      const body = await response.json().catch(() => ({}));
      return String(body.code ?? (response.status === 404 ? "session_unknown" : "token_invalid"));
    } catch {
      return "";
    }
  };

  const open = () => {
    clearTimeout(retry);
    const mine = new WebSocket(address);
    let opened = false;
    socket = mine;
    listen();
    mine.onopen = () => {
      opened = true;
      clock.reset();
      write({ type: "hello", rev, instance, lang });
      if (peer) write({ type: "joined", peer });
      for (const command of waiting.values()) mine.send(command.text);
      // Whether it can save is the server's to say; what a former run said no longer counts.
      setStatus({ online: true, saving: true, refused: "" });
      if (before) onReturn?.();
      before = true;
    };
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      attempts = 0;
      listen();
      receive(JSON.parse(data));
    };
    mine.onclose = async (event) => {
      if (socket !== mine) return;
      socket = null;
      clearTimeout(silence);
      if (event.code === CLOSE_DENIED) {
        closed = true;
        setStatus({ online: false, refused: "token_revoked" });
        return;
      }
      setStatus({ online: false });
      if (!opened) setStatus({ refused: await whyRefused() });
      if (!socket) again();
    };
  };

  // Leaves the old socket to close in its own time: on a dead line that takes minutes.
  const restart = () => {
    const old = socket;
    if (closed || !old) return;
    socket = null;
    clearTimeout(silence);
    old.close();
    setStatus({ online: false });
    open();
  };

  const onNetwork = () => {
    attempts = 0;
    if (socket) restart();
    else if (!closed) open();
  };
  globalThis.addEventListener?.("online", onNetwork);
  open();

  return {
    /**
     * Ask for a change; resolves when it is durable.
     *
     * @param {PageCommand | PageAction} command
     * @param {string} [id] of the same command sent before, if its outcome is unclear
     * @returns {Promise<{rev: number}>} rejects with a Refusal; `no_answer` if none came in time
     */
    send(command, id = newId()) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          settle(id)?.reject({ code: "no_answer", message: "", rev, cmd_id: id });
          restart();
        }, ANSWER_MS);
        const message = { ...command, cmd_id: id };
        waiting.set(id, { text: JSON.stringify(message), timer, resolve, reject });
        write(message);
      });
    },
    /**
     * A message without an answer (`watch`, `use_device`, `path`); lost when offline.
     *
     * @param {Uncommanded} message
     */
    tell: write,
    /** Say which media connection is ours; what its line carries is then told. @param {string} id */
    joined(id) {
      peer = id;
      write({ type: "joined", peer });
    },
    /** @param {string} language of the server's messages */
    setLang(language) {
      lang = language;
      write({ type: "hello", rev, instance, lang });
    },
    /** The server's clock, Unix seconds. */
    serverNow: () => clock.now(),
    close() {
      closed = true;
      globalThis.removeEventListener?.("online", onNetwork);
      clearTimeout(retry);
      clearTimeout(silence);
      for (const id of [...waiting.keys()]) {
        settle(id)?.reject({ code: "no_answer", message: "", rev, cmd_id: id });
      }
      const old = socket;
      socket = null;
      old?.close();
    },
  };
}

/** An id no other command has. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
