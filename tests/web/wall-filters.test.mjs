import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { BY_REGION, FILTERS, passes, sections } from "../../web/static/js/technician/filters.js";
import { curve, stretches } from "../../web/static/js/technician/spark.js";
import { LENGTH } from "../../web/static/js/technician/history.js";

globalThis.document = { documentElement: { lang: "vi" } };
globalThis.matchMedia = () => ({ matches: false });
const { Desk } = await import("../../web/static/js/technician/desk.js");
const { reordered } = await import("../../web/static/js/technician/flip.js");

const up = (score) => complete({ connected: true, since: 10, score });
const alert = { id: "x", kind: "score", level: "warning", since: 1 };
const site = (code, vi, en, region, link = up(4.4), group = undefined) => ({
  code,
  names: [vi, en],
  region,
  link,
  group,
});
const sites = [
  site("ha-noi", "Hà Nội", "Hanoi", "delta", up(4.4), "air"),
  site("dien-bien", "Điện Biên", "Dien Bien", "north", up(2)),
  site("son-la", "Sơn La", "Son La", "north", complete({ since: 5 })),
  site("nam-dinh", "Nam Định", "Nam Dinh", "delta", complete({ ...up(4.4), alert })),
];
const regions = ["north", "delta", "empty"];
const all = { filter: "all", query: "", region: "" };
const shown = (choice) => sections(sites, { ...all, ...choice }, regions);

test("each filter keeps what it names, in the order of the wall", () => {
  const found = Object.fromEntries(
    FILTERS.map((filter) => [filter, shown({ filter })[0]?.codes ?? []]),
  );
  assert.deepEqual(found, {
    all: ["ha-noi", "dien-bien", "son-la", "nam-dinh"],
    air: ["ha-noi"],
    look: ["dien-bien", "son-la", "nam-dinh"],
    gone: ["son-la"],
    alerts: ["nam-dinh"],
  });
  assert.equal(passes("gone", complete({ pages: 1 })), false);
  assert.equal(passes("gone", complete()), false, "who never came is not gone");
});

test("a name is found without its marks, in both languages", () => {
  assert.deepEqual(shown({ query: "dien bien" }), [{ region: "", codes: ["dien-bien"] }]);
  assert.deepEqual(shown({ query: "hanoi" }), [{ region: "", codes: ["ha-noi"] }]);
  assert.deepEqual(shown({ query: "nowhere" }), []);
  assert.deepEqual(shown({ query: "d", filter: "gone" }), []);
});

test("regions stand in their order, empty ones are left out", () => {
  assert.deepEqual(shown({ region: BY_REGION }), [
    { region: "north", codes: ["dien-bien", "son-la"] },
    { region: "delta", codes: ["ha-noi", "nam-dinh"] },
  ]);
  assert.deepEqual(shown({ region: "north" }), [{ region: "", codes: ["dien-bien", "son-la"] }]);
  assert.deepEqual(shown({ region: "empty" }), []);
});

const view = {
  sites: Object.fromEntries(
    sites.map(({ code, names, region }) => [
      code,
      { code, region, name: { vi: names[0], en: names[1] }, venue: false, co_chair: false },
    ]),
  ),
  regions: [],
  points: {},
  requests: {},
  queue: [],
  microphones: [],
  slides: [],
  program: { site: "" },
};

function desk() {
  const made = new Desk(() => {});
  made.receive(view, 0);
  made.measure({}, 0);
  return made;
}

test("marks are set one by one, by range and all at once", () => {
  const wall = desk();
  const [first, second, third, fourth] = wall.shown;
  wall.mark(first);
  assert.deepEqual([...wall.marked], [first]);
  wall.markTo(third);
  assert.deepEqual([...wall.marked], [first, second, third]);
  wall.mark(second);
  assert.deepEqual([...wall.marked], [first, third]);
  wall.markOnly(wall.shown);
  assert.equal(wall.marked.size, 4);
  wall.markOnly([]);
  wall.markTo(fourth); // no range begins anywhere
  assert.deepEqual([...wall.marked], [fourth]);
});

test("an earlier moment is shown instead of now, and has its own order", () => {
  const wall = desk();
  wall.measure({ "son-la": { connected: true, since: 1, score: 4.4 } }, 10);
  const then = { "nam-dinh": complete({ since: 3 }) };
  wall.set({ moment: { at: 100, links: then, step: 2, curves: {} } });
  assert.equal(wall.shown[0], "nam-dinh");
  assert.equal(wall.link("son-la").connected, false);
  wall.measure({ "son-la": { connected: true, since: 1, score: 2 } }, 11);
  assert.equal(wall.link("son-la").connected, false, "what comes in meanwhile is not shown");
  wall.set({ moment: null });
  assert.equal(wall.link("son-la").score, 2);
  assert.equal(wall.shown[0], "son-la");
});

test("only the same tiles in another order glide", () => {
  assert.equal(reordered(["a", "b"], ["b", "a"]), true);
  assert.equal(reordered(["a", "b"], ["a", "b"]), false);
  assert.equal(reordered(["a", "b"], ["a"]), false);
  assert.equal(reordered(["a", "b"], ["a", "c"]), false);
});

test("a curve ends at the right edge, parts at gaps and stays in its box", () => {
  const width = LENGTH - 1; // a second is one wide
  assert.deepEqual(stretches([4.5, null, 9, 1], 1, width, 10), [
    [width - 3, 0],
    [width - 1, 0, width, 10],
  ]);
  assert.deepEqual(stretches([4.5, 1, 0, 1], 2, width, 10), [
    [width - 6, 0, width - 4, 10],
    [width, 10],
  ]);
  assert.deepEqual(stretches([], 1, width, 10), []);
});

test("a tile's curve is of the two minutes before the moment that is shown", () => {
  const wall = desk();
  wall.measure({ "son-la": up(4.4) }, 10);
  wall.measure({ "son-la": complete({ since: 1 }) }, 11);
  wall.measure({ "son-la": up(4.2) }, 12);
  const now = { scores: [4.4, null, 4.2], step: 1 };
  assert.deepEqual(curve(wall, "son-la"), now);
  assert.deepEqual(curve(wall, "nam-dinh"), { scores: [], step: 1 });
  wall.set({ moment: { at: 100, links: {}, step: 2, curves: { "son-la": [0, 3.1] } } });
  assert.deepEqual(curve(wall, "son-la"), { scores: [0, 3.1], step: 2 });
  assert.deepEqual(curve(wall, "nam-dinh"), { scores: [], step: 2 });
  wall.set({ moment: null });
  assert.deepEqual(curve(wall, "son-la"), now);
});
