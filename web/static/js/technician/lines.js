// The devices of the selected site: which there are, which one is used and why, and choosing one.

/** @import { DeviceView } from "../protocol.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";

/** @param {DeviceView} line */
function word({ connected = false, sending = false }) {
  if (sending) return "sending";
  return connected ? "silent" : "lost";
}

/**
 * Several devices of one rank are told apart by a number.
 *
 * @param {DeviceView[]} lines @param {number} at
 */
function name(lines, at) {
  const rank = (/** @type {DeviceView} */ line) => line.rank ?? "main";
  const same = lines.filter((line) => rank(line) === rank(lines[at]));
  const word = t(`technician.line_${rank(lines[at])}`);
  return same.length > 1 ? `${word} ${same.indexOf(lines[at]) + 1}` : word;
}

/** @param {Desk} desk @param {string} code of the site */
export function lines(desk, code) {
  const link = desk.link(code);
  const site = desk.name(code);
  const zone = desk.view?.time_zone ?? "UTC";
  if (!link.lines.length) return nothing;
  const row = (/** @type {DeviceView} */ line, /** @type {number} */ at) => {
    const device = name(link.lines, at);
    const used = line.peer === link.publisher;
    return html`<li class="row" data-testid="line" data-rank=${line.rank ?? "main"} data-used=${used}>
      ${icon(line.rank === "backup" ? "phone" : "cam")}
      <span class="grow"><b>${device}</b> <span class="muted">${t(`technician.line_${word(line)}`)}</span></span>
      ${used
        ? html`<span class="badge ok">${icon("ok")}${t("technician.used")}</span>`
        : html`<button
            type="button"
            class="btn tight"
            data-testid="use-line"
            aria-label=${t("technician.use_long", { device, site })}
            ?disabled=${!line.sending || line.rank === "standby"}
            @click=${() => void desk.acts.ask([code], "line", line.peer)}
          >
            ${t("technician.use")}
          </button>`}
    </li>`;
  };
  return html`<section class="lines" data-testid="lines">
    <h3>${t("technician.lines")}</h3>
    <ul>
      ${link.lines.map(row)}
    </ul>
    ${link.taken_by
      ? html`<p class="muted tiny" data-testid="taken">
          ${t(`technician.taken_${link.taken_by}`, { time: formatTime(link.taken_at, zone) })}
        </p>`
      : nothing}
  </section>`;
}
