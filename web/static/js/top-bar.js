// The top bar of the control room: where we are, how the links are, what time it is, and
// whether work is saved.

/** @import { Text } from "./protocol.js" */
/** @import { Status } from "./connection.js" */
/** @import { Link } from "./links.js" */
import { html, nothing } from "lit-html";
import { lang, setLang, t, text } from "./i18n.js";
import { summarise } from "./links.js";
import { formatSeconds } from "./time.js";
import { icon } from "./ui.js";

/**
 * @typedef {object} TopBar
 * @property {string} page what this page is, in words
 * @property {{event: Text, session: Text, time_zone: string} | null} view
 * @property {Iterable<Link>} links of all sites
 * @property {Status} status
 * @property {number} [unanswered] commands without an answer
 * @property {number} now server time, Unix seconds
 * @property {unknown} [tools] buttons of the page
 */

/**
 * "57 tốt, 3 kém, 1 mất kết nối"; what there is none of is left out, good ones never.
 * @param {Iterable<Link>} links
 */
function linkWords(links) {
  const counts = summarise(links);
  const parts = [t("control.links_good", { count: counts.good })];
  for (const kind of /** @type {const} */ (["poor", "lost", "absent"])) {
    if (counts[kind]) parts.push(t(`control.links_${kind}`, { count: counts[kind] }));
  }
  return parts.join(", ");
}

/** @param {Status} status @param {number} unanswered */
function saving(status, unanswered) {
  let state = "saved";
  if (status.refused) state = "refused";
  else if (!status.online) state = "offline";
  else if (!status.saving) state = "not_saving";
  if (state !== "saved") {
    return html`<span class="saving badge deck" data-state=${state}>
      ${icon("warn")}<span>${t(`control.${state}`)}</span>
    </span>`;
  }
  const words = t(unanswered ? "control.sending" : "control.saved");
  return html`<span class="saving muted tiny num" data-state="saved">${words}</span>`;
}

/** @param {TopBar} bar */
export function topBar({ page, view, links, status, unanswered = 0, now, tools = nothing }) {
  const other = lang() === "vi" ? "en" : "vi";
  return html`<header class="top">
    <span class="logo">${icon("logo")}Điểm Cầu</span>
    <div class="what grow">
      <h1 class="cut">${page}${view ? html` · ${text(view.session)}, ${text(view.event)}` : nothing}</h1>
      <span class="muted cut" data-testid="link-summary">${linkWords(links)}</span>
    </div>
    <span role="status" data-testid="saving">${saving(status, unanswered)}</span>
    ${view
      ? html`<time class="tclock num" data-testid="time">${formatSeconds(now, view.time_zone)}</time>`
      : nothing}
    ${tools}
    <button
      class="btn tight"
      type="button"
      lang=${other}
      data-testid=${`lang-${other}`}
      @click=${() => setLang(other)}
    >
      ${other === "en" ? "English" : "Tiếng Việt"}
    </button>
  </header>`;
}
