// The row of the one who speaks: clock, time used, and the four things one may do. Ending
// and revoking cannot be undone, so both ask once, in place.

/** @import { GrantView, RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { linkWord } from "../link-word.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon } from "../ui.js";

/** Seconds one press of "+1 minute" gives. */
const EXTENSION = 60;

/** @param {Control} control @param {string} request */
export function extend(control, request) {
  void control.run({ type: "extend_floor", request, seconds: EXTENSION });
}

/** What the badge says and shows. @param {GrantView} grant @param {number} now */
function badge(grant, now) {
  if (grant.phase === "arming") return html`${icon("wait")}${t("moderator.arming")}`;
  if (grant.phase === "paused") return html`${icon("pause")}${t("common.paused")}`;
  if (grant.phase === "revoking") return html`${icon("stop")}${t("moderator.revoking")}`;
  const form = clockForm(grant, now);
  if (form === "normal") return html`${icon("air")}${t("common.status_granted")}`;
  return html`${icon("bell")}${t(form === "over" ? "common.overtime" : "moderator.nearly")}`;
}

/** @param {GrantView} grant @param {number} now */
function clock(grant, now) {
  if (grant.phase === "revoking") {
    const seconds = Math.max(0, Math.ceil(grant.ends_at - now));
    return html`<span class="clock" role="timer">${seconds}<small>${t("moderator.seconds")}</small></span>`;
  }
  const form = grant.phase === "live" ? clockForm(grant, now) : "waiting";
  return html`<span class=${`clock ${form}`} role="timer" data-testid="clock"
    >${formatClock(remaining(grant, now))}</span
  >`;
}

/** @param {Control} control @param {RequestView} request @param {"revoke" | "release"} kind */
function ask(control, request, kind) {
  control.set({ question: { kind, request: request.id } });
}

/** Stops a speech for a while, or lets it go on. @param {Control} control @param {string} id */
export function pauseOrResume(control, id) {
  const phase = control.request(id)?.grant?.phase;
  if (phase === "live") void control.run({ type: "pause_floor", request: id });
  if (phase === "paused") void control.run({ type: "resume_floor", request: id });
}

/** @param {Control} control @param {RequestView} request */
function pauseButton(control, { id, grant }) {
  if (grant?.phase !== "live" && grant?.phase !== "paused") return nothing;
  const paused = grant.phase === "paused";
  return html`<button
    class=${`btn tight ${paused ? "pri" : ""}`}
    type="button"
    data-testid=${paused ? "resume" : "pause"}
    @click=${() => pauseOrResume(control, id)}
  >
    ${icon(paused ? "play" : "pause")}${t(paused ? "moderator.resume" : "moderator.pause")} <kbd>P</kbd>
  </button>`;
}

/** @param {Control} control @param {RequestView} request */
function actions(control, request) {
  const { id } = request;
  return html`<div class="row acts">
    <button
      class="btn tight"
      type="button"
      data-testid="extend"
      aria-label=${t("moderator.extend_long")}
      @click=${() => extend(control, id)}
    >
      ${icon("plus")}${t("moderator.extend")} <kbd>+</kbd>
    </button>
    ${pauseButton(control, request)}
    <button
      class="btn tight"
      type="button"
      data-testid="release"
      @click=${() => ask(control, request, "release")}
    >
      ${icon("ok")}${t("moderator.release")}
    </button>
    ${request.grant?.phase === "revoking"
      ? nothing
      : html`<button
          class="btn tight danger"
          type="button"
          data-testid="revoke"
          @click=${() => ask(control, request, "revoke")}
        >
          ${icon("stop")}${t("moderator.revoke")} <kbd>R</kbd>
        </button>`}
  </div>`;
}

/** @param {Control} control @param {RequestView} request @param {"revoke" | "release"} kind */
function question(control, request, kind) {
  const command = /** @type {const} */ (`${kind}_floor`);
  const yes = () => {
    control.set({ question: null });
    void control.run({ type: command, request: request.id });
  };
  return html`<div class="row acts ask" role="group" aria-label=${t(`moderator.ask_${kind}`)}>
    <p class="b">${t(`moderator.ask_${kind}`)}</p>
    <button class="btn tight danger" type="button" autofocus data-testid=${`${kind}-confirm`} @click=${yes}>
      ${t(`moderator.${kind}`)}
    </button>
    <button class="btn tight" type="button" @click=${() => control.set({ question: null })}>
      ${t("moderator.keep")}
    </button>
  </div>`;
}

/**
 * @param {Control} control
 * @param {RequestView} request
 * @param {number} now
 */
function row(control, request, now) {
  const grant = /** @type {GrantView} */ (request.grant);
  const used = grant.limit - Math.ceil(remaining(grant, now)); // adds up with the clock shown
  const share = Math.min(100, Math.max(0, (used / grant.limit) * 100));
  const asked = control.question?.request === request.id ? control.question.kind : null;
  const form = grant.phase === "live" ? clockForm(grant, now) : grant.phase;
  return html`<article
    class=${`live ${form}`}
    data-testid="speaking"
    data-request=${request.id}
    data-phase=${grant.phase}
  >
    <div class="time">
      <span class=${`badge ${form === "normal" ? "air" : form === "over" ? "air" : "deck"}`}
        >${badge(grant, now)}</span
      >
      ${clock(grant, now)}
    </div>
    <div class="who">
      <h2>${text(control.view?.sites[request.site]?.name)}</h2>
      <p class="cut" title=${request.title}>${request.name}</p>
      <p class="muted cut" title=${request.topic}>${request.topic || request.title}</p>
    </div>
    ${asked ? question(control, request, asked) : actions(control, request)}
    <div class="row used">
      <span class="num tiny"
        >${t("moderator.used_of", { used: formatClock(used), limit: formatClock(grant.limit) })}</span
      >
      <div class="bar air grow"><i .style=${`width:${share.toFixed(1)}%`}></i></div>
      <span class="tiny">${linkWord(control.link(request.site))}</span>
    </div>
  </article>`;
}

/**
 * @param {Control} control
 * @param {number} now server time, Unix seconds
 */
export function speaking(control, now) {
  const ids = control.view?.speaking ?? [];
  const rows = ids.map((id) => control.request(id)).filter((request) => request?.grant);
  if (rows.length === 0) {
    return html`<p class="nobody muted">${icon("mic")}${t("moderator.nobody")}</p>`;
  }
  return rows.map((request) => row(control, /** @type {RequestView} */ (request), now));
}
