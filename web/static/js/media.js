// One peer connection of a page, kept alive for ever: join, ICE restart, join again.
// The page is always the offerer; slots are fixed at the offer and the server decides
// what flows in them. Knows no DOM beyond WebRTC itself; pages hang tracks into elements.

import { AUDIO_SLOTS, addPublishing, addReceiving, layersOf } from "./media-offer.js";

/** @typedef {"connecting" | "connected" | "reconnecting" | "failed" | "closed"} MediaState */
/** @typedef {{code: string, message: string}} MediaError */

const DEADLINE_MS = 10_000; // of any step: a state that lasts longer is given up
const GRACE_MS = 1000; // "disconnected" heals by itself within this, or needs a restart
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2000;
const FAILED_AFTER = 3; // attempts in a row before the page is told

class Gone extends Error {}

/**
 * @param {object} options
 * @param {string} options.session
 * @param {string} options.key
 * @param {string} options.client id of the tab: joining again replaces its former peer
 * @param {MediaStreamTrack | null} [options.camera] null: to be chosen later; absent: viewing page
 * @param {MediaStreamTrack | null} [options.microphone]
 * @param {string[]} options.video names of the receiving video slots, in order
 * @param {number} [options.audio] how many receiving audio slots
 * @param {(slot: string, track: MediaStreamTrack) => void} options.onTrack
 * @param {(state: MediaState, error?: MediaError) => void} [options.onState]
 * @param {(peer: string) => void} [options.onPeer]
 */
