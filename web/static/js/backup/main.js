// The page of a site's second device, often a phone: it stands by with camera and microphone, and
// is sent when the main line dies or somebody says so. It plays no sound: it stands in the same
// room as the loudspeakers of the main device.

import { render } from "lit-html";
import { boot, tabId } from "../boot.js";
import { connect } from "../connection.js";
import { Devices } from "../devices.js";
import { lang, loadLocale, t } from "../i18n.js";
import { LevelMeter } from "../level.js";
import { mainLine } from "../lines.js";
import { joinMedia } from "../media.js";
import { Picture } from "../player.js";
import { statsReporter } from "../stats.js";
import { announce, setTitle } from "../ui.js";
import { Asked } from "./asked.js";
import { setRate } from "./rate.js";
import { carries, stageOf } from "./stage.js";
import { page, signWords } from "./view.js";
import { WakeLock } from "./wake.js";

/** @import { HostView, LinkView } from "../protocol" */
/** @import { MediaState } from "../media.js" */
/** @import { Stage } from "./stage.js" */

const STARTED = "dc-backup"; // this tab stood by: after a reload it goes on by itself
const QUIET_MS = 3500; // three reports in a row that did not come
const LOOK_MS = 1000;

const app = /** @type {HTMLElement} */ (document.getElementById("app"));

const state = {
  started: false,
  /** @type {HostView | null} */
  view: null,
  /** @type {LinkView | null} */
  link: null,
  status: { online: false, saving: true, refused: "" },
  heardAt: 0,
  /** @type {MediaState} */
  media: "connecting",
  peer: "",
};
/** Ids our media connection had before: a report may still name one of them. @type {Set<string>} */
const formerPeers = new Set();
/** @type {ReturnType<typeof joinMedia> | null} */
let media = null;
/** @type {Stage} */
let stage = "check";
let refused = false;
let scheduled = false;
/** @type {MediaStreamTrack | null} */
let shownCamera = null;
/** @type {MediaStreamTrack | null} */
let shownMicrophone = null;

const own = new Picture("own-video");
const meter = new LevelMeter(redraw);
const devices = new Devices(redraw);
const wake = new WakeLock(redraw);

function redraw() {
  if (!scheduled) setTimeout(draw);
  scheduled = true;
}

/** @param {Partial<typeof state>} part */
function change(part) {
  Object.assign(state, part);
  redraw();
}

function draw() {
  scheduled = false;
  followDevices();
  const heard = state.status.online && performance.now() - state.heardAt < QUIET_MS;
  const { on_program: seen = false, microphone_open: open = false } = state.view ?? {};
  const next = stageOf({ ...state, online: heard, seen, heard: open });
  const news = next !== stage;
  stage = next;
  const shows = { ...state, stage, devices, meter, own, awake: wake.held };
  render(page(shows, { start, stop, use, giveBack }), app);
  const { title } = signWords(shows);
  setTitle(title);
  if (news) announce(title);
  if (state.status.online && (!state.started || state.media === "connected")) asked.back();
  const sender = media?.pc?.getSenders().find(({ track }) => track?.kind === "video");
  void setRate(sender, carries(stage));
}

function followDevices() {
  const { camera, microphone } = devices.tracks;
  meter.follow(microphone);
  if (camera !== shownCamera) {
    own.show(camera);
    void media?.setCamera(camera);
  }
  if (microphone !== shownMicrophone) void media?.setMicrophone(microphone);
  [shownCamera, shownMicrophone] = [camera, microphone];
}

async function start() {
  sessionStorage.setItem(STARTED, "yes");
  change({ started: true });
  void wake.want(true);
  const client = await tabId();
  media ??= joinMedia({
    session: boot.session,
    key: boot.key,
    client,
    ...devices.tracks,
    backup: true,
    video: [],
    audio: 0,
    onTrack: () => {},
    onStats: statsReporter(connection.tell, devices),
    onState: (next) => change({ media: next }),
    onPeer: (peer) => {
      formerPeers.add(state.peer);
      change({ peer, link: known(state.link ?? undefined) });
    },
  });
  redraw();
}

function stop() {
  sessionStorage.removeItem(STARTED);
  media?.close();
  media = null;
  void wake.want(false);
  change({ started: false, peer: "", media: "connecting" });
}

/** A link that is no longer good leaves nothing on behind the last page. @param {boolean} now */
function followRefusal(now) {
  if (now === refused) return;
  refused = now;
  void wake.want(state.started && !refused);
  if (refused) {
    media?.close();
    devices.close();
  } else {
    media?.reopen();
    void devices.open();
  }
}

/** @param {string} peer */
const tell = (peer) => connection.tell({ type: "use_device", peer });
const use = () => tell(state.peer);
const giveBack = () => tell(mainLine(state.link)?.peer ?? "");

/** @param {LinkView | undefined} link */
function known(link) {
  if (!link) return null;
  return formerPeers.has(link.publisher ?? "") ? { ...link, publisher: "" } : link;
}

const asked = new Asked({
  tell: (answer) => connection.tell(answer),
  restart: () => media && media.restart,
  connected: () => state.media === "connected",
});

await loadLocale(lang());
const connection = connect({
  session: boot.session,
  key: boot.key,
  lang: lang(),
  onView: (/** @type {HostView} */ view) => change({ view }),
  onLinks: (sites) => change({ link: known(sites[boot.site]), heardAt: performance.now() }),
  onReturn: () => media?.revive(),
  onAction: (action) => asked.take(action),
  onStatus: (status) => {
    followRefusal(Boolean(status.refused));
    change({ status, heardAt: performance.now() });
  },
});
window.addEventListener("lang", () => {
  connection.setLang(lang());
  redraw();
});
setTitle(t("backup.check_title"));
redraw();
setInterval(redraw, LOOK_MS);
if (sessionStorage.getItem(STARTED)) void start();
if (!refused) await devices.open();
