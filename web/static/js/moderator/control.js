// What the moderator's page knows and does: the newest view and links, what is selected and
// asked, and the commands. Draws nothing; `changed` is called after every change.

/** @import { ModeratorView, RequestView } from "../protocol.js" */
/** @import { PageCommand, Refusal, Status } from "../connection.js" */
/** @import { Link } from "../links.js" */
/** @import { Move } from "./moves.js" */
import { isUnclear } from "../connection.js";
import { complete } from "../links.js";
import { applyMove, stepMove } from "./moves.js";

/**
 * @typedef {(command: PageCommand, id?: string) => Promise<{rev: number}>} Send
 * @typedef {{kind: "add" | "help"} | {kind: "deny" | "cancel" | "edit", request: string}} Dialog
 * @typedef {{command: PageCommand, error: Refusal}} Notice
 * @typedef {{kind: "revoke" | "release", request: string}} Question
 */

const NO_LINK = complete();

export class Control {
  /** @type {ModeratorView | null} */
  view = null;
  /** @type {Record<string, Link>} */
  links = {};
  /** @type {Status} */
  status = { online: false, saving: true, refused: "" };
  /** Row of the queue whose actions are shown. */
  selected = "";
  /** @type {"all" | "pending"} */
  filter = "all";
  /** Typed into the search of the sources. */
  query = "";
  /** Agenda item whose actions are shown. */
  item = "";
  /** @type {Dialog | null} */
  dialog = null;
  /** The site typed in the window for a new request, and the suggestion under the cursor. */
  siteChoice = { typed: "", at: 0 };
  /** @type {Question | null} */
  question = null;
  /** The newest refused command. @type {Notice | null} */
  notice = null;
  /** A move the server has not confirmed. @type {Move | null} */
  move = null;
  /** The list stays as it is while a row is dragged. */
  dragging = false;
  listening = false;
  /** Commands without an answer. */
  unanswered = 0;

  /** Where the selected row stood last. */
  #place = 0;
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

  /** @param {ModeratorView} view */
  receive(view) {
    if (this.selected) this.#place = this.rows.indexOf(this.selected);
    this.view = view;
    if (this.question && !view.speaking.includes(this.question.request)) this.question = null;
    if (this.dialog && "request" in this.dialog && !this.#open(this.dialog.request)) {
      this.dialog = null;
    }
    if (!this.#open(this.selected)) this.selected = "";
    this.#changed();
  }

  /** @param {string} request */
  #open(request) {
    const view = this.view;
    return !!view && (view.queue.includes(request) || view.pending.includes(request));
  }

  /** Ids of the accepted requests in the order to show. */
  get queue() {
    return applyMove(this.view?.queue ?? [], this.move);
  }

  /** Ids of the rows that can be selected, from top to bottom. */
  get rows() {
    const pending = this.view?.pending ?? [];
    return this.filter === "all" ? [...this.queue, ...pending] : pending;
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
    this.set({ unanswered: this.unanswered + 1, notice: null });
    try {
      await this.#send(command, id);
      return true;
    } catch (error) {
      this.notice = { command, error: /** @type {Refusal} */ (error) };
      return false;
    } finally {
      this.set({ unanswered: this.unanswered - 1 });
    }
  }

  /** Sends the refused command once more; one that may have been done is not done twice. */
  retry() {
    if (!this.notice) return;
    const { command, error } = this.notice;
    const id = isUnclear(error) ? error.cmd_id : undefined;
    if (command.type === "move_request") {
      const { request, before, after } = command;
      void this.tryMove(before ? { request, before } : { request, after: after ?? "" }, id);
    } else if (command.type === "take" && !id) this.take();
    else void this.run(command, id);
  }

  /** Puts on air what is on preview, as it is seen here; nothing if a colleague changed it. */
  take() {
    const preview = this.view?.preview.source;
    if (preview) void this.run({ type: "take", preview });
  }

  /**
   * Shows the queue as moved at once and snaps back if the server refuses.
   * @param {Move | null} move
   * @param {string} [id] of the same move sent before
   */
  async tryMove(move, id) {
    if (!move) return;
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
