// The order of the wall: on air, on deck, worst first; and when it may change. Pure.
// Tiles that move under the pointer are worse than tiles a little out of order.

/** @import {Link} from "../links.js" */
import { blamed, GOOD_LEVEL, level, linkState } from "../links.js";
import { collate } from "../search.js";

/** Seconds between two changes of the order, and after the last touch of the wall. */
export const HOLD = 3;

/** How many of the queue's first sites are named as such. */
export const NEXT_COUNT = 3;

/**
 * @typedef {"air" | "deck" | "next"} Group
 * @typedef {{code: string, name: string, link: Link}} Entry
 * @typedef {{codes: readonly string[], at: number}} Order
 */

/**
 * The sites on air (program first, then open microphones), those asked to get ready, and the
 * next ones in line.
 * @param {string} program site on program, may be empty
 * @param {readonly string[]} microphones
 * @param {readonly string[]} called sites on deck, with repetitions
 * @param {readonly string[]} queue sites in the order of the queue, with repetitions
 * @returns {Map<string, Group>} in the order of the wall
 */
export function groups(program, microphones, called, queue) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  if (program) found.set(program, "air");
  for (const site of microphones) found.set(site, "air");
  for (const site of called) if (!found.has(site)) found.set(site, "deck");
  let places = NEXT_COUNT;
  for (const site of queue) {
    if (places === 0) break;
    if (found.has(site)) continue;
    found.set(site, "next");
    places -= 1;
  }
  return found;
}

/**
 * Smaller needs attention sooner: lost, then page without media, then by level; all good
 * ones are equal, or their tiles would never rest. What is blamed although its score is good
 * (a camera without picture) stands before them. Those that never came are last, for there is
 * nothing to see.
 * @param {Link} link
 */
function urgency(link) {
  const state = linkState(link);
  if (state === "lost") return 0;
  if (state === "waiting") return 1;
  if (state === "absent") return 9;
  const quality = state === "silent" ? 2 : 2 + Math.min(level(link.score), GOOD_LEVEL);
  if (link.alert?.level === "critical") return Math.min(quality, 2.5);
  return blamed(link) ? Math.min(quality, 1.5 + GOOD_LEVEL) : quality;
}

/** Before all others, whatever their links are like. @type {(group: Group | undefined) => boolean} */
const first = (group) => group === "air" || group === "deck";

/**
 * @param {readonly Entry[]} entries
 * @param {Map<string, Group>} grouped keeps the order in which it was filled
 * @returns {string[]}
 */
export function sorted(entries, grouped) {
  const places = new Map([...grouped.keys()].map((code, at) => [code, at]));
  const place = (/** @type {Entry} */ entry) => places.get(entry.code) ?? places.size;
  const before = entries
    .filter((entry) => first(grouped.get(entry.code)))
    .sort((a, b) => place(a) - place(b));
  const rest = entries
    .filter((entry) => !first(grouped.get(entry.code)))
    .sort(
      (a, b) =>
        urgency(a.link) - urgency(b.link) || place(a) - place(b) || collate(a.name, b.name),
    );
  return [...before, ...rest].map((entry) => entry.code);
}

/**
 * The order to show now: the previous one while it is held, else the wanted one. Sites that
 * came or went change it at once.
 * @param {Order | null} previous
 * @param {readonly string[]} wanted
 * @param {number} now seconds, any monotonic clock
 * @param {number} touched when the wall was last touched, on the same clock
 * @returns {Order}
 */
export function held(previous, wanted, now, touched) {
  if (!previous || previous.codes.length !== wanted.length) return { codes: wanted, at: now };
  const before = new Set(previous.codes);
  if (!wanted.every((code) => before.has(code))) return { codes: wanted, at: now };
  if (wanted.every((code, at) => code === previous.codes[at])) return previous;
  if (now - previous.at < HOLD || now - touched < HOLD) return previous;
  return { codes: wanted, at: now };
}
