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
import { afterCall, callBox } from "./rehearsal-call.js";

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
        ${preflight(found.preflight ?? null, rehearsal)} ${baseline(rehearsal)}
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
  const { book, site } = rehearsal;
  const mark = book.mark(site, item);
  const overruled = book.isOverruled(site, item);
  const name = t(`rehearsal.item_${item}`);
  return html`<li data-testid=${`item-${item}`} data-outcome=${mark?.outcome ?? "open"} data-overruled=${overruled}>
    <div class="grow">
      <b>${name}</b>
      <p class="muted">${mark ? finding(item, mark, rehearsal) : t(`rehearsal.how_${item}`)}</p>
      ${measurement(rehearsal, item, mark)}
      ${mark && (mark.outcome === "bad" || mark.note || overruled) ? noteField(rehearsal, item, mark, signed) : nothing}
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
    ${item === "talkback" ? callBox(rehearsal, signed) : nothing}
  </li>`;
}

/** What was measured, where it is not what counts. @param {Rehearsal} rehearsal @param {Item} item @param {Mark | null} mark */
function measurement({ book, site, desk }, item, mark) {
  const found = book.measured(site, item);
  const zoned = (/** @type {Mark} */ { at }) => formatTime(at, desk.view?.time_zone ?? "UTC");
  if (item === "talkback" && site in book.calling) return nothing; // what was found before is about to be old
  if (item === "talkback" && found && (!mark || found.at > mark.at)) {
    return html`<p data-testid="called" data-found=${found.outcome}>${afterCall(found, zoned(found))}</p>`;
  }
  if (!mark || mark.outcome !== "good" || !mark.by) return nothing;
  if (found?.outcome === "bad") {
    const why = t(`rehearsal.why_${found.reason}`);
    return html`<p class="against" data-testid="against">${icon("warn")}${t("rehearsal.against", { why, time: zoned(found) })}</p>`;
  }
  return item === "talkback" && !found
    ? html`<p class="against" data-testid="against">${icon("warn")}${t("rehearsal.not_called")}</p>`
    : nothing;
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

/** The newest test, and who stands for it; until then the link is compared with the one signed before. @param {Rehearsal} rehearsal */
function baseline(rehearsal) {
  const { baseline: found = null, reference = null } = rehearsal.book.of(rehearsal.site);
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
    <p class="small muted" data-testid="baseline-by">${standsFor(found, reference, zone(rehearsal))}</p>
  </section>`;
}

/** @param {Baseline} found @param {Baseline | null} reference @param {string} zoned */
function standsFor(found, reference, zoned) {
  if (!reference) return t("rehearsal.baseline_unsigned");
  const { by = "", signed_at = 0, at } = reference;
  const values = { name: by, time: formatTime(signed_at, zoned), tested: formatTime(at, zoned) };
  return t(at === found.at ? "rehearsal.baseline_signed" : "rehearsal.baseline_before", values);
}

/** Who signed before, and why that holds no longer. @param {Rehearsal} rehearsal */
function formerly(rehearsal) {
  const last = rehearsal.book.of(rehearsal.site).former?.at(-1);
  if (!last) return nothing;
  const { by, at, reopened_by = "", reopened_at = 0 } = last;
  const values = { name: by, time: formatTime(at, zone(rehearsal)), again: reopened_by, later: formatTime(reopened_at, zone(rehearsal)) };
  return html`<p class="small muted former" data-testid="formerly">${t(reopened_by ? "rehearsal.formerly" : "rehearsal.formerly_signed", values)}</p>`;
}

/** @param {Rehearsal} rehearsal @param {boolean} signed */
function signature(rehearsal, signed) {
  const { book, site, note } = rehearsal;
  const { signed_by = "", signed_at = 0, note: said = "" } = book.of(site);
  if (signed) {
    const time = formatTime(signed_at, zone(rehearsal));
    return html`<div class="rsign" data-testid="signed">
      <p class="grow">${icon("ok")} <b>${t("rehearsal.signed", { name: signed_by, time })}</b>${said ? html`<br /><span class="muted">${said}</span>` : nothing}</p>
      ${formerly(rehearsal)}
      <button type="button" class="btn" data-testid="reopen" @click=${rehearsal.reopen}>
        ${icon("undo")}${t("rehearsal.reopen")}
      </button>
    </div>`;
  }
  const bad = book.bad(site).length + book.overruled(site).length > 0;
  return html`<div class="rsign">
    ${formerly(rehearsal)}
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
