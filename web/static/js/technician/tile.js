// One tile of the wall: a site's link at a glance. The border is the state (red on air, blue
// selected, dashed gone), the bars are the quality.

/** @import { Desk } from "./desk.js" */
import { html, nothing, svg } from "lit-html";
import { t } from "../i18n.js";
import { isSeen } from "../layout.js";
import { linkGlyph, linkText } from "../link-word.js";
import { GOOD_LEVEL, level, linkState } from "../links.js";
import { onBackup } from "../lines.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { ago, lineCount, megabits, millis, NONE, percent, score } from "./figures.js";
import { lines } from "./history.js";

/** Bounds of the score (ITU-T G.107 as MOS). */
const WORST = 1;
const BEST = 4.5;

/** @param {Desk} desk @param {string} code */
function spark(desk, code) {
  const found = lines(
    desk.history.of(code),
    (link) => (linkState(link) === "up" ? link.score : null),
    WORST,
    BEST,
    Math.min,
  );
  return html`<svg
    class=${`spark q${level(desk.link(code).score)}`}
    viewBox="0 0 100 20"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${found.map(
      ({ line, area }) =>
        svg`<polygon points=${area}></polygon><polyline points=${line}></polyline>`,
    )}
  </svg>`;
}

/** What the site is to the session now. @param {Desk} desk @param {string} code */
function role(desk, code) {
  if (isSeen(desk.view?.program, code)) return t("technician.on_air");
  const group = desk.groups.get(code);
  if (group === "air") return t("technician.mic_open");
  if (desk.onDeck.has(code)) return t("technician.on_deck");
  const place = desk.places.get(code);
  return place && group === "next" ? t("technician.place", { place }) : "";
}

/**
 * @param {Desk} desk
 * @param {string} code
 * @param {string} stop code of the one tile in the tab order
 * @param {number} now server time, Unix seconds
 */
export function tile(desk, code, stop, now) {
  const link = desk.link(code);
  const state = linkState(link);
  const { up, down, connected, since } = link;
  const zone = desk.view?.time_zone ?? "UTC";
  const group = desk.groups.get(code) ?? "rest";
  const bad = state === "up" && level(link.score) < GOOD_LEVEL ? "bad" : "";
  const is = role(desk, code);
  const look = isSeen(desk.view?.program, code) ? "air" : desk.onDeck.has(code) ? "deck" : "";
  return html`<button
    type="button"
    class=${`tile ${group} ${state} ${bad}`}
    data-site=${code}
    data-state=${state}
    tabindex=${stop === code ? 0 : -1}
    aria-current=${desk.selected === code ? "true" : nothing}
    @click=${() => desk.set({ selected: code, focused: code })}
  >
    <span class="nm"
      ><span class="grow">${desk.name(code)}</span>${onBackup(link)
        ? html`<span class="onbackup" title=${t("control.on_backup_long")}
            >${icon("phone")}<span class="sr">${t("control.on_backup_long")}</span></span
          >`
        : nothing}<b>${score(link)}</b></span>
    ${is ? html`<span class=${`badge ${look}`}>${is}</span>` : nothing}
    ${spark(desk, code)}
    <span class="nums" aria-hidden="true">
      <span>${connected ? `↑${percent(up.loss)} ↓${percent(down.loss)}%` : NONE}</span>
      <span>${millis(link.rtt_ms)}${link.rtt_ms < 0 ? nothing : html`<i> ms</i>`}</span>
      <span>${connected ? `${megabits(up.kbps)}/${megabits(down.kbps)}` : NONE}</span>
    </span>
    <span class="vd">
      ${linkGlyph(link)}<span class="word">${linkText(link)}</span>
      ${connected ? html`<span class="res" aria-hidden="true">${lineCount(up)}/${lineCount(down)}</span>` : nothing}
      ${since
        ? html`<span class="since">
            ${connected ? t("technician.since", { time: formatTime(since, zone) }) : ago(now - since)}
          </span>`
        : nothing}
    </span>
  </button>`;
}
