// One site of the rehearsal: its picture, what was found of each item, and the sign-off.

/** @import { Baseline, Mark, Preflight } from "../protocol" */
/** @import { Item } from "./rehearsal-book.js" */
/** @import { Rehearsal } from "./rehearsal.js" */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { formatNumber, has, t } from "../i18n.js";
import { linkText } from "../link-word.js";
import { monitor } from "../monitor.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { ITEMS, OUTCOMES } from "./rehearsal-book.js";

/**
 * @param {Rehearsal} rehearsal
 * @param {Element | null | undefined} picture
 */
export function sheet(rehearsal, picture) {
  const { book, desk, site, refusal } = rehearsal;
  const found = book.of(site);
  const link = desk.link(site);
  const signed = book.isSigned(site);
  const note = link.connected ? "" : t("control.site_lost", { site: desk.name(site) });
  return html`<section class="rsheet pane" data-testid="rehearsal-site" data-site=${site}>
    <div class="rhead">
      <h2>${desk.name(site)}</h2>
      <span class="muted">${linkText(link)}</span>
      <span class="grow"></span>
      ${testButton(rehearsal, signed)}
      <button type="button" class="btn" data-testid="next" @click=${() => rehearsal.next()}>
        ${t("rehearsal.next")}${icon("right")}<kbd>N</kbd>
      </button>
    </div>
    ${refusal ? html`<p class="refusal" role="alert" data-testid="refusal">${icon("warn")}<span>${refusal}</span></p>` : nothing}
    <div class="scroll rbody">
      <div class="rpicture">
        ${monitor({ tally: "", tag: t("technician.live"), site: "", picture, note })}
        ${preflight(found.preflight ?? null, rehearsal)} ${baseline(found.baseline ?? null, rehearsal)}
      </div>
      <ol class="ritems">
        ${ITEMS.map((item) => line(rehearsal, item, signed))}
      </ol>
    </div>
    ${signature(rehearsal, signed)}
  </section>`;
}

/** Everything has an outcome: the decision is to sign. @param {Rehearsal} rehearsal */
const isWhole = ({ book, site }) => !book.open(site).length;

/** @param {Rehearsal} rehearsal @param {boolean} signed */
function testButton(rehearsal, signed) {
  const running = rehearsal.site in rehearsal.book.testing;
  return html`<button
    type="button"
    class=${`btn ${isWhole(rehearsal) ? "" : "pri"}`}
    data-testid="rehearse"
    data-running=${running}
    aria-disabled=${running || signed}
    @click=${() => running || signed || rehearsal.test()}
  >
    ${icon(running ? "wait" : "play")}${t(running ? "rehearsal.testing_long" : "rehearsal.test")}<kbd>T</kbd>
  </button>`;
}

/** @param {Rehearsal} rehearsal */
const zone = ({ desk }) => desk.view?.time_zone ?? "UTC";

/** @param {Rehearsal} rehearsal @param {Item} item @param {boolean} signed */
function line(rehearsal, item, signed) {
  const mark = rehearsal.book.mark(rehearsal.site, item);
  const name = t(`rehearsal.item_${item}`);
  return html`<li data-testid=${`item-${item}`} data-outcome=${mark?.outcome ?? "open"}>
    <div class="grow">
      <b>${name}</b>
      <p class="muted">${mark ? finding(item, mark, rehearsal) : t(`rehearsal.how_${item}`)}</p>
      ${mark?.outcome === "bad" || mark?.note ? noteField(rehearsal, item, mark, signed) : nothing}
    </div>
    <div class="seg" role="group" aria-label=${name}>
      ${OUTCOMES.map(
        (outcome) =>
          html`<button
            type="button"
            class=${outcome}
            data-testid=${`${item}-${outcome}`}
            aria-pressed=${mark?.outcome === outcome}
            ?disabled=${signed}
            @click=${() => rehearsal.tick(item, mark?.outcome === outcome ? null : outcome, mark?.note ?? "")}
          >
            ${t(`rehearsal.outcome_${outcome}`)}
          </button>`,
      )}
    </div>
  </li>`;
}

/** @param {Rehearsal} rehearsal @param {Item} item @param {Mark} mark @param {boolean} signed */
const noteField = (rehearsal, item, mark, signed) =>
  html`<input
    class="input"
    maxlength="500"
    aria-label=${t("rehearsal.note_on", { item: t(`rehearsal.item_${item}`) })}
    placeholder=${t("rehearsal.note_hint")}
    .value=${live(mark.note ?? "")}
    ?disabled=${signed}
    @change=${(/** @type {Event & {target: HTMLInputElement}} */ event) =>
      rehearsal.tick(item, /** @type {any} */ (mark.outcome), event.target.value)}
  />`;

/** What was found, by whom and when. @param {Item} item @param {Mark} mark @param {Rehearsal} rehearsal */
function finding(item, mark, rehearsal) {
  const { reason = "", by = "", at } = mark;
  const parts = [];
  if (reason) parts.push(has(`rehearsal.why_${reason}`) ? t(`rehearsal.why_${reason}`) : reason);
  parts.push(...figures(mark.figures ?? {}));
  const time = formatTime(at, zone(rehearsal));
  const itself = item === "equipment" ? "rehearsal.by_site" : "rehearsal.by_server";
  const who = by ? t("rehearsal.by", { name: by, time }) : t(itself, { time });
  return [...parts, who].join(" · ");
}

