// What stands over and under the lines: marks of events with their words, the strip of causes.

/** @import { Mark, Run } from "./charts-marks.js" */
/** @import { Range } from "./charts-range.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { formatSeconds } from "../time.js";
import { UNKNOWN } from "./charts-marks.js";
import { ago } from "./figures.js";

/** A cause in two or three words. @param {string} cause */
export const causeWords = (cause) => {
  if (cause === UNKNOWN) return t("site.cause_unknown");
  return t(cause ? `verdict.${cause}` : "site.cause_good");
};

/** `14:05:31–14:06:10 (00:39)`. @param {Run} run @param {string} zone */
export const span = ({ from, to }, zone) =>
  `${formatSeconds(from, zone)}–${formatSeconds(to, zone)} (${ago(to - from)})`;

/** @param {number} share */
const per = (share) => `${(share * 100).toFixed(2)}%`;

/** Words of the events, in rows over the charts; the lines themselves are the charts'. @param {Mark[]} marks */
export const lane = (marks) =>
  marks.map(
    ({ left, row, words, kind, before }) =>
      html`<span
        class=${`event ${kind} ${before ? "before" : ""}`}
        data-row=${row}
        style=${`left:${per(left)}`}
        title=${words}
        >${row < 0 ? nothing : html`<span>${words}</span>`}</span
      >`,
  );

/**
 * The strip of causes: one stop in the tab order, arrows go from stretch to stretch.
 * @param {Run[]} runs
 * @param {Range} range
 * @param {string} zone
 * @param {number} stop index of the stretch in the tab order
 * @param {(run: Run | null) => void} tell under the pointer or the focus
 * @param {(at: number) => void} pin
 * @param {(words: string) => number} width of words, as a share of the strip's
 */
export function strip(runs, range, zone, stop, tell, pin, width) {
  const length = range.to - range.from;
  return runs.map((run, at) => {
    const from = Math.max(run.from, range.from);
    const share = Math.max(0, Math.min(run.to, range.to) - from) / length;
    const words = causeWords(run.cause);
    return html`<button
      type="button"
      class=${`run ${run.cause === UNKNOWN ? "unknown" : run.cause || "good"}`}
      style=${`left:${per((from - range.from) / length)};width:${per(share)}`}
      tabindex=${at === stop ? 0 : -1}
      aria-label=${`${words}, ${span(run, zone)}`}
      @focus=${() => tell(run)}
      @blur=${() => tell(null)}
      @pointerenter=${() => tell(run)}
      @pointerleave=${() => tell(null)}
      @click=${() => pin(Math.ceil(from))}
    >
      ${share > width(words) ? html`<span>${words}</span>` : nothing}
    </button>`;
  });
}
