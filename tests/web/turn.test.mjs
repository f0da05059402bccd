import assert from "node:assert/strict";
import { test } from "node:test";

import { clockOf, holds, turnOf } from "../../web/static/js/host/turn.js";

const NOW = 2000;
const LIVE = {
  id: "g1",
  phase: "live",
  live_since: NOW - 100,
  used: 20,
  limit: 420,
  warning: 60,
  ends_at: 0,
  drop_until: 0,
  cut: false,
  paused_by: "",
};
const grant = (more) => ({ ...LIVE, ...more });
const turn = (more, reason = "") => turnOf({ reason }, grant(more));

test("a turn is named by what made it stop", () => {
  assert.equal(turn({}), "live");
  assert.equal(turn({ phase: "arming" }), "arming");
  assert.equal(turn({ phase: "paused" }), "paused");
  assert.equal(turn({ phase: "paused", paused_by: "g2" }), "suspended");
  assert.equal(turn({ phase: "link_lost" }), "link_lost");
});

test("the clock cuts at its end; before it, or with a reason, it was a moderator", () => {
  const stopping = { phase: "revoking", limit: 120, ends_at: NOW + 5 };
  assert.equal(turn({ ...stopping, cut: true }), "cut");
  assert.equal(turn({ ...stopping, cut: true }, "hết giờ của phiên"), "revoking");
  assert.equal(turn({ ...stopping, cut: true, limit: 420 }), "revoking");
  assert.equal(turn(stopping), "revoking");
});

test("how long the floor is kept", () => {
  assert.equal(holds({ drop_until: NOW + 23.4 }, NOW), 24);
  assert.equal(holds({ drop_until: NOW }, NOW + 3), 0);
});

test("a running clock: normal, warning, over", () => {
  const shown = (more) => clockOf("live", grant(more), NOW);
  assert.deepEqual(shown({}), {
    form: "normal",
    symbol: "wait",
    label: "common.time_left",
    seconds: 300,
    share: 300 / 420,
    say: "host.say_normal",
  });
  assert.deepEqual([shown({ limit: 160 }).form, shown({ limit: 160 }).say], ["warning", "host.say_warning"]);
  assert.deepEqual([shown({ limit: 100 }).seconds, shown({ limit: 100 }).share], [-20, 1]);
  assert.equal(shown({ limit: 100 }).say, "host.say_over_any");
  assert.equal(shown({ limit: 90 }).say, "host.say_over");
  assert.equal(shown({ limit: 431.5 }).say, "host.say_normal_any");
});

test("who will be cut is told before", () => {
  const says = [420, 160, 90].map((limit) => clockOf("live", grant({ limit, cut: true }), NOW).say);
  assert.deepEqual(says, ["host.say_normal_cut", "host.say_warning_cut", "host.say_over"]);
});

for (const name of ["paused", "suspended", "link_lost"]) {
  test(`${name}: the clock stands and says so`, () => {
    const shown = clockOf(name, grant({ live_since: 0, used: 120 }), NOW);
    assert.deepEqual(
      [shown.form, shown.seconds, shown.symbol, shown.label, shown.say],
      ["normal", 300, "pause", `host.left_${name}`, `host.say_${name}`],
    );
    assert.equal(clockOf(name, grant({ live_since: 0, used: 120 }), NOW + 60).seconds, 300);
  });
}

test("revoking counts down to the end, never beyond", () => {
  for (const name of ["revoking", "cut"]) {
    assert.equal(clockOf(name, grant({ ends_at: NOW + 4 }), NOW).seconds, 4);
    assert.equal(clockOf(name, grant({ ends_at: NOW + 4 }), NOW + 9).seconds, 0);
    assert.equal(clockOf(name, grant({ ends_at: NOW + 4 }), NOW).share, null);
  }
});

test("before the first sound the clock is full, or where it stood when the link dropped", () => {
  assert.equal(clockOf("arming", grant({ live_since: 0, used: 0 }), NOW).seconds, 420);
  assert.equal(clockOf("arming", grant({ live_since: 0, used: 130 }), NOW).seconds, 290);
});
