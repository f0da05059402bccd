import assert from "node:assert/strict";
import { test } from "node:test";

import {
  aboutMinutes,
  aboutTime,
  cameBack,
  deckOf,
  deckTitle,
  deckWhen,
  place,
  secondsUntil,
  turnsBefore,
} from "../../web/static/js/host/line.js";

const NOW = 1_000_000;
const clock = (unix) => String(unix);
const name = (code) => `at ${code}`;

const request = (id, more = {}) => ({ id, site: "dien-bien", status: "accepted", state: "queued", ...more });
const speech = (more = {}) => ({
  id: "s1",
  site: "bac-ninh",
  status: "granted",
  state: "live",
  grant: { phase: "live", limit: 420, used: 0, live_since: NOW - 252, ...more },
});
/** What a host sees: own requests with their places, and perhaps a speech of another site. */
const view = ({ own = [], positions = {}, ahead = {}, speaking = [], list_state = "open" }) => ({
  mine: own.map(({ id }) => id),
  requests: Object.fromEntries([...own, ...speaking].map((each) => [each.id, each])),
  positions,
  ahead,
  speaking: speaking.map(({ id }) => id),
  list_state,
});
const third = view({
  own: [request("r1")],
  positions: { r1: 3 },
  ahead: { r1: 600 },
  speaking: [speech()],
});

test("what is before us: the line, and the speech under way", () => {
  assert.equal(turnsBefore(third, "r1"), 3);
  assert.equal(turnsBefore({ ...third, speaking: [] }, "r1"), 2);
  assert.equal(secondsUntil(third, "r1", NOW), 168 + 600);
  assert.equal(secondsUntil({ ...third, speaking: [] }, "r1", NOW), 600);
});

test("a speech over time takes nothing back from those behind", () => {
  assert.equal(secondsUntil(third, "r1", NOW + 3600), 600);
});

test("a time is as exact as it can be kept", () => {
  assert.deepEqual([0, 1, 60, 168, 600, 601, 660, 900, 901].map(aboutMinutes), [0, 1, 1, 3, 10, 15, 15, 15, 20]);
  assert.equal(aboutTime(third, "r1", NOW) % 300, 0);
  assert.ok(aboutTime(third, "r1", NOW) >= NOW + 768);
  const near = { ...third, ahead: { r1: 0 } };
  assert.equal(aboutTime(near, "r1", NOW), Math.ceil((NOW + 168) / 60) * 60);
});

test("the deck says how many turns there still are", () => {
  const own = request("r1", { state: "checking", deck: {} });
  const next = view({ own: [own], positions: { r1: 1 }, ahead: { r1: 0 }, speaking: [speech()] });
  assert.deepEqual(deckTitle(next, own), ["host.deck_turns", { n: 1 }]);
  assert.deepEqual(deckTitle({ ...next, speaking: [] }, own), ["host.deck_now"]);
  assert.deepEqual(deckTitle(next, { ...own, state: "ready" }), ["host.deck_ready"]);
  assert.deepEqual(deckTitle(next, { ...own, state: "failed" }), ["host.deck_turns", { n: 1 }]);
});

test("the deck says after whom, and about when", () => {
  const next = view({ own: [request("r1")], positions: { r1: 1 }, ahead: { r1: 0 }, speaking: [speech()] });
  const when = (seen, now = NOW) => deckWhen(seen, "r1", now, name);
  assert.deepEqual(when(next), ["host.deck_after", { site: "at bac-ninh", n: 3 }]);
  assert.deepEqual(when(next, NOW + 200), ["host.deck_after_soon", { site: "at bac-ninh" }]);
  assert.deepEqual(when({ ...next, speaking: [] }), ["host.deck_any_time"]);
  assert.deepEqual(when(third), ["host.deck_after_turns", { turns: 3, n: 15 }]);
  assert.deepEqual(when({ ...third, speaking: [], positions: { r1: 2 }, ahead: { r1: 0 } }), [
    "host.deck_after_turns",
    { turns: 1, n: 1 },
  ]);
});

test("of several on deck the first in line is shown", () => {
  const own = [request("r1"), request("r2", { state: "failed", deck: {} }), request("r3", { state: "checking", deck: {} })];
  assert.equal(deckOf(view({ own })).id, "r2");
  assert.equal(deckOf(view({ own: own.slice(0, 1) })), null);
});

test("the card about our place", () => {
  const card = (seen, now = NOW) => place(seen, now, clock);
  assert.deepEqual(card(view({})).text, ["host.place_none_text"]);
  assert.deepEqual(card(view({ list_state: "closed" })).text, ["host.place_closed_text"]);
  assert.deepEqual(card(view({ list_state: "suspended" })).text, ["host.place_suspended_text"]);
  assert.deepEqual(card(view({ own: [request("r1", { status: "pending", state: "pending" })] })).title, ["host.place_pending"]);
  assert.deepEqual(card(view({ own: [speech()] })).title, ["host.place_speaking"]);
  assert.deepEqual(card(third), {
    title: ["host.place_number", { n: 3 }],
    text: ["host.place_at", { n: 15, time: String(aboutTime(third, "r1", NOW)) }],
  });
});

test("the next in line hears when, or that it may be any moment", () => {
  const next = view({ own: [request("r1")], positions: { r1: 1 }, ahead: { r1: 0 }, speaking: [speech()] });
  assert.equal(place(next, NOW, clock).text[0], "host.place_next_at");
  assert.deepEqual(place(next, NOW + 200, clock).text, ["host.place_next"]);
  assert.deepEqual(place({ ...next, speaking: [] }, NOW, clock).text, ["host.place_any_time"]);
});

test("a place that is kept is named", () => {
  const held = { ...third, requests: { ...third.requests, r1: request("r1", { state: "held" }) } };
  assert.deepEqual(place(held, NOW, clock), {
    title: ["host.place_held", { n: 3 }],
    text: ["host.place_held_text", { n: 3 }],
  });
});

test("an opinion in writing is no place in line", () => {
  const filed = request("r1", { state: "filed", priority_class: "written" });
  assert.deepEqual(place(view({ own: [filed] }), NOW, clock).title, ["host.place_none"]);
});

test("a request that came back into the line is remembered until something happens to it", () => {
  const with_ = (state) => view({ own: [request("r1", { state })] });
  const back = (before, after, known = null) => cameBack(known, before && with_(before), with_(after));
  assert.deepEqual(back("failed", "queued"), { id: "r1", from: "deck" });
  assert.deepEqual(back("ready", "held"), { id: "r1", from: "deck" });
  assert.deepEqual(back("arming", "queued"), { id: "r1", from: "air" });
  assert.equal(back("queued", "queued"), null);
  assert.equal(back(null, "queued"), null);
  assert.equal(back("checking", "ready"), null);
  assert.equal(back("link_lost", "held"), null); // what was said is carried: that has its own word
  const known = { id: "r1", from: "deck" };
  assert.deepEqual(back("queued", "queued", known), known);
  assert.equal(back("queued", "checking", known), null);
});
