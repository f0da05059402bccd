// The row of tones by which the server knows a loudspeaker and a microphone: even and plain, since a
// machine listens.

const VOLUME = 0.35; // loud enough for a hall, without distortion of small loudspeakers
const RAMP_S = 0.01; // a tone that begins at once is a click
const LEAD_S = 0.1;
const BLOCKED_MS = 1500; // a browser that wants a click first never answers

/**
 * Play *notes*; resolves when they are over.
 *
 * @param {object} row
 * @param {number[]} row.notes Hz
 * @param {number} row.tone_ms
 * @param {number} row.gap_ms
 * @param {string} speaker device id, empty for the browser's choice
 * @param {() => void} onStart the first tone is a moment away
 * @throws {DOMException} NotAllowedError: the browser wants a click first
 */
export async function playRow({ notes, tone_ms, gap_ms }, speaker, onStart) {
  const context = new AudioContext();
  try {
    if (speaker && "setSinkId" in context) {
      await /** @type {any} */ (context).setSinkId(speaker).catch(() => {});
    }
    await started(context);
    const begin = context.currentTime + LEAD_S;
    const gain = new GainNode(context, { gain: 0 });
    gain.connect(context.destination);
    const last = notes.map((frequency, index) => {
      const from = begin + (index * (tone_ms + gap_ms)) / 1000;
      const until = from + tone_ms / 1000;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(VOLUME, from + RAMP_S);
      gain.gain.setValueAtTime(VOLUME, until - RAMP_S);
      gain.gain.linearRampToValueAtTime(0, until);
      const note = new OscillatorNode(context, { frequency });
      note.connect(gain);
      note.start(from);
      note.stop(until);
      return note;
    });
    setTimeout(onStart, LEAD_S * 1000);
    await new Promise((resolve) => last[last.length - 1].addEventListener("ended", resolve));
  } finally {
    await context.close();
  }
}

/** @param {AudioContext} context */
function started(context) {
  const blocked = new Promise((_, reject) => {
    setTimeout(() => reject(new DOMException("no click yet", "NotAllowedError")), BLOCKED_MS);
  });
  return Promise.race([context.resume(), blocked]);
}
