// One picture or two, as the server says they are seen: the same in a hall, on a host's page
// and in a monitor. What is where is the server's to say; this only arranges it.

/** @import { Layout, ProgramView } from "./protocol" */
import { html, nothing } from "lit-html";
import { t } from "./i18n.js";

/**
 * @typedef {object} Cell
 * @property {unknown} picture
 * @property {unknown} [slate] what stands for the picture; nothing for the picture itself
 * @property {string} [label] whose picture it is, where that has to be said
 * @property {boolean} [chosen] the next source comes here
 */

/** @param {Cell} cell @param {boolean} second @param {boolean} hidden */
const cell = ({ picture, slate, label, chosen }, second, hidden) =>
  html`<div class=${`cell ${second ? "second" : ""} ${chosen ? "chosen" : ""}`} ?hidden=${hidden}>
    ${picture ?? nothing} ${slate ?? nothing}
    ${label ? html`<span class="whose">${label}</span>` : nothing}
  </div>`;

/**
 * Both pictures stay where they are in the page: moving a video interrupts it.
 *
 * @param {Layout} layout
 * @param {Cell} main
 * @param {Cell} second not seen in a layout for one
 */
export const pictures = (layout, main, second) =>
  html`<div class=${`pics ${layout}`} data-testid="layout" data-layout=${layout}>
    ${cell(main, false, false)} ${cell(second, true, layout === "single")}
  </div>`;

/** `Điện Biên`, or `Điện Biên · trình chiếu`. @param {string} site in words @param {boolean} slides */
export const pictureName = (site, slides) => (slides && site ? t("common.slides_of", { site }) : site);

/**
 * Whether a picture of *site* is seen on program: its camera, slides or slate.
 *
 * @param {ProgramView | undefined} program
 * @param {string} site
 */
export const isSeen = (program, site) => program?.site === site || program?.second?.site === site;
