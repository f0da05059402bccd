// What the charts show, in tables: for those who do not see the lines, and to read off.

/** @import { Range } from "./charts-range.js" */
/** @import { LinkEvent, Timeline } from "./timeline.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { formatSeconds } from "../time.js";
import { periods, runs, TABLE } from "./charts-marks.js";
import { eventWords } from "./charts-events.js";
import { causeWords } from "./charts-strip.js";
import { chartOf, words } from "./charts.js";
import { ago, NONE } from "./figures.js";

/** Rows of the table of figures. */
const PERIODS = 12;

/** Stretches shorter than this share of the range are part of their neighbour. */
const SHORT = 1 / 240;

/** A time that takes the whole wall there. @param {number} at @param {string} zone @param {(at: number) => void} pin */
const moment = (at, zone, pin) =>
  html`<button type="button" class="moment num" aria-label=${t("site.look_at", { time: formatSeconds(at, zone) })} @click=${() => pin(at)}>
    ${formatSeconds(at, zone)}
  </button>`;

/**
 * @param {Timeline} timeline
 * @param {Range} range
 * @param {string} zone
 * @param {(at: number) => void} pin
 */
export function tables(timeline, range, zone, pin) {
  const events = timeline.events.filter(({ at }) => at >= range.from && at <= range.to);
  return html`${happened(events, zone, pin)} ${causes(timeline, range, zone, pin)}
  ${measured(timeline, range, zone, pin)}`;
}

/** @param {LinkEvent[]} events @param {string} zone @param {(at: number) => void} pin */
function happened(events, zone, pin) {
  if (!events.length) return html`<p class="muted">${t("site.no_events")}</p>`;
  return html`<table data-testid="events-table">
    <caption>${t("site.table_events")}</caption>
    <thead><tr><th scope="col">${t("site.table_time")}</th><th scope="col">${t("site.table_event")}</th></tr></thead>
    <tbody>
      ${events.toReversed().map(
        (event) =>
          html`<tr><th scope="row">${moment(event.at, zone, pin)}</th><td>${eventWords(event)}</td></tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {Timeline} timeline @param {Range} range @param {string} zone @param {(at: number) => void} pin */
function causes(timeline, range, zone, pin) {
  const found = runs(timeline, range, (range.to - range.from) * SHORT);
  return html`<table data-testid="causes-table">
    <caption>${t("site.causes")}</caption>
    <thead>
      <tr>
        <th scope="col">${t("site.table_from")}</th>
        <th scope="col">${t("site.table_long")}</th>
        <th scope="col">${t("site.table_cause")}</th>
      </tr>
    </thead>
    <tbody>
      ${found.toReversed().map(
        (run) =>
          html`<tr>
            <th scope="row">${moment(run.from, zone, pin)}</th>
            <td class="num">${ago(run.to - run.from)}</td>
            <td>${causeWords(run.cause)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {Timeline} timeline @param {Range} range @param {string} zone @param {(at: number) => void} pin */
function measured(timeline, range, zone, pin) {
  const found = periods(timeline, range, PERIODS);
  if (!found.length) return nothing;
  const cell = (/** @type {string} */ name, /** @type {number | null} */ value) => {
    const chart = chartOf(name);
    return html`<td class="num">${chart ? words(chart, value) : NONE}</td>`;
  };
  return html`<table data-testid="figures-table">
    <caption>${t("site.table_worst", { length: ago(found[0].seconds) })}</caption>
    <thead>
      <tr>
        <th scope="col">${t("site.table_from")}</th>
        ${TABLE.map((name) => html`<th scope="col">${t(`site.column_${name}`)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${found.toReversed().map(
        ({ at, worst }) =>
          html`<tr><th scope="row">${moment(at, zone, pin)}</th>${TABLE.map((name) => cell(name, worst[name]))}</tr>`,
      )}
    </tbody>
  </table>`;
}
