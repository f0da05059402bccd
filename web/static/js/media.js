// One peer connection of a page, kept alive for ever: join, ICE restart, join again.
// The page is always the offerer; slots are fixed at the offer and the server decides
// what flows in them. Knows no DOM beyond WebRTC itself; pages hang tracks into elements.
//
// Not every state ends with an event, so every wait has a deadline and a next step:
//
// | waits for                                   | at most | then                               |
// | ------------------------------------------- | ------- | ---------------------------------- |
// | GET /ice: relay and credentials             | 3 s     | those known before, or none        |
// | setLocalDescription: the offer              | 5 s     | join anew                          |
// | POST: the answer                            | 10 s    | join anew                          |
// | PATCH: the answer to an ICE restart         | 2-4 s   | PATCH again, thrice; then join     |
// | setRemoteDescription                        | 5 s     | join anew                          |
// | gathering                                   | –       | nobody waits: what is found later  |
// |                                             |         | is tried as long as ICE checks     |
// | checking: a path that works, direct or not  | 10 s    | join anew                          |
// | DTLS, once a path works                     | 8 s     | join anew                          |
// | "disconnected": heals by itself             | 1 s     | ICE restart                        |
// | an ICE restart: connected again             | 10 s    | join anew                          |
// | the next packet, after some have come       | 4 s     | ICE restart, once per silence      |
// | the first picture, while video arrives      | 8 s     | join anew, once                    |
// | getStats                                    | 2 s     | ask again later                    |
// | the next attempt after a failed one         | 0.25-2 s| join                               |
//
// The server gives a silent peer 30 s, so that the same DTLS, slots and grants go on after a
// restart; see bridge/media/peer.py.

import { IceServers } from "./ice-servers.js";
import { AUDIO_SLOTS, addPublishing, addReceiving, layersOf } from "./media-offer.js";
import { pathOf } from "./media-path.js";
import { MediaWatch } from "./media-watch.js";
import { onNetworkChange } from "./network-change.js";

/** @import { PathKind } from "./protocol" */
/** @typedef {"connecting" | "connected" | "reconnecting" | "failed" | "closed"} MediaState */
/** @typedef {{code: string, message: string}} MediaError */

const DESCRIBE_MS = 5000; // a description is worked out within milliseconds, or never
const EXCHANGE_MS = 10_000;
// On a dead connection of the former network nothing ever comes, and a browser may have kept six.
const PATCH_MS = [2000, 2000, 4000, 4000];
const CHECKING_MS = 10_000; // TLS to a relay far away, then checks through it: 2 to 3 s
const KEYS_MS = 8000; // DTLS repeats a lost flight after 1, 2 and 4 s (RFC 6347 4.2.4.1)
const GRACE_MS = 1000; // "disconnected" heals by itself within this, or needs a restart
const LOOK_MS = 2000; // how often statistics are read
const STATS_MS = 2000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2000;
const FAILED_AFTER = 3; // attempts in a row before the page is told
const PATCHES = PATCH_MS.length; // a network that has just changed may carry no request yet
const ENOUGH_MS = 3000; // a restart this young is the answer to what has just happened

// What a TURN server says to credentials or a quota it does not like (RFC 8656 section 19).
const REFUSALS = new Set([401, 403, 441, 486, 508]);

class Gone extends Error {}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>} rejects when *ms* have passed
 */
function within(ms, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("deadline")), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * @param {object} options
 * @param {string} options.session
 * @param {string} options.key
 * @param {string} options.client id of the tab: joining again replaces its former peer
 * @param {MediaStreamTrack | null} [options.camera] null: to be chosen later; absent: viewing page
 * @param {MediaStreamTrack | null} [options.microphone]
 * @param {boolean} [options.talk] a technician's talkback: sends sound to one site alone
 * @param {boolean} [options.backup] this device is the second line of its site
 * @param {string[]} options.video names of the receiving video slots, in order
 * @param {number} [options.audio] how many receiving audio slots
 * @param {(slot: string, track: MediaStreamTrack) => void} options.onTrack
 * @param {(state: MediaState, error?: MediaError) => void} [options.onState]
 * @param {(peer: string) => void} [options.onPeer]
 * @param {(path: PathKind) => void} [options.onPath] how packets travel; "" while they do not
 * @param {ReturnType<typeof import("./stats.js").statsReporter>} [options.onStats] each reading of statistics
 */
