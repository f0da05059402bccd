import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { History, LENGTH, lines } from "../../web/static/js/technician/history.js";
import { neighbour } from "../../web/static/js/neighbour.js";
import { groups, held, HOLD, sorted } from "../../web/static/js/technician/order.js";

const up = (score) => complete({ connected: true, since: 10, score });
const site = (code, link) => ({ code, name: code, link });

test("program, then open microphones, then the deck, then the first in line, each once", () => {
  const found = groups("a", ["venue", "a"], ["d", "a"], ["d", "b", "venue", "b", "c", "e", "f"]);
  assert.deepEqual(
    [...found],
    [
      ["a", "air"],
      ["venue", "air"],
      ["d", "deck"],
      ["b", "next"],
      ["c", "next"],
      ["e", "next"],
    ],
  );
  assert.deepEqual([...groups("", [], [], [])], []);
});

const blame = (cause) => complete({ ...up(4.4), verdict: { cause } });
const alert = (level, score) =>
  complete({ ...up(score), alert: { id: "x", kind: "score", level, since: 1 } });

test("the wall begins with what is on air and on deck, then the lost and the worst", () => {
  const entries = [
    site("never", complete()),
    site("good-b", up(4.4)),
    site("poor", up(2.7)),
    site("good-a", up(3.7)),
    site("lost", complete({ since: 5 })),
    site("fair", up(3.3)),
    site("page", complete({ pages: 1 })),
    site("deck", up(4.4)),
    site("next", up(4.4)),
    site("no-camera", blame("camera")),
    site("remote", blame("remote")),
    site("critical", alert("critical", 4.4)),
    site("air", up(4.4)),
  ];
  assert.deepEqual(sorted(entries, groups("air", ["unknown"], ["deck"], ["next"])), [
    "air",
    "deck",
    "lost",
    "page",
    "critical",
    "poor",
    "fair",
    "no-camera",
    "next",
    "good-a",
    "good-b",
    "remote",
    "never",
  ]);
});

test("good links do not change places when their scores change", () => {
  const first = sorted([site("a", up(3.7)), site("b", up(4.4))], new Map());
  const second = sorted([site("a", up(4.4)), site("b", up(3.7))], new Map());
  assert.deepEqual(first, second);
});

test("the order is held, and for a while after the wall was touched", () => {
  const first = held(null, ["a", "b"], 100, -Infinity);
  assert.deepEqual(first, { codes: ["a", "b"], at: 100 });
  assert.equal(held(first, ["b", "a"], 100 + HOLD - 0.1, -Infinity), first);
  assert.equal(held(first, ["b", "a"], 110, 110 - HOLD + 0.1), first);
  assert.deepEqual(held(first, ["b", "a"], 110, 100), { codes: ["b", "a"], at: 110 });
});

test("a site that comes or goes changes the wall at once", () => {
  const first = held(null, ["a", "b"], 100, -Infinity);
  assert.deepEqual(held(first, ["b", "a", "c"], 100, 100).codes, ["b", "a", "c"]);
  assert.deepEqual(held(first, ["b", "c"], 100, 100).codes, ["b", "c"]);
});

test("two minutes are kept and the rest forgotten", () => {
  const history = new History();
  assert.equal(history.empty, true);
  for (let second = 0; second < LENGTH + 5; second += 1) history.add({ a: up(second) });
  assert.equal(history.of("a").length, LENGTH);
  assert.equal(history.of("a").at(-1)?.score, LENGTH + 4);
  assert.deepEqual(history.of("nobody"), []);
});

const scores = (...values) => values.map((value) => up(value));
const score = (link) => (link.score > 0 ? link.score : null);

test("the newest value is at the right edge, the worst of two seconds is drawn", () => {
  const [drawn, ...more] = lines(scores(1, 1, 4.5, 1, 4.5, 4.5), score, 1, 4.5, Math.min);
  assert.deepEqual(more, []);
  assert.equal(drawn.line, "100.0,0.0 98.3,20.0 96.6,20.0");
  assert.equal(drawn.area, "100.0,20 100.0,0.0 98.3,20.0 96.6,20.0 96.6,20");
});

test("a gap parts the line, and a value out of range stays in the box", () => {
  const drawn = lines(scores(9, 9, 9, 9, 0, 0, 0, 0, -1, 0.5, 0.5, 0.5), score, 1, 4.5, Math.max);
  assert.deepEqual(
    drawn.map((each) => each.line),
    ["100.0,20.0 98.3,20.0", "93.2,0.0 91.5,0.0"],
  );
});

const box = (left, top, width = 10) => ({ left, top, width, height: 8 });
// a wide tile over two narrow ones, then a last row that is not full
const boxes = [box(0, 0, 20), box(20, 0), box(0, 10), box(10, 10), box(20, 10), box(0, 20)];

test("left and right follow the reading order and stop at the ends", () => {
  assert.equal(neighbour(boxes, 1, "ArrowRight"), 2);
  assert.equal(neighbour(boxes, 2, "ArrowLeft"), 1);
  assert.equal(neighbour(boxes, 0, "ArrowLeft"), 0);
  assert.equal(neighbour(boxes, 5, "ArrowRight"), 5);
  assert.equal(neighbour(boxes, 4, "Home"), 0);
  assert.equal(neighbour(boxes, 0, "End"), 5);
});

test("up and down go to the nearest tile of the next row", () => {
  assert.equal(neighbour(boxes, 1, "ArrowDown"), 4);
  assert.equal(neighbour(boxes, 3, "ArrowUp"), 0);
  assert.equal(neighbour(boxes, 4, "ArrowUp"), 1);
  assert.equal(neighbour(boxes, 4, "ArrowDown"), 5);
  assert.equal(neighbour(boxes, 0, "ArrowUp"), 0);
  assert.equal(neighbour(boxes, 5, "ArrowDown"), 5);
});
