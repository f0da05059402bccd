// One row of the queue, in each of its states. Only the selected row shows what can be done
// with it; who is on deck always shows the invitation.

/** @import { RequestView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
import { html, nothing } from "lit-html";
import { lang, t, text } from "../i18n.js";
import { linkText, linkWord } from "../link-word.js";
import { formatTime } from "../time.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { accept } from "./deeds.js";
import { checks } from "./deck.js";
import { isOnDeck } from "./next.js";
import { actions, question } from "./row-actions.js";
import { formatSpan } from "./spans.js";
import { causeWords, orderBadges, weakWords } from "./weak-words.js";
import { followingOf, warnedOf } from "./weak.js";

/**
 * @typedef {object} Place where and how a row is drawn
 * @property {number} position 1-based place in line, 0 for a row outside the line
 * @property {boolean} stop it is the one row in the tab order
 * @property {number} now server time, Unix seconds
 */

/** @param {RequestView} request */
function spoken(request) {
  if (request.speeches === 0) return t("moderator.first_time");
  return t("moderator.spoken", { time: formatSpan(request.spoken) });
}

/** @param {RequestView} request @param {number} now */
const minutes = (request, now) => Math.max(0, Math.floor((now - request.requested_at) / 60));

/** @param {Control} control @param {RequestView} request @param {number} now */
function waits(control, request, now) {
  if (request.state === "filed") {
    const zone = control.view?.time_zone ?? "UTC";
    return t("moderator.received", { time: formatTime(request.requested_at, zone) });
  }
  const since = minutes(request, now);
  return since < 1 ? t("moderator.just_now") : t("moderator.waits", { minutes: since });
}

/** Seconds without a link, of a place that is held; -1 for any other. @param {Control} control @param {RequestView} request @param {number} now */
function lost(control, request, now) {
  if (request.state !== "held") return -1;
  const { connected, since } = control.link(request.site);
  return connected || !since ? -1 : Math.max(0, Math.floor(now - since));
}

/**
 * All that the drawing of a row depends on: drawn again only when one of it is another.
 * @param {Control} control
 * @param {RequestView} request
 * @param {Place} place
 */
export function rowKey(control, request, { position, stop, now }) {
  const { id } = request;
  const link = control.link(request.site);
  const selected = control.selected === id;
  const asked = control.question?.request === id ? control.question.kind : "";
  const prep = request.deck && request.state !== "ready" ? Math.floor(now) : 0;
  return [
    request,
    position,
    stop,
    selected,
    asked,
    selected && !!control.stepOf(-1),
    selected && !!control.stepOf(1),
    isOnDeck(request) && !control.selected,
    `${linkText(link)} ${link.connected} ${causeWords(control, request.site)}`,
    selected || asked ? `${followingOf(control, id)} ${warnedOf(control)}` : "",
    control.view?.orders?.[request.site],
    lost(control, request, now),
    minutes(request, now),
    prep,
    control.locked,
    lang(),
  ];
}

/** @param {RequestView} request */
function badge(request) {
  const kind = request.priority_class;
  const loud = kind === "chair" || kind === "point_of_order";
  return html`${isOnDeck(request)
    ? html`<span class="badge deck">${t("moderator.on_deck")}</span>`
    : nothing}
  ${request.state === "held"
    ? html`<span class="badge hold">${t("moderator.held")}</span>`
    : nothing}
  ${kind === "normal" || kind === "written"
    ? nothing
    : html`<span class=${`badge ${loud ? "info" : ""}`}>${t(`moderator.class_${kind}`)}</span>`}
  ${request.by
    ? html`<span class="phone" title=${t("moderator.phone")}
        >${icon("phone")}<span class="sr">${t("moderator.phone")}</span></span
      >`
    : nothing}`;
}

