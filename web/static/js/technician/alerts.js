// The list of alerts: those nobody has taken on first. Taking one on says who, when and, if one
// likes, what is being done about it.

/** @import { AlertView } from "../protocol.js" */
/** @import { Row } from "./alert-rows.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../i18n.js";
import { linkGlyph, saying } from "../link-word.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { rows } from "./alert-rows.js";
import { ago } from "./figures.js";

/** Characters of a note. */
const NOTE_LENGTH = 200;

/** @param {Desk} desk @param {AlertView} alert @param {string} [note] */
export function acknowledge(desk, alert, note = "") {
  if (desk.moment) return;
  desk.tell({ type: "acknowledge", alert: alert.id, note });
  desk.set({ noting: "" });
}

/** Write a note to an alert, wherever the list is. @param {Desk} desk @param {AlertView} alert */
export function note(desk, alert) {
  if (desk.moment) return;
  desk.set({ noting: alert.id });
  focus(".noting .input");
}

/** Once the page is drawn; what had the focus may not be there any more. @param {string} selector */
const focus = (selector) =>
  requestAnimationFrame(() => {
    const found = document.querySelector(selector);
    if (found instanceof HTMLElement) found.focus();
  });

/** The row of a site stays when its buttons go. @param {string} site */
const focusRow = (site) => focus(`.alert[data-site="${site}"] .what`);

/** @param {Desk} desk @param {Row} row */
function form(desk, { site, alert }) {
  return html`<form
    class="noting"
    @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const data = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
      acknowledge(desk, alert, String(data.get("note") ?? "").trim());
      focusRow(site);
    }}
    @keydown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      desk.set({ noting: "" });
      focusRow(site);
    }}
  >
    <input
      class="input"
      name="note"
      maxlength=${NOTE_LENGTH}
      autocomplete="off"
      data-testid="alert-note"
      aria-label=${t("wall.note_of", { site: desk.name(site) })}
      placeholder=${t("wall.note")}
    />
    <button class="btn tight pri" type="submit">${t("wall.acknowledge")}</button>
  </form>`;
}

/** @param {Desk} desk @param {Row} row @param {number} now */
function row(desk, { site, alert }, now) {
  const zone = desk.view?.time_zone ?? "UTC";
  const link = desk.link(site);
  const name = desk.name(site);
  const who = alert.acked_by ?? "";
  return html`<li class=${`alert ${alert.level} ${who ? "ack" : ""}`} data-testid="alert" data-site=${site}>
    <button
      type="button"
      class="what"
      @click=${() => desk.set({ selected: site, focused: site })}
    >
      ${linkGlyph(link)}
      <span class="grow">
        <span><b>${name}</b> ${saying(link, (other) => desk.name(other))}</span>
        <span class="muted tiny num"
          >${formatTime(alert.since, zone)} · ${ago(now - alert.since)}${who
            ? html` · ${t("wall.acked_by", { name: who })}`
            : nothing}</span
        >
        ${alert.note ? html`<span class="said tiny">“${alert.note}”</span>` : nothing}
      </span>
    </button>
    ${who
      ? nothing
      : html`<button
            class="btn icon quiet"
            type="button"
            data-testid="alert-noting"
            title=${t("wall.add_note")}
            aria-label=${t("wall.add_note_to", { site: name })}
            ?disabled=${desk.moment !== null}
            @click=${() => note(desk, alert)}
          >
            ${icon("plus")}
          </button>
          <button
            class="btn tight quiet"
            type="button"
            data-testid="acknowledge"
            aria-label=${t("wall.acknowledge_of", { site: name })}
            ?disabled=${desk.moment !== null}
            @click=${() => {
              acknowledge(desk, alert);
              focusRow(site);
            }}
          >
            ${t("wall.acknowledge")}
          </button>`}
    ${desk.noting === alert.id && !who ? form(desk, { site, alert }) : nothing}
  </li>`;
}

/**
 * @param {Desk} desk
 * @param {number} now server time, Unix seconds
 */
export function alertList(desk, now) {
  const all = rows(desk.codes.map((code) => /** @type {const} */ ([code, desk.link(code).alert])));
  if (!all.length) return nothing;
  const open = all.filter(({ alert }) => !alert.acked_by).length;
  const at = desk.moment?.at ?? now;
  return html`<section class="pane alerts" data-testid="alerts" aria-labelledby="alerts-title">
    <h2 id="alerts-title">
      ${icon("bell")}${t("wall.alerts")}
      <span class="muted">${open ? t("wall.open", { count: open }) : t("wall.none_open")}</span>
    </h2>
    <ol class="scroll">
      ${repeat(
        all,
        ({ alert }) => alert.id,
        (each) => row(desk, each, at),
      )}
    </ol>
  </section>`;
}
