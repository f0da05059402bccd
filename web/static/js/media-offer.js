// The m-lines of a page's one offer: what it sends first, then its receiving slots.

/** Receiving audio slots of a page: as many microphones as the server opens at once. */
export const AUDIO_SLOTS = 4;

// 720p of a speaker in a meeting room; also what one site costs the server's downlinks.
const CAMERA_BITRATE = 1_800_000;

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
    sendEncodings: [{ maxBitrate: CAMERA_BITRATE, maxFramerate: 30 }],
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
