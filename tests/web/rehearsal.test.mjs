import assert from "node:assert/strict";
import { test } from "node:test";
import { Book, ITEMS } from "../../web/static/js/technician/rehearsal-book.js";

const CODES = ["ha-noi", "lao-cai", "dien-bien", "ca-mau"];
const marks = (outcome, items = ITEMS) => Object.fromEntries(items.map((item) => [item, { outcome, at: 1 }]));
const signed = (outcome) => ({ marks: marks(outcome), signed_by: "Ông Thành", signed_at: 5 });

function book(sites) {
  const made = new Book();
  made.take({ sites, testing: {} });
  return made;
}

test("a site goes from open to begun to signed", () => {
  const made = book({
    "lao-cai": { marks: marks("good", ["line"]) },
    "dien-bien": signed("good"),
    "ca-mau": signed("bad"),
  });
  assert.deepEqual(CODES.map((code) => made.stage(code)), ["open", "begun", "signed", "reserved"]);
  assert.equal(book({ "son-la": { marks: marks("bad") } }).stage("son-la"), "whole");
  assert.equal(made.open("lao-cai").length, 7);
  assert.equal(made.bad("ca-mau").length, 8);
  assert.equal(made.done(CODES), 2);
});

test("what is passed against its measurement is not quite passed", () => {
  const byHand = { outcome: "good", at: 2, by: "Ông Thành" };
  const found = { outcome: "bad", at: 1, reason: "loss" };
  const made = book({
    "lao-cai": { marks: { line: byHand, talkback: byHand }, measured: { line: found } },
    "ca-mau": { marks: { line: { ...byHand, note: "Đã đổi dây" } }, measured: { line: found } },
    "son-la": { ...signed("good"), marks: { ...marks("good"), line: byHand }, measured: { line: found } },
    "dien-bien": { marks: { talkback: byHand }, measured: { talkback: { outcome: "good", at: 1 } } },
  });
  assert.deepEqual(made.overruled("lao-cai"), ["line", "talkback"], "without any call, too");
  assert.deepEqual(made.overruled("ca-mau"), [], "it says why");
  assert.equal(made.stage("son-la"), "reserved");
  assert.deepEqual(made.overruled("dien-bien"), []);
});

test("what changed is taken over whole, the rest stays", () => {
  const made = book({ "lao-cai": signed("good"), "ca-mau": signed("good") });
  made.take({ sites: { "lao-cai": {} }, testing: { "lao-cai": "Ông Thành" } });
  assert.equal(made.isSigned("lao-cai"), false);
  assert.equal(made.isSigned("ca-mau"), true);
  assert.deepEqual(made.testing, { "lao-cai": "Ông Thành" });
  made.take({ sites: {}, testing: {} }, true);
  assert.equal(made.isSigned("ca-mau"), false);
});

test("the next site is the next unsigned one, going round", () => {
  const made = book({ "lao-cai": signed("good"), "ca-mau": signed("bad") });
  assert.equal(made.next(CODES, ""), "ha-noi");
  assert.equal(made.next(CODES, "ha-noi"), "dien-bien");
  assert.equal(made.next(CODES, "dien-bien"), "ha-noi");
  made.take({ sites: { "ha-noi": signed("good") }, testing: {} });
  assert.equal(made.next(CODES, "dien-bien"), "dien-bien");
  made.take({ sites: { "dien-bien": signed("good") }, testing: {} });
  assert.equal(made.next(CODES, "dien-bien"), "dien-bien");
});
