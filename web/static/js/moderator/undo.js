// What a press of "undo" takes back: one's own newest action that still can be. Pure.

/** @import { ActionView, RequestView } from "../protocol.js" */

/**
 * The action to take back, or null. The server takes back nobody else's, and only the newest;
 * a grant only as long as nothing of the speech was heard.
 * @param {readonly ActionView[]} actions newest first
 * @param {string} key of one's own link
 * @param {Record<string, RequestView>} requests
 * @returns {ActionView | null}
 */
export function undoChoice(actions, key, requests) {
  const own = actions.find((action) => action.key === key && action.undoable);
  if (!own) return null;
  const heard = own.deed === "floor_granted" && requests[own.request]?.state !== "arming";
  return heard ? null : own;
}

/**
 * What others did last with a request, or null.
 * @param {readonly ActionView[]} actions newest first
 * @param {string} request
 * @param {string} key of one's own link
 */
export const doneByOthers = (actions, request, key) =>
  actions.find((action) => action.request === request && action.key !== key) ?? null;
