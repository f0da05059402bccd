// The still that stands for a site's picture: whose it is, and why it is not there. The same
// in a hall, on a host's page and in a monitor; everything is sized by the picture's width.

import { html } from "lit-html";
import { boot } from "./boot.js";
import { t, text } from "./i18n.js";
import { icon } from "./ui.js";

/** @import { ProgramView, RequestView } from "./protocol" */

/**
 * Put this over a picture, within a `.frame` or the `.stage`.
 *
 * @param {string} siteName in words: `Điểm cầu Điện Biên`
 * @param {string} note why there is no picture
 */
export const slate = (siteName, note) =>
  html`<section class="slate" role="status" data-testid="slate">
    <div>
      ${icon("logo")}
      <p class="where">${siteName}</p>
      <p class="note">${note}</p>
      <p class="session">${text(boot.event)}<br />${text(boot.session_name)}</p>
    </div>
  </section>`;

/**
 * Why the slate is on program: a speaker was lost, or a moderator chose it.
 *
 * @param {{program: ProgramView, speaking: string[], requests: Record<string, RequestView>}} view
 */
export function slateNote({ program, speaking, requests }) {
  if (!program.slate) return t("slate.coming");
  const lost = speaking.some(
    (id) => requests[id]?.state === "link_lost" && requests[id].site === program.site,
  );
  return t(lost ? "slate.lost" : "slate.wait");
}
