import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE_S, Rota, rounds } from "../../web/static/js/technician/thumb-rota.js";
import { SLOTS } from "../../web/static/js/technician/thumb-slots.js";
import { STALE_S } from "../../web/static/js/technician/stills.js";

const sites = (count) => Array.from({ length: count }, (_, at) => `s${at}`);

test("with a slot for each nobody takes turns", () => {
  assert.equal(rounds(16), 0);
  assert.deepEqual(new Rota().hold(sites(16), 0), sites(16));
});

test("the first ones keep theirs, and all others have their turn before one has it twice", () => {
  const rota = new Rota();
  const all = sites(64);
  const always = all.slice(0, SLOTS.length - rounds(64));
  const turns = new Map();
  for (let now = 0; now < 9; now += 1) {
    const held = rota.hold(all, now);
    assert.equal(held.length, SLOTS.length);
    assert.deepEqual(held.slice(0, always.length), always);
    for (const site of held.slice(always.length)) {
      turns.set(site, (turns.get(site) ?? 0) + 1);
      rota.done(site);
    }
  }
  assert.deepEqual([...turns.keys()].sort(), all.slice(always.length).sort());
  assert.deepEqual([...new Set(turns.values())], [1]);
});

test("a round is over when all have had their turn, or after a while when no picture comes", () => {
  const rota = new Rota();
  const all = sites(18);
  const first = rota.hold(all, 0);
  assert.deepEqual(first.slice(14), ["s14", "s15"]);
  rota.done("s15");
  assert.deepEqual(rota.hold(all, 1), first);
  rota.done("s14");
  assert.deepEqual(rota.hold(all, 2).slice(14), ["s16", "s17"]);
  const late = 2 + rota.turn + PATIENCE_S;
  assert.deepEqual(rota.hold(all, late).slice(14), ["s16", "s17"]);
  assert.deepEqual(rota.hold(all, late + 1).slice(14), ["s14", "s15"]);
});

test("who never had a picture is soon seen, unless none comes", () => {
  const rota = new Rota();
  const all = sites(20);
  let now = 0;
  const turned = () => {
    for (const site of rota.hold(all, (now += 1)).slice(14)) rota.done(site);
  };
  for (const site of rota.hold(all, now).slice(1, 14)) rota.came(site);
  for (let round = 0; round < 3; round += 1) turned();
  assert.equal(rota.hold(all, now).slice(14).length, 2);
  const fallen = [...all.slice(1, 15), "s0", ...all.slice(15)];
  rota.hold(fallen, now);
  assert.equal(rota.turn, 0.7, "s0 fell back before its picture came");
  for (const site of rota.hold(fallen, now).slice(14)) rota.done(site);
  assert.ok(rota.hold(fallen, (now += 1)).includes("s0"));
  assert.ok(rota.turn > 2);
  rota.hold(fallen, now + 60);
  assert.ok(rota.turn > 2, "none came: nobody hurries for it");
});

test("turns are short as long as somebody has had none, also when more come into sight", () => {
  const rota = new Rota();
  rota.hold(sites(22), 0);
  assert.equal(rota.turn, 0.7);
  for (const [now, ends] of [[1, "s14 s15"], [2, "s16 s17"], [3, "s18 s19"]]) {
    for (const site of ends.split(" ")) rota.done(site);
    rota.hold(sites(22), now);
  }
  assert.equal(rota.turn, 7.5, "the last two have theirs now: 30 s for four rounds");
  rota.hold(sites(64), 4);
  assert.equal(rota.turn, 0.7);
  const late = 3 + rota.turn + PATIENCE_S + 0.1;
  assert.ok(rota.hold(sites(64), late).includes("s22"), "and no long turn holds them up");
});

for (const count of [17, 18, 22, 30, 40, 63]) {
  test(`of ${count} sites none is asked for a key frame more than twice a minute`, () => {
    const rota = new Rota();
    const asked = new Map();
    const seen = new Map();
    /** When the turn of each site in a slot is over. */
    let slots = new Map();
    let unseen = 0;
    const minutes = 10;
    for (let now = 0; now < minutes * 60; now += 0.1) {
      for (const [site, over] of slots) if (now >= over) rota.done(site);
      const held = rota.hold(sites(count), now);
      for (const site of held) {
        if (!slots.has(site)) asked.set(site, (asked.get(site) ?? 0) + 1);
        unseen = Math.max(unseen, now - (seen.get(site) ?? 0));
        seen.set(site, now);
      }
      slots = new Map(held.map((site) => [site, slots.get(site) ?? now + rota.turn]));
    }
    assert.equal(asked.size, count);
    const most = Math.max(...asked.values());
    assert.ok(most <= 2 * minutes + 1, `${most} in ${minutes} minutes`);
    assert.ok(unseen < STALE_S, `a picture of ${unseen} s ago would have been thrown away`);
  });
}

test("who was always seen waits for its turn like one who has just had it", () => {
  const rota = new Rota();
  const all = sites(18);
  rota.hold(all, 0);
  rota.came("s0");
  const fallen = [...all.slice(1, 15), "s0", ...all.slice(15)];
  assert.ok(!rota.hold(fallen, 1).includes("s0"));
  rota.done("s15");
  const next = rota.hold(fallen, 2);
  assert.deepEqual(next.slice(14).sort(), ["s16", "s17"]);
});

test("who becomes important, or goes out of sight, leaves the round", () => {
  const rota = new Rota();
  const all = sites(18);
  rota.hold(all, 0);
  const worse = ["s15", ...all.filter((site) => site !== "s15" && site !== "s14")];
  const held = rota.hold(worse, 1);
  assert.equal(held[0], "s15");
  assert.equal(held.length, new Set(held).size);
  assert.ok(!held.includes("s14"));
  assert.equal(rota.hold(all.slice(0, 10), 2).length, 10);
});
