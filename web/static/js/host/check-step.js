// The fourth step before entering: the line, in one sentence and what to do.

import { html, nothing } from "lit-html";
import { formatNumber, t } from "../i18n.js";
import { icon } from "../ui.js";
import { report } from "./check-report.js";
import { lineCheck } from "./parts.js";

/** @import { LineResult } from "./check-line.js" */
/** @import { Measured } from "./check-verdict.js" */

const MARK = { good: "ok", fair: "note", poor: "warn", none: "warn", skipped: "wait" };

async function start() {
  if (await lineCheck.run()) void report();
}

/** @param {number} number of the step */
export function lineStep(number) {
  const { state, result } = lineCheck;
  if (state === "done" && result) return found(number, result);
  const busy = state !== "idle";
  const { passed, seconds, path } = lineCheck;
  const text = path.startsWith("relay") ? "host.line_why_relay" : `host.line_${state}_text`;
  return html`<li class="check" data-testid="check-line" data-state=${state}>
    <span class="mark wait">${icon(busy ? "wait" : "info")}</span>
    <div>
      <b role="status">${number}. ${t(`host.line_${state}`)}</b>
      ${state === "running"
        ? html`<progress max=${seconds} value=${passed} aria-label=${t("host.line_running")}></progress>`
        : nothing}
      <p class="muted">${t(busy ? text : "host.line_idle_text")}</p>
    </div>
    ${busy ? nothing : button("host.line_check", "play")}
  </li>`;
}

/** @param {string} words @param {string} symbol */
const button = (words, symbol) =>
  html`<button type="button" class="btn" data-testid="check-line-start" @click=${start}>
    ${icon(symbol)}${t(words)}
  </button>`;

/** @param {number} number @param {LineResult} result */
function found(number, { verdict, reason, measured }) {
  const look = MARK[verdict];
  return html`<li
    class="check"
    data-testid="check-line"
    data-state="done"
    data-verdict=${verdict}
    data-reason=${reason}
  >
    <span class=${`mark ${look === "warn" ? "note" : look}`}>${icon(symbol(look))}</span>
    <div role="status">
      <b>${number}. ${t(reason === "no_server" ? "host.line_unreached" : `host.line_${verdict}`)}</b>
      ${reason ? html`<p>${t(`host.line_why_${reason}`)}</p>` : nothing}
      <p class="muted">${t(`host.line_do_${reason || "good"}`)}</p>
      ${measured ? figures(measured) : nothing}
    </div>
    ${button("host.line_again", "reload")}
  </li>`;
}

/** @param {string} look */
const symbol = (look) => ({ ok: "ok", note: "info", warn: "warn", wait: "info" })[look] ?? "info";

/** @param {Measured} measured */
function figures({ kbps_up, kbps_down, loss_up, loss_down, rtt_ms, path }) {
  const loss = 100 * Math.max(loss_up, loss_down);
  return html`<p class="muted small linefigures" data-testid="line-figures">
    ${t("host.line_figures", {
      up: formatNumber(kbps_up / 1000, 1),
      down: formatNumber(kbps_down / 1000, 1),
      loss: formatNumber(loss, 1),
      rtt: rtt_ms < 0 ? "–" : formatNumber(rtt_ms),
    }).replace(/(\d) (?=\S+(,|$))/g, "$1\u00a0")}${path ? html` · ${t(`common.path_${path}`)}` : nothing}
  </p>`;
}
