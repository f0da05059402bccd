// Talkback of a technician: a connection of its own with a microphone and nothing else, made at
// the first press and ended with the conversation. Draws nothing.

/** @import { Talk } from "../protocol.js" */
/** @import { Uncommanded } from "../connection.js" */
import { joinMedia } from "../media.js";
import { Sound } from "../player.js";

/** @typedef {"" | "asking" | "denied" | "failed"} Problem `asking`: the browser asks for the microphone */

export class Talker {
  /** Conversations of all technicians by site. @type {Map<string, Talk>} */
  talks = new Map();
  /** Whom we talk to. */
  site = "";
  /** We are heard there. */
  speaking = false;
  /** We go on being heard when the button is let go. */
  latched = false;
  /** @type {Problem} */
  problem = "";
  #options;
  #sound;
  /** @type {ReturnType<typeof joinMedia> | null} */
  #media = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  #peer = "";
  #turn = 0; // counts conversations: a microphone that comes after the end of its own is not kept

  /**
   * @param {object} options
   * @param {string} options.session
   * @param {string} options.key
   * @param {string} options.client id of this tab
   * @param {(message: Uncommanded) => void} options.tell
   * @param {() => void} options.changed something above is new
   */
  constructor(options) {
    this.#options = options;
    this.#sound = new Sound(options.changed);
  }

  /** Take what the server says of a conversation. @param {Talk} talk */
  take(talk) {
    if (talk.peer) this.talks.set(talk.site, talk);
    else this.talks.delete(talk.site);
    this.#options.changed();
  }

  /** Somebody else talks to the site. @param {string} site @returns {Talk | null} */
  busy(site) {
    const talk = this.talks.get(site);
    return talk && talk.peer !== this.#peer ? talk : null;
  }

  /** The site's host answers us. @param {string} site */
  answers(site) {
    return this.site === site && (this.talks.get(site)?.answering ?? false);
  }

  /** Be heard at *site*, or not, in a conversation that goes on. @param {string} site @param {boolean} speaking */
  async speak(site, speaking) {
    if (!speaking && this.site !== site) return;
    this.speaking = speaking;
    if (this.site !== site) this.latched = false;
    this.site = site;
    if (!this.#media) await this.#open();
    this.#say();
  }

  /** Go on being heard without the button, or no longer. @param {string} site */
  async latch(site) {
    const latched = !(this.latched && this.site === site);
    const done = this.speak(site, latched);
    this.latched = latched;
    this.#options.changed();
    await done;
  }

  /** End the conversation: nothing is sent and heard any more. */
  end() {
    this.#turn += 1;
    if (this.#peer) this.#options.tell({ type: "talk_to", peer: this.#peer, site: "" });
    this.#media?.close();
    this.#track?.stop();
    this.#media = this.#track = null;
    this.#peer = this.site = "";
    this.speaking = this.latched = false;
    this.problem = "";
    this.#options.changed();
  }

  async #open() {
    this.#turn += 1;
    const turn = this.#turn;
    this.problem = "asking";
    this.#options.changed();
    try {
      const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      const [track] = stream.getAudioTracks();
      if (turn !== this.#turn || this.#media) {
        track.stop();
        return;
      }
      this.problem = "";
      this.#join(track);
    } catch (error) {
      if (turn !== this.#turn) return;
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      this.site = "";
      this.speaking = this.latched = false;
      this.problem = denied ? "denied" : "failed";
      this.#options.changed();
    }
  }

  /** @param {MediaStreamTrack} track */
  #join(track) {
    const { session, key, client } = this.#options;
    this.#track = track;
    this.#media = joinMedia({
      session,
      key,
      client: `${client}-talk`,
      microphone: track,
      talk: true,
      video: [],
      audio: 1,
      onTrack: (slot, received) => this.#sound.play(slot, received),
      onPeer: (peer) => {
        this.#peer = peer;
        this.#say();
      },
    });
  }

  #say() {
    if (this.#track) this.#track.enabled = this.speaking;
    const { site, speaking } = this;
    if (this.#peer && site) this.#options.tell({ type: "talk_to", peer: this.#peer, site, speaking });
    this.#options.changed();
  }
}
