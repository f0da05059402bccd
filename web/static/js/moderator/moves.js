// Moving a speaker in the queue, as the server wants it: an intent ("X before Y") that stays
// true whatever joined the list meanwhile. Requests move within their class; a neighbour of
// the same class is therefore the one to name. Pure.

/**
 * @typedef {{request: string, before: string} | {request: string, after: string}} Move
 * @typedef {(request: string) => string | undefined} ClassOf
 */

/**
 * The intent of dropping *request* so that it stands at *index*, or null if it stands there.
 * Between two other classes it names the row below: the server says why that cannot be.
 * @param {readonly string[]} order the queue as it was shown
 * @param {string} request
 * @param {number} index place after the drop, 0-based
 * @param {ClassOf} classOf
 * @returns {Move | null}
 */
export function dropMove(order, request, index, classOf) {
  const rest = order.filter((id) => id !== request);
  const from = order.indexOf(request);
  if (from < 0 || index < 0 || from === index || rest.length === 0) return null;
  const below = rest[index];
  const above = rest[index - 1];
  const fits = (/** @type {string | undefined} */ id) =>
    id !== undefined && classOf(id) === classOf(request);
  if (above !== undefined && (below === undefined || (!fits(below) && fits(above)))) {
    return { request, after: above };
  }
  return { request, before: below };
}

/**
 * The intent of moving *request* one place up (-1) or down (+1), or null at the end
 * of its class.
 * @param {readonly string[]} order
 * @param {string} request
 * @param {-1 | 1} step
 * @param {ClassOf} classOf
 * @returns {Move | null}
 */
export function stepMove(order, request, step, classOf) {
  const from = order.indexOf(request);
  const other = from < 0 ? undefined : order[from + step];
  if (other === undefined || classOf(other) !== classOf(request)) return null;
  return step < 0 ? { request, before: other } : { request, after: other };
}

/**
 * The queue as it will be if the server agrees; unchanged if either end has left it.
 * @param {readonly string[]} order
 * @param {Move | null} move
 * @returns {readonly string[]}
 */
export function applyMove(order, move) {
  if (!move || !order.includes(move.request)) return order;
  const rest = order.filter((id) => id !== move.request);
  const at = "before" in move ? rest.indexOf(move.before) : rest.indexOf(move.after);
  if (at < 0) return order;
  rest.splice("before" in move ? at : at + 1, 0, move.request);
  return rest;
}
