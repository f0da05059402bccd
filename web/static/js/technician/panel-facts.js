// Every figure of one link in groups, and what differs from the rehearsal.

/** @import { Direction, Link } from "../links.js" */
/** @import { Baseline, Comparison } from "./panel-baseline.js" */
import { html, nothing } from "lit-html";
import { formatNumber, has, lang, t } from "../i18n.js";
import { codeOf } from "../media-code.js";
import { formatDate, formatTime } from "../time.js";
import { chartOf, words } from "./charts.js";
import { megabits, millis, NONE, percent, score, size } from "./figures.js";
import { compared } from "./panel-baseline.js";

/**
 * One figure: its words, and whether it is worth a look.
 * @typedef {[name: string, value: unknown, look?: boolean]} Fact
 */

/** Shares of packets or sound from which on somebody notices. */
const NOTICED = 0.02;
const SLOW_MS = 200;
const UNSTEADY_MS = 50;
/** A browser that is so late or so slow with a frame cannot keep up. */
const LATE_MS = 100;
const FEW_FPS = 12;
/** Below this level nobody would hear a voice. */
const QUIET_DBOV = -60;

const ms = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined || value < 0 ? NONE : t("technician.ms", { value: millis(value) });
const share = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined ? NONE : t("technician.percent", { value: percent(value) });
const rate = (/** @type {number | null | undefined} */ kbps) =>
  kbps ? t("technician.mbps", { value: megabits(kbps) }) : NONE;
const frames = (/** @type {number | null | undefined} */ fps) =>
  fps === null || fps === undefined ? NONE : t("technician.fps_value", { value: formatNumber(fps) });
const count = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined ? NONE : formatNumber(value);
const perSecond = (/** @type {number} */ value) => t("site.per_s", { value: formatNumber(value, value && value < 10 ? 1 : 0) });
const seconds = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined ? NONE : t("site.s", { value: formatNumber(value, 1) });
const level = (/** @type {number | null} */ dbov) =>
  dbov === null ? NONE : t("site.dbov", { value: formatNumber(dbov) });
/** A value the server names. @param {string} prefix @param {string | null | undefined} name */
const named = (prefix, name) => (name ? (has(`${prefix}${name}`) ? t(prefix + name) : name) : NONE);

/** @param {Link} link @returns {Fact[]} */
const lineFacts = ({ up, down, rtt_ms, path, publisher, candidate_changes, reconnects, page }) => [
  ["rtt", ms(rtt_ms), rtt_ms >= SLOW_MS],
  ["path", named("common.path_", path), path.startsWith("relay")],
  ["loss_up", share(up.loss), up.loss >= NOTICED],
  ["missing_up", share(up.missing), up.missing >= NOTICED / 2],
  ["loss_down", share(down.loss), down.loss >= NOTICED],
  ["missing_down", share(down.missing), down.missing >= NOTICED / 2],
  ["jitter_up", ms(up.jitter_ms), up.jitter_ms >= UNSTEADY_MS],
  ["jitter_down", ms(down.jitter_ms), down.jitter_ms >= UNSTEADY_MS],
  ["nacks_up", perSecond(up.nacks)],
  ["nacks_down", perSecond(down.nacks)],
  ["repaired_up", perSecond(up.repaired)],
  ["repaired_down", perSecond(down.repaired)],
  ["available", rate(page?.available_kbps)],
  ["changes", count(candidate_changes), candidate_changes > 0],
  ["reconnects", count(reconnects), reconnects > 0],
  ["code", publisher ? codeOf(publisher) : NONE],
];

/** @param {Direction} way @returns {Fact[]} */
const pictureFacts = (way) => [
  ["picture", size(way)],
  ["fps", frames(way.height ? way.fps : null), way.height > 0 && way.fps < FEW_FPS],
  ["rate", rate(way.kbps)],
  ["layer", named("site.layer_", way.layer)],
  ["plis", perSecond(way.plis), way.plis >= 1],
  ["freeze", seconds(way.freeze_s), way.freeze_s > 0],
];

