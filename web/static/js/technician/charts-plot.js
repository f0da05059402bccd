// One chart: a uPlot with our lines, scale and marks. Knows no page and no data of its own.

/** @import { Chart } from "./charts.js" */
/** @import { Timeline } from "./timeline.js" */
import uPlot from "uplot";
import { axisStep, roundUp } from "./charts-range.js";

/**
 * @typedef {object} Look taken from the style sheet when the charts are made
 * @property {Record<"up" | "down" | "third" | "ink" | "grid" | "event" | "pin", string>} colours
 * @property {number} rem CSS pixels
 * @property {string} font family of figures
 *
 * @typedef {object} Marked what is drawn over the lines of every chart
 * @property {() => readonly number[]} events Unix seconds
 * @property {() => number | null} pin Unix seconds
 * @property {(column: string) => number | undefined} baseline
 * @property {(at: number, step: number) => string} time words of the time axis
 */

const DASHES = { up: [], down: [6, 3], third: [2, 3] };

/** Width of the vertical axis, in rem: three digits and a mark. */
export const AXIS_REM = 2.25;

/** The lines of a chart as uPlot takes them. @param {Chart} chart @param {Timeline} timeline */
export const data = (chart, timeline) =>
  /** @type {uPlot.AlignedData} */ ([
    timeline.times,
    ...chart.lines.map(({ column }) => timeline.lines[column]),
  ]);

/** @param {Chart} chart @param {Marked} marked @returns {(u: uPlot, min: number, max: number) => [number, number]} */
function vertical(chart, marked) {
  return (_, _min, max) => {
    if (chart.fixed) return [chart.low, chart.high];
    const wanted = chart.lines.map(({ column }) => marked.baseline(column) ?? chart.low);
    const most = Math.max(chart.high, max ?? chart.low, ...wanted);
    return [chart.low, most > chart.high ? roundUp(most) : chart.high];
  };
}

/** @param {uPlot} u @param {Chart} chart @param {Marked} marked @param {Look} look */
function overlay(u, chart, marked, look) {
  const { ctx, bbox } = u;
  const pixel = devicePixelRatio;
  const { min = 0, max = 0 } = u.scales.x;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const line = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ toX, /** @type {number} */ toY) => {
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(toX, toY);
    ctx.stroke();
  };
  const upright = (/** @type {number} */ at) => {
    if (at < min || at > max) return;
    const x = u.valToPos(at, "x", true);
    line(x, bbox.top, x, bbox.top + bbox.height);
  };
  ctx.setLineDash([]);
  ctx.lineWidth = pixel;
  ctx.strokeStyle = look.colours.event;
  for (const at of marked.events()) upright(at);
  ctx.setLineDash([pixel * 2, pixel * 4]);
  for (const { column, look: name } of chart.lines) {
    const value = marked.baseline(column);
    if (value === undefined) continue;
    ctx.strokeStyle = look.colours[name];
    const y = u.valToPos(value, "y", true);
    line(bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.setLineDash([]);
  const pin = marked.pin();
  if (pin !== null) {
    ctx.lineWidth = pixel * 3;
    ctx.strokeStyle = look.colours.pin;
    upright(pin);
  }
  ctx.restore();
}

/**
 * @param {object} options
 * @param {HTMLElement} options.into
 * @param {Chart} options.chart
 * @param {Timeline} options.timeline
 * @param {Look} options.look
 * @param {Marked} options.marked
 * @param {boolean} options.last has the time axis
 * @param {{width: number, height: number}} options.size CSS pixels, without the time axis
 * @param {string} options.group charts of one group share their cursor
 * @param {(index: number | null) => void} options.onCursor
 * @param {(from: number, to: number) => void} options.onSelect
 */
export function plot({ into, chart, timeline, look, marked, last, size, group, onCursor, onSelect }) {
  const { colours, rem } = look;
  const font = `${Math.round(rem * 0.75)}px ${look.font}`;
  const half = Math.ceil(rem * 0.5);
  const axis = /** @type {const} */ ({ stroke: colours.ink, font, ticks: { show: false } });
  /** Whether the words of a mark, which stand centred, end before the chart does. */
  const whole = (/** @type {uPlot} */ u, /** @type {number} */ at) =>
    u.valToPos(at, "x") <= u.over.clientWidth - rem * 0.9;
  const grid = { stroke: colours.grid, width: 1 };
  const step = (/** @type {uPlot} */ u, /** @type {number} */ min, /** @type {number} */ max) =>
    axisStep(max - min, u.width / (rem * 5));
  const made = new uPlot(
    {
      width: size.width,
      height: size.height + (last ? timeAxis(rem) : 0),
      padding: [half, half * 2, half, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 6, width: 1 },
        sync: { key: group, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => null },
      },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: { x: { time: false }, y: { range: vertical(chart, marked) } },
      axes: [
        {
          ...axis,
          grid,
          size: last ? timeAxis(rem) : 0,
          splits: (u, _, min, max) => {
            const every = step(u, min, max);
            const first = Math.ceil(min / every) * every;
            return Array.from({ length: Math.floor((max - first) / every) + 1 }, (_, at) => first + at * every);
          },
          values: (u, splits) =>
            splits.map((at) => (last && whole(u, at) ? marked.time(at, splits[1] - splits[0]) : "")),
        },
        {
          ...axis,
          grid,
          size: rem * AXIS_REM,
          gap: 4,
          splits: (_, __, min, max) => (size.height > rem * 5 ? [min, (min + max) / 2, max] : [min, max]),
          values: (_, splits) => splits.map(chart.figure),
        },
      ],
      series: [
        {},
        ...chart.lines.map(({ look: name, steps = false }) => ({
          stroke: colours[name],
          width: 1.5,
          dash: DASHES[name],
          points: { show: false },
          ...(steps ? { paths: uPlot.paths.stepped?.({ align: 1 }) } : {}),
        })),
      ],
      hooks: {
        draw: [(u) => overlay(u, chart, marked, look)],
        setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width > 0) onSelect(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
          },
        ],
      },
    },
    data(chart, timeline),
    into,
  );
  return made;
}

/** Height of the time axis in CSS pixels. @param {number} rem */
export const timeAxis = (rem) => Math.round(rem * 1.5);
