// What a backup sends while it only waits: enough for a picture at the moment it takes over, and
// no more, since it is often a phone that pays for each byte. 180 MB an hour with sound.

const WAITING_BITRATE = 360_000;

/** What each sender was told at its offer, lowest layer first. @type {WeakMap<RTCRtpSender, RTCRtpEncodingParameters[]>} */
const offered = new WeakMap();
/** What each sender was told last. @type {WeakMap<RTCRtpSender, boolean>} */
const told = new WeakMap();

/**
 * Send the whole picture, or a small one.
 *
 * @param {RTCRtpSender | undefined} sender of the camera
 * @param {boolean} whole
 */
export async function setRate(sender, whole) {
  if (!sender || told.get(sender) === whole) return;
  told.set(sender, whole);
  const parameters = sender.getParameters();
  const full = offered.get(sender) ?? parameters.encodings.map((encoding) => ({ ...encoding }));
  offered.set(sender, full);
  parameters.encodings.forEach((encoding, layer) => {
    const { active = true, maxBitrate = WAITING_BITRATE } = full[layer];
    encoding.active = whole ? active : layer === 0;
    encoding.maxBitrate = whole ? full[layer].maxBitrate : Math.min(maxBitrate, WAITING_BITRATE);
  });
  await sender.setParameters(parameters).catch(() => told.delete(sender)); // closed meanwhile
}
