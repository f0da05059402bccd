// Small pictures on the tiles that are in sight, on demand: moving ones in the slots there are,
// and of all other sites the last one seen, renewed in turn. A moving picture is veiled from the
// moment its slot is asked for another site until a frame of that site was presented: nobody
// must ever be shown under another one's name.

/** @import { WatchedView } from "../protocol.js" */
/** @import { Pictures } from "../pictures.js" */
/** @import { Desk } from "./desk.js" */
import { html, nothing } from "lit-html";
import { Stills } from "./stills.js";
import { Rota } from "./thumb-rota.js";
import { belongs, SLOTS, ThumbSlots } from "./thumb-slots.js";

/** A quick scroll asks for much; the server takes 20 messages a second (and 40 at once). */
const AT_ONCE = 16;
const EACH_MS = 80;
/** A browser that does not tell the RTP time of a frame has shown the new picture by then. */
const BLIND_MS = 1000;
/** A picture that has come is drawn with the others that come meanwhile. */
const TOGETHER_MS = 200;

const seconds = () => performance.now() / 1000;

export class Thumbnails {
  #desk;
  #visible;
  #slots = new ThumbSlots();
  #rota = new Rota();
  #stills = new Stills();
  /** @type {Pictures | null} */
  #pictures = null;
  /** Site whose picture is to be seen in each slot. @type {Map<string, string>} */
  #clear = new Map();
  /** Slots of which a frame is awaited. @type {Map<string, string>} */
  #awaited = new Map();
  #allowance = AT_ONCE;
  #spent = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #drawing;
  #peer = "";
  /** Changes whenever a tile's picture does. */
  version = 0;
  #changed;

  /**
   * @param {Desk} desk
   * @param {(site: string) => boolean} visible
   * @param {() => void} changed
   */
  constructor(desk, visible, changed) {
    this.#desk = desk;
    this.#visible = visible;
    this.#changed = () => {
      this.version += 1;
      changed();
    };
  }

  /** Our media connection, or our line to the server, is another one. @param {Pictures} pictures */
  use(pictures) {
    this.#pictures = pictures;
    this.#peer = "";
    this.#slots.forget();
    this.#rota.forget();
    this.#clear.clear();
    this.#awaited.clear();
  }

  /** @param {Record<string, WatchedView>} watched */
  say(watched) {
    this.#slots.say(watched);
    for (const slot of SLOTS) this.#look(slot);
    this.ask();
  }

  /** Ask for what is in sight now; call it after every change of the wall. */
  ask() {
    const { moment, pictures, layout, shown, status } = this.#desk;
    const there = (/** @type {string} */ site) => this.#desk.link(site).connected;
    const on = pictures && layout === "tiles" && !moment;
    const sites = on ? shown.filter((site) => this.#visible(site) && there(site)) : [];
    this.#slots.want(this.#rota.hold(sites, seconds()));
    if (!pictures) this.#stills.clear();
    else if (!moment) this.#stills.sweep(there, seconds());
    const peer = this.#pictures?.has(SLOTS[0]) ? this.#pictures.peer : "";
    if (!peer || !status.online || this.#timer) return;
    if (peer !== this.#peer && this.#pictures) this.use(this.#pictures);
    this.#peer = peer;
    const now = performance.now();
    this.#allowance = Math.min(AT_ONCE, this.#allowance + (now - this.#spent) / EACH_MS);
    this.#spent = now;
    while (this.#allowance >= 1) {
      const wish = this.#slots.next((slot) => this.#veil(slot));
      if (!wish) return;
      this.#allowance -= 1;
      const source = wish.site ? `camera:${wish.site}` : "";
      this.#desk.tell({ type: "watch", peer, source, slot: wish.slot });
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.ask();
    }, EACH_MS);
  }

  /** The picture of a slot may be another one's from now on; what is seen is kept. @param {string} slot */
  #veil(slot) {
    const site = this.#slots.shows(slot);
    const video = this.#video(slot);
    if (this.#clear.has(slot) && site && video) this.#stills.keep(site, video, seconds());
    this.#clear.delete(slot);
    this.#awaited.delete(slot);
    this.#changed();
  }

  /** @param {string} slot */
  #video = (slot) => this.#pictures?.get(slot)?.querySelector("video") ?? null;

  /** Wait for the first frame of what the server says is in a slot. @param {string} slot */
  #look(slot) {
    const since = this.#slots.since(slot);
    if (since === null) {
      if (this.#clear.has(slot)) this.#veil(slot);
      return;
    }
    const key = `${slot} ${this.#slots.shows(slot)} ${since}`;
    if (this.#clear.get(slot) === key || this.#awaited.get(slot) === key) return;
    this.#awaited.set(slot, key);
    const video = this.#video(slot);
    const said = performance.now();
    /** @type {VideoFrameRequestCallback} */
    const onFrame = (now, { rtpTimestamp }) => {
      if (this.#awaited.get(slot) !== key) return;
      const its = rtpTimestamp === undefined ? now - said > BLIND_MS : belongs(rtpTimestamp, since);
      if (!its) {
        video?.requestVideoFrameCallback(onFrame);
        return;
      }
      this.#awaited.delete(slot);
      this.#clear.set(slot, key);
      this.#soon();
      this.#rota.came(this.#slots.shows(slot));
      setTimeout(() => this.#turned(slot, key), this.#rota.turn * 1000);
    };
    video?.requestVideoFrameCallback(onFrame);
  }

  #soon() {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#changed();
    }, TOGETHER_MS);
  }

  /** A site that has its picture in turn has had it. @param {string} slot @param {string} key */
  #turned(slot, key) {
    if (this.#clear.get(slot) !== key) return;
    this.#rota.done(this.#slots.shows(slot));
    this.ask();
  }

  /** The picture of a site's tile. @param {string} site */
  of(site) {
    const { pictures, moment } = this.#desk;
    if (!pictures || moment || !this.#desk.link(site).connected) return nothing;
    const slot = this.#slots.slot(site);
    const clear = slot !== "" && this.#clear.has(slot);
    const now = seconds();
    const still = clear ? null : this.#stills.of(site, now);
    const look = clear ? "on" : still ? "kept" : "";
    return html`<span class=${`thumb ${look}`} data-clear=${clear} aria-hidden="true"
      >${still ? still.element : nothing}${slot ? this.#pictures?.get(slot) : nothing}${still
        ? html`<span class="age">−${Math.ceil(now - still.at)} s</span>`
        : nothing}</span
    >`;
  }
}