/** Who is answered, what was interrupted, then topic and office. @param {Control} control @param {RequestView} request */
export function about(control, request) {
  const { reply_name: name, reply_site: site, carried, topic, title } = request;
  const parts = [topic, title];
  if (carried) parts.unshift(t("moderator.carried", { time: formatSpan(carried) }));
  if (request.reply_to) {
    parts.unshift(
      t("moderator.reply_to", { name, site: text(control.view?.sites[site]?.name) }),
    );
  }
  return parts.filter(Boolean).join(" · ");
}

/** @param {Control} control @param {RequestView} request @param {boolean} selected */
function end(control, request, selected) {
  const { id } = request;
  if (isOnDeck(request)) {
    const asked = control.question?.request === id;
    return actButton(control, {
      id: "grant",
      words: t("moderator.grant"),
      cap: !asked && (selected || !control.selected) ? "G" : "",
      kind: !asked && request.state === "ready" ? "pri" : "",
      run: () => void control.grant(id),
    });
  }
  if (request.state === "pending") {
    const site = text(control.view?.sites[request.site]?.name);
    return actButton(control, {
      id: "accept",
      words: t("moderator.accept"),
      label: t("moderator.accept_site", { site }),
      kind: selected ? "pri" : "",
      run: () => accept(control, id),
    });
  }
  if (request.state === "filed") return nothing;
  return html`<span class="grip" title=${t("moderator.drag")}></span>`;
}

/** @param {Control} control @param {RequestView} request @param {number} now */
function link(control, request, now) {
  const seconds = lost(control, request, now);
  const cause = causeWords(control, request.site);
  const weak = weakWords(control, request.site) !== "";
  return html`${linkWord(control.link(request.site))}
  ${seconds < 0 ? nothing : html`<small class="num">${formatSpan(seconds)}</small>`}
  ${cause
    ? html`<small class=${`cause ${weak ? "b" : ""}`} title=${cause} data-testid="cause">${cause}</small>`
    : nothing}`;
}

/** @param {RequestView} request */
function look(request) {
  if (isOnDeck(request)) return "deck";
  return request.state === "held" ? "held" : "";
}

/**
 * What makes an element a selectable row.
 * @param {Control} control
 * @param {string} id
 */
export function selecting(control, id) {
  return {
    focus: (/** @type {FocusEvent} */ event) => {
      // Selecting at the press of the mouse would move the rows before the button is up.
      const element = /** @type {HTMLElement} */ (event.currentTarget);
      if (element.matches(":focus-visible")) control.pick(id);
    },
    click: () => control.pick(id),
  };
}

/**
 * @param {Control} control
 * @param {RequestView} request
 * @param {Place} place
 */
export function row(control, request, { position, stop, now }) {
  const { id } = request;
  const selected = control.selected === id;
  const asked = control.question?.request === id && control.question.kind === "override";
  const select = selecting(control, id);
  return html`<li
    class=${`qrow ${look(request)} ${selected ? "sel" : ""}`}
    data-request=${id}
    data-status=${request.status}
    data-state=${request.state}
    tabindex=${stop ? 0 : -1}
    aria-current=${selected ? "true" : nothing}
    @focus=${select.focus}
    @click=${select.click}
  >
    <span class="pos">${request.state === "filed" ? icon("doc") : position || "–"}</span>
    <div class="who">
      <p class="cut">
        <span class="prov">${text(control.view?.sites[request.site]?.name)}</span>
        <span class="dn">${request.name}</span> ${badge(request)} ${orderBadges(control, request.site)}
      </p>
      <p class="cut muted">${about(control, request)}</p>
    </div>
    <div class="lk">${link(control, request, now)}</div>
    <div class="use">
      <span class="num">${spoken(request)}</span>
      <span class="num">${waits(control, request, now)}</span>
    </div>
    <div class="end">${end(control, request, selected)}</div>
    ${isOnDeck(request) ? checks(request, now, waits(control, request, now)) : nothing}
    ${asked
      ? html`<div class="more ask">${question(control, request)}</div>`
      : selected
        ? html`<div class="more">${actions(control, request)}</div>`
        : nothing}
  </li>`;
}