export function joinMedia({ session, key, client, video, onTrack, onState, onPeer, ...own }) {
  const { audio = AUDIO_SLOTS, onPath } = own;
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
  let joining = 0; // number of the newest attempt; older ones give up by themselves
  let place = ""; // address of our peer
  let peer = "";
  /** @type {PathKind} */
  let path = "";
  let attempts = 0;
  let patches = 0; // of this restart that failed
  let busy = false;
  let restartedAt = -ENOUGH_MS;
  let again = false; // the network changed while a restart was under way
  let refused = false; // by the relay
  let looker = new MediaWatch();
  let blindBefore = false; // joining anew has not helped
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let looking;
  /** @type {ReturnType<typeof addPublishing> | null} */
  let senders = null;
  /** @type {() => void} */
  let ignoreNetwork = () => {};

  const relay = new IceServers(session, key);
  const query = new URLSearchParams({ k: key, client, slots: video.join(",") });
  if (own.backup) query.set("backup", "1");
  if (own.talk) query.set("talk", "1");
  const joinAddress = `/media/${encodeURIComponent(session)}?${query}`;

  /** @param {MediaState} next @param {MediaError} [error] */
  const setState = (next, error) => {
    if (state === next && !error) return;
    state = next;
    onState?.(next, error);
  };

  /** @param {PathKind} next */
  const setPath = (next) => {
    if (path === next) return;
    path = next;
    onPath?.(next);
  };

  /** The one deadline of the present wait. @param {number} ms @param {() => void} what */
  const later = (ms, what) => {
    clearTimeout(timer);
    timer = setTimeout(what, ms);
  };

  /** @param {string} method @param {string} url @param {string} sdp */
  const exchange = async (method, url, sdp) => {
    const headers = new Headers({ "content-type": "application/sdp" });
    if (method === "PATCH") headers.set("if-match", "*"); // RFC 9725 4.3: an ICE restart
    const signal = AbortSignal.timeout(method === "PATCH" ? PATCH_MS[patches] : EXCHANGE_MS);
    const response = await fetch(url, { method, headers, body: sdp, signal });
    if (response.ok) return response;
    const { code = "internal", detail = "" } = await response.json().catch(() => ({}));
    const error = method === "PATCH" ? new Gone(code) : new Error(code);
    throw Object.assign(error, { code, message: detail });
  };

  /** @param {RTCIceServer[]} iceServers */
  const build = (iceServers) => {
    layers = layersOf(camera);
    const made = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
    senders = publishes ? addPublishing(made, camera, microphone, slides) : null;
    const slots = addReceiving(made, video, audio);
    made.ontrack = ({ transceiver, track }) => {
      const slot = slots.get(transceiver);
      if (slot) onTrack(slot, track);
    };
    made.onconnectionstatechange = () => {
      if (made === pc) watch(made);
    };
    made.oniceconnectionstatechange = () => {
      const found = made.iceConnectionState === "connected";
      if (made === pc && found && made.connectionState === "connecting" && !busy) {
        later(KEYS_MS, () => tryAgain(made));
      }
    };
    made.onicecandidateerror = ({ errorCode }) => {
      if (made === pc && REFUSALS.has(errorCode)) refused = true;
    };
    return made;
  };

  /** @param {RTCPeerConnection} from */
  const watch = (from) => {
    switch (from.connectionState) {
      case "connected":
        attempts = 0;
        patches = 0;
        refused = false;
        clearTimeout(timer);
        setState("connected");
        look(from);
        break;
      case "disconnected":
        setState("reconnecting");
        later(GRACE_MS, restart);
        break;
      case "failed":
        setState("reconnecting");
        void restart();
        break;
    }
  };

  /** Read now and then what no event tells. @param {RTCPeerConnection} from */
  const look = async (from) => {
    clearTimeout(looking);
    const stats = await within(STATS_MS, from.getStats()).catch(() => null);
    if (from !== pc) return;
    const entries = [...(stats?.values() ?? [])];
    if (stats && from.connectionState === "connected") {
      setPath(pathOf(entries));
      own.onStats?.(peer, entries, { camera, microphone });
    }
    const seen = stats ? looker.look(entries, performance.now()) : "";
    if (seen === "silent") void restart();
    if (seen === "blind" && !blindBefore) {
      blindBefore = true; // a browser without the codec must not join for ever
      tryAgain(from);
      return;
    }
    looking = setTimeout(() => look(from), LOOK_MS);
  };

  const drop = () => {
    const old = pc;
    looker = new MediaWatch();
    pc = null;
    senders = null;
    clearTimeout(looking);
    setPath("");
    old?.close();
  };

  const join = async () => {
    drop();
    clearTimeout(timer);
    joining += 1;
    const number = joining;
    const iceServers = await relay.get();
    if (number !== joining || state === "closed") return;
    const mine = build(iceServers);
    pc = mine;
    try {
      await within(DESCRIBE_MS, mine.setLocalDescription());
      const response = await exchange("POST", joinAddress, mine.localDescription?.sdp ?? "");
      const answer = await response.text();
      const made = new URL(response.headers.get("location") ?? "", location.href).pathname;
      if (mine !== pc) {
        forget(made);
        return;
      }
      place = made;
      peer = place.split("/").at(-1) ?? "";
      await accept(mine, answer);
      onPeer?.(peer);
      if (mine.connectionState !== "connected") later(CHECKING_MS, () => tryAgain(mine));
    } catch (error) {
      tryAgain(mine, error);
    }
  };

  /** @param {RTCPeerConnection} mine @param {string} sdp */
  const accept = (mine, sdp) =>
    within(DESCRIBE_MS, mine.setRemoteDescription({ type: "answer", sdp }));

  /** @param {any} [error] @returns {MediaError} */
  const reasonOf = (error) => {
    // A DOMException has a numeric code of its own; the server's are words.
    if (typeof error?.code === "string") return { code: error.code, message: error.message };
    return { code: refused ? "relay_refused" : "media_unreachable", message: "" };
  };

  /** @param {RTCPeerConnection} from @param {any} [error] */
  const tryAgain = (from, error) => {
    if (from !== pc) return;
    drop();
    attempts += 1;
    const reason = reasonOf(error);
    // The relay said no: that will not change by itself, so the page is told at once.
    const hopeless = attempts >= FAILED_AFTER || reason.code === "relay_refused";
    setState(hopeless ? "failed" : "reconnecting", reason);
    if (refused) relay.forget();
    refused = false;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
    later(longest * (0.5 + Math.random() / 2), join);
  };

  // New ICE credentials on the same DTLS association: nothing is lost but the wait.
  const restart = async () => {
    const mine = pc;
    if (state === "closed") return;
    if (busy) {
      again = true;
      return;
    }
    if (!mine?.remoteDescription) {
      if (!mine) void join();
      return;
    }
    busy = true;
    restartedAt = performance.now();
    clearTimeout(timer);
    try {
      const iceServers = await relay.get();
      if (mine !== pc) return;
      mine.setConfiguration({ ...mine.getConfiguration(), iceServers });
      mine.restartIce();
      await within(DESCRIBE_MS, mine.setLocalDescription());
      const url = `${place}?k=${encodeURIComponent(key)}`;
      const response = await exchange("PATCH", url, mine.localDescription?.sdp ?? "");
      const answer = await response.text();
      if (mine !== pc) return;
      await accept(mine, answer);
      patches = 0;
      later(CHECKING_MS, () => (mine.connectionState === "connected" ? undefined : join()));
    } catch (error) {
      if (mine === pc) onRestartFailed(mine, error);
    } finally {
      busy = false;
      if (again) {
        again = false;
        void restart();
      }
    }
  };

  /** @param {RTCPeerConnection} from @param {unknown} error */
  const onRestartFailed = (from, error) => {
    patches += 1;
    if (error instanceof Gone) {
      patches = 0;
      void join();
    } else if (patches < PATCHES) {
      setState("reconnecting");
      later(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** patches), restart);
    } else {
      patches = 0;
      tryAgain(from, error);
    }
  };

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
    ignoreNetwork = onNetworkChange(() => void restart());
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
    /** The page has reached the server again: what had broken its line may have broken the path. */
    revive() {
      if (!busy && performance.now() - restartedAt >= ENOUGH_MS) void restart();
    },
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
      ignoreNetwork();
      window.removeEventListener("pagehide", leave);
      clearTimeout(timer);
      relay.close();
      drop();
      leave();
    },
    /** Id of our peer at the server, empty before the first answer. */
    get peer() {
      return peer;
    },
    /** How packets travel; empty while it is not known. */
    get path() {
      return path;
    },
    get state() {
      return state;
    },
    get pc() {
      return pc;
    },
  };
}
