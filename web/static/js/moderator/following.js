// The proposal where a link is bad: call the following one, this one stays where it is.

/** @import { Act } from "./act.js" */
/** @import { Control } from "./control.js" */
import { t, text } from "../i18n.js";
import { callFollowing } from "./deeds.js";
import { followingOf } from "./weak.js";

/**
 * Calling the next good link instead of *id*. Null if nobody could be called.
 * @param {Control} control
 * @param {string} id of a request in line, or of one who speaks
 * @returns {Act | null}
 */
export function followingAct(control, id) {
  const code = control.request(followingOf(control, id))?.site;
  if (!code) return null;
  const site = text(control.view?.sites[code]?.name);
  const keys = control.queue.includes(id)
    ? { words: "moderator.call_following", hint: "moderator.call_following_hint" }
    : { words: "moderator.call_meanwhile", hint: "moderator.call_meanwhile_hint" };
  return {
    id: "call-following",
    words: t(keys.words, { site }),
    hint: t(keys.hint, { site }),
    cap: "W",
    run: () => callFollowing(control, id),
  };
}
