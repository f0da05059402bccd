import assert from "node:assert/strict";
import { test } from "node:test";

import { applyMove } from "../../web/static/js/moderator/moves.js";
import { risingRun, steps } from "../../web/static/js/moderator/proposal.js";

const place = (request) => ({ request, reason: "waiting", seconds: 0 });
const oneClass = () => "normal";
/** The moves that are left, by request. */
const left = (queue, wanted, classOf = oneClass) =>
  steps(queue, wanted.map(place), classOf).filter((step) => step.move);

test("a queue in the proposed order needs no move", () => {
  const found = steps(["a", "b"], [place("a"), place("b")], oneClass);
  assert.deepEqual(
    found.map(({ request, to, from, move }) => [request, to, from, move]),
    [
      ["a", 1, 1, null],
      ["b", 2, 2, null],
    ],
  );
});

test("one row out of order is the only one to move, though all places differ", () => {
  const moves = left(["b", "c", "d", "a"], ["a", "b", "c", "d"]);
  assert.deepEqual(moves.map((step) => step.move), [{ request: "a", before: "b" }]);
});

test("each class is settled by itself", () => {
  const classOf = (id) => (id.startsWith("p") ? "point_of_order" : "normal");
  const moves = left(["p2", "p1", "b", "a"], ["p1", "p2", "a", "b"], classOf);
  assert.equal(moves.length, 2);
  for (const { move } of moves) {
    assert.equal(classOf(move.request), classOf(move.before ?? move.after));
  }
});

test("who has joined or left since is passed over", () => {
  assert.deepEqual(left(["b", "new", "a"], ["gone", "a", "b"]).length, 1);
});

test("a rising run is one of the longest", () => {
  assert.deepEqual(risingRun([]), []);
  assert.deepEqual(risingRun([3, 1, 2]), [1, 2]);
  assert.equal(risingRun([5, 1, 6, 2, 7, 3, 4]).length, 4);
});

/** A small generator of numbers that are the same in every run (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const shuffled = (list, next) => {
  const rest = [...list];
  return list.map(() => rest.splice(Math.floor(next() * rest.length), 1)[0]);
};

test("taken in any order, the steps lead to the proposal in as many moves as were shown", () => {
  const next = numbers(2021);
  for (let round = 0; round < 200; round += 1) {
    const ids = Array.from({ length: 1 + Math.floor(next() * 12) }, (_, at) => `r${at}`);
    const wanted = shuffled(ids, next);
    let queue = shuffled(ids, next);
    const promised = left(queue, wanted).length;
    for (let taken = 0; taken < promised; taken += 1) {
      const moves = left(queue, wanted);
      assert.equal(moves.length, promised - taken);
      queue = applyMove(queue, moves[Math.floor(next() * moves.length)].move);
    }
    assert.deepEqual(queue, wanted);
  }
});
