// The row of the one who speaks: clock, time used, and what one may do in each phase. Ending
// and revoking ask once, in place.

/** @import { GrantView, RequestView } from "../protocol.js" */
/** @import { Act } from "./act.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { linkWord } from "../link-word.js";
import { onBackup } from "../lines.js";
import { clockForm, formatClock, remaining } from "../time.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { onAirAfter } from "./closed.js";
import * as deeds from "./deeds.js";
import { isOnDeck, nextInLine } from "./next.js";
import { about } from "./rows.js";
import { causeWords, orderBadges } from "./weak-words.js";

/** What the badge says and shows. @param {GrantView} grant @param {number} now */
function badge(grant, now) {
  const { phase } = grant;
  if (phase === "arming") return html`${icon("wait")}${t("moderator.arming")}`;
  if (phase === "paused") return html`${icon("pause")}${t("common.paused")}`;
  if (phase === "link_lost") return html`${icon("warn")}${t("moderator.link_lost")}`;
  if (phase === "revoking") return html`${icon("stop")}${t("moderator.revoking")}`;
  const form = clockForm(grant, now);
  if (form === "normal") return html`${icon("air")}${t("common.status_granted")}`;
  return html`${icon("bell")}${t(form === "over" ? "common.overtime" : "moderator.nearly")}`;
}

/** Whole seconds until *at*. @param {number} at @param {number} now */
const until = (at, now) => Math.max(0, Math.ceil(at - now));

/** @param {GrantView} grant @param {number} now */
function clock(grant, now) {
  if (grant.phase === "revoking") {
    return html`<span class="clock" role="timer"
      >${until(grant.ends_at, now)}<small>${t("moderator.seconds")}</small></span
    >`;
  }
  const form = grant.phase === "live" ? clockForm(grant, now) : "waiting";
  return html`<span class=${`clock ${form}`} role="timer" data-testid="clock"
    >${formatClock(remaining(grant, now))}</span
  >`;
}

/** @param {Control} control @param {RequestView} request @returns {Act[]} */
function wanted(control, request) {
  const { id, grant } = request;
  const phase = grant?.phase;
  const run = (/** @type {(control: Control, id: string) => void} */ deed) => () =>
    deed(control, id);
  const paused = phase === "paused" || phase === "revoking";
  /** @type {Record<string, Act>} */
  const all = {
    extend: {
      id: "extend",
      words: t("moderator.extend"),
      label: t("moderator.extend_long"),
      symbol: "plus",
      cap: "+",
      run: run(deeds.extend),
    },
    pause: {
      id: paused ? "resume" : "pause",
      words: t(paused ? "moderator.resume" : "moderator.pause"),
      symbol: paused ? "play" : "pause",
      cap: "P",
      kind: paused && !grant?.paused_by ? "pri" : "",
      run: run(deeds.pauseOrResume),
    },
    release: {
      id: "release",
      words: t("moderator.release"),
      symbol: "ok",
      cap: "K",
      run: run(deeds.release),
    },
    revoke: {
      id: "revoke",
      words: t("moderator.revoke"),
      symbol: "stop",
      cap: "R",
      kind: "danger",
      run: run(deeds.revoke),
    },
    withdraw: {
      id: "withdraw",
      words: t("moderator.withdraw"),
      symbol: "undo",
      cap: "R",
      run: run(deeds.withdraw),
    },
    next: {
      id: "call-next",
      words: t("moderator.call_next"),
      kind: "pri",
      run: () => deeds.callNext(control),
    },
  };
  if (phase === "arming") return [all.extend, all.withdraw];
  if (phase === "revoking") return [all.pause, all.release];
  if (phase === "link_lost") {
    const next = nextInLine(control.queue, (each) => control.request(each));
    const calls = next && !isOnDeck(control.request(next));
    return [...(calls ? [all.next] : []), all.release, all.revoke];
  }
  return [all.extend, all.pause, all.release, all.revoke];
}

/** @param {Control} control @param {RequestView} request @param {"revoke" | "release"} kind */
function question(control, request, kind) {
  const close = () => control.set({ question: null });
  return html`<div class="row acts ask" role="group" aria-label=${t(`moderator.ask_${kind}`)}>
    <p class="b">${t(`moderator.ask_${kind}`)}</p>
    ${actButton(control, {
      id: `${kind}-confirm`,
      words: t(`moderator.${kind}`),
      kind: "danger",
      focus: true,
      run: () => {
        close();
        void control.run({ type: `${kind}_floor`, request: request.id });
      },
    })}
    <button class="btn tight" type="button" @click=${close}>${t("moderator.keep")}</button>
  </div>`;
}

/**
 * What there is to know beside the time used: how long the floor is kept on a dead line and
 * who comes next, whom the speaker waits for, that the end is cut.
 * @param {Control} control
 * @param {GrantView} grant
 * @param {number} now
 */
function note(control, grant, now) {
  if (grant.phase === "link_lost") {
    const next = nextInLine(control.queue, (each) => control.request(each));
    const request = isOnDeck(control.request(next)) ? control.request(next) : undefined;
    const site = text(control.view?.sites[request?.site ?? ""]?.name);
    const kept = t("moderator.kept", { seconds: until(grant.drop_until, now) });
    return html`<b class="kept num">${kept}</b>
      ${request ? html`<span class="cut">${t("moderator.next_ready", { site })}</span>` : nothing}`;
  }
  if (grant.paused_by) return html`<b class="kept">${t("moderator.suspended")}</b>`;
  const cut = grant.cut && grant.phase !== "revoking";
  return cut ? html`<span class="num muted">${t("moderator.will_cut")}</span>` : nothing;
}

/** A speaker on the site's backup line; the way back is in the menu. @param {Control} control @param {string} site */
const backup = (control, site) =>
  onBackup(control.link(site))
    ? html`<span class="badge" data-testid="on-backup" title=${t("control.on_backup_long")}
        >${icon("phone")}${t("control.on_backup")}</span
      >`
    : nothing;

/** Badge of a phase: solid red only while it is heard. @param {string} form */
const badgeKind = (form) => (form === "normal" || form === "over" || form === "revoking" ? "air" : "deck");

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
      <span class=${`badge ${badgeKind(form)}`}>${badge(grant, now)}</span>
      ${clock(grant, now)}
    </div>
    <div class="who">
      <h2>${text(control.view?.sites[request.site]?.name)}</h2>
      <p class="cut" title=${request.title}>${request.name}</p>
      <p class="muted cut" title=${request.topic}>${about(control, request)}</p>
    </div>
    ${asked && asked !== "override"
      ? question(control, request, asked)
      : html`<div class="row acts">
          ${wanted(control, request).map((act) => actButton(control, act))}
        </div>`}
    <div class="row used">
      <span class="num tiny" title=${onAirAfter(request)}
        >${t("moderator.used_of", { used: formatClock(used), limit: formatClock(grant.limit) })}</span
      >
      <div class="bar air grow"><i .style=${`width:${share.toFixed(1)}%`}></i></div>
      <span class="row tiny note">${note(control, grant, now)}</span>
      <span class="tiny">${linkWord(control.link(request.site))} ${causeWords(control, request.site)}</span>
      ${orderBadges(control, request.site)}
      ${backup(control, request.site)}
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
