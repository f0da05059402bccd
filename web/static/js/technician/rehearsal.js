// The rehearsal: a list of all sites with what was found of each, one of them open, and the next by a key.
// Takes the place of the wall while it is open.

/** @import { Rehearsal as Told } from "../protocol" */
/** @import { Desk } from "./desk.js" */
/** @import { Item, Outcome } from "./rehearsal-book.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { has, t } from "../i18n.js";
import { linkGlyph, linkText } from "../link-word.js";
import { walk } from "../neighbour.js";
import { announce, icon } from "../ui.js";
import { Book, ITEMS } from "./rehearsal-book.js";
import { sheet } from "./rehearsal-site.js";

const HASH = "#tong-duyet"; // a reloaded page comes back here
const SHOWN_MS = 100; // until what was told is drawn
const SYMBOL = { good: "ok", bad: "x", none: "dots" };

export class Rehearsal {
  open = location.hash === HASH;
  site = "";
  /** Why something could not be done, as a sentence. */
  refusal = "";
  /** What is being written into the note of the sign-off. */
  note = "";
  book = new Book();
  /** The server has said how far everything is. */
  known = false;
  desk;
  #session;
  #key;
  #changed;

  /**
   * @param {object} options
   * @param {Desk} options.desk
   * @param {string} options.session
   * @param {string} options.key
   * @param {() => void} options.changed
   */
  constructor({ desk, session, key, changed }) {
    this.desk = desk;
    this.#session = session;
    this.#key = key;
    this.#changed = changed;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Sites in the order of the event. */
  get codes() {
    return Object.keys(this.desk.view?.sites ?? {});
  }

  /** @param {boolean} open */
  show(open) {
    this.open = open;
    history.replaceState(null, "", open ? HASH : location.pathname + location.search);
    if (open) this.choose(this.site || this.desk.selected || this.book.next(this.codes, ""));
    else this.#changed();
  }

  /** The server said so. @param {Told} told */
  take(told) {
    const before = Object.keys(this.book.testing);
    const called = this.site in this.book.calling;
    this.book.take(told);
    if (this.open && !called && this.site in this.book.calling) {
      setTimeout(() => document.querySelector(".callbox")?.scrollIntoView({ block: "nearest" }), SHOWN_MS);
    }
    if (this.open && before.includes(this.site) && !(this.site in this.book.testing)) {
      const bad = this.book.bad(this.site).length;
      const found = t(bad ? "rehearsal.tested_bad" : "rehearsal.tested_good", { count: bad });
      announce(`${this.desk.name(this.site)}: ${found}`);
    }
    this.#changed();
  }

  /** Ask for everything: after a connection was lost nobody knows what was missed. */
  async again() {
    const response = await this.#fetch("GET", "").catch(() => null);
    if (response?.ok) this.book.take(await response.json(), true);
    this.known ||= Boolean(response?.ok);
    this.#changed();
  }

  /** @param {string} code */
  choose(code) {
    const { talker } = this.desk.acts;
    if (talker?.site && talker.site !== code) talker.end(); // whoever goes on has said goodbye
    if (this.site !== code) Object.assign(this, { site: code, note: this.book.of(code).note ?? "", refusal: "" });
    this.desk.set({ selected: code }); // its live picture
    this.#changed();
  }

  next() {
    this.choose(this.book.next(this.codes, this.site));
    requestAnimationFrame(() => {
      document.querySelector(".rlist [aria-current]")?.scrollIntoView({ block: "nearest" });
      /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=rehearse]"))?.focus();
    });
  }

  test = () => this.#ask("POST", `/${this.site}/test`);

  /** Talk to the site, and let the server watch whether both are heard; or end it. */
  call = async () => {
    const { talker } = this.desk.acts;
    const { site } = this;
    if (!talker || this.book.isSigned(site)) return;
    if (talker.site === site) {
      talker.end();
      return;
    }
    if (site in this.book.calling || (await this.#ask("POST", `/${site}/call`))) await talker.latch(site);
  };

  /** @param {Item} item @param {Outcome | null} outcome @param {string} [note] */
  tick = (item, outcome, note = "") =>
    this.#ask("PUT", `/${this.site}/items/${item}`, outcome ? { outcome, note } : {});

  reopen = () => this.#ask("DELETE", `/${this.site}/signature`);

  sign = async () => {
    if (await this.#ask("PUT", `/${this.site}/signature`, { note: this.note })) {
      announce(t("rehearsal.signed_now", { site: this.desk.name(this.site) }));
      this.next();
    }
  };

  /** Where the sheet is. @param {string} lang @param {"docx" | "pdf"} kind */
  document = (lang, kind) =>
    `/api/sessions/${encodeURIComponent(this.#session)}/rehearsal.${kind}?k=${encodeURIComponent(this.#key)}&lang=${lang}`;

  /** @param {string} note */
  write(note) {
    this.note = note;
    this.#changed();
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #ask(method, path, body) {
    this.refusal = "";
    const site = this.site;
    const response = await this.#fetch(method, path, body).catch(() => null);
    if (response?.ok) return true;
    const { code = "no_answer" } = (await response?.json().catch(() => ({}))) ?? {};
    if (site !== this.site) return false;
    const count = this.book.open(site).length;
    const name = this.desk.acts.talker?.talks.get(site)?.by || t("orders.technician");
    this.refusal = has(`error.${code}`) ? t(`error.${code}`, { count, name }) : t("common.failed");
    this.#changed();
    return false;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #fetch(method, path, body) {
    const base = `/api/sessions/${encodeURIComponent(this.#session)}/rehearsal${path}`;
    const headers = { "content-type": "application/json" };
    const address = `${base}?k=${encodeURIComponent(this.#key)}`;
    return fetch(address, { method, headers, body: body ? JSON.stringify(body) : undefined });
  }

  /** One letter each while nothing is being written (WCAG 2.1.4: only in this view). @param {KeyboardEvent} event */
  #onKey(event) {
    const target = /** @type {Element} */ (event.target);
    const elsewhere = target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey;
    if (!this.open || elsewhere) return;
    if (target !== document.body && !target.closest(".rehearsal")) return;
    if (event.code === "KeyT") void this.test();
    else if (event.code === "KeyC") void this.call();
    else if (event.code === "KeyN") this.next();
    else if (event.code === "KeyS") void this.sign();
    else return;
    event.preventDefault();
  }
}

