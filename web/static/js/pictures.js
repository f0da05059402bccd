// The receiving media of a control-room page: one picture per video slot, and the program's
// sound, off until somebody asks for it.

/** @import { MediaState } from "./media.js" */
/** @import { Slots } from "./protocol" */
import { joinMedia } from "./media.js";
import { Picture, Sound } from "./player.js";
import { weakLine } from "./weak-line.js";

export class Pictures {
  /** @type {MediaState} */
  state = "connecting";
  /** Id of the media peer; empty until there is one. */
  peer = "";
  /** The browser wants a click before it plays sound. */
  blocked = false;
  /** @type {Map<string, Picture>} */
  #pictures = new Map();
  /** @type {Slots["slots"]} */
  #slots = {};
  #sound;
  #media;

  /**
   * @param {object} options
   * @param {string} options.session
   * @param {string} options.key
   * @param {string} options.client id of this tab
   * @param {string[]} options.video slots, in order
   * @param {() => void} options.changed something above is new
   * @param {(peer: string) => void} options.joined our media connection has this id now
   */
  constructor({ session, key, client, video, changed, joined }) {
    const set = (/** @type {Partial<Pictures>} */ change) => {
      Object.assign(this, change);
      changed();
    };
    const testids = {
      main: "program-video",
      inset: "inset-video",
      preview: "preview-video",
      preview_inset: "preview-inset-video",
      monitor: "monitor-video",
    };
    for (const slot of video) {
      this.#pictures.set(slot, new Picture(Reflect.get(testids, slot) ?? slot, changed));
    }
    window.addEventListener("lang", () => this.setSlots(this.#slots));
    this.#sound = new Sound((blocked) => set({ blocked }));
    this.#sound.setMuted(true);
    this.#media = joinMedia({
      session,
      key,
      client,
      video,
      onTrack: (slot, track) => {
        if (track.kind === "audio") this.#sound.play(slot, track);
        else this.#pictures.get(slot)?.show(track);
      },
      onState: (state) => set({ state }),
      onPeer: (peer) => {
        joined(peer);
        set({ peer });
      },
    });
  }

  /** The server is reached again: look after the pictures before their silence is noticed. */
  revive() {
    this.#media.revive();
  }

  /**
   * A refused link receives nothing more; one that is good again goes on.
   *
   * @param {boolean} refused
   */
  setRefused(refused) {
    if (refused) this.#media.close();
    else this.#media.reopen();
  }

  /**
   * Element of a slot's picture, always the same one.
   * @param {string} slot
   */
  get(slot) {
    return this.#pictures.get(slot)?.element;
  }

  /** Whether there is such a slot. @param {string} slot */
  has(slot) {
    return this.#pictures.has(slot);
  }

  /**
   * Whether a slate stands for a slot's picture, now that the server says *slate* of it.
   * @param {string} slot
   * @param {boolean} slate
   */
  slated(slot, slate) {
    return this.#pictures.get(slot)?.slated(slate) ?? slate;
  }

  /** Say over each picture whether the line has room for it. @param {Slots["slots"]} slots */
  setSlots(slots) {
    this.#slots = slots;
    for (const [slot, picture] of this.#pictures) picture.sign(weakLine(slots[slot]));
  }

  /** Let the program be heard, or not; call it from a click. @param {boolean} listening */
  listen(listening) {
    this.#sound.setMuted(!listening);
    if (listening) void this.#sound.start();
  }
}
