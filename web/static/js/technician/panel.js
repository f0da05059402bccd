// The side panel: what is wrong with the selected site's link, its charts, pictures and figures.

/** @import { Link } from "../links.js" */
/** @import { Pictures } from "../pictures.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Review } from "./review.js" */
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../i18n.js";
import { isSeen, pictureName } from "../layout.js";
import { linkGlyph, linkText, saying } from "../link-word.js";
import { monitor } from "../monitor.js";
import { formatSeconds, formatTime } from "../time.js";
import { icon } from "../ui.js";
import { verdictText } from "../verdict.js";
import { siteActions } from "./actions.js";
import { tables } from "./charts-table.js";
import { ago, millis, percent } from "./figures.js";
import { lines } from "./lines.js";
import { facts, headline, rehearsed } from "./panel-facts.js";

// 720p, 360p, 180p, and what a phone line still carries.
const CAPS = [0, 1500, 800, 400, 150];

/** @param {Desk} desk @param {Pictures} pictures @param {string} site */
function why(desk, pictures, site) {
  if (pictures.state !== "connected") return t(`control.media_${pictures.state}`);
  if (!site || desk.link(site).connected) return "";
  return t("control.site_lost", { site: desk.name(site) });
}

/** @param {Desk} desk @param {Pictures} pictures @param {boolean} small */
function program(desk, pictures, small) {
  const site = desk.view?.program.site ?? "";
  const third = desk.view?.lower_third;
  const { slides = false, shown = "single", second = null } = desk.view?.program ?? {};
  const beside = second ? pictureName(desk.name(second.site), second.slides) : "";
  return html`<div class="pgm">
    ${monitor({
      tally: "air",
      tag: t(small ? "technician.on_air" : "common.program"),
      site: pictureName(desk.name(site), slides),
      picture: pictures.get("main"),
      layout: shown,
      second: { picture: pictures.get("inset"), label: small ? "" : beside },
      lowerThird: third && !small ? { ...third, site: desk.name(third.site) } : null,
      note: why(desk, pictures, site),
    })}
  </div>`;
}

/** @param {Link} link @param {string} zone @param {number} now */
function state(link, zone, now) {
  const { connected, since } = link;
  if (!since) return nothing;
  const when = connected
    ? t("technician.since", { time: formatTime(since, zone) })
    : ago(now - since);
  return html`<span class="muted">${when}</span>`;
}

/** What is wrong and by what it is known, in one sentence. @param {Desk} desk @param {string} site @param {number} now */
function verdict(desk, site, now) {
  const link = desk.link(site);
  const zone = desk.view?.time_zone ?? "UTC";
  const { alert, verdict } = link;
  const words = verdictText(link, (code) => desk.name(code));
  const said = words ? html`: ${words}.` : nothing;
  return html`<p class="verdict" data-testid="verdict" data-cause=${verdict.cause ?? ""}>
      <b>${headline(link, linkText(link))}</b>${said} ${state(link, zone, now)}
    </p>
    ${alert
      ? html`<p class="alertline" data-testid="panel-alert">
          ${icon("bell")}${t("site.alert_since", { time: formatSeconds(alert.since, zone) })}
          ${alert.acked_by
            ? html`<span class="badge">${t("site.acked_by", { by: alert.acked_by })}</span>`
            : nothing}
          ${alert.note ? html`<span class="muted">${alert.note}</span>` : nothing}
        </p>`
      : nothing}`;
}

/** What a technician has done to the site and is still so. @param {Link} link */
function orders({ muted, audio_only, forced_layer, cap_kbps }) {
  const badge = (/** @type {string} */ words) => html`<span class="badge info">${words}</span>`;
  if (!muted && !audio_only && !forced_layer && !cap_kbps) return nothing;
  return html`<p class="row wrap" data-testid="orders">
    ${muted ? badge(t("site.is_muted")) : nothing}
    ${audio_only ? badge(t("site.is_audio_only")) : nothing}
    ${forced_layer ? badge(t(`site.layer_${forced_layer}`)) : nothing}
    ${cap_kbps ? badge(t("site.is_capped", { value: cap_kbps })) : nothing}
  </p>`;
}

/** What the site's pictures may take at most. @param {Desk} desk @param {string} site @param {number} kbps */
function cap(desk, site, kbps) {
  const values = [...new Set([...CAPS, kbps])].sort((a, b) => (a || Infinity) - (b || Infinity));
  return html`<select
    class="input"
    id="cap"
    data-testid="cap"
    .value=${live(String(kbps))}
    @change=${(/** @type {Event} */ event) =>
      void desk.acts.ask([site], "cap", /** @type {HTMLSelectElement} */ (event.target).value)}
  >
    ${values.map(
      (value) =>
        html`<option value=${value} ?selected=${value === kbps}>
          ${value ? t("technician.kbps", { value }) : t("technician.cap_none")}
        </option>`,
    )}
  </select>`;
}

