// All charts of one link on one range and one cursor, in an element that the page places where
// it wants. Keeps its own DOM: lines are redrawn every second, the page around them is not.

/** @import { Run } from "./charts-marks.js" */
/** @import { Range } from "./charts-range.js" */
/** @import { LinkEvent, Timeline } from "./timeline.js" */
/** @import { Look, Marked } from "./charts-plot.js" */
import uPlot from "uplot";
import { html, nothing, render } from "lit-html";
import { t } from "../i18n.js";
import { walk } from "../neighbour.js";
import { formatSeconds, formatTime } from "../time.js";
import { marks, runs } from "./charts-marks.js";
import { data, plot, timeAxis } from "./charts-plot.js";
import { followed, keyed, newest, PRESETS, showing, zoomed } from "./charts-range.js";
import { causeWords, lane, span, strip } from "./charts-strip.js";
import { figures, frame, head } from "./charts-frame.js";
import { CHARTS } from "./charts.js";

const GROUP = "link";

/** Two clicks within this make a double one: the first does not pin. */
const DOUBLE_MS = 250;

/**
 * @typedef {object} Owner what the board asks of who owns it; all may change at any time
 * @property {() => string} zone IANA name
 * @property {() => number | null} pinned Unix seconds
 * @property {(column: string) => number | undefined} baseline
 * @property {(event: LinkEvent) => string} eventWords
 * @property {(at: number) => void} pin
 * @property {() => void} changed the range is another one
 */

