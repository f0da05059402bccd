// What the moderator's page knows and does: the newest view and links, what is selected and
// asked, and the commands. Draws nothing; `changed` is called after every change.

/** @import { ActionView, Layout, ModeratorView, RequestView, You } from "../protocol.js" */
/** @import { PageCommand, Refusal, Status } from "../connection.js" */
/** @import { Link } from "../links.js" */
/** @import { Move } from "./moves.js" */
import { isUnclear } from "../connection.js";
import { complete } from "../links.js";
import { applyMove, stepMove } from "./moves.js";
import { doneByOthers, undoChoice } from "./undo.js";
import { isWeak } from "./weak.js";

/**
 * @typedef {(command: PageCommand, id?: string) => Promise<{rev: number}>} Send
 * @typedef {{kind: "add" | "help" | "proposal" | "ledger" | "rules" | "journal"}} Window
 * @typedef {{kind: "deny" | "cancel" | "edit" | "correct", request: string}} AboutRequest
 * @typedef {Window | AboutRequest | {kind: "clear", count: number}} Dialog `count`: as it was seen
 * @typedef {{command: PageCommand, error: Refusal, at: number}} Notice `at`: ms of performance.now()
 * @typedef {{kind: "revoke" | "release", request: string}} EndQuestion
 * @typedef {{kind: "override", request: string, at: number, weak: boolean, why: string}} GrantQuestion
 *   `at`: ms of performance.now(); `weak`: the link was bad then; `why`: what the server says of it
 * @typedef {(EndQuestion | GrantQuestion) & {weak?: boolean, why?: string}} Question
 * @typedef {{kind: "undone" | "elsewhere", action: ActionView} | {kind: "locked"} | {kind: "alone"}} Message
 * @typedef {"queue" | "pending" | "filed" | "ended"} List
 * @typedef {{source: string, layout: Layout, inset: string}} Scene
 */

const NO_LINK = complete();
/** Two presses of one key so near to each other are one decision. */
const HASTE_MS = 600;

/** In which lists a request must be for a window about it. @type {Record<string, List[]>} */
const ASKED_OF = {
  deny: ["pending"],
  cancel: ["queue", "pending", "filed"],
  edit: ["queue", "pending", "filed"],
  correct: ["ended"],
};

export class Control {
  /** @type {ModeratorView | null} */
  view = null;
  /** Whom the server takes us for. @type {You} */
  you = { role: "" };
  /** @type {Record<string, Link>} */
  links = {};
  /** @type {Status} */
  status = { online: false, saving: true, refused: "" };
  /** Row of the queue whose actions are shown. */
  selected = "";
  /** @type {"all" | "pending"} */
  filter = "all";
  /** Lists to look up that are open. */
  unfolded = { filed: false, ended: false };
  /** Typed into the search of the sources. */
  query = "";
  /** Agenda item whose actions are shown. */
  item = "";
  /** @type {Dialog | null} */
  dialog = null;
  /** The menu that is open. @type {"" | "list" | "more"} */
  menu = "";
  /** @type {"delegates" | "sites" | "regions"} */
  tab = "delegates";
  /** The site typed in the window for a new request, and the suggestion under the cursor. */
  siteChoice = { typed: "", at: 0 };
  /** @type {Question | null} */
  question = null;
  /** The newest refused command; it or a message is shown, whichever is newer. @type {Notice | null} */
  notice = null;
  /** What happened that was not asked for, or not only. @type {Message | null} */
  message = null;
  /** A move the server has not confirmed. @type {Move | null} */
  move = null;
  /** The list stays as it is while a row is dragged. */
  dragging = false;
  /** Nothing here acts until it is unlocked: against the stray click. */
  locked = false;
  listening = false;
  /** Commands without an answer. */
  unanswered = 0;

  /** Lets a device publish for its site. @type {(peer: string) => void} */
  useDevice = () => {};

  /** Where the selected row stood last. */
  #place = 0;
  /** What was on program before the emergency slate, as seen here. @type {Scene | null} */
  #beforeSlate = null;
  /** Which picture of a preview of two the next source comes into. @type {"main" | "inset"} */
  #slot = "main";
  #send;
  #changed;

