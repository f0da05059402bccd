// The source chooser: every site's camera with its link, its slides while it shares some, and
// where they stand now. A click puts one on PREVIEW; nobody else sees that.

/** @import { ModeratorView, SiteView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t, text } from "../i18n.js";
import { onBackup } from "../lines.js";
import { linkGlyph, linkText } from "../link-word.js";
import { walk } from "../neighbour.js";
import { collate, search } from "../search.js";
import { icon } from "../ui.js";
import { layouts, slots } from "./arrange.js";

/**
 * The venue and the co-chairs first, then by name: places that never move are found blind.
 * A site that has not joined yet waits at the end, and moves that one time. Those that share
 * slides stand before all others as long as they do: there are few, and they are looked for.
 * @param {Control} control @param {ModeratorView} view
 */
function ordered(control, view) {
  const weight = (/** @type {SiteView} */ site) =>
    view.slides.includes(site.code) ? 0 : site.venue ? 1 : site.co_chair ? 2 : control.link(site.code).since ? 3 : 4;
  return Object.values(view.sites).sort(
    (a, b) => weight(a) - weight(b) || collate(text(a.name), text(b.name)),
  );
}

/** @param {Control} control @param {string} source */
function preview(control, source) {
  control.set({ query: "" });
  control.preview(source);
}

/** @param {"air" | "pvw"} kind @param {string} symbol @param {string} words */
const badge = (kind, symbol, words) =>
  html`<span class=${`badge ${kind}`} title=${words}>${icon(symbol)}<span class="sr">${words}</span></span>`;

/**
 * @param {Control} control
 * @param {ModeratorView} view
 * @param {SiteView} site
 * @param {boolean} stop it is the one of the list in the tab order; arrows lead to the others
 */
function source(control, view, site, stop) {
  const { code } = site;
  const link = control.link(code);
  const camera = `camera:${code}`;
  const { onProgram, onPreview, look } = place(view, camera);
  const word = linkText(link);
  return html`<li>
    <button
      type="button"
      class=${`src ${look} ${link.connected ? "" : "off"}`}
      data-testid=${`source-${code}`}
      aria-pressed=${onPreview}
      tabindex=${stop ? 0 : -1}
      aria-disabled=${control.locked ? "true" : nothing}
      title=${`${text(site.name)} · ${word}`}
      @click=${() => preview(control, camera)}
    >
      ${linkGlyph(link)}<span class="sr">${word}</span>
      <span class="grow"
        >${text(site.name)}${onBackup(link)
          ? html`<small class="onbackup">${t("control.on_backup_short")}</small>`
          : nothing}</span
      >
      ${view.microphones.includes(code)
        ? html`<span class="mic">${icon("mic")}<span class="sr">${t("moderator.mic_open")}</span></span>`
        : nothing}
      ${onProgram ? badge("air", "air", t("moderator.pgm")) : nothing}
      ${onPreview ? badge("pvw", "eye", t("moderator.pvw")) : nothing}
    </button>
    ${slidesOf(control, view, site)}
  </li>`;
}

/** The slides of a site, while it shares some or they are chosen. @param {Control} control @param {ModeratorView} view @param {SiteView} site */
function slidesOf(control, view, { code, name }) {
  const source = `slides:${code}`;
  const { onProgram, onPreview, look } = place(view, source);
  const sharing = view.slides.includes(code);
  if (!sharing && !onProgram && !onPreview) return nothing;
  const words = t("common.slides_of", { site: text(name) });
  const state = [
    sharing ? "" : t("moderator.slides_ended"),
    onProgram ? t("moderator.pgm") : "",
    onPreview ? t("moderator.pvw") : "",
  ];
  const label = [words, ...state].filter(Boolean).join(" · ");
  return html`<button
    type="button"
    class=${`src slides ${look} ${sharing ? "" : "off"}`}
    data-testid=${`slides-${code}`}
    aria-pressed=${onPreview}
    tabindex="-1"
    aria-disabled=${control.locked ? "true" : nothing}
    aria-label=${label}
    title=${label}
    @click=${() => preview(control, source)}
  >
    ${icon("slide")}<span class="grow">${t("moderator.slides")}</span>
    ${onProgram ? badge("air", "air", "") : nothing} ${onPreview ? badge("pvw", "eye", "") : nothing}
  </button>`;
}

/** Where a source stands now, in either picture. @param {ModeratorView} view @param {string} source */
function place({ program, preview: next }, source) {
  const onProgram = program.source === source || program.inset === source;
  const onPreview = next.source === source || next.inset === source;
  return { onProgram, onPreview, look: onProgram ? "air" : onPreview ? "pvw" : "" };
}

/** @param {Control} control */
export function sources(control) {
  const { view, links, query, locked } = control;
  if (!view) return nothing;
  const list = () => search(query, ordered(control, view), (site) => text(site.name));
  const { sites, program, preview: next, microphones, slides } = view;
  const watched = [sites, program, next, microphones, slides, control.slot, links, query, locked, lang()];
  return html`<div class="sources">
    <div class="arrange">
      ${layouts(control)}
      <label class="find grow">
        <span class="sr">${t("moderator.find_source")}</span>
        <input
          class="input"
          id="find-source"
          type="search"
          autocomplete="off"
          spellcheck="false"
          data-testid="find-source"
          placeholder=${t("moderator.find_source")}
          .value=${query}
          @input=${(/** @type {InputEvent} */ event) =>
            control.set({ query: /** @type {HTMLInputElement} */ (event.target).value })}
          @keydown=${(/** @type {KeyboardEvent} */ event) => {
            const first = list()[0];
            if (event.key === "Enter" && query && first) preview(control, `camera:${first.code}`);
            if (event.key === "Escape") control.set({ query: "" });
          }}
        />
        <kbd>/</kbd>
      </label>
    </div>
    ${slots(control)}
    <ul
      class="srcs"
      aria-label=${t("moderator.sources")}
      @keydown=${(/** @type {KeyboardEvent} */ event) => walk(event, ".src")}
    >
      ${guard(watched, () => {
        const found = list();
        if (!found.length) return html`<li class="muted none">${t("moderator.no_source")}</li>`;
        const stop = found.find((site) => site.code === next.site) ?? found[0];
        return repeat(
          found,
          (site) => site.code,
          (site) => source(control, view, site, site === stop),
        );
      })}
    </ul>
  </div>`;
}