export class Board {
  element = document.createElement("div");
  /** @type {Range | null} */
  range = null;
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {uPlot[]} */
  #plots = [];
  /** Seconds chosen last. */
  #length = PRESETS[1];
  /** The same while they are shown, null after zooming. @type {number | null} */
  #chosen = PRESETS[1];
  #owner;
  /** Index of the second under the pointer. @type {number | null} */
  #hover = null;
  /** @type {Run | null} */
  #told = null;
  /** @type {Run[]} */
  #runs = [];
  #stop = 0;
  #rem = 0;
  #selecting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #click;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.element.className = "board";
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("click", (event) => this.#onClick(event));
    this.element.addEventListener("dblclick", (event) => {
      if (!this.#over(event)) return;
      clearTimeout(this.#click);
      this.reset();
    });
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** Charts of another link, or in another language. @param {Timeline} timeline */
  show(timeline) {
    const other = this.#timeline !== timeline;
    this.#timeline = timeline;
    if (other) [this.range, this.#chosen] = [null, this.#length];
    this.#build();
  }

  /** The timeline has more than before, or what is marked has changed. */
  update() {
    const extent = this.#timeline?.extent;
    if (!extent) return;
    const fresh = !this.range;
    this.range = this.range ? followed(this.range, extent, this.#chosen) : newest(extent, this.#length);
    const pin = this.#owner.pinned();
    if (fresh && pin !== null) this.range = showing(this.range, extent, pin);
    this.#draw(true);
  }

  /** @param {number} at Unix seconds that should be in sight */
  reveal(at) {
    const extent = this.#timeline?.extent;
    const shown = extent && this.range ? showing(this.range, extent, at) : this.range;
    if (shown && shown !== this.range) this.#setRange(shown);
  }

  /** Shows the newest *seconds*. @param {number} seconds */
  preset(seconds) {
    this.#length = seconds;
    this.reset();
  }

  /** Back to the newest seconds, as many as were chosen last. */
  reset() {
    const extent = this.#timeline?.extent;
    if (extent) this.#setRange(newest(extent, this.#length), this.#length);
  }

  /** @param {Range} range @param {number | null} [chosen] */
  #setRange(range, chosen = null) {
    this.range = range;
    this.#chosen = chosen;
    this.#draw(false);
    this.#owner.changed();
  }

  /** @param {boolean} newer the lines have changed too */
  #draw(newer) {
    const { range } = this;
    const timeline = this.#timeline;
    if (!range || !timeline) return;
    this.#plots.forEach((made, at) => {
      if (newer) made.setData(data(CHARTS[at], timeline), false);
      made.setScale("x", { min: range.from, max: range.to });
    });
    this.#drawAround();
    this.#drawWords();
  }

  // ---------- the charts ----------

  #build() {
    for (const made of this.#plots) made.destroy();
    this.#plots = [];
    this.#hover = null;
    render(frame(), this.element);
    const timeline = this.#timeline;
    const cells = /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll(".plot")]);
    if (!timeline || !cells[0]?.clientWidth) return; // not on the page yet: resized when it is
    const look = this.#look();
    this.#rem = look.rem;
    this.#plots = CHARTS.map((chart, at) =>
      plot({
        into: cells[at],
        chart,
        timeline,
        look,
        marked: this.#marked,
        last: at === CHARTS.length - 1,
        size: this.#size(cells),
        group: GROUP,
        onCursor: (index) => this.#setHover(index),
        onSelect: (from, to) => this.#onSelect(from, to),
      }),
    );
    this.update();
  }

  /** @type {Marked} */
  #marked = {
    events: () => (this.#timeline?.events ?? []).map((event) => event.at),
    pin: () => this.#owner.pinned(),
    baseline: (column) => this.#owner.baseline(column),
    time: (at, step) => (step % 60 ? formatSeconds : formatTime)(at, this.#owner.zone()),
  };

  /** @returns {Look} */
  #look() {
    const style = getComputedStyle(this.element);
    const of = (/** @type {string} */ name) => style.getPropertyValue(`--line-${name}`).trim();
    const names = /** @type {const} */ (["up", "down", "third", "ink", "grid", "event", "pin"]);
    return {
      colours: /** @type {Look["colours"]} */ (Object.fromEntries(names.map((name) => [name, of(name)]))),
      rem: rem(),
      font: style.getPropertyValue("--font-num"),
    };
  }

  /** Of the lines, without the time axis under the last chart. @param {HTMLElement[]} cells */
  #size = (cells) => ({ width: cells[0].clientWidth, height: cells[0].clientHeight });

  #resize() {
    const cells = /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll(".plot")]);
    if (!cells[0]?.clientWidth) return;
    if (!this.#plots.length || this.#rem !== rem()) {
      this.#build();
      return;
    }
    const { width, height } = this.#size(cells);
    this.#plots.forEach((made, at) => {
      const whole = height + (at === CHARTS.length - 1 ? timeAxis(this.#rem) : 0);
      if (made.width !== width || made.height !== whole) made.setSize({ width, height: whole });
    });
    this.#drawAround();
  }

  // ---------- what stands around them ----------

  #drawAround() {
    const { range } = this;
    const timeline = this.#timeline;
    const over = /** @type {HTMLElement | null} */ (this.element.querySelector(".lane"));
    const under = /** @type {HTMLElement | null} */ (this.element.querySelector(".causes"));
    if (!range || !timeline || !over || !under) return;
    const width = Math.max(1, over.clientWidth);
    const length = range.to - range.from;
    const room = (/** @type {string} */ said) => textWidth(said, over) / width;
    render(lane(marks(timeline.events, range, this.#owner.eventWords, room, 2)), over);
    this.#runs = runs(timeline, range, (length / width) * 3);
    this.#stop = Math.min(this.#stop, Math.max(0, this.#runs.length - 1));
    render(
      strip(
        this.#runs,
        range,
        this.#owner.zone(),
        this.#stop,
        (run) => this.#tell(run),
        (at) => this.#owner.pin(at),
        room,
      ),
      under,
    );
  }

  /** @param {Run | null} run */
  #tell(run) {
    this.#told = run;
    if (run) this.#stop = Math.max(0, this.#runs.indexOf(run));
    this.#drawWords();
  }

  /** @param {number | null} index */
  #setHover(index) {
    if (this.#hover === index) return;
    this.#hover = index;
    this.#drawWords();
  }

  /** Unix seconds the words are of: under the pointer, pinned, or the newest. */
  get at() {
    const times = this.#timeline?.times ?? [];
    return (this.#hover === null ? null : times[this.#hover]) ?? this.#owner.pinned() ?? times.at(-1) ?? 0;
  }

  /** Words beside the charts, which change with every move of the pointer. */
  #drawWords() {
    const timeline = this.#timeline;
    if (!timeline) return;
    const index = timeline.index(this.at);
    CHARTS.forEach((chart, at) => {
      const row = this.element.querySelectorAll(".chrow")[at];
      const said = row?.querySelector("b");
      const base = /** @type {HTMLElement | null} */ (row?.querySelector(".base"));
      if (!said || !base) return;
      const values = chart.lines.map(({ column }) => timeline.lines[column][index] ?? null);
      render(figures(chart, values), said);
      const known = chart.lines.map(({ column }) => this.#owner.baseline(column) ?? null);
      const shown = known.some((value) => value !== null);
      render(shown ? html`${t("site.rehearsed")} ${figures(chart, known, false)}` : nothing, base);
    });
    const top = /** @type {HTMLElement | null} */ (this.element.querySelector(".bhead"));
    const length = this.range?.follow ? this.#chosen : null;
    if (top) render(head(this.#when(), length, (seconds) => this.preset(seconds)), top);
  }

  #when() {
    const zone = this.#owner.zone();
    if (this.#told) return `${causeWords(this.#told.cause)}, ${span(this.#told, zone)}`;
    const time = formatSeconds(this.at, zone);
    if (this.#hover !== null) return t("site.cursor_at", { time });
    return this.#owner.pinned() === null ? t("site.newest_at", { time }) : t("site.pinned_at", { time });
  }

  // ---------- pointer and keys ----------

  /** @param {number} from @param {number} to */
  #onSelect(from, to) {
    if (this.#selecting) return; // every chart of the group tells the same
    this.#selecting = true;
    queueMicrotask(() => {
      this.#selecting = false;
      for (const made of this.#plots) made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      const extent = this.#timeline?.extent;
      if (extent && this.range) this.#setRange(zoomed({ from, to, follow: false }, extent, 1));
    });
  }

  /** @param {Event} event */
  #over = (event) => /** @type {Element} */ (event.target).closest(".u-over");

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!this.#over(event) || event.detail !== 1 || this.#hover === null) return;
    const at = this.at;
    clearTimeout(this.#click);
    this.#click = setTimeout(() => this.#owner.pin(at), DOUBLE_MS);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest(".causes")) {
      walk(event, ".run");
      return;
    }
    const extent = this.#timeline?.extent;
    if (!extent || !this.range) return;
    if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      this.#step(event.key === "ArrowLeft" ? -1 : 1);
    } else if (event.key === "Enter") {
      this.#pin();
    } else if (event.key === "0") {
      this.reset();
    } else {
      const range = keyed(event.key, this.range, extent);
      if (!range) return;
      this.#setRange(range);
    }
    event.preventDefault();
  }

  /** Pins what the cursor is at; the words are of the pinned second then. */
  #pin() {
    const { at } = this;
    for (const made of this.#plots) made.setCursor({ left: -10, top: -10 }, false);
    this.#setHover(null);
    this.#owner.pin(at);
  }

  /** Moves the cursor by a sixtieth of the range, or a second. @param {1 | -1} way */
  #step(way) {
    const { range } = this;
    const timeline = this.#timeline;
    const extent = timeline?.extent;
    if (!range || !extent || !timeline) return;
    const by = Math.max(1, Math.round((range.to - range.from) / 60));
    const at = Math.min(extent.to, Math.max(extent.from, this.at + way * by));
    this.reveal(at);
    this.#setHover(timeline.index(at));
    const left = this.#plots[0]?.valToPos(at, "x") ?? 0;
    for (const made of this.#plots) made.setCursor({ left, top: 0 }, false);
  }
}

const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/** Width of words in CSS pixels as an element would write them. @param {string} said @param {Element} element */
function textWidth(said, element) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return said.length * 8;
  const { fontSize, fontFamily } = getComputedStyle(element);
  ruler.font = `${fontSize} ${fontFamily}`;
  return ruler.measureText(said).width + rem() * 0.75;
}
