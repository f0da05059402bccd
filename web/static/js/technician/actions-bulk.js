// Acting on all marked sites at once: asked with how many there are and which are on air, and
// afterwards summed up.

/** @import { ActionKind } from "../protocol.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { lang, t } from "../i18n.js";
import { collate } from "../search.js";
import { icon } from "../ui.js";
import { isOnAir } from "./actions.js";
import { outcome } from "./bulk.js";

/** Names that are written out; of more the rest is counted. */
const NAMED = 8;
/** The wall shows what the server says; its clock and that of the action may differ by rounding. */
const ROUNDING_S = 0.5;

/** What is done in a hurry, and what is looked for. @type {Record<"often" | "more", [ActionKind, string][]>} */
const CHOICES = {
  often: [
    ["reconnect", ""],
    ["note", ""],
    ["mute", "on"],
    ["mute", "off"],
    ["audio_only", "down"],
    ["audio_only", "up"],
    ["audio_only", ""],
  ],
  more: [
    ["cap", "400"],
    ["cap", "0"],
    ["layer", "q"],
    ["layer", ""],
    ["line", "backup"],
    ["line", "main"],
    ["reload", ""],
  ],
};

/** "Điện Biên, Cà Mau và 3 điểm cầu nữa" @param {Desk} desk @param {readonly string[]} sites */
function names(desk, sites) {
  const all = sites.map((site) => desk.name(site)).sort(collate);
  const shown = all.slice(0, NAMED);
  if (all.length > NAMED) shown.push(t("actions.bulk_more", { count: all.length - NAMED }));
  return new Intl.ListFormat(lang(), { type: "conjunction" }).format(shown);
}

/** @param {ActionKind} action @param {string} value */
function words(action, value) {
  if (action === "note") return t("actions.note");
  if (action === "reconnect") return t("actions.reconnect");
  if (action === "reload") return t("actions.reload");
  if (action === "cap" && value !== "0") return t("actions.bulk_cap", { value });
  return t(`actions.bulk_${action}_${value === "0" ? "" : value}`);
}

/** @param {Desk} desk @param {number} now server time, Unix seconds */
function confirm(desk, now) {
  const { question } = desk.acts;
  if (!question || !question.bulk) return nothing;
  const { sites, action, value } = question;
  const air = sites.filter((site) => isOnAir(desk, site));
  const send = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("note");
    const text = action === "note" ? String(typed ?? "").trim().replace(/\s+/g, " ") : value; // as the server keeps it
    if (action !== "note" || text) void desk.acts.askAll(sites, action, text, now - ROUNDING_S);
  };
  return html`<form class="asked" data-testid="bulk-question" role="group" aria-label=${t("actions.bulk")} @submit=${send}>
    <p><b>${t("actions.bulk_ask", { what: words(action, value), count: sites.length })}</b></p>
    <p>${names(desk, sites)}</p>
    <p class=${air.length ? "b" : "muted"} data-testid="bulk-air">
      ${air.length ? t("actions.bulk_air", { count: air.length, sites: names(desk, air) }) : t("actions.bulk_no_air")}
    </p>
    ${action === "note"
      ? html`<label class="field"
          ><span>${t("actions.note_label")}</span
          ><input class="input" name="note" maxlength="200" required autocomplete="off" data-testid="bulk-note"
        /></label>`
      : nothing}
    <div class="row wrap">
      <button type="submit" class="btn tight pri" data-testid="bulk-yes">${icon("ok")}${t("actions.yes")}</button>
      <button type="button" class="btn tight" data-testid="bulk-no" @click=${() => desk.acts.set({ question: null })}>
        ${t("actions.cancel")}
      </button>
    </div>
  </form>`;
}

/** "61 xong, 2 chưa trả lời: Điện Biên, Cà Mau" @param {Desk} desk */
function result(desk) {
  const { bulk, known } = desk.acts;
  if (!bulk) return nothing;
  const { done, waiting, silent, failed } = outcome(bulk.sites, known.values(), bulk);
  const parts = [t("actions.bulk_done", { count: done })];
  if (waiting.length) parts.push(t("actions.bulk_waiting", { count: waiting.length }));
  if (silent.length) parts.push(t("actions.bulk_silent", { count: silent.length, sites: names(desk, silent) }));
  if (failed.length) parts.push(t("actions.bulk_failed", { count: failed.length, sites: names(desk, failed) }));
  return html`<p class="row wrap bulkresult" data-testid="bulk-result">
    ${icon(failed.length + silent.length ? "warn" : waiting.length ? "wait" : "ok")}
    <span class="grow">${words(bulk.action, bulk.value)}: ${parts.join(", ")}</span>
    <button type="button" class="btn icon quiet" aria-label=${t("common.close")} @click=${() => desk.acts.set({ bulk: null })}>
      ${icon("x")}
    </button>
  </p>`;
}

/** @param {[ActionKind, string][]} choices @param {(action: ActionKind, value: string) => () => void} ask */
const buttons = (choices, ask) =>
  html`<div class="row wrap">
    ${choices.map(
      ([action, value]) =>
        html`<button type="button" class="btn tight" data-testid=${`bulk-${action}-${value}`} @click=${ask(action, value)}>
          ${words(action, value)}
        </button>`,
    )}
  </div>`;

/** The marked sites and what can be done to all of them. @param {Desk} desk @param {number} now server time, Unix seconds */
export function bulkActions(desk, now) {
  const sites = [...desk.marked];
  if (!sites.length && !desk.acts.bulk && !desk.acts.question?.bulk) return nothing;
  const ask = (/** @type {ActionKind} */ action, /** @type {string} */ value) => () =>
    desk.acts.set({ question: { sites, action, value, bulk: true }, refusal: "" });
  return html`<section class="pane bulk siteacts" aria-label=${t("actions.bulk")} data-testid="bulk">
    ${sites.length
      ? html`<div class="row"><b class="grow">${t("actions.bulk_marked", { count: sites.length })}</b>
          <button type="button" class="btn tight" data-testid="bulk-clear" @click=${() => desk.markOnly([])}>
            ${t("actions.bulk_clear")}
          </button></div>
          <fieldset ?disabled=${desk.moment !== null} ?hidden=${Boolean(desk.acts.question?.bulk)}>
            ${buttons(CHOICES.often, ask)}
            <details data-testid="bulk-more">
              <summary>${t("actions.bulk_others")}</summary>
              ${buttons(CHOICES.more, ask)}
            </details>
          </fieldset>`
      : nothing}
    ${confirm(desk, now)}
    <div role="status">
      ${desk.acts.refusal ? html`<p class="refused">${icon("warn")}${desk.acts.refusal}</p>` : nothing} ${result(desk)}
    </div>
  </section>`;
}
