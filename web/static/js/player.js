// Where received tracks are shown and heard. Pictures are muted <video>, sound has its own
// <audio> elements: a browser that refuses sound before the first click still shows pictures.

// A slate has a frame a second: what stands for longer is not shown on purpose.
const STILL_MS = 3000;
let visibleSince = 0; // a hidden page presents nothing
document.addEventListener("visibilitychange", () => (visibleSince = performance.now()));

/** A picture that keeps its last frame while the next track has none yet. */
export class Picture {
  /** Put this into a view; it is made once, so views may move it. */
  element = document.createElement("div");
  video = document.createElement("video");
  /** When the newest frame was presented, ms of performance.now(); 0 before the first. */
  lastFrame = 0;
  #slatedAt = 0; // when a slate was last known to stand here, ms
  #still = document.createElement("canvas");
  #sign = document.createElement("p");
  /** @type {() => void} */
  #onFirstFrame;

  /**
   * @param {string} testid
   * @param {() => void} [onFirstFrame] first frame of each track, and after a slate
   */
  constructor(testid, onFirstFrame = () => {}) {
    this.#onFirstFrame = onFirstFrame;
    this.element.className = "picture";
    this.video.dataset.testid = testid;
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.disablePictureInPicture = true;
    this.#still.hidden = true;
    this.#still.setAttribute("aria-hidden", "true");
    this.#sign.className = "weak";
    this.#sign.dataset.testid = `${testid}-sign`;
    this.#sign.setAttribute("role", "status");
    this.element.append(this.video, this.#still, this.#sign);
    // Moving an element within the page pauses it.
    this.video.addEventListener("pause", () => this.#play());
  }

  /** @param {MediaStreamTrack | null} track */
  show(track) {
    this.#keepLast();
    this.video.srcObject = track ? new MediaStream([track]) : null;
    if (!track) this.#still.hidden = true;
    let first = true;
    const shown = this.video.srcObject;
    const onFrame = () => {
      if (this.video.srcObject !== shown) return;
      const awaited = first || this.lastFrame < this.#slatedAt;
      this.lastFrame = performance.now();
      if (first) this.#still.hidden = true;
      if (awaited) this.#onFirstFrame();
      first = false;
      this.video.requestVideoFrameCallback(onFrame);
    };
    if (track) this.video.requestVideoFrameCallback(onFrame);
    this.#play();
  }

  /**
   * Whether a slate stands for this picture: as long as the server says so, and then until a
   * newer frame was presented, so that the old one never flashes up.
   *
   * @param {boolean} slate the server says so now
   */
  slated(slate) {
    if (slate) this.#slatedAt = performance.now();
    return slate || this.lastFrame < this.#slatedAt;
  }

  /** A picture was there, and no frame has come for some seconds. */
  get standsStill() {
    if (!this.lastFrame || document.hidden) return false;
    return performance.now() - Math.max(this.lastFrame, visibleSince) > STILL_MS;
  }

  /** Write over the picture, as long as it stands still. @param {string} words empty for nothing */
  sign(words) {
    if (this.#sign.textContent !== words) this.#sign.textContent = words;
  }

  #play() {
    if (this.video.srcObject) this.video.play().catch(() => {});
  }

  #keepLast() {
    const { videoWidth, videoHeight, readyState } = this.video;
    if (readyState < 2 || !videoWidth) return;
    this.#still.width = videoWidth;
    this.#still.height = videoHeight;
    this.#still.getContext("2d")?.drawImage(this.video, 0, 0);
    this.#still.hidden = false;
  }
}

/** All sound of a page. Browsers may refuse it until a person has clicked: `blocked`. */
export class Sound {
  blocked = false;
  /** @type {Map<string, HTMLAudioElement>} */
  #elements = new Map();
  #onBlocked;
  #muted = false;
  #volume = 1;
  #sink = "";

  /** @param {(blocked: boolean) => void} onBlocked */
  constructor(onBlocked) {
    this.#onBlocked = onBlocked;
  }

  /** @param {string} slot @param {MediaStreamTrack} track */
  play(slot, track) {
    let element = this.#elements.get(slot);
    if (!element) {
      element = document.createElement("audio");
      element.dataset.slot = slot;
      element.autoplay = true;
      element.muted = this.#muted;
      element.volume = this.#volume;
      document.body.append(element);
      this.#elements.set(slot, element);
      void this.#route(element);
    }
    element.srcObject = new MediaStream([track]);
    void this.#start(element);
  }

  /** Call from a click: what was refused may begin now. */
  async start() {
    await Promise.all([...this.#elements.values()].map((element) => this.#start(element)));
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    for (const element of this.#elements.values()) element.muted = muted;
  }

  /** How loud, 0 to 1. @param {number} volume */
  setVolume(volume) {
    if (this.#volume === volume) return;
    this.#volume = volume;
    for (const element of this.#elements.values()) element.volume = volume;
  }

  /** Loudspeaker to use; empty for the browser's own choice. @param {string} device */
  setSink(device) {
    this.#sink = device;
    for (const element of this.#elements.values()) void this.#route(element);
  }

  /** @param {HTMLAudioElement} element */
  async #start(element) {
    try {
      await element.play();
      this.#setBlocked(false);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#setBlocked(true);
    }
  }

  /** @param {HTMLAudioElement} element */
  async #route(element) {
    // A loudspeaker that was unplugged: the default one is better than none.
    if ("setSinkId" in element) await element.setSinkId(this.#sink).catch(() => {});
  }

  /** @param {boolean} blocked */
  #setBlocked(blocked) {
    if (this.blocked === blocked) return;
    this.blocked = blocked;
    this.#onBlocked(blocked);
  }
}
