import assert from "node:assert/strict";
import { test } from "node:test";

import { setRate } from "../../web/static/js/backup/rate.js";
import { carries, mainState, stageOf } from "../../web/static/js/backup/stage.js";
import { mainLine, onBackup, spare } from "../../web/static/js/lines.js";

const MAIN = { peer: "m", connected: true, sending: true };
const BACKUP = { peer: "b", rank: "backup", connected: true, sending: true };
const link = (publisher, ...lines) => ({ publisher, lines });

const FACTS = {
  started: true,
  online: true,
  media: "connected",
  peer: "b",
  link: link("m", MAIN, BACKUP),
  seen: false,
  heard: false,
};

const STAGES = [
  ["before a person has let it stand by", { started: false, link: link("b", BACKUP) }, "check"],
  ["while the main line is used", {}, "waiting"],
  ["while the main line is on air", { seen: true, heard: true }, "waiting"],
  ["when it took over", { link: link("b", MAIN, BACKUP) }, "carrying"],
  ["when it took over and is seen", { link: link("b", BACKUP), seen: true }, "air"],
  ["when it took over and is heard", { link: link("b", BACKUP), heard: true }, "air"],
  ["when what was said no longer holds", { online: false, link: link("b", BACKUP) }, "connecting"],
  ["while its media connect anew", { media: "reconnecting" }, "connecting"],
  ["before anybody is used", { link: link("", MAIN, BACKUP) }, "connecting"],
  ["before the first report", { link: null }, "connecting"],
];

for (const [when, facts, stage] of STAGES) {
  test(`a backup line is at "${stage}" ${when}`, () => {
    assert.equal(stageOf({ ...FACTS, ...facts }), stage);
    assert.equal(carries(stage), stage === "carrying" || stage === "air");
  });
}

test("the site can be given back to a main line that sends", () => {
  assert.equal(mainState(link("b", MAIN, BACKUP)), "sending");
  assert.equal(mainState(link("b", { ...MAIN, sending: false }, BACKUP)), "silent");
  assert.equal(mainState(link("b", { peer: "m" }, BACKUP)), "absent");
  assert.equal(mainState(link("b", BACKUP)), "absent");
  assert.equal(mainState(null), "absent");
});

test("of several main lines the newest that sends is meant", () => {
  const older = { ...MAIN, peer: "old", sending: false };
  assert.equal(mainLine(link("b", MAIN, older))?.peer, "m");
  assert.equal(mainLine(link("b", MAIN, { ...MAIN, peer: "new" }, BACKUP))?.peer, "new");
});

test("a site is on its backup line when that one is used, and has a spare when it is not", () => {
  assert.equal(onBackup(link("b", MAIN, BACKUP)), true);
  assert.equal(onBackup(link("m", MAIN, BACKUP)), false);
  assert.equal(onBackup({ publisher: "m" }), false); // the only device is not listed
  assert.equal(onBackup(undefined), false);
  assert.equal(spare(link("m", MAIN, BACKUP)), BACKUP);
  assert.equal(spare(link("b", MAIN, BACKUP)), null);
  assert.equal(spare(link("m", MAIN, { ...BACKUP, sending: false })), null);
});

/** A sender with its encodings. */
class Sender {
  constructor(...encodings) {
    this.encodings = encodings;
    this.calls = 0;
  }
  getParameters() {
    return { encodings: this.encodings.map((encoding) => ({ ...encoding })) };
  }
  async setParameters({ encodings }) {
    this.calls += 1;
    this.encodings = encodings;
  }
}

test("what waits sends little, and all of it once it is used", async () => {
  const sender = new Sender({ active: true, maxBitrate: 1_800_000 });
  await setRate(sender, false);
  assert.ok(sender.encodings[0].maxBitrate < 500_000);
  assert.equal(sender.encodings[0].active, true);
  await setRate(sender, false);
  assert.equal(sender.calls, 1, "said once");
  await setRate(sender, true);
  assert.deepEqual(sender.encodings, [{ active: true, maxBitrate: 1_800_000 }]);
  await setRate(undefined, true); // no camera
});

test("of several layers the lowest is enough to wait with", async () => {
  const layers = [
    { rid: "q", active: true, maxBitrate: 150_000 },
    { rid: "h", active: true, maxBitrate: 500_000 },
    { rid: "f", active: false },
  ];
  const sender = new Sender(...layers);
  await setRate(sender, false);
  assert.deepEqual(
    sender.encodings.map(({ active }) => active),
    [true, false, false],
  );
  assert.equal(sender.encodings[0].maxBitrate, 150_000);
  await setRate(sender, true);
  assert.deepEqual(
    sender.encodings.map(({ active, maxBitrate }) => [active, maxBitrate]),
    layers.map(({ active, maxBitrate }) => [active, maxBitrate]),
  );
});

test("a sender that was closed meanwhile is told again", async () => {
  const sender = new Sender({ active: true });
  sender.setParameters = () => Promise.reject(new Error("closed"));
  await setRate(sender, false);
  delete sender.setParameters;
  await setRate(sender, false);
  assert.equal(sender.calls, 1);
});
