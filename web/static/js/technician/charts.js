// The charts of one link: which lines each has, their scales, their words.

/** @import { Column } from "./timeline.js" */
import { formatNumber, t } from "../i18n.js";
import { megabits, millis, NONE, percent } from "./figures.js";

/**
 * @typedef {object} ChartLine
 * @property {Column} column
 * @property {string} sign what tells it from the chart's other lines, as the end of a key
 * @property {"up" | "down" | "third"} look of the line: colour and dashes
 * @property {boolean} [steps] holds a value until the next one
 */

/**
 * @typedef {object} Chart
 * @property {string} name
 * @property {ChartLine[]} lines
 * @property {number} low value at the bottom
 * @property {number} high at least this is at the top
 * @property {boolean} [fixed] never more than `high` at the top
 * @property {(value: number) => string} figure without its unit
 * @property {string} unit key of a sentence with `{value}`, empty for none
 */

const up = /** @type {const} */ ({ sign: "up", look: "up" });
const down = /** @type {const} */ ({ sign: "down", look: "down" });
const alone = /** @type {const} */ ({ sign: "", look: "up" });

/** @param {number} value */
const whole = (value) => formatNumber(value);

/** @type {Chart[]} */
export const CHARTS = [
  {
    name: "score",
    lines: [{ column: "score", ...alone }],
    low: 1,
    high: 4.5,
    fixed: true,
    figure: (value) => formatNumber(value, 1),
    unit: "",
  },
  {
    name: "loss",
    lines: [
      { column: "loss_up", ...up },
      { column: "loss_down", ...down },
      { column: "missing_up", sign: "missing", look: "third" },
    ],
    low: 0,
    high: 0.05,
    figure: percent,
    unit: "technician.percent",
  },
  {
    name: "rtt",
    lines: [{ column: "rtt_ms", ...alone }],
    low: 0,
    high: 100,
    figure: millis,
    unit: "technician.ms",
  },
  {
    name: "jitter",
    lines: [
      { column: "jitter_up_ms", ...up },
      { column: "jitter_down_ms", ...down },
    ],
    low: 0,
    high: 50,
    figure: millis,
    unit: "technician.ms",
  },
  {
    name: "rate",
    lines: [
      { column: "kbps_up", ...up },
      { column: "kbps_down", ...down },
      { column: "available_kbps", sign: "available", look: "third" },
    ],
    low: 0,
    high: 1000,
    figure: megabits,
    unit: "technician.mbps",
  },
  {
    name: "fps",
    lines: [
      { column: "fps_up", ...up },
      { column: "fps_down", ...down },
    ],
    low: 0,
    high: 30,
    figure: whole,
    unit: "technician.fps_value",
  },
  {
    name: "height",
    lines: [
      { column: "height_up", ...up, steps: true },
      { column: "height_down", ...down, steps: true },
    ],
    low: 0,
    high: 720,
    figure: whole,
    unit: "site.lines_value",
  },
  {
    name: "broken",
    lines: [
      { column: "freeze_s", sign: "freeze", look: "up" },
      { column: "concealed", sign: "concealed", look: "down" },
    ],
    low: 0,
    high: 0.1,
    figure: (value) => formatNumber(value * 100),
    unit: "technician.percent",
  },
  {
    name: "level",
    lines: [{ column: "level_dbov", ...alone }],
    low: -80,
    high: 0,
    fixed: true,
    figure: whole,
    unit: "site.dbov",
  },
  {
    name: "lag",
    lines: [{ column: "lag_ms", ...alone }],
    low: 0,
    high: 100,
    figure: millis,
    unit: "technician.ms",
  },
];

/**
 * A figure with its unit, or a dash.
 * @param {Chart} chart
 * @param {number | null | undefined} value
 */
export function words(chart, value) {
  if (value === null || value === undefined) return NONE;
  const figure = chart.figure(value);
  return chart.unit ? t(chart.unit, { value: figure }) : figure;
}

/** The chart that draws a column. @param {string} column */
export const chartOf = (column) =>
  CHARTS.find((chart) => chart.lines.some((line) => line.column === column));
