// Finding a place by typing: diacritics, case and đ do not matter ("dien bien" finds
// "Điện Biên"), and neither does writing only the initials ("db"). Pure, no DOM.

const COLLATOR = new Intl.Collator("vi");

/**
 * The text as it is compared: no marks, lower case, đ as d.
 * @param {string} text
 */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase()
    .trim();
}

/**
 * How well *text* answers *query*: 0 begins with it, 1 a word begins with it, 2 holds it,
 * 3 has these initials, -1 not at all. An empty query is answered by everything.
 * @param {string} query
 * @param {string} text
 */
export function rank(query, text) {
  const wanted = fold(query);
  if (!wanted) return 0;
  const has = fold(text);
  if (has.startsWith(wanted)) return 0;
  const words = has.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (words.some((_, at) => words.slice(at).join(" ").startsWith(wanted))) return 1;
  if (has.includes(wanted)) return 2;
  return words.map((word) => word[0]).join("").startsWith(wanted) ? 3 : -1;
}

/**
 * The items whose name answers *query*: the best first, equals in their given order.
 * @template T
 * @param {string} query
 * @param {readonly T[]} items
 * @param {(item: T) => string} name
 * @returns {T[]}
 */
export function search(query, items, name) {
  const found = items.map((item) => ({ item, rank: rank(query, name(item)) }));
  return found
    .filter((entry) => entry.rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map((entry) => entry.item);
}

/**
 * Order of names as a Vietnamese reader expects it, in both languages.
 * @param {string} a
 * @param {string} b
 */
export function collate(a, b) {
  return COLLATOR.compare(a, b);
}
