// The wall as a map: every site at its coordinates, its link as a line to the centre. No borders
// are drawn. The same sites are shown, selected and marked as on the tiles, in the same order.

/** @import { Desk } from "./desk.js" */
/** @import { Size, Spot } from "./geo.js" */
import { html, nothing, svg } from "lit-html";
import { t } from "../i18n.js";
import { saying } from "../link-word.js";
import { level, linkState, needsLook } from "../links.js";
import { BY_REGION } from "./filters.js";
import { labels, projection, stroke } from "./geo.js";
import { role } from "./tile.js";

const ROOT_PX = 16;
const MARGIN = 28;
const RADIUS = 7;
/** All names are tried where each site has this much room, in square pixels; else it is crowded. */
const ROOMY = 16_000;
/** Up to this many names of bad sites are shown even if they cover another site's dot. */
const MANY_BAD = 12;
/** Width of a letter, on the average, as a share of the size of the type; names of bad sites are bold. */
const LETTER = 0.58;
const BOLD_LETTER = 0.63;
const TYPE_PX = 13;

export class Map2D {
  /** Width and height of the drawing, in pixels of a page with type of ROOT_PX. @type {Size} */
  #size = { width: 0, height: 0 };
  /** Site under the pointer. */
  #hovered = "";
  #desk;
  #observer;
  /** @type {Element | null} */
  #observed = null;

