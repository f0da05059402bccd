import assert from "node:assert/strict";
import { test } from "node:test";
import { DraftBook } from "../../web/static/js/delegate/draft.js";
import {
  expectedAt,
  isTaken,
  kindOf,
  own,
  stageOf,
} from "../../web/static/js/delegate/stages.js";

class Storage {
  kept = new Map();
  getItem = (key) => this.kept.get(key) ?? null;
  setItem = (key, value) => void this.kept.set(key, value);
  removeItem = (key) => void this.kept.delete(key);
}

const full = {
  getItem: () => null,
  setItem: () => {
    throw new Error("QuotaExceededError");
  },
  removeItem: () => {
    throw new Error("SecurityError");
  },
};

test("what was typed outlives a reload, and the person the request", () => {
  const storage = new Storage();
  new DraftBook(storage, "plenary-dien-bien").type({ name: "Quàng Thị Phượng", title: "PGĐ" });
  const book = new DraftBook(storage, "plenary-dien-bien");
  book.type({ topic: "Cà phê Mường Ảng" });
  assert.equal(book.draft.name, "Quàng Thị Phượng");
  assert.equal(new DraftBook(storage, "plenary-son-la").draft.topic, "");
  book.sent();
  const next = new DraftBook(storage, "thematic-01-dien-bien").draft;
  assert.deepEqual([next.name, next.title, next.topic], ["Quàng Thị Phượng", "PGĐ", ""]);
  assert.equal(book.draft.topic, "");
  book.remember({ name: "Quàng Thị Phương", title: "GĐ" });
  assert.equal(book.draft.name, "Quàng Thị Phương");
  assert.equal(new DraftBook(storage, "plenary-dien-bien").draft.title, "GĐ");
  book.type({ name: "Ông Bình", topic: "Cầu Mường Thanh" });
  book.remember({ name: "Quàng Thị Phương", title: "GĐ" }); // does not touch what is typed
  assert.equal(book.draft.name, "Ông Bình");
});

test("the same words are the same command, also after a reload; other words are another", () => {
  const storage = new Storage();
  const book = new DraftBook(storage, "k");
  book.type({ name: "Bà Hai" });
  const id = book.sending();
  assert.match(id, /^[0-9a-f]{24}$/);
  assert.equal(book.sending(), id);
  assert.equal(new DraftBook(storage, "k").sending(), id);
  book.type({ topic: "khác" });
  assert.notEqual(book.sending(), id);
  const second = book.sending();
  book.sent();
  assert.notEqual(book.sending(), second);
});

test("a browser that keeps nothing, or something strange, does no harm", () => {
  for (const storage of [undefined, full]) {
    const book = new DraftBook(storage, "k");
    book.type({ name: "Bà Hai" });
    assert.equal(book.draft.name, "Bà Hai");
    book.sent();
    assert.equal(book.draft.name, "");
  }
  const storage = new Storage();
  for (const strange of ["{", "null", "[1]", '{"name": 7, "evil": "x"}']) {
    storage.setItem("dc-draft-k", strange);
    const { draft } = new DraftBook(storage, "k");
    assert.equal(draft.name, strange.includes("7") ? "7" : "");
    assert.equal(draft.priority_class, "normal");
    assert.ok(!("evil" in draft));
  }
});

const grant = (fields) => ({ limit: 420, used: 0, live_since: 0, warning: 60, ...fields });
const view = (fields) => ({
  speaking: [],
  requests: {},
  ahead: {},
  mine: [],
  speeches: [],
  list_state: "open",
  ...fields,
});

test("a turn is expected after what is being said and what is planned before it", () => {
  const ahead = { r5: 600 };
  assert.equal(expectedAt(view({ ahead }), "r5", 60_000), 60_600);
  assert.equal(expectedAt(view({ ahead }), "r5", 60_001), 60_660); // to the minute, upwards
  const running = { r1: { grant: grant({ used: 100, live_since: 59_980 }) } };
  // 420 - 100 - 20 seconds are left of the running speech.
  assert.equal(expectedAt(view({ ahead, requests: running, speaking: ["r1"] }), "r5", 60_000), 60_900);
  const over = { r1: { grant: grant({ used: 1000 }) } };
  assert.equal(expectedAt(view({ ahead, requests: over, speaking: ["r1"] }), "r5", 60_000), 60_600);
});

test("own requests are those this phone made, in the server's order", () => {
  const requests = { r1: { id: "r1", by: "a" }, r2: { id: "r2", by: "b" }, r3: { id: "r3", by: "a" } };
  const found = own(view({ requests, mine: ["r3", "r2", "r1", "r9"] }), "a");
  assert.deepEqual(
    found.map(({ id }) => id),
    ["r3", "r1"],
  );
  assert.deepEqual(own(null, "a"), []);
});

test("every state of a request has a stage", () => {
  const stages = {
    pending: "pending",
    queued: "waiting",
    held: "held",
    checking: "deck",
    ready: "deck",
    failed: "deck",
    filed: "filed",
    arming: "arming",
    live: "live",
    paused: "paused",
    link_lost: "link_lost",
    revoking: "revoking",
    released: "ended",
    denied: "ended",
    cancelled: "ended",
    revoked: "ended",
  };
  for (const [state, stage] of Object.entries(stages)) assert.equal(stageOf({ state }), stage);
});

test("a closed list takes points of order, a suspended one nothing", () => {
  const taken = (list_state) =>
    ["normal", "reply", "point_of_order", "written"].filter((kind) => isTaken(view({ list_state }), kind));
  assert.equal(taken("open").length, 4);
  assert.deepEqual(taken("closed"), ["point_of_order"]);
  assert.deepEqual(taken("suspended"), []);
  assert.equal(isTaken(null, "normal"), false);
});

test("a reply needs a speech to answer", () => {
  assert.equal(kindOf(view(), "reply"), "normal");
  assert.equal(kindOf(view({ speeches: [{ request: "r1" }] }), "reply"), "reply");
  assert.equal(kindOf(view(), "written"), "written");
});
