// The side panel: the selected site's live picture and all its figures, and a small program.

/** @import { Direction, Link } from "../links.js" */
/** @import { Pictures } from "../pictures.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { live } from "lit-html/directives/live.js";
import { lang, t } from "../i18n.js";
import { isSeen, pictureName } from "../layout.js";
import { linkGlyph, linkText } from "../link-word.js";
import { monitor } from "../monitor.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { charts } from "./charts.js";
import { ago, megabits, millis, NONE, percent, score, size } from "./figures.js";
import { lines } from "./lines.js";

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
  if (!since) return linkText(link);
  const when = connected
    ? t("technician.since", { time: formatTime(since, zone) })
    : ago(now - since);
  return html`${linkText(link)}, ${when}`;
}

/** @param {string} title @param {Direction} direction @param {boolean} connected */
function directionFacts(title, direction, connected) {
  const { loss, kbps, jitter_ms, fps } = direction;
  const rows = [
    ["loss", t("technician.percent", { value: percent(loss) })],
    ["rate", t("technician.mbps", { value: megabits(kbps) })],
    ["jitter", t("technician.ms", { value: millis(jitter_ms) })],
    ["picture", size(direction)],
    ["fps", fps ? t("technician.fps_value", { value: millis(fps) }) : NONE],
  ];
  return html`<section>
    <h3>${title}</h3>
    <dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<div><dt>${t(`technician.${name}`)}</dt><dd>${connected ? value : NONE}</dd></div>`,
      )}
    </dl>
  </section>`;
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
      desk.tell({
        type: "cap_site",
        site,
        kbps: Number(/** @type {HTMLSelectElement} */ (event.target).value),
      })}
  >
    ${values.map(
      (value) =>
        html`<option value=${value} ?selected=${value === kbps}>
          ${value ? t("technician.kbps", { value }) : t("technician.cap_none")}
        </option>`,
    )}
  </select>`;
}

/** @param {Desk} desk @param {Pictures} pictures @param {number} now */
function site(desk, pictures, now) {
  const { selected } = desk;
  const link = desk.link(selected);
  const place = desk.places.get(selected);
  const zone = desk.view?.time_zone ?? "UTC";
  const onProgram = isSeen(desk.view?.program, selected);
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
        class="btn icon quiet"
        type="button"
        data-testid="panel-close"
        aria-label=${t("common.close")}
        @click=${() => desk.set({ selected: "" })}
      >
        ${icon("x")}
      </button>
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label=${desk.name(selected)}>
      ${monitor({
        tally: onProgram ? "air" : "",
        tag: t(onProgram ? "technician.on_air" : "technician.live"),
        site: "",
        picture: pictures.get("monitor"),
        note: why(desk, pictures, selected),
      })}
      <dl class="facts">
        <div><dt>${t("technician.state")}</dt><dd>${state(link, zone, now)}</dd></div>
        <div><dt>${t("technician.score")}</dt><dd>${score(link)}</dd></div>
        <div>
          <dt>${t("technician.rtt")}</dt>
          <dd>${link.rtt_ms < 0 ? NONE : t("technician.ms", { value: millis(link.rtt_ms) })}</dd>
        </div>
        <div>
          <dt>${t("technician.path")}</dt>
          <dd data-testid="path">${link.path ? t(`common.path_${link.path}`) : NONE}</dd>
        </div>
        <div>
          <dt><label for="cap">${t("technician.cap")}</label></dt>
          <dd>${cap(desk, selected, link.cap_kbps)}</dd>
        </div>
        <div>
          <dt>${t("technician.devices")}</dt>
          <dd>${t("technician.devices_value", { devices: link.devices, pages: link.pages })}</dd>
        </div>
      </dl>
      ${lines(desk, selected)}
      <div class="ways">
        ${directionFacts(t("technician.up"), link.up, link.connected)}
        ${directionFacts(t("technician.down"), link.down, link.connected)}
      </div>
      <h3>${t("technician.two_minutes")}</h3>
      ${guard([desk.links, selected, lang()], () => charts(desk.history.of(selected)))}
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
        ${linkGlyph(link)}<b>${desk.name(code)}</b><span class="grow">${linkText(link)}</span>
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
 */
export function panel(desk, pictures, now) {
  const open = desk.selected !== "";
  return html`<aside class=${`side ${open ? "open" : ""}`} aria-label=${t("technician.side")}>
    ${open
      ? site(desk, pictures, now)
      : nothing}
    ${program(desk, pictures, open)} ${open ? nothing : worst(desk, now)}
  </aside>`;
}