  /** @param {Desk} desk @param {() => void} changed */
  constructor(desk, changed) {
    this.#desk = desk;
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      // Everything in the drawing grows with the type of the page, as the rest does.
      const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / ROOT_PX;
      this.#size = { width: contentRect.width / scale, height: contentRect.height / scale };
      changed();
    });
  }

  /** Know the size of the drawing *root* has, if any. @param {ParentNode} root */
  follow(root) {
    const drawing = root.querySelector(".land");
    if (drawing === this.#observed) return;
    if (this.#observed) this.#observer.unobserve(this.#observed);
    if (drawing) this.#observer.observe(drawing);
    this.#observed = drawing;
  }

  /** @param {string} stop code of the one site in the tab order */
  draw(stop) {
    return html`<div class="land">
      ${this.#size.width > 2 * MARGIN ? this.#drawing(stop) : nothing} ${key()}
    </div>`;
  }

  /** @param {string} stop */
  #drawing(stop) {
    const desk = this.#desk;
    const points = desk.view?.points ?? {};
    const venue = desk.view?.venue ?? "";
    const codes = desk.shown.filter((code) => points[code]);
    const one = desk.region && desk.region !== BY_REGION;
    const framed = one ? codes : Object.keys(points);
    const project = projection((framed.length ? framed : Object.keys(points)).map((code) => points[code]), this.#size, MARGIN);
    const spots = new Map(codes.map((code) => [code, project(points[code])]));
    const centre = points[venue] ? project(points[venue]) : { x: 0, y: 0 };
    const named = this.#names(codes, spots);
    // Drawn last is on top: the worst.
    const below = codes.toReversed();
    return html`<svg
      role="group"
      aria-label=${t("wall.map", { count: codes.length })}
      viewBox=${`0 0 ${this.#size.width} ${this.#size.height}`}
      @pointerover=${(/** @type {PointerEvent} */ event) => this.#hover(event)}
      @pointerleave=${(/** @type {PointerEvent} */ event) => this.#hover(event)}
    >
      ${below.map((code) => (code === venue ? nothing : this.#line(code, spots.get(code), centre)))}
      ${codes.map((code) => this.#site(code, spots.get(code), stop))}
      <g class="names" aria-hidden="true">${below.map((code) => this.#above(code, spots.get(code)))}</g>
      <g class="names" aria-hidden="true">
        ${[...named].map(([code, { box, anchor }]) => {
          const at = { start: 0, middle: box.width / 2, end: box.width }[anchor];
          return svg`<text
            class=${needsLook(desk.link(code)) ? "look" : ""}
            x=${Math.round(box.left + at)} y=${Math.round(box.top + box.height * 0.75)}
            text-anchor=${anchor}>${desk.name(code)}</text>`;
        })}
      </g>
    </svg>`;
  }

  /** @param {readonly string[]} codes @param {Map<string, Spot>} spots */
  #names(codes, spots) {
    const desk = this.#desk;
    const weight = (/** @type {string} */ code) => {
      if (code === this.#hovered || code === desk.selected) return 0;
      if (code === desk.focused && this.#observed?.contains(document.activeElement)) return 0;
      if (desk.groups.has(code) || code === desk.view?.venue) return 1;
      return needsLook(desk.link(code)) ? 2 : 3;
    };
    const bad = codes.filter((code) => needsLook(desk.link(code))).length;
    const most = this.#size.width * this.#size.height < ROOMY * codes.length ? 2 : 3;
    const wishes = codes
      .filter((code) => weight(code) <= most)
      .sort((a, b) => weight(a) - weight(b))
      .map((code) => ({
        code,
        at: spots.get(code) ?? { x: 0, y: 0 },
        width: desk.name(code).length * (needsLook(desk.link(code)) ? BOLD_LETTER : LETTER) * TYPE_PX,
        must: weight(code) === 0 || (weight(code) === 2 && bad <= MANY_BAD),
      }));
    return labels(wishes, [...spots.values()], RADIUS, this.#size);
  }

  /** @param {string} code @param {Spot | undefined} spot @param {Spot} centre */
  #line(code, spot, centre) {
    const link = this.#desk.link(code);
    const state = linkState(link);
    if (!spot || state === "absent") return nothing;
    const bars = state === "up" || state === "silent" ? level(link.score) : 0;
    const { width, dash } = stroke(bars);
    return svg`<line class=${`q${bars}`} x1=${spot.x} y1=${spot.y} x2=${centre.x} y2=${centre.y}
      stroke-width=${width} stroke-dasharray=${dash || nothing}></line>`;
  }

  /** @param {string} code @param {Spot | undefined} spot @param {string} stop */
  #site(code, spot, stop) {
    const desk = this.#desk;
    const link = desk.link(code);
    const state = linkState(link);
    const bars = link.connected ? level(link.score) : 0;
    const { look, words } = role(desk, code);
    const label = [desk.name(code), saying(link, (other) => desk.name(other)), words].filter(Boolean).join(", ");
    const marked = desk.marked.has(code);
    const open = (/** @type {Event} */ event) => {
      const { shiftKey, ctrlKey, metaKey } = /** @type {MouseEvent} */ (event);
      if (shiftKey) desk.markTo(code);
      else if (ctrlKey || metaKey) desk.mark(code);
      else desk.set({ selected: code, focused: code });
    };
    return svg`<g
      class=${`place open ${state} ${look} ${desk.selected === code ? "sel" : ""} ${marked ? "marked" : ""}`}
      transform=${`translate(${spot?.x ?? 0} ${spot?.y ?? 0})`}
      data-site=${code}
      role="button"
      tabindex=${stop === code ? 0 : -1}
      aria-label=${label}
      aria-current=${desk.selected === code ? "true" : nothing}
      @click=${open}
    >
      <circle class="hit" r="16"></circle>
      <circle class="ring" r=${RADIUS + 4}></circle>
      <circle class=${`dot q${bars}`} r=${RADIUS}></circle>
      ${mark(bars, state)}
    </g>`;
  }

  /** The sites are in the order of the keys; what is wrong is drawn again, over its good neighbours. @param {string} code @param {Spot | undefined} spot */
  #above(code, spot) {
    const link = this.#desk.link(code);
    if (!spot || !needsLook(link)) return nothing;
    const state = linkState(link);
    const bars = link.connected ? level(link.score) : 0;
    return svg`<g class=${state} transform=${`translate(${spot.x} ${spot.y})`}>
      <circle class=${`dot q${bars}`} r=${RADIUS}></circle>
      ${mark(bars, state)}
    </g>`;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const place = event.type === "pointerleave" ? null : /** @type {Element} */ (event.target).closest(".place");
    const code = place instanceof SVGElement ? (place.dataset.site ?? "") : "";
    if (code === this.#hovered) return;
    this.#hovered = code;
    this.#desk.set({});
  }
}

/** What the lines mean. */
const key = () =>
  html`<ul class="key">
    ${[5, 4, 3, 2, 1, 0].map((bars) => {
      const { width, dash } = stroke(bars);
      return html`<li>
        <svg viewBox="0 0 40 12" aria-hidden="true">
          <line class=${`q${bars}`} x1="0" x2="40" y1="6" y2="6" stroke-width=${width} stroke-dasharray=${dash || nothing}></line>
        </svg>
        ${t(`common.quality_${bars}`)}
      </li>`;
    })}
  </ul>`;

/** What a site's dot says without its colour: a cross is lost, a bar is poor, a point is absent. @param {number} bars @param {string} state */
function mark(bars, state) {
  if (state === "lost" || state === "waiting") return svg`<path class="sign" d="M-3-3 3 3M3-3-3 3"></path>`;
  if (state === "absent") return nothing;
  if (bars && bars < 4) return svg`<path class="sign" d="M0-3.5V.5M0 3V3.2"></path>`;
  return nothing;
}