/** @param {Link} link @returns {Fact[]} */
const soundFacts = ({ up, down, page }) => [
  ["level_up", level(up.level_dbov), up.level_dbov !== null && up.level_dbov < QUIET_DBOV],
  ["level_down", level(down.level_dbov)],
  ["concealed_up", share(up.concealed), up.concealed >= NOTICED],
  ["concealed_down", share(down.concealed), down.concealed >= NOTICED],
  ["microphone_level", share(page?.microphone_level)],
];

/** @param {Link} link @returns {Fact[]} */
const deviceFacts = ({ page, limitation, devices, pages }) => [
  ["camera", named("site.track_", page?.camera), ["muted", "ended"].includes(page?.camera ?? "")],
  ["microphone", named("site.track_", page?.microphone), ["muted", "ended"].includes(page?.microphone ?? "")],
  ["limitation", named("site.limit_", limitation), limitation !== "" && limitation !== "none"],
  ["captured", frames(page?.captured_fps)],
  ["encoded", frames(page?.encoded_fps)],
  ["encode", ms(page?.encode_ms)],
  ["decoded", frames(page?.decoded_fps)],
  ["buffer", ms(page?.buffer_ms)],
  ["page_lag", ms(page?.page_lag_ms), (page?.page_lag_ms ?? 0) >= LATE_MS],
  ["devices", t("technician.devices_value", { devices, pages })],
];

/** Kept of the past; the rest is known of now only. */
const KEPT = new Set([
  ...["rtt", "path", "loss_up", "missing_up", "loss_down", "missing_down", "jitter_up", "jitter_down"],
  ...["available", "picture", "fps", "rate", "layer", "freeze", "level_up", "concealed_up", "concealed_down"],
  ...["limitation", "captured", "encoded", "devices"],
]);

/** @param {Fact[]} all @returns {Fact[]} */
const kept = (all) => all.map((fact) => (KEPT.has(fact[0]) ? fact : [fact[0], NONE]));

/** @param {string} title @param {Fact[]} facts @param {boolean} known */
const group = (title, facts, known) =>
  html`<section data-group=${title}>
    <h3>${t(`site.group_${title}`)}</h3>
    <dl class="facts">
      ${facts.map(
        ([name, value, look = false]) =>
          html`<div class=${known && look ? "look" : ""} data-fact=${name}>
            <dt>${t(`site.fact_${name}`)}</dt>
            <dd>${known ? value : NONE}</dd>
          </div>`,
      )}
    </dl>
  </section>`;

/** All figures in groups. @param {Link} link @param {boolean} past whether it is a link of an earlier moment */
export function facts(link, past) {
  const known = past ? kept : (/** @type {Fact[]} */ all) => all;
  return html`<div class="groups">
    ${group("line", known(lineFacts(link)), link.connected)}
    ${group("picture_up", known(pictureFacts(link.up)), link.connected)}
    ${group("picture_down", known(pictureFacts(link.down)), link.connected)}
    ${group("sound", known(soundFacts(link)), link.connected)}
    ${group("device", known(deviceFacts(link)), link.pages > 0)}
  </div>`;
}

/** @param {Comparison} comparison */
function pair({ column, was, now }) {
  const chart = chartOf(column);
  if (!chart) return nothing;
  return t("site.was_now", { was: words(chart, was), now: words(chart, now) });
}

/**
 * What is notably worse than at the rehearsal, or that nothing is.
 * @param {Baseline} baseline
 * @param {Link} link
 * @param {string} zone
 */
export function rehearsed(baseline, link, zone) {
  const found = compared(baseline, link).filter((each) => each.worse);
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(baseline.at * 1000);
  const time = `${formatTime(baseline.at, zone)}, ${formatDate(day, lang())}`;
  const when = t("site.rehearsed_at", { time });
  return html`<div class="rehearsed" data-testid="baseline">
    <h3>${t(found.length ? "site.worse_than" : "site.as_rehearsed")}</h3>
    <span class="muted tiny">${baseline.by ? t("site.event_by", { event: when, by: baseline.by }) : when}</span>
    ${found.length
      ? html`<ul>
          ${found.map((each) => html`<li data-column=${each.column}><span>${t(`site.column_${each.column}`)}</span> <b class="num">${pair(each)}</b></li>`)}
        </ul>`
      : nothing}
  </div>`;
}

/** Words of the state with its score. @param {Link} link @param {string} word */
export const headline = (link, word) => (link.score > 0 ? `${word} ${score(link)}` : word);
