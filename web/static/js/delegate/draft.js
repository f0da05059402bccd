// What was typed and who types, kept on this phone: a page may be closed or reloaded any time.

import { newId } from "../connection.js";

/** @import { PriorityClass } from "../protocol" */

/**
 * @typedef {object} Draft
 * @property {string} name
 * @property {string} title
 * @property {string} topic
 * @property {PriorityClass} priority_class
 * @property {string} reply_to request whose speech is answered, empty for the newest
 * @property {string} cmd_id of the command that sent just this, empty before it was sent
 */

/** @type {Draft} */
const EMPTY = {
  name: "",
  title: "",
  topic: "",
  priority_class: "normal",
  reply_to: "",
  cmd_id: "",
};
const PERSON = "dc-person"; // one for all sessions: the phone is a person's

export class DraftBook {
  #storage;
  #key;
  #draft = EMPTY;

  /**
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined} storage
   * @param {string} key of this session and site
   */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = `dc-draft-${key}`;
    this.#draft = { ...this.#fresh(), ...this.#read(this.#key) };
  }

  get draft() {
    return this.#draft;
  }

  /** What is typed now; other words are another command. @param {Partial<Draft>} fields */
  type(fields) {
    this.#keep({ ...this.#draft, ...fields, cmd_id: "" });
  }

  /** Id to send the draft with: the same until it is changed, so that it takes effect once. */
  sending() {
    if (!this.#draft.cmd_id) this.#keep({ ...this.#draft, cmd_id: newId() });
    return this.#draft.cmd_id;
  }

  /** It arrived: the next one is the same person's about something else. */
  sent() {
    this.remember(this.#draft);
    this.#draft = this.#fresh();
    this.#forget(this.#key);
  }

  /** Who types on this phone, also the next time. @param {{name: string, title: string}} person */
  remember({ name, title }) {
    this.#write(PERSON, { name, title });
    if (!this.#draft.topic) this.#draft = { ...this.#draft, name, title };
  }

  /** @returns {Draft} */
  #fresh() {
    return { ...EMPTY, ...this.#read(PERSON) };
  }

  /** @param {Draft} draft */
  #keep(draft) {
    this.#draft = draft;
    this.#write(this.#key, draft);
  }

  // A browser in private mode may refuse to keep anything: then it lasts as long as the page.

  /** @param {string} key @returns {Partial<Draft>} */
  #read(key) {
    try {
      const kept = JSON.parse(this.#storage?.getItem(key) ?? "{}");
      const known = Object.entries(kept).filter(([name]) => name in EMPTY);
      return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
    } catch {
      return {};
    }
  }

  /** @param {string} key @param {object} value */
  #write(key, value) {
    try {
      this.#storage?.setItem(key, JSON.stringify(value));
    } catch {
      // see above
    }
  }

  /** @param {string} key */
  #forget(key) {
    try {
      this.#storage?.removeItem(key);
    } catch {
      // see above
    }
  }
}
