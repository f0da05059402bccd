// The sounds a page makes itself: three friendly notes to try a loudspeaker with, two that
// call a host to get ready, and three short ones that tell a technician of a critical alert.

const TRY_HZ = [523.25, 659.25, 783.99]; // C5 E5 G5
const CALL_HZ = [659.25, 523.25]; // E5 C5: a door bell, not an alarm
const ALERT_HZ = [880, 880, 587.33]; // A5 A5 D5: nothing else here repeats a note
const TRY_NOTE_S = 0.35;
const CALL_NOTE_S = 0.7;
const ALERT_NOTE_S = 0.18;
// A browser that wants a click first never answers; one that allows sound answers at once.
const BLOCKED_MS = 1000;

/** Play the notes; resolves when they are over. @param {string} speaker device id, empty for the browser's choice */
export const playTone = (speaker) => play(TRY_HZ, TRY_NOTE_S, speaker);

/** Call a host; rejects when the browser does not allow it. @param {string} speaker device id, empty for the browser's choice */
export const playCall = (speaker) => play(CALL_HZ, CALL_NOTE_S, speaker);

/** Tell a technician of an alert; rejects when the browser does not allow it. */
export const playAlert = () => play(ALERT_HZ, ALERT_NOTE_S, "");

/** @param {number[]} notes in Hz @param {number} seconds of each @param {string} speaker */
async function play(notes, seconds, speaker) {
  const context = new AudioContext();
  try {
    // Where the browser cannot choose, its default loudspeaker is the one to try.
    if (speaker && "setSinkId" in context) {
      await /** @type {any} */ (context).setSinkId(speaker).catch(() => {});
    }
    await allowed(context);
    await new Promise((resolve) => {
      notes.forEach((frequency, index) => {
        const start = context.currentTime + 0.05 + index * seconds;
        const gain = new GainNode(context, { gain: 0 });
        gain.gain.setValueAtTime(0, start);
        gain.gain.linearRampToValueAtTime(0.25, start + 0.03);
        gain.gain.exponentialRampToValueAtTime(0.001, start + seconds);
        const note = new OscillatorNode(context, { frequency });
        note.connect(gain).connect(context.destination);
        note.start(start);
        note.stop(start + seconds);
        if (index === notes.length - 1) note.onended = resolve;
      });
    });
  } finally {
    await context.close();
  }
}

/** @param {AudioContext} context */
async function allowed(context) {
  const blocked = new Promise((_, reject) => {
    setTimeout(() => reject(new DOMException("no click yet", "NotAllowedError")), BLOCKED_MS);
  });
  await Promise.race([context.resume(), blocked]);
}
