// A request that is over: how long it counts, how soon it was on air, and what still can be
// done with it.

/** @import { RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { formatNumber, lang, t, text } from "../i18n.js";
import { formatTime } from "../time.js";
import { actButton } from "./act.js";
import { readd } from "./deeds.js";
import { selecting } from "./rows.js";
import { formatSpan } from "./spans.js";

/** Seconds as the server measured them. @param {RequestView} request */
export const measured = (request) => request.grant?.used ?? request.carried;

/**
 * "lên sóng sau 0,4 giây": from the click to the first sound; empty if there was none.
 * @param {RequestView} request
 */
export function onAirAfter({ grant }) {
  if (!grant?.live_at) return "";
  const seconds = grant.live_at - grant.granted_at;
  if (seconds < 0.05) return t("moderator.on_air_at_once");
  return t("moderator.on_air_after", { seconds: formatNumber(seconds, 1) });
}

/** @param {RequestView} request */
const hasSpoken = ({ status }) => status === "released" || status === "revoked";

/** "06:41, đã sửa, đo được 06:50" @param {RequestView} request */
function time(request) {
  if (!hasSpoken(request) && !request.carried) return "";
  const counted = formatSpan(request.counted);
  if (!request.corrected) return counted;
  return t("moderator.corrected", { counted, measured: formatSpan(measured(request)) });
}

/** All that the drawing depends on. @param {Control} control @param {RequestView} request @param {boolean} stop */
export const closedKey = (control, request, stop) => [
  request,
  stop,
  control.selected === request.id,
  control.locked,
  lang(),
];

/**
 * @param {Control} control
 * @param {RequestView} request
 * @param {boolean} stop it is the one row in the tab order
 */
export function closedRow(control, request, stop) {
  const { id, status, reason } = request;
  const zone = control.view?.time_zone ?? "UTC";
  const selected = control.selected === id;
  const select = selecting(control, id);
  const facts = [t(`common.status_${status}`), time(request), onAirAfter(request)];
  return html`<li
    class=${`erow ${selected ? "sel" : ""}`}
    data-request=${id}
    data-status=${status}
    tabindex=${stop ? 0 : -1}
    aria-current=${selected ? "true" : nothing}
    @focus=${select.focus}
    @click=${select.click}
  >
    <span class="num muted">${formatTime(request.requested_at, zone)}</span>
    <span class="grow">
      <b>${text(control.view?.sites[request.site]?.name)}</b> ${request.name}
      ${reason ? html`<span class="muted">· ${reason}</span>` : nothing}
    </span>
    <span class="muted facts">${facts.filter(Boolean).join(" · ")}</span>
    ${selected ? html`<div class="more">${actions(control, request)}</div>` : nothing}
  </li>`;
}

/** @param {Control} control @param {RequestView} request */
function actions(control, request) {
  const { id } = request;
  return html`${hasSpoken(request)
    ? actButton(control, {
        id: "correct",
        words: t("moderator.correct"),
        cap: "T",
        run: () => control.set({ dialog: { kind: "correct", request: id } }),
      })
    : nothing}
  ${actButton(control, {
    id: "readd",
    words: t("moderator.readd"),
    cap: "X",
    run: () => readd(control, id),
  })}`;
}
