import assert from "node:assert/strict";
import { test } from "node:test";

import { LABEL_HEIGHT, labels, projection, stroke } from "../../web/static/js/technician/geo.js";

const HANOI = { lat: 21.03, lon: 105.85 };
const CA_MAU = { lat: 9.18, lon: 105.15 };
const SIZE = { width: 400, height: 600 };

test("the farthest sites touch the margins, and north is up", () => {
  const project = projection([HANOI, CA_MAU], SIZE, 20);
  const north = project(HANOI);
  const south = project(CA_MAU);
  assert.ok(Math.abs(north.y - 20) < 1e-9);
  assert.ok(Math.abs(south.y - 580) < 1e-9);
  assert.ok(south.x < north.x, "Ca Mau is west of Hanoi");
});

test("a degree east is shorter than one north, by the cosine of the middle latitude", () => {
  const project = projection([{ lat: 59, lon: 0 }, { lat: 61, lon: 2 }], SIZE, 0);
  const a = project({ lat: 60, lon: 0 });
  const b = project({ lat: 60, lon: 1 });
  const c = project({ lat: 61, lon: 0 });
  assert.ok(Math.abs((b.x - a.x) / (a.y - c.y) - 0.5) < 1e-9);
});

test("one site alone is in the middle", () => {
  assert.deepEqual(projection([HANOI], SIZE, 20)(HANOI), { x: 200, y: 300 });
});

const wish = (code, x, y, must = false) => ({ code, at: { x, y }, width: 60, must });
const overlaps = (a, b) =>
  a.left < b.left + b.width && b.left < a.left + a.width &&
  a.top < b.top + b.height && b.top < a.top + a.height;

test("names never cover each other or another site, and the first wishes are served", () => {
  const wishes = Array.from({ length: 40 }, (_, at) =>
    wish(`s${at}`, 100 + (at % 8) * 22, 100 + Math.floor(at / 8) * 22),
  );
  const found = labels(wishes, wishes.map((one) => one.at), 6, SIZE);
  const boxes = [...found.values()].map((label) => label.box);
  assert.ok(boxes.length > 0 && boxes.length < wishes.length, "it is crowded");
  for (const [at, box] of boxes.entries()) {
    assert.ok(boxes.slice(at + 1).every((other) => !overlaps(box, other)));
    for (const { at: spot } of wishes) {
      const mark = { left: spot.x - 6, top: spot.y - 6, width: 12, height: 12 };
      assert.ok(!overlaps(box, mark));
    }
  }
});

test("a name that must be there is, and stays inside", () => {
  const crowd = Array.from({ length: 60 }, (_, at) => ({
    x: 340 + (at % 6) * 10,
    y: 20 + Math.floor(at / 6) * 10,
  }));
  const found = labels([wish("here", 395, 60, true)], crowd, 6, SIZE);
  const label = found.get("here");
  assert.ok(label && label.box.left + label.box.width <= SIZE.width);
  assert.equal(label.anchor, "end");
  assert.equal(label.box.height, LABEL_HEIGHT);
  assert.equal(labels([wish("here", 395, 60)], crowd, 6, SIZE).size, 0);
});

test("a line tells its level without colour: each has another width or dash", () => {
  const looks = [0, 1, 2, 3, 4, 5].map((bars) => JSON.stringify(stroke(bars)));
  assert.equal(new Set(looks).size, 6);
  assert.ok(stroke(1).width > stroke(3).width && stroke(3).width > stroke(5).width);
});

test("where every place is taken, a name that must be there stands where it covers least", () => {
  // A wall of marks around it, thinnest on the left.
  const crowd = [-70, -54, -38, -22, -6, 10, 26, 42, 58, 74].flatMap((x) =>
    [-36, -24, -12, 0, 12, 24, 36].map((y) => ({ x: 200 + x, y: 300 + y })),
  );
  const spots = crowd.filter(({ x, y }) => !(x < 190 && y < 290 && y > 270));
  const found = labels([wish("here", 200, 300, true)], spots, 6, SIZE).get("here");
  assert.equal(found?.anchor, "end");
  assert.ok(found.box.top < 300 - LABEL_HEIGHT / 2);
});
