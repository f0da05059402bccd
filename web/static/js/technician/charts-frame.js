// The mark-up around the charts: a row a chart with its words, and the head with the time.

/** @import { Chart } from "./charts.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { PRESETS } from "./charts-range.js";
import { CHARTS } from "./charts.js";
import { NONE } from "./figures.js";

/** All that stands still while time goes on. */
export const frame = () =>
  html`<div class="bhead"></div>
    <div
      class="charts"
      tabindex="0"
      role="group"
      data-testid="charts"
      aria-label=${t("site.charts")}
      aria-describedby="charts-keys"
    >
      <div class="lane" aria-hidden="true"></div>
      ${CHARTS.map(
        (chart) =>
          html`<div class="chrow" data-chart=${chart.name}>
              <div class="plot" aria-hidden="true"></div>
              <div class="key">
                <span class="tiny muted">${t(`site.chart_${chart.name}`)}</span>
                <b class="num"></b>
                <span class="base tiny muted num"></span>
              </div>
            </div>
            ${chart.name === "score"
              ? html`<div
                  class="causes"
                  role="toolbar"
                  data-testid="causes"
                  aria-label=${t("site.causes")}
                ></div>`
              : nothing}`,
      )}
    </div>
    <p class="sr" id="charts-keys">${t("site.charts_keys")}</p>`;

/** "2 phút", "2 giờ". @param {number} seconds */
const lengthWords = (seconds) =>
  seconds < 3600
    ? t("site.minutes", { count: seconds / 60 })
    : t("site.hours", { count: seconds / 3600 });

/**
 * What time the words are of, and ranges at one click.
 * @param {string} when
 * @param {number | null} length seconds shown now, if they are the newest
 * @param {(seconds: number) => void} choose
 */
export const head = (when, length, choose) =>
  html`<p class="when num" data-testid="charts-when">${when}</p>
    <div class="seg" role="group" aria-label=${t("site.range")}>
      ${PRESETS.map(
        (seconds) =>
          html`<button
            type="button"
            data-testid=${`range-${seconds}`}
            aria-pressed=${length === seconds}
            @click=${() => choose(seconds)}
          >
            ${lengthWords(seconds)}
          </button>`,
      )}
    </div>`;

/** Stands where the figures go while the unit's words are looked up; in no language. */
const GAP = "\u0000";

/**
 * The values of a chart's lines with what tells them apart, and their unit once.
 * @param {Chart} chart
 * @param {(number | null)[]} values
 * @param {boolean} [dashes] a dash for lines without a value, else they are left out
 */
export function figures(chart, values, dashes = true) {
  const known = values.some((value) => value !== null);
  const [before, after] = chart.unit && known ? t(chart.unit, { value: GAP }).split(GAP) : ["", ""];
  const all = chart.lines.map(({ sign, look }, at) => {
    const value = values[at];
    if (value === null && !dashes) return nothing;
    const key = sign ? html`<i class=${`sign ${look}`}>${t(`site.sign_${sign}`)}</i> ` : nothing;
    return html`<span>${key}${value === null ? NONE : chart.figure(value)}</span> `;
  });
  return html`${before}${all}<span>${after.trim()}</span>`;
}
