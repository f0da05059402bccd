import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../web/static/js/links.js";
import { heard, rows } from "../../web/static/js/technician/alert-rows.js";

const alert = (id, level, since, acked_by = "") => ({ id, kind: "score", level, since, acked_by });

test("nobody's alerts come first, critical before warnings, the newest first", () => {
  const found = rows([
    ["quiet", null],
    ["taken", alert("1", "critical", 9, "Minh")],
    ["warning", alert("2", "warning", 8)],
    ["old", alert("3", "critical", 1)],
    ["new", alert("4", "critical", 5)],
  ]);
  assert.deepEqual(found.map((row) => row.site), ["new", "old", "warning", "taken"]);
});

const links = (...alerts) => alerts.map((one) => complete({ alert: one }));

test("a sound for each new critical alert that is nobody's, once", () => {
  const first = heard(new Set(), links(alert("1", "critical", 1)));
  assert.equal(first.ring, true);
  assert.equal(heard(first.known, links(alert("1", "critical", 1))).ring, false);
  assert.equal(heard(first.known, links(alert("2", "warning", 1))).ring, false);
  assert.equal(heard(first.known, links(alert("3", "critical", 1, "Minh"))).ring, false);
  assert.equal(heard(first.known, links(alert("3", "critical", 1))).ring, true);
});

test("an alert that went and comes again is heard again", () => {
  const gone = heard(new Set(["1"]), links(null));
  assert.equal(heard(gone.known, links(alert("1", "critical", 1))).ring, true);
});
