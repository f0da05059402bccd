// The m-lines of a page's one offer: what it sends first, then its receiving slots.

/** Receiving audio slots of a page: as many microphones as the server opens at once. */
export const AUDIO_SLOTS = 4;

// Pictures of a speaker in a meeting room, smallest first; the largest is also what one site costs
// the server's downlinks. Each viewer gets the one that its line carries.
const CAMERA_LAYERS = [
  [{ rid: "f", scaleResolutionDownBy: 1, maxBitrate: 600_000 }],
  [
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 200_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_000_000 },
  ],
  [
    { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_800_000 },
  ],
];
const CAMERA_FPS = 30;
// Without temporal layers: of three a player skips what a bad line brings late, a third of all.
const ONE_FRAME_RATE = "L1T1";
const CAMERA_LINES = 720; // what is asked of a camera, until there is one
// A browser sends no more layers than the picture has lines for; it is the largest that is lost.
const LINES_FOR_TWO = 270;
const LINES_FOR_THREE = 540;

// Text has to be sharp, motion does not have to be smooth: 1080p stands still most of the time,
// and a new page is there within a second.
const SLIDES_BITRATE = 2_000_000;
const SLIDES_FPS = 15;

/**
 * Codecs of *kind* in our order: those named, each with its retransmission, nothing else.
 *
 * @param {"video" | "audio"} kind
 * @param {string[]} names
 */
function codecs(kind, names) {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  /** @param {string} name */
  const named = (name) =>
    all.filter((codec) => codec.mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase());
  return [...names.flatMap(named), ...named("rtx")];
}

/**
 * In how many sizes a camera's picture is sent.
 *
 * @param {MediaStreamTrack | null} camera
 */
export function layersOf(camera) {
  const { width = Infinity, height = CAMERA_LINES } = camera?.getSettings() ?? {};
  const lines = Math.min(width, height); // a phone may be held upright
  if (lines < LINES_FOR_TWO) return 1;
  return lines < LINES_FOR_THREE ? 2 : 3;
}

/**
 * Camera, microphone and slides, sendonly; each may have no track yet: `replaceTrack` starts it,
 * nothing is negotiated anew. The first sending video m-line is the camera, the second slides.
 *
 * @param {RTCPeerConnection} pc
 * @param {MediaStreamTrack | null} camera
 * @param {MediaStreamTrack | null} microphone
 * @param {MediaStreamTrack | null} slides
 */
export function addPublishing(pc, camera, microphone, slides) {
  const video = pc.addTransceiver(camera ?? "video", {
    direction: "sendonly",
    sendEncodings: CAMERA_LAYERS[layersOf(camera) - 1].map((layer) => ({
      ...layer,
      maxFramerate: CAMERA_FPS,
      scalabilityMode: ONE_FRAME_RATE,
    })),
  });
  video.setCodecPreferences(codecs("video", ["VP8"]));
  const audio = pc.addTransceiver(microphone ?? "audio", { direction: "sendonly" });
  const screen = pc.addTransceiver(slides ?? "video", {
    direction: "sendonly",
    sendEncodings: [{ maxBitrate: SLIDES_BITRATE, maxFramerate: SLIDES_FPS }],
  });
  screen.setCodecPreferences(codecs("video", ["VP8"]));
  return { camera: video.sender, microphone: audio.sender, slides: screen.sender };
}

/**
 * Receiving slots; the map says which transceiver is which.
 *
 * @param {RTCPeerConnection} pc
 * @param {string[]} video
 * @param {number} audio
 * @returns {Map<RTCRtpTransceiver, string>}
 */
export function addReceiving(pc, video, audio) {
  /** @type {Map<RTCRtpTransceiver, string>} */
  const slots = new Map();
  for (const name of video) {
    const transceiver = pc.addTransceiver("video", { direction: "recvonly" });
    transceiver.setCodecPreferences(codecs("video", ["VP8", "H264"]));
    slots.set(transceiver, name);
  }
  for (let index = 0; index < audio; index += 1) {
    slots.set(pc.addTransceiver("audio", { direction: "recvonly" }), `audio${index}`);
  }
  return slots;
}