/** In the top bar: to the rehearsal, or back to the wall. @param {Rehearsal} rehearsal */
export const rehearsalSwitch = (rehearsal) =>
  html`<button
    type="button"
    class="btn tight"
    data-testid="rehearsal-switch"
    aria-pressed=${rehearsal.open}
    @click=${() => rehearsal.show(!rehearsal.open)}
  >
    ${icon("list")}<span>${t("rehearsal.switch")}</span>
  </button>`;

/**
 * @param {Rehearsal} rehearsal
 * @param {Element | null | undefined} picture of the open site
 * @param {string} lang
 */
export function rehearsalView(rehearsal, picture, lang) {
  const { book, codes, site, known } = rehearsal;
  if (!site && known && codes.length) rehearsal.choose(book.next(codes, ""));
  const values = { done: book.done(codes), all: codes.length };
  return html`<main class="rehearsal" data-testid="rehearsal">
    <section class="rlist pane" aria-label=${t("rehearsal.list")}>
      <div class="rhead">
        <h2 data-testid="progress">${t("rehearsal.progress", values)}</h2>
        <progress max=${values.all} value=${values.done} aria-label=${t("rehearsal.progress", values)}></progress>
        <a class="btn tight" href=${rehearsal.document(lang, "docx")} download data-testid="sheet">
          ${icon("doc")}${t("rehearsal.sheet_docx")}
        </a>
        <a class="btn tight" href=${rehearsal.document(lang, "pdf")} download data-testid="sheet-pdf">${t("rehearsal.sheet_pdf")}</a>
      </div>
      <ol class="scroll" @keydown=${(/** @type {KeyboardEvent} */ event) => onListKey(rehearsal, event)}>
        ${repeat(
          codes,
          (code) => code,
          (code, at) => row(rehearsal, code, at + 1),
        )}
      </ol>
    </section>
    ${site ? sheet(rehearsal, picture) : nothing}
  </main>`;
}

/** @param {Rehearsal} rehearsal @param {KeyboardEvent} event */
function onListKey(rehearsal, event) {
  const next = walk(event, ".rsite");
  if (next?.dataset.site) rehearsal.choose(next.dataset.site);
}

/** @param {Rehearsal} rehearsal @param {string} code @param {number} number */
function row(rehearsal, code, number) {
  const { book, desk, site } = rehearsal;
  const stage = book.stage(code);
  const running = code in book.testing;
  const bad = book.bad(code).length + (stage === "reserved" ? book.overruled(code).length : 0);
  const left = stage === "begun" && bad ? "begun_bad" : stage;
  const words = t(running ? "rehearsal.testing" : `rehearsal.stage_${left}`, { open: book.open(code).length, bad });
  const link = desk.link(code);
  return html`<li>
    <button
      type="button"
      class="rsite"
      data-site=${code}
      data-stage=${stage}
      tabindex=${code === site ? 0 : -1}
      aria-current=${code === site ? "true" : nothing}
      @click=${() => rehearsal.choose(code)}
    >
      <span class="num muted">${number}</span>
      <b>${desk.name(code)}</b>
      <span class="lk">${linkGlyph(link)}<span class="sr">${linkText(link)}</span></span>
      <span class="dotrow" aria-hidden="true">
        ${ITEMS.map((item) => {
          const outcome = /** @type {Outcome | undefined} */ (book.mark(code, item)?.outcome);
          return html`<i class=${`dot-${outcome ?? "open"}`}>${outcome ? icon(SYMBOL[outcome]) : nothing}</i>`;
        })}
      </span>
      <span class="stage">${words}</span>
    </button>
  </li>`;
}
