// One tile of the wall: a site's link at a glance. The border is the state (red on air, amber
// on deck, blue selected, dashed gone), the bars are the quality.

/** @import { Link } from "../links.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Thumbnails } from "./thumbnails.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { isSeen } from "../layout.js";
import { linkGlyph, linkText, saying } from "../link-word.js";
import { GOOD_LEVEL, level, linkState } from "../links.js";
import { onBackup } from "../lines.js";
import { icon } from "../ui.js";
import { acknowledge } from "./alerts.js";
import { ago, megabits, millis, NONE, percent, score } from "./figures.js";

/** Letters of a name from which on it needs smaller type on a wall screen. */
const LONG_NAME = 15;

/** What the site is to the session now. @param {Desk} desk @param {string} code */
export function role(desk, code) {
  const group = desk.groups.get(code);
  if (isSeen(desk.view?.program, code)) return { look: "air", words: t("technician.on_air") };
  if (group === "air") return { look: "", words: t("technician.mic_open") };
  if (group === "deck") return { look: "deck", words: t("technician.on_deck") };
  const place = desk.places.get(code);
  const words = place && group === "next" ? t("technician.place", { place }) : "";
  return { look: "", words };
}

/** Loss both ways, round trip, bitrate both ways. @param {Link} link */
function figures({ connected, up, down, rtt_ms }) {
  return html`<span class="nums" aria-hidden="true">
    <span>${connected ? `↑${percent(up.loss)} ↓${percent(down.loss)}%` : NONE}</span>
    <span>${millis(rtt_ms)}${rtt_ms < 0 ? nothing : html`<i> ms</i>`}</span>
    <span>${connected ? `${megabits(up.kbps)}/${megabits(down.kbps)}` : NONE}</span>
  </span>`;
}

/** The bell of an alert, to be pressed by who takes it on. @param {Desk} desk @param {string} code */
function bell(desk, code) {
  const { alert } = desk.link(code);
  if (!alert) return nothing;
  if (alert.acked_by) {
    const words = t("wall.acked_by", { name: alert.acked_by });
    return html`<span class="bell acked" title=${words}>${icon("ok")}<span class="sr">${words}</span></span>`;
  }
  return html`<button
    type="button"
    class=${`bell ${alert.level}`}
    tabindex="-1"
    title=${t("wall.acknowledge_keys")}
    aria-label=${t("wall.acknowledge_of", { site: desk.name(code) })}
    ?disabled=${desk.moment !== null}
    @click=${() => acknowledge(desk, alert)}
  >
    ${icon("bell")}
  </button>`;
}

/** @param {Desk} desk @param {string} code */
function mark(desk, code) {
  return html`<label class="pick"
    ><input
      type="checkbox"
      tabindex="-1"
      .checked=${desk.marked.has(code)}
      aria-label=${t("wall.mark", { site: desk.name(code) })}
      @click=${(/** @type {MouseEvent} */ event) =>
        event.shiftKey ? desk.markTo(code) : desk.mark(code)}
  /></label>`;
}

/** @param {Desk} desk @param {string} code @param {MouseEvent} event */
function onClick(desk, code, event) {
  if (event.shiftKey) desk.markTo(code);
  else if (event.ctrlKey || event.metaKey) desk.mark(code);
  else desk.set({ selected: code, focused: code });
}

/**
 * @param {Desk} desk
 * @param {Thumbnails} thumbnails
 * @param {string} code
 * @param {string} stop code of the one tile in the tab order
 * @param {number} now server time, Unix seconds
 */
export function tile(desk, thumbnails, code, stop, now) {
  const link = desk.link(code);
  const state = linkState(link);
  const { connected, since } = link;
  const group = desk.groups.get(code) ?? "";
  const bad = state === "up" && level(link.score) < GOOD_LEVEL ? "bad" : "";
  const quiet = state === "up" && !bad && !link.verdict.cause ? "quiet" : "";
  const words = saying(link, (other) => desk.name(other));
  const name = desk.name(code);
  const sentence = words !== linkText(link);
  const is = role(desk, code);
  const chosen = desk.selected === code ? "sel" : "";
  const marked = desk.marked.has(code) ? "marked" : "";
  return html`<div
    class=${`tile ${group} ${state} ${bad} ${quiet} ${chosen} ${marked}`}
    data-site=${code}
    data-state=${state}
  >
    <button
      type="button"
      class="open"
      tabindex=${stop === code ? 0 : -1}
      aria-current=${chosen ? "true" : nothing}
      @click=${(/** @type {MouseEvent} */ event) => onClick(desk, code, event)}
    >
      <span class=${`nm ${name.length < LONG_NAME ? "" : "long"}`}
        ><span class="grow">${name}</span>${onBackup(link)
          ? html`<span class="onbackup" title=${t("control.on_backup_long")}
              >${icon("phone")}<span class="sr">${t("control.on_backup_long")}</span></span
            >`
          : nothing}<b>${score(link)}</b></span
      >
      ${is.words ? html`<span class=${`badge ${is.look}`}>${is.words}</span>` : nothing}
      ${thumbnails.of(code)}
      <canvas class=${`spark q${level(link.score)}`} data-spark=${code} aria-hidden="true"></canvas>
      ${figures(link)}
      <span class="vd"
        >${linkGlyph(link)}<span class="word" title=${sentence ? words : nothing}>${words}</span>${sentence
          ? html`<span class="sr">(${linkText(link)})</span>`
          : nothing}${!connected && since && !sentence
          ? html`<span class="since">${ago(now - since)}</span>`
          : nothing}${marked ? html`<span class="sr">${t("wall.marked")}</span>` : nothing}</span
      >
    </button>
    ${mark(desk, code)} ${bell(desk, code)}
  </div>`;
}
