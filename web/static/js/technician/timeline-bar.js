// The bar of time under the wall: now or an earlier moment, and how to get there and back.

/** @import { Review } from "./review.js" */
/** @import { Extent, Timeline } from "./timeline.js" */
import { html, nothing, svg } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../i18n.js";
import { formatSeconds, formatTime } from "../time.js";
import { keyStep, STEPS } from "./cursor.js";
import { ago } from "./figures.js";

/** Points of the line behind the bar. */
const POINTS = 240;
/** Bounds of the score (ITU-T G.107 as MOS). */
const WORST = 1;
const BEST = 4.5;

/** "12 phút", "40 giây", "1:05 h". @param {number} seconds */
function length(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return t("site.seconds", { count: whole });
  return whole < 3600 ? t("site.minutes", { count: Math.round(whole / 60) }) : ago(whole);
}

/** @param {number} at @param {number} now @param {string} zone */
export const reviewing = (at, now, zone) =>
  t("site.reviewing", { time: formatSeconds(at, zone), ago: length(now - at) });

/** The score of the site in the panel over the bar. @param {Timeline} timeline @param {Extent} extent */
function line(timeline, extent) {
  const [first, end] = timeline.within(extent);
  const size = Math.max(1, Math.ceil((extent.to - extent.from) / POINTS));
  /** @type {string[]} */
  const found = [];
  let open = false;
  for (let at = first; at < end; at += size) {
    const known = timeline.lines.score.slice(at, at + size).filter((value) => value !== null);
    if (known.length) {
      const x = ((timeline.times[at] - extent.from) / (extent.to - extent.from)) * 100;
      const y = 20 - ((Math.min(...known) - WORST) / (BEST - WORST)) * 18;
      found.push(`${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`);
    }
    open = known.length > 0;
  }
  return found.join("");
}

/** Seconds between the marks of the bar, so many that no more than five have room. */
const MARK_S = 1800;

/**
 * @param {object} options
 * @param {Review} options.review
 * @param {string} options.zone
 */
export function timelineBar({ review: { cursor, history, extent }, zone }) {
  const timeline = history.site ? history.timeline : null;
  const now = Math.floor(extent.to);
  const from = Math.ceil(extent.from);
  const at = cursor.at ?? now;
  const share = (/** @type {number} */ second) => ((second - from) / Math.max(1, now - from)) * 100;
  const first = Math.ceil((from + MARK_S / 4) / MARK_S) * MARK_S;
  const hours = [];
  for (let mark = first; mark < now - MARK_S / 4; mark += MARK_S) hours.push(mark);
  const alerts = (timeline?.events ?? []).filter(({ kind, at: when }) => kind === "alert" && when >= from);
  const step = (/** @type {number} */ seconds) => {
    const shown = `${seconds < 0 ? "−" : "+"}${Math.abs(seconds)} s`;
    const way = t(seconds < 0 ? "site.step_back" : "site.step_on", { length: length(Math.abs(seconds)) });
    return html`<button
      type="button"
      class="btn tight"
      data-testid=${`step${seconds}`}
      aria-label=${`${shown}, ${way}`}
      @click=${() => cursor.step(seconds)}
    >
      ${shown}
    </button>`;
  };
  const review = cursor.at !== null;
  return html`<footer class=${`timebar ${review ? "review" : ""}`} data-testid="timebar">
    ${review
      ? html`<div class="steps" role="group" aria-label=${t("site.steps")}>
          ${STEPS.toReversed().map((each) => step(-each))} ${STEPS.map((each) => step(each))}
        </div>`
      : step(-10)}
    <div class="track">
      <svg viewBox="0 0 100 22" preserveAspectRatio="none" aria-hidden="true">
        <path class="floor" d="M0 21H100"></path>
        ${timeline ? svg`<path class="score" d=${line(timeline, { from, to: now })}></path>` : nothing}
        ${alerts.map((event) => svg`<path class="alert" d=${`M${share(event.at).toFixed(2)} 12v9`}></path>`)}
      </svg>
      <input
        type="range"
        data-testid="time-cursor"
        min=${from}
        max=${now}
        step="1"
        .value=${live(String(at))}
        aria-label=${t("site.time_cursor")}
        aria-valuetext=${review ? reviewing(at, now, zone) : t("site.now_at", { time: formatSeconds(now, zone) })}
        @input=${(/** @type {Event} */ event) => cursor.pin(Number(/** @type {HTMLInputElement} */ (event.target).value))}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          const seconds = keyStep(event);
          if (seconds === null || event.ctrlKey || event.metaKey || event.altKey) return;
          cursor.step(seconds);
          event.preventDefault();
        }}
      />
      <span class="hours tiny muted num" aria-hidden="true"
        >${hours.map((mark) => html`<span style=${`left:${share(mark).toFixed(2)}%`}>${formatTime(mark, zone)}</span>`)}</span
      >
    </div>
    <p class="now" role="status">
      ${review
        ? html`<b data-testid="time-said">${reviewing(at, now, zone)}</b>`
        : cursor.failed
          ? html`<b>${t("site.no_moment")}</b>`
          : html`<span class="muted">${t("site.is_live")}</span>`}
    </p>
    ${review
      ? html`<button type="button" class="btn tight pri" data-testid="to-now" @click=${() => cursor.live()}>
          ${t("site.to_now")} <kbd>Esc</kbd>
        </button>`
      : nothing}
  </footer>`;
}