  /**
   * @param {Send} send
   * @param {() => void} changed
   */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
  }

  /** @param {Partial<Control>} change */
  set(change) {
    Object.assign(this, change);
    this.#changed();
  }

  /** @param {ModeratorView} view @param {You} you */
  receive(view, you) {
    if (this.selected) this.#place = this.rows.indexOf(this.selected);
    this.view = view;
    this.you = you;
    const { source, layout, inset } = view.program;
    if (!this.onSlate) this.#beforeSlate = { source, layout, inset };
    if (view.preview.layout === "single") this.#slot = "main";
    if (this.question && !this.#stillAsked(this.question)) this.question = null;
    this.#closeStale();
    if (!this.#listed(this.selected, this.#shownLists)) this.selected = "";
    this.#changed();
  }

  /** @param {Question} question */
  #stillAsked({ kind, request }) {
    const view = /** @type {ModeratorView} */ (this.view);
    return (kind === "override" ? view.queue : view.speaking).includes(request);
  }

  /** Closes a window whose request somebody else has dealt with, and says who. */
  #closeStale() {
    const open = this.dialog;
    if (!open || !("request" in open) || this.#listed(open.request, ASKED_OF[open.kind])) return;
    this.dialog = null;
    const action = doneByOthers(this.view?.actions ?? [], open.request, this.you.key ?? "");
    if (action) Object.assign(this, { message: { kind: "elsewhere", action }, notice: null });
  }

  /** @param {string} request @param {List[]} lists */
  #listed(request, lists) {
    return lists.some((list) => this.view?.[list].includes(request));
  }

  /** @returns {List[]} */
  get #shownLists() {
    /** @type {List[]} */
    const lists = ["queue", "pending"];
    if (this.unfolded.filed) lists.push("filed");
    if (this.unfolded.ended) lists.push("ended");
    return lists;
  }

  /** Ids of the accepted requests in the order to show. */
  get queue() {
    return applyMove(this.view?.queue ?? [], this.move);
  }

  /** Ids of the rows that can be selected, from top to bottom. */
  get rows() {
    const { view, unfolded } = this;
    const pending = view?.pending ?? [];
    if (this.filter === "pending") return pending;
    const filed = unfolded.filed ? (view?.filed ?? []) : [];
    const ended = unfolded.ended ? (view?.ended ?? []) : [];
    return [...this.queue, ...pending, ...filed, ...ended];
  }

  /** @param {string} id @returns {RequestView | undefined} */
  request(id) {
    return this.view?.requests[id];
  }

  /** @param {string} site */
  link(site) {
    return this.links[site] ?? NO_LINK;
  }

  /**
   * Sends a command; a refusal becomes the notice under the preview.
   * @param {PageCommand} command
   * @param {string} [id] of the same command sent before
   * @returns {Promise<boolean>} whether it took effect
   */
  async run(command, id) {
    if (this.refuseLocked()) return false;
    this.set({ unanswered: this.unanswered + 1, notice: null, message: null });
    try {
      await this.#send(command, id);
      return true;
    } catch (error) {
      this.notice = { command, error: /** @type {Refusal} */ (error), at: performance.now() };
      return false;
    } finally {
      this.set({ unanswered: this.unanswered - 1 });
    }
  }

  /** Whether the page is locked; then it says so. */
  refuseLocked() {
    if (this.locked) this.set({ message: { kind: "locked" }, notice: null });
    return this.locked;
  }

  /** Sends the refused command once more; one that may have been done is not done twice. */
  retry() {
    if (!this.notice) return;
    const { command, error } = this.notice;
    const id = isUnclear(error) ? error.cmd_id : undefined;
    if (command.type === "move_request") {
      const { request, before, after } = command;
      void this.tryMove(before ? { request, before } : { request, after: after ?? "" }, id);
    } else if (command.type === "take" && error.code === "link_bad") {
      void this.run({ ...command, override: true });
    } else if (command.type === "take" && command.preview && !id) this.take();
    else void this.run(command, id);
  }

  /** Puts on air what is on preview, as it is seen here; nothing if a colleague changed it. */
  take() {
    if (!this.view?.preview.source) return;
    const { command, error, at = 0 } = this.notice ?? {};
    if (command?.type === "take" && error?.code === "link_bad") {
      // The same key again goes on, but not the second press of a hasty hand.
      if (performance.now() - at > HASTE_MS) this.retry();
      return;
    }
    const { source: preview, layout: preview_layout, inset: preview_inset } = this.view.preview;
    void this.run({ type: "take", preview, preview_layout, preview_inset });
  }

  /** Which picture of the preview the next source comes into. */
  get slot() {
    return this.#slot;
  }

  /** Lets the next source come into this picture of a preview of two. @param {"main" | "inset"} slot */
  pickSlot(slot) {
    if (this.view?.preview.layout === "single") return;
    this.#slot = slot;
    this.#changed();
  }

  /** Chooses the other picture of two. */
  swapSlot() {
    this.pickSlot(this.#slot === "main" ? "inset" : "main");
  }

  /** Puts a source on preview, into the picture that is chosen. @param {string} source */
  preview(source) {
    const slot = this.#slot;
    void this.run({ type: "set_preview", source, ...(slot === "main" ? {} : { slot }) });
  }

  /** Arranges the preview for one picture or two. @param {Layout} layout */
  arrange(layout) {
    void this.run({ type: "set_layout", layout });
  }

  /** Whether the slate of the venue is on program: the emergency. */
  get onSlate() {
    const { view } = this;
    return !!view && view.program.source === `slate:${view.venue}`;
  }

  /** Puts the emergency slate on program, or back what was there before, as far as known here. */
  toggleSlate() {
    const { view } = this;
    if (!view) return;
    const back = this.#beforeSlate ?? { source: `camera:${view.venue}` };
    void this.run({ type: "take", ...(this.onSlate ? back : { source: `slate:${view.venue}` }) });
  }

  /** The own action that "undo" takes back. */
  get undoable() {
    const { view, you } = this;
    return view && undoChoice(view.actions, you.key ?? "", view.requests);
  }

  /** Takes back one's own newest action; without one the server says why not. */
  async undo() {
    const action = this.undoable;
    const done = await this.run({ type: "undo", rev: action?.rev ?? 0 });
    if (done && action) this.set({ message: { kind: "undone", action } });
  }

  /**
   * Gives the floor; asks first if the server has not found the site ready, or its link bad.
   * @param {string} request
   */
  async grant(request) {
    if (this.refuseLocked()) return;
    const asked = this.question;
    if (asked?.kind === "override" && asked.request === request) {
      // As with the take: the same key again goes on, but not the second press of a hasty hand.
      if (performance.now() - asked.at > HASTE_MS) await this.override(request);
      return;
    }
    if (this.request(request)?.state !== "ready") {
      this.#ask(request);
      return;
    }
    await this.run({ type: "grant_floor", request });
    const { code, message } = this.notice?.error ?? {};
    if (code === "not_ready") this.#ask(request); // it had been a moment before
    if (code === "link_bad") {
      this.notice = null;
      this.#ask(request, message);
    }
  }

  /** Gives the floor although the checks have not passed, or the link is bad. @param {string} request */
  async override(request) {
    this.set({ question: null });
    await this.run({ type: "grant_floor", request, override: true });
  }

  /**
   * Asks before the floor is given. Whether the link is bad is not asked again: what is proposed
   * must not change under the hand.
   * @param {string} request
   * @param {string} [why] what the server says of its link
   */
  #ask(request, why = "") {
    const weak = !!why || isWeak(this.link(this.request(request)?.site ?? ""));
    this.set({ question: { kind: "override", request, at: performance.now(), weak, why } });
  }

  /**
   * Shows the queue as moved at once and snaps back if the server refuses.
   * @param {Move | null} move
   * @param {string} [id] of the same move sent before
   */
  async tryMove(move, id) {
    if (!move || this.refuseLocked()) return;
    this.set({ move });
    await this.run({ type: "move_request", ...move }, id);
    if (this.move === move) this.set({ move: null });
  }

  /**
   * The move of the selected row one place up or down; null if it cannot.
   * @param {-1 | 1} step
   */
  stepOf(step) {
    return stepMove(this.queue, this.selected, step, this.classOf);
  }

  /** @param {string} request */
  classOf = (request) => this.request(request)?.priority_class;

  /**
   * Selects the row *step* places from the selected one; if that has left the list, the one
   * in its place. Nothing is selected by itself: a key may be on its way.
   * @param {number} step
   */
  select(step) {
    const rows = this.rows;
    const from = rows.indexOf(this.selected);
    const to = from < 0 && Number.isFinite(step) ? this.#place : from + step;
    this.set({ selected: rows[Math.min(rows.length - 1, Math.max(0, to))] ?? "" });
  }

  /** @param {string} request a row of the queue */
  pick(request) {
    if (this.selected !== request) this.set({ selected: request });
  }

  /** The first speech, for keys that mean "the one who speaks". */
  get speaking() {
    return this.view?.speaking[0] ?? "";
  }

  /** The agenda item that comes after the one under way. */
  get nextItem() {
    const agenda = this.view?.agenda ?? [];
    return agenda[agenda.findIndex((item) => item.state === "now") + 1];
  }
}
