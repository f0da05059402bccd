import assert from "node:assert/strict";
import { test } from "node:test";

import { belongs, SLOTS, ThumbSlots } from "../../web/static/js/technician/thumb-slots.js";

/** Sends all wishes there are. */
function wishes(slots) {
  const sent = [];
  for (let wish = slots.next(); wish; wish = slots.next()) sent.push(wish);
  return sent;
}
const seen = (entries) =>
  Object.fromEntries(entries.map(([slot, site, since = null]) => [slot, { site, since }]));

test("each site in sight gets a slot, and no more than there are", () => {
  const slots = new ThumbSlots();
  const sites = Array.from({ length: 20 }, (_, at) => `s${at}`);
  slots.want(sites);
  const sent = wishes(slots);
  assert.deepEqual(sent.map((wish) => wish.slot), SLOTS);
  assert.deepEqual(sent.map((wish) => wish.site), sites.slice(0, 16));
});

test("a slot is not asked again before the server has taken the last wish", () => {
  const slots = new ThumbSlots();
  slots.want(Array.from({ length: 16 }, (_, at) => `s${at}`));
  wishes(slots);
  slots.want(["new"]);
  assert.deepEqual(wishes(slots), []);
  slots.say(seen([["thumb3", "s2", 7]]));
  assert.deepEqual(wishes(slots), [{ slot: "thumb3", site: "new" }]);
});

test("a picture may be seen only while the newest wish is the one that flows", () => {
  const slots = new ThumbSlots();
  slots.want(["a"]);
  wishes(slots);
  assert.equal(slots.slot("a"), "thumb1");
  assert.equal(slots.since("thumb1"), null, "nothing was said yet");
  slots.say(seen([["thumb1", "a"]]));
  assert.equal(slots.since("thumb1"), null, "nothing flows yet");
  slots.say(seen([["thumb1", "a", 7]]));
  assert.equal(slots.since("thumb1"), 7);

  const others = Array.from({ length: 16 }, (_, at) => `s${at}`);
  slots.want(others); // more than the free slots
  assert.equal(wishes(slots).find((wish) => wish.slot === "thumb1")?.site, "s15");
  assert.equal(slots.since("thumb1"), null);
  slots.say(seen([["thumb1", "a", 7]])); // said before the wish was taken
  assert.equal(slots.since("thumb1"), null);
  assert.equal(slots.slot("a"), "");
  slots.say(seen([["thumb1", "s15", 99]]));
  assert.equal(slots.since("thumb1"), 99);
});

test("sites that stay in sight keep their slots, what is out of sight is let go", () => {
  const slots = new ThumbSlots();
  slots.want(["a", "b"]);
  wishes(slots);
  slots.say(seen([["thumb1", "a", 1], ["thumb2", "b", 2]]));
  slots.want(["b", "c"]);
  assert.deepEqual(wishes(slots), [
    { slot: "thumb3", site: "c" },
    { slot: "thumb1", site: "" },
  ]);
  assert.equal(slots.since("thumb2"), 2);
  slots.want([]);
  slots.say(seen([["thumb2", "b", 2], ["thumb3", "c", 3]]));
  assert.deepEqual(wishes(slots), [
    { slot: "thumb2", site: "" },
    { slot: "thumb3", site: "" },
  ]);
});

test("another connection begins with nothing", () => {
  const slots = new ThumbSlots();
  slots.want(["a"]);
  wishes(slots);
  slots.forget();
  assert.equal(slots.slot("a"), "");
  assert.deepEqual(wishes(slots), [{ slot: "thumb1", site: "a" }]);
});

test("RTP times are compared across their wrap", () => {
  assert.equal(belongs(1000, 1000), true);
  assert.equal(belongs(999, 1000), false);
  assert.equal(belongs(10, 0xfffffff0), true);
  assert.equal(belongs(0xfffffff0, 10), false);
});
