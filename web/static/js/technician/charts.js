// Two minutes of one link in small charts, each with its newest value in figures.

/** @import { Link } from "../links.js" */
import { html, svg } from "lit-html";
import { t } from "../i18n.js";
import { level, linkState } from "../links.js";
import { megabits, millis, NONE, percent, score } from "./figures.js";
import { lines } from "./history.js";

/**
 * @typedef {object} Chart
 * @property {string} name
 * @property {(link: Link) => number} value
 * @property {number} low value at the bottom
 * @property {number} high at least this is at the top
 * @property {(a: number, b: number) => number} worst of two neighbouring seconds
 * @property {(link: Link) => string} words
 */

/** @type {Chart[]} */
const CHARTS = [
  { name: "score", value: (link) => link.score, low: 1, high: 4.5, worst: Math.min, words: score },
  {
    name: "up_loss",
    value: (link) => link.up.loss,
    low: 0,
    high: 0.05,
    worst: Math.max,
    words: (link) => t("technician.percent", { value: percent(link.up.loss) }),
  },
  {
    name: "up_rate",
    value: (link) => link.up.kbps,
    low: 0,
    high: 2000,
    worst: Math.min,
    words: (link) => t("technician.mbps", { value: megabits(link.up.kbps) }),
  },
  {
    name: "rtt",
    value: (link) => Math.max(0, link.rtt_ms),
    low: 0,
    high: 100,
    worst: Math.max,
    words: (link) => t("technician.ms", { value: millis(link.rtt_ms) }),
  },
  {
    name: "down_loss",
    value: (link) => link.down.loss,
    low: 0,
    high: 0.05,
    worst: Math.max,
    words: (link) => t("technician.percent", { value: percent(link.down.loss) }),
  },
];

/** @param {Chart} chart @param {readonly Link[]} samples */
function row(chart, samples) {
  const newest = samples.at(-1);
  const value = (/** @type {Link} */ link) => (link.connected ? chart.value(link) : null);
  const top = Math.max(chart.high, ...samples.map((link) => value(link) ?? 0));
  const found = lines(samples, value, chart.low, top, chart.worst);
  const words = newest?.connected ? chart.words(newest) : NONE;
  const bars = newest && linkState(newest) === "up" ? level(newest.score) : 0;
  return html`<div class="chrow">
    <svg class=${`ch q${bars}`} viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <line x1="0" x2="100" y1="20" y2="20"></line>
      ${found.map(({ line }) => svg`<polyline points=${line}></polyline>`)}
    </svg>
    <p><span class="tiny muted">${t(`technician.chart_${chart.name}`)}</span><b class="num">${words}</b></p>
  </div>`;
}

/** @param {readonly Link[]} samples newest last */
export const charts = (samples) => CHARTS.map((chart) => row(chart, samples));
