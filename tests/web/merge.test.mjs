import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePatch } from "../../web/static/js/merge.js";

// RFC 7396, appendix A.
const CASES = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [["a", "b"], ["c", "d"], ["c", "d"]],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [target, patch, result] of CASES) {
  test(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => {
    const before = JSON.stringify(target);
    assert.deepEqual(mergePatch(target, patch), result);
    assert.equal(JSON.stringify(target), before, "the target is left alone");
  });
}

test("what a patch does not touch stays the same object", () => {
  const target = { kept: { x: 1 }, changed: { y: 1 } };
  const result = mergePatch(target, { changed: { y: 2 } });
  assert.equal(result.kept, target.kept);
  assert.notEqual(result.changed, target.changed);
});
