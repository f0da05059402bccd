// The long-lived things of the host page: made once, shown by whichever view is on screen.

import { boot } from "../boot.js";
import { connect } from "../connection.js";
import { Devices } from "../devices.js";
import { LevelMeter } from "../level.js";
import { Picture, Sound } from "../player.js";
import { LineCheck } from "./check-line.js";
import { cameBack } from "./line.js";
import { Screen } from "./screen.js";
import { change, redraw, state } from "./state.js";

/** @import { Talk } from "../protocol" */
/** @import { Action, HostView, LinkView, Rehearse } from "../protocol" */

/** What to do when a technician acts on this page; set by who can. @type {{take: (action: Action) => void, talk: (talk: Talk) => void}} */
export const asked = { take: () => {}, talk: () => {} };

/** What to do when a technician tests this site; set by who can. @type {{take: (asked: Rehearse) => void}} */
export const tests = { take: () => {} };

export const program = new Picture("program-video", () => change({ pictured: true }));
export const second = new Picture("inset-video", redraw);
export const own = new Picture("own-video");
export const ownSlides = new Picture("slides-video");
export const sound = new Sound(() => followBlocked());
/** What technicians say to us alone: never quieter. */
export const talkSound = new Sound(() => followBlocked());
/** The browser wants a click before it plays one of them. */
const followBlocked = () => change({ soundBlocked: sound.blocked || talkSound.blocked });
/** Call from a click: what was refused may begin now. */
export const startSound = () => Promise.all([sound.start(), talkSound.start()]);
export const meter = new LevelMeter(redraw);
export const devices = new Devices(redraw);
export const sharing = new Screen(redraw);
export const lineCheck = new LineCheck(boot.session, boot.key, redraw);

/** @type {ReturnType<typeof connect<HostView>>} */
export const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: boot.lang,
  onView: (view) => change({ view, back: cameBack(state.back, state.view, view) }),
  onLinks: (sites) => change({ link: known(sites[boot.site]), heardAt: performance.now() }),
  onSlots: (slots) => change({ slots }),
  onRehearse: (asked) => tests.take(asked),
  onAction: (action) => asked.take(action),
  onTalk: (talk) => asked.talk(talk),
  onReturn: () => state.reviveMedia(),
  onStatus: (status) => {
    change({ status, wasOnline: state.wasOnline || status.online, heardAt: performance.now() });
    if (status.online) tellPath();
  },
});

/** Tell the technicians how our packets travel; said again after a lost connection. */
export function tellPath() {
  const { peer, path } = state;
  if (peer && path) connection.tell({ type: "path", peer, kind: path });
}

/** A report may still name a peer that was ours: that is no other device. @param {LinkView | undefined} link */
function known(link) {
  if (!link) return null;
  return state.formerPeers.has(link.publisher ?? "") ? { ...link, publisher: "" } : link;
}
