// What became of the requests this phone made: the nearest to the floor large, the others small.

import { t } from "../i18n.js";
import { clockForm, formatClock, formatTime, remaining } from "../time.js";
import { askForMore, askToCancel, cancel, connection, correct, keep } from "./actions.js";
import { html, icon, nothing } from "./draw.js";
import { expectedAt, isChangeable, isOpen, stageOf } from "./stages.js";
import { mine, state } from "./state.js";

/** @import { RequestView } from "../protocol" */
/** @import { Stage } from "./stages.js" */

const ENDED_SHOWN = 3; // newest first; older ones are in the minutes

/** @type {Record<Stage, [string, string]>} symbol and look of its mark */
const MARKS = {
  pending: ["wait", "wait"],
  waiting: ["ok", "ok"],
  held: ["wait", "wait"],
  deck: ["bell", "deck"],
  filed: ["doc", "ok"],
  arming: ["mic", "air"],
  live: ["mic", "air"],
  paused: ["pause", "deck"],
  link_lost: ["warn", "deck"],
  revoking: ["stop", "air"],
  ended: ["info", "note"],
};

/** Its place in line; who is asked to get ready need not count any more. @param {RequestView} request */
const numberOf = (request) =>
  stageOf(request) === "deck" ? 0 : (state.view?.positions[request.id] ?? 0);

/** One sentence that says where an open request stands. @param {RequestView} request */
export function standing(request) {
  const stage = stageOf(request);
  const number = numberOf(request);
  const word = t(`delegate.stage_${stage}`);
  return number ? t("delegate.with_number", { what: word, n: number }) : word;
}

/** The request nearest to the floor, the others that wait, and those that have ended. */
export function requests() {
  const all = mine();
  const [main, ...others] = all.filter(isOpen);
  const ended = all.filter((request) => !isOpen(request)).slice(0, ENDED_SHOWN);
  return html`${main ? large(main) : nothing} ${main ? more() : nothing}
  ${others.length ? list("others", t("delegate.others"), others.map(row)) : nothing}
  ${ended.length ? list("ended", t("delegate.ended"), ended.map(endedRow)) : nothing}`;
}

/** @param {RequestView} request */
function large(request) {
  const stage = stageOf(request);
  const [symbol, look] = MARKS[stage];
  const number = numberOf(request);
  return html`<section class=${`own ${look}`} data-request=${request.id} data-stage=${stage} data-testid="main-request">
    <span class=${`mark ${look}`}>${icon(symbol)}</span>
    <h1 data-main tabindex="-1">${t(`delegate.stage_${stage}`)}</h1>
    ${number ? html`<p class="no" data-testid="number">${number}</p>` : nothing}
    ${number ? expected(request) : nothing} ${clock(request)}
    <p class="say">${t(`delegate.say_${stage}`)}</p>
    ${person(request)} ${buttons(request)}
  </section>`;
}

/** @param {RequestView} request */
function expected(request) {
  if (!state.view) return nothing;
  const at = expectedAt(state.view, request.id, connection.serverNow());
  return html`<p class="when">
    ${t("delegate.expected")} <b class="num" data-testid="expected">${formatTime(at, state.view.time_zone)}</b>
  </p>`;
}

/** @param {RequestView} request */
function clock({ grant }) {
  if (!grant || grant.phase === "arming" || grant.phase === "revoking") return nothing;
  const now = connection.serverNow();
  const over = clockForm(grant, now) === "over";
  return html`<p class=${`left ${clockForm(grant, now)}`}>
    <span>${t(over ? "common.overtime" : "common.time_left")}</span>
    <b class="clock" data-testid="clock">${formatClock(remaining(grant, now))}</b>
  </p>`;
}

/** Who wants to say what. @param {RequestView} request */
function person(request) {
  const { name, title, topic, priority_class, reply_name, status, reason } = request;
  const badges = [
    isOpen(request) ? "" : t(`common.status_${status}`),
    priority_class === "normal" ? "" : t(`common.class_${priority_class}`),
  ].filter(Boolean);
  return html`<div class="card person">
    ${badges.length ? html`<p class="badges">${badges.map((words) => html`<span class="badge">${words}</span>`)}</p>` : nothing}
    <p class="b" data-testid="own-name">${name}</p>
    ${title ? html`<p class="muted small">${title}</p>` : nothing}
    ${reply_name ? html`<p class="small">${t("delegate.answers", { name: reply_name })}</p>` : nothing}
    ${topic ? html`<p class="topic">${topic}</p>` : nothing}
    ${reason ? html`<p class="reason" data-testid="reason">${t("delegate.reason", { reason })}</p>` : nothing}
  </div>`;
}

/** @param {RequestView} request */
function buttons(request) {
  if (!isChangeable(request)) return nothing;
  const { id, name } = request;
  if (state.cancelling === id) return confirm(request);
  return html`<div class="buttons">
    <button
      type="button"
      class="btn"
      data-testid="correct"
      aria-label=${t("delegate.correct_of", { name })}
      @click=${() => correct(request)}
    >
      ${t("delegate.correct")}
    </button>
    <button
      type="button"
      class="btn danger"
      data-testid="cancel"
      data-cancel=${id}
      aria-label=${t("delegate.cancel_of", { name })}
      @click=${() => askToCancel(id)}
    >
      ${t("delegate.cancel")}
    </button>
  </div>`;
}

/** Asked once, where the button was. @param {RequestView} request */
const confirm = ({ id, priority_class }) =>
  html`<div class="sure" role="group" aria-labelledby=${`sure-${id}`}>
    <p id=${`sure-${id}`}>${t(priority_class === "written" ? "delegate.sure_written" : "delegate.sure")}</p>
    <button type="button" class="btn danger" data-testid="cancel-yes" ?disabled=${state.sending} @click=${() => cancel(id)}>
      ${t("delegate.cancel_yes")}
    </button>
    <button type="button" class="btn" data-keep data-testid="cancel-no" @click=${() => keep(id)}>
      ${t("delegate.cancel_no")}
    </button>
  </div>`;

const more = () =>
  html`<div class="more">
    <button type="button" class="btn" data-testid="more-written" @click=${() => askForMore("written")}>
      ${icon("doc")}${t("delegate.more_written")}
    </button>
    <button type="button" class="btn quiet" data-testid="more" @click=${() => askForMore("normal")}>
      ${icon("plus")}${t("delegate.more")}
    </button>
  </div>`;

/** @param {string} id @param {string} heading @param {unknown[]} rows */
const list = (id, heading, rows) =>
  html`<section aria-labelledby=${`list-${id}`} class=${`list ${id}`} data-testid=${id}>
    <h2 id=${`list-${id}`}>${heading}</h2>
    <ul>
      ${rows}
    </ul>
  </section>`;

/** @param {RequestView} request */
const row = (request) =>
  html`<li data-request=${request.id} data-status=${request.status}>
    <p class="standing">${standing(request)}</p>
    ${person(request)} ${buttons(request)}
  </li>`;

/** @param {RequestView} request */
const endedRow = (request) =>
  html`<li data-request=${request.id} data-status=${request.status}>${person(request)}</li>`;