export function joinMedia({ session, key, client, video, onTrack, onState, onPeer, ...own }) {
  const { audio = AUDIO_SLOTS } = own;
  const publishes = "camera" in own || "microphone" in own;
  let camera = own.camera ?? null;
  let microphone = own.microphone ?? null;
  /** @type {MediaStreamTrack | null} */
  let slides = null;
  /** @type {MediaState} */
  let state = "connecting";
  /** @type {RTCPeerConnection | null} */
  let pc = null;
  let layers = 0; // sizes of the camera's picture in the offer
  let place = ""; // address of our peer
  let peer = "";
  let attempts = 0;
  let busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof addPublishing> | null} */
  let senders = null;

  const query = new URLSearchParams({ k: key, client, slots: video.join(",") });
  const joinAddress = `/media/${encodeURIComponent(session)}?${query}`;

  /** @param {MediaState} next @param {MediaError} [error] */
  const setState = (next, error) => {
    if (state === next && !error) return;
    state = next;
    onState?.(next, error);
  };

  /** @param {number} ms @param {() => void} what */
  const later = (ms, what) => {
    clearTimeout(timer);
    timer = setTimeout(what, ms);
  };

  /** @param {string} method @param {string} url @param {string} sdp */
  const exchange = async (method, url, sdp) => {
    const headers = new Headers({ "content-type": "application/sdp" });
    if (method === "PATCH") headers.set("if-match", "*"); // RFC 9725 4.3: an ICE restart
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(url, { method, headers, body: sdp, signal });
    if (response.ok) return response;
    const { code = "internal", detail = "" } = await response.json().catch(() => ({}));
    const error = method === "PATCH" ? new Gone(code) : new Error(code);
    throw Object.assign(error, { code, message: detail });
  };

  const build = () => {
    layers = layersOf(camera);
    const made = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    senders = publishes ? addPublishing(made, camera, microphone, slides) : null;
    const slots = addReceiving(made, video, audio);
    made.ontrack = ({ transceiver, track }) => {
      const slot = slots.get(transceiver);
      if (slot) onTrack(slot, track);
    };
    made.onconnectionstatechange = () => {
      if (made === pc) watch(made);
    };
    return made;
  };

  /** @param {RTCPeerConnection} from */
  const watch = (from) => {
    switch (from.connectionState) {
      case "connected":
        attempts = 0;
        clearTimeout(timer);
        setState("connected");
        break;
      case "disconnected":
        setState("reconnecting");
        later(GRACE_MS, restart);
        break;
      case "failed":
        setState("reconnecting");
        restart();
        break;
    }
  };

  const drop = () => {
    const old = pc;
    pc = null;
    senders = null;
    old?.close();
  };

  const join = async () => {
    drop();
    clearTimeout(timer);
    const mine = build();
    pc = mine;
    try {
      await mine.setLocalDescription();
      const response = await exchange("POST", joinAddress, mine.localDescription?.sdp ?? "");
      const answer = await response.text();
      const made = new URL(response.headers.get("location") ?? "", location.href).pathname;
      if (mine !== pc) {
        forget(made);
        return;
      }
      place = made;
      peer = place.split("/").at(-1) ?? "";
      await mine.setRemoteDescription({ type: "answer", sdp: answer });
      onPeer?.(peer);
      if (mine.connectionState !== "connected") later(DEADLINE_MS, () => tryAgain(mine));
    } catch (error) {
      tryAgain(mine, error);
    }
  };

  /** @param {RTCPeerConnection} from @param {any} [error] */
  const tryAgain = (from, error) => {
    if (from !== pc) return;
    drop();
    attempts += 1;
    // A DOMException has a numeric code of its own; the server's are words.
    const told = typeof error?.code === "string";
    const reason = told
      ? { code: error.code, message: error.message }
      : { code: "media_unreachable", message: "" };
    setState(attempts < FAILED_AFTER ? "reconnecting" : "failed", reason);
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
    later(longest * (0.5 + Math.random() / 2), join);
  };

  // New ICE credentials on the same DTLS association: nothing is lost but the wait.
  const restart = async () => {
    const mine = pc;
    if (state === "closed" || busy) return;
    if (!mine?.remoteDescription) {
      if (!mine) join();
      return;
    }
    busy = true;
    try {
      mine.restartIce();
      await mine.setLocalDescription();
      const url = `${place}?k=${encodeURIComponent(key)}`;
      const response = await exchange("PATCH", url, mine.localDescription?.sdp ?? "");
      const answer = await response.text();
      if (mine !== pc) return;
      await mine.setRemoteDescription({ type: "answer", sdp: answer });
      later(DEADLINE_MS, () => (mine.connectionState === "connected" ? undefined : join()));
    } catch (error) {
      if (mine === pc) await (error instanceof Gone ? join() : tryAgain(mine, error));
    } finally {
      busy = false;
    }
  };

  const onNetwork = () => void restart();
  /** @param {string} address of a peer of ours */
  const forget = (address) => {
    const url = `${address}?k=${encodeURIComponent(key)}`;
    fetch(url, { method: "DELETE", keepalive: true }).catch(() => {});
  };
  const leave = () => {
    if (place) forget(place);
    place = "";
  };
  const begin = () => {
    window.addEventListener("online", onNetwork);
    window.addEventListener("pagehide", leave);
    void join();
  };
  begin();

  return {
    /** @param {MediaStreamTrack | null} track */
    async setCamera(track) {
      camera = track;
      // Sizes are negotiated: a camera of another kind needs another offer.
      if (senders && track && layersOf(track) !== layers) await join();
      else await senders?.camera.replaceTrack(track);
    },
    /** @param {MediaStreamTrack | null} track */
    async setMicrophone(track) {
      microphone = track;
      await senders?.microphone.replaceTrack(track);
    },
    /** @param {MediaStreamTrack | null} track of the screen; null sends nothing more */
    async setSlides(track) {
      slides = track;
      await senders?.slides.replaceTrack(track);
    },
    restart,
    /** Join again what was closed. */
    reopen() {
      if (state !== "closed") return;
      attempts = 0;
      setState("connecting");
      begin();
    },
    /** Send and receive nothing more. */
    close() {
      if (state === "closed") return;
      setState("closed");
      window.removeEventListener("online", onNetwork);
      window.removeEventListener("pagehide", leave);
      clearTimeout(timer);
      drop();
      leave();
    },
    /** Id of our peer at the server, empty before the first answer. */
    get peer() {
      return peer;
    },
    get state() {
      return state;
    },
    get pc() {
      return pc;
    },
  };
}
