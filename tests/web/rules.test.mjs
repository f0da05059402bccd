import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { changes, entered, GROUPS, shown } from "../../web/static/js/moderator/rules.js";
import { formatSpan, parseSpan } from "../../web/static/js/moderator/spans.js";

const RULES = GROUPS.flatMap((group) => group.rules);
const POLICY = {
  capacity: 1,
  first_limit: 420,
  next_limit: 180,
  contribution: "site",
  chair_limit: 0,
  point_of_order_limit: 180,
  reply_limit: 180,
  warning: 60,
  overtime: "warn",
  auto_accept: false,
  auto_call: false,
  auto_grant: false,
  several_requests: false,
  chair_priority: "beside",
  check_timeout: 15,
  prep_timeout: 120,
  arm_timeout: 30,
  drop_timeout: 30,
  revoke_grace: 5,
};

/** The form as filled from *policy*, with *typed* over it; a box not ticked is absent. */
const form = (policy, typed = {}) => {
  const values = Object.fromEntries(
    RULES.map((rule) => {
      if (rule.kind === "flag") return [rule.name, policy[rule.name] ? "on" : null];
      return [rule.name, shown(rule, policy[rule.name])];
    }),
  );
  return (name) => ({ ...values, ...typed })[name] ?? null;
};

test("every rule of the server has a field", () => {
  const types = readFileSync(
    new URL("../../web/static/js/protocol.d.ts", import.meta.url),
    "utf8",
  );
  const body = /interface FloorPolicy \{([^}]*)\}/.exec(types)[1];
  const names = [...body.matchAll(/(\w+)\?:/g)].map(([, name]) => name);
  assert.deepEqual(RULES.map((rule) => rule.name).sort(), names.sort());
});

test("a form nobody touched changes nothing", () => {
  assert.deepEqual(changes(POLICY, form(POLICY)), { change: {}, wrong: [] });
});

test("only what was touched is sent", () => {
  const typed = { first_limit: "05:30", warning: "45", overtime: "cut", auto_call: "on" };
  assert.deepEqual(changes(POLICY, form(POLICY, typed)), {
    change: { first_limit: 330, warning: 45, overtime: "cut", auto_call: true },
    wrong: [],
  });
});

test("a box that was ticked can be cleared", () => {
  const ticked = { ...POLICY, auto_accept: true };
  const cleared = changes(ticked, form(ticked, { auto_accept: null }));
  assert.deepEqual(cleared.change, { auto_accept: false });
});

test("a number is a number, not its text", () => {
  assert.deepEqual(changes(POLICY, form(POLICY, { capacity: "2" })).change, { capacity: 2 });
});

test("a rule between two seconds stays as it is", () => {
  const odd = { ...POLICY, first_limit: 90.5 };
  assert.deepEqual(changes(odd, form(odd)), { change: {}, wrong: [] });
});

test("what no rule allows is named", () => {
  const typed = { first_limit: "7", next_limit: "00:09", revoke_grace: "61", warning: "" };
  assert.deepEqual(changes(POLICY, form(POLICY, typed)).wrong.sort(), [
    "first_limit",
    "next_limit",
    "revoke_grace",
    "warning",
  ]);
});

test("each field takes its own limits and nothing beyond", () => {
  for (const rule of RULES) {
    if (rule.kind !== "span" && rule.kind !== "seconds") continue;
    assert.equal(entered(rule, shown(rule, rule.least)), rule.least, rule.name);
    assert.equal(entered(rule, shown(rule, rule.most)), rule.most, rule.name);
    assert.equal(entered(rule, shown(rule, rule.most + 1)), null, rule.name);
  }
});

test("lengths of time are minutes and seconds", () => {
  assert.equal(parseSpan("7:00"), 420);
  assert.equal(parseSpan(" 07:05 "), 425);
  assert.equal(parseSpan("120:00"), 7200);
  for (const wrong of ["", "7", "7:5", "7:60", "1:00:00", "-1:00", "7.5"]) {
    assert.equal(parseSpan(wrong), null, wrong);
  }
  for (const seconds of [0, 59, 60, 425, 7200]) {
    assert.equal(parseSpan(formatSpan(seconds)), seconds);
  }
  assert.equal(formatSpan(59.6), "01:00");
});
