// Three friendly notes to try a loudspeaker with.

const NOTES_HZ = [523.25, 659.25, 783.99]; // C5 E5 G5
const NOTE_S = 0.35;

/**
 * Play the notes; resolves when they are over.
 *
 * @param {string} speaker device id, empty for the browser's choice
 */
export async function playTone(speaker) {
  const context = new AudioContext();
  try {
    // Where the browser cannot choose, its default loudspeaker is the one to try.
    if (speaker && "setSinkId" in context) {
      await /** @type {any} */ (context).setSinkId(speaker).catch(() => {});
    }
    await context.resume();
    await new Promise((resolve) => {
      NOTES_HZ.forEach((frequency, index) => {
        const start = context.currentTime + 0.05 + index * NOTE_S;
        const gain = new GainNode(context, { gain: 0 });
        gain.gain.setValueAtTime(0, start);
        gain.gain.linearRampToValueAtTime(0.25, start + 0.03);
        gain.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
        const note = new OscillatorNode(context, { frequency });
        note.connect(gain).connect(context.destination);
        note.start(start);
        note.stop(start + NOTE_S);
        if (index === NOTES_HZ.length - 1) note.onended = resolve;
      });
    });
  } finally {
    await context.close();
  }
}