/** The charts and what they show in tables. @param {Desk} desk @param {Review} review */
function charts(desk, review) {
  const { history, board } = review;
  const zone = desk.view?.time_zone ?? "UTC";
  const pin = (/** @type {number} */ at) => review.cursor.pin(at);
  return html`<section class="charting">
    ${history.state === "failed"
      ? html`<p class="muted">${t("site.no_history")}</p>`
      : nothing}
    ${board.element}
    <details
      class="tables"
      data-testid="tables"
      ?open=${review.tables}
      @toggle=${(/** @type {Event} */ event) => {
        const { open } = /** @type {HTMLDetailsElement} */ (event.target);
        if (open === review.tables) return;
        review.tables = open;
        desk.set({});
      }}
    >
      <summary>${t("site.tables")}</summary>
      ${review.tables && board.range ? tables(history.timeline, board.range, zone, pin) : nothing}
    </details>
  </section>`;
}

/** @param {Desk} desk @param {Pictures} pictures @param {Review} review @param {number} now */
function site(desk, pictures, review, now) {
  const { selected } = desk;
  const link = desk.link(selected);
  const place = desk.places.get(selected);
  const zone = desk.view?.time_zone ?? "UTC";
  const onProgram = isSeen(desk.view?.program, selected);
  const baseline = review.baselines[selected];
  return html`<div class="pane site" data-testid="panel" data-site=${selected}>
    <div class="head">
      <h2>${linkGlyph(link)}<span>${desk.name(selected)}</span></h2>
      ${place ? html`<span class="badge">${t("technician.place_long", { place })}</span>` : nothing}
      ${desk.view?.microphones.includes(selected)
        ? html`<span class="badge mic">${t("technician.mic_open")}</span>`
        : nothing}
      ${desk.view?.slides.includes(selected)
        ? html`<span class="badge" data-testid="panel-slides">${icon("slide")}${t("technician.slides")}</span>`
        : nothing}
      <button
        class="btn tight quiet widen"
        type="button"
        data-testid="panel-wide"
        aria-pressed=${review.wide}
        @click=${() => {
          review.wide = !review.wide;
          desk.set({});
        }}
      >
        ${t(review.wide ? "site.narrow" : "site.widen")}
      </button>
      <button
        class="btn icon quiet close"
        type="button"
        data-testid="panel-close"
        aria-label=${t("common.close")}
        @click=${() => desk.set({ selected: "" })}
      >
        ${icon("x")}
      </button>
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label=${desk.name(selected)}>
      <section class="about">
        ${verdict(desk, selected, now)} ${orders(link)}
        ${baseline ? rehearsed(baseline, link, zone) : nothing}
      </section>
      <section class="rest">
        <div class="views">
          ${monitor({
            tally: onProgram ? "air" : "",
            tag: t(onProgram ? "technician.on_air" : "technician.live"),
            site: "",
            picture: pictures.get("monitor"),
            note: why(desk, pictures, selected),
          })}
          ${program(desk, pictures, true)}
        </div>
        <fieldset ?disabled=${desk.moment !== null}>
          <legend class="sr">${t("site.actions")}</legend>
          <dl class="facts">
            <div>
              <dt><label for="cap">${t("technician.cap")}</label></dt>
              <dd>${cap(desk, selected, link.cap_kbps)}</dd>
            </div>
          </dl>
          ${siteActions(desk, selected)} ${lines(desk, selected)}
        </fieldset>
      </section>
      ${charts(desk, review)}
      <section class="rest">${facts(link, desk.moment !== null)}</section>
    </div>
  </div>`;
}

/** What to look at first, while nothing is selected. @param {Desk} desk @param {number} now */
function worst(desk, now) {
  const codes = desk.codes.filter((code) => desk.passes(code, "look"));
  const row = (/** @type {string} */ code) => {
    const link = desk.link(code);
    const figures = link.connected
      ? `↑${percent(link.up.loss)} ↓${percent(link.down.loss)} % · ${millis(link.rtt_ms)} ms`
      : link.since
        ? ago(now - link.since)
        : "";
    return html`<li>
      <button type="button" @click=${() => desk.set({ selected: code, focused: code })}>
        ${linkGlyph(link)}<b>${desk.name(code)}</b><span class="grow">${saying(link, (other) => desk.name(other))}</span>
        <span class="num">${figures}</span>
      </button>
    </li>`;
  };
  return html`<div class="pane worst">
    <h2>${t("technician.worst", { count: codes.length })}</h2>
    <ul class="scroll">
      ${codes.map(row)}
    </ul>
    <p class="hint muted">${t(codes.length ? "technician.pick" : "technician.all_well")}</p>
  </div>`;
}

/**
 * @param {Desk} desk
 * @param {Pictures} pictures
 * @param {number} now server time, Unix seconds
 * @param {Review} review
 */
export function panel(desk, pictures, now, review) {
  const open = desk.selected !== "";
  return html`<aside class=${`side ${open ? "open" : ""}`} aria-label=${t("technician.side")}>
    ${open
      ? site(desk, pictures, review, now)
      : html`${program(desk, pictures, false)} ${worst(desk, now)}`}
  </aside>`;
}
