// The source chooser: every site's camera with its link, and where it stands now. A click
// puts it on PREVIEW; nobody else sees that.

/** @import { ModeratorView, SiteView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { lang, t, text } from "../i18n.js";
import { linkGlyph, linkText } from "../link-word.js";
import { walk } from "../neighbour.js";
import { collate, search } from "../search.js";
import { icon } from "../ui.js";

/**
 * The venue and the co-chairs first, then by name: places that never move are found blind.
 * A site that has not joined yet waits at the end, and moves that one time.
 * @param {Control} control @param {ModeratorView} view
 */
function ordered(control, view) {
  const weight = (/** @type {SiteView} */ site) =>
    site.venue ? 0 : site.co_chair ? 1 : control.link(site.code).since ? 2 : 3;
  return Object.values(view.sites).sort(
    (a, b) => weight(a) - weight(b) || collate(text(a.name), text(b.name)),
  );
}

/** @param {Control} control @param {string} site */
function preview(control, site) {
  control.set({ query: "" });
  void control.run({ type: "set_preview", source: `camera:${site}` });
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
  const onProgram = view.program.source === camera;
  const onPreview = view.preview.source === camera;
  const word = linkText(link);
  return html`<li>
    <button
      type="button"
      class=${`src ${onProgram ? "air" : onPreview ? "pvw" : ""} ${link.connected ? "" : "off"}`}
      data-testid=${`source-${code}`}
      aria-pressed=${onPreview}
      tabindex=${stop ? 0 : -1}
      aria-disabled=${control.locked ? "true" : nothing}
      title=${`${text(site.name)} · ${word}`}
      @click=${() => preview(control, code)}
    >
      ${linkGlyph(link)}<span class="sr">${word}</span>
      <span class="grow">${text(site.name)}</span>
      ${view.microphones.includes(code)
        ? html`<span class="mic">${icon("mic")}<span class="sr">${t("moderator.mic_open")}</span></span>`
        : nothing}
      ${onProgram ? badge("air", "air", t("moderator.pgm")) : nothing}
      ${onPreview ? badge("pvw", "eye", t("moderator.pvw")) : nothing}
    </button>
  </li>`;
}

/** @param {Control} control */
export function sources(control) {
  const { view, links, query, locked } = control;
  if (!view) return nothing;
  const list = () => search(query, ordered(control, view), (site) => text(site.name));
  const { sites, program, preview: next, microphones } = view;
  const watched = [sites, program, next, microphones, links, query, locked, lang()];
  return html`<div class="sources">
    <label class="find">
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
          if (event.key === "Enter" && query && first) preview(control, first.code);
          if (event.key === "Escape") control.set({ query: "" });
        }}
      />
      <kbd>/</kbd>
    </label>
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