/** @param {Record<string, number>} values @returns {string[]} */
function figures(values) {
  const said = [];
  const { loss_up, loss_down, rtt_ms, height, fps, frames, level_db, delay_ms } = values;
  if (loss_up !== undefined) {
    const loss = formatNumber(100 * Math.max(loss_up, loss_down ?? 0), 1);
    said.push(t("rehearsal.figure_loss", { loss }));
  }
  if (rtt_ms >= 0) said.push(t("rehearsal.figure_rtt", { ms: formatNumber(rtt_ms) }));
  if (height) said.push(t("rehearsal.figure_picture", { lines: height, fps: formatNumber(fps ?? 0) }));
  if (frames !== undefined) said.push(t("rehearsal.figure_frames", { frames }));
  if (level_db !== undefined) said.push(t("rehearsal.figure_level", { db: formatNumber(level_db) }));
  if (delay_ms !== undefined) said.push(t("rehearsal.figure_delay", { ms: formatNumber(delay_ms) }));
  return said;
}

/** What the host's page found before it entered. @param {Preflight | null} found @param {Rehearsal} rehearsal */
function preflight(found, rehearsal) {
  if (!found) return html`<p class="muted small">${t("rehearsal.preflight_none")}</p>`;
  const { camera, microphone, voice, speaker, verdict = "skipped", path = "", at = 0 } = found;
  const word = (/** @type {boolean} */ good) => t(good ? "rehearsal.yes" : "rehearsal.no");
  const rows = [
    ["camera", word(camera === "ok")],
    ["microphone", word(microphone === "ok" && Boolean(voice))],
    ["speaker", word(Boolean(speaker))],
    ["line", t(`rehearsal.line_${verdict}`) + (path ? `, ${t(`common.path_${path}`)}` : "")],
  ];
  return html`<section data-testid="preflight">
    <h3>${t("rehearsal.preflight", { time: formatTime(at, zone(rehearsal)) })}</h3>
    <dl class="facts">
      ${rows.map(([name, value]) => html`<div><dt>${t(`rehearsal.preflight_${name}`)}</dt><dd>${value}</dd></div>`)}
    </dl>
  </section>`;
}

/** @param {Baseline | null} found @param {Rehearsal} rehearsal */
function baseline(found, rehearsal) {
  if (!found) return nothing;
  const rate = (/** @type {number} */ kbps) => formatNumber(kbps / 1000, 1);
  const rows = [
    ["score", formatNumber(found.score, 1)],
    ["rtt", found.rtt_ms < 0 ? "–" : `${formatNumber(found.rtt_ms)} ms`],
    ["loss", `↑ ${formatNumber(100 * found.loss_up, 1)} % ↓ ${formatNumber(100 * found.loss_down, 1)} %`],
    ["rate", `↑ ${rate(found.kbps_up)} ↓ ${rate(found.kbps_down)} Mb/s`],
  ];
  return html`<section data-testid="baseline">
    <h3>${t("rehearsal.baseline", { time: formatTime(found.at, zone(rehearsal)) })}</h3>
    <dl class="facts">
      ${rows.map(([name, value]) => html`<div><dt>${t(`rehearsal.baseline_${name}`)}</dt><dd class="num">${value}</dd></div>`)}
    </dl>
  </section>`;
}

/** @param {Rehearsal} rehearsal @param {boolean} signed */
function signature(rehearsal, signed) {
  const { book, site, note } = rehearsal;
  const { signed_by = "", signed_at = 0, note: said = "" } = book.of(site);
  if (signed) {
    const time = formatTime(signed_at, zone(rehearsal));
    return html`<div class="rsign" data-testid="signed">
      <p class="grow">${icon("ok")} <b>${t("rehearsal.signed", { name: signed_by, time })}</b>${said ? html`<br /><span class="muted">${said}</span>` : nothing}</p>
      <button type="button" class="btn" data-testid="reopen" @click=${rehearsal.reopen}>
        ${icon("undo")}${t("rehearsal.reopen")}
      </button>
    </div>`;
  }
  const bad = book.bad(site).length > 0;
  return html`<div class="rsign">
    <label class="grow">
      <span class="sr">${t("rehearsal.sign_note")}</span>
      <input
        class="input"
        maxlength="500"
        data-testid="sign-note"
        placeholder=${t(bad ? "rehearsal.sign_note_bad" : "rehearsal.sign_note")}
        .value=${live(note)}
        @input=${(/** @type {Event & {target: HTMLInputElement}} */ event) => rehearsal.write(event.target.value)}
      />
    </label>
    <button type="button" class=${`btn ${isWhole(rehearsal) ? "pri" : ""}`} data-testid="sign" @click=${rehearsal.sign}>
      ${icon("ok")}${t("rehearsal.sign")}<kbd>S</kbd>
    </button>
  </div>`;
}
