import assert from "node:assert/strict";
import { test } from "node:test";

import { complete, level, linkState, needsLook, summarise } from "../../web/static/js/links.js";

const up = (score) => complete({ connected: true, since: 10, score });

test("fields the server leaves out have their default value", () => {
  const link = complete({ up: { loss: 0.1 } });
  assert.equal(link.rtt_ms, -1);
  assert.equal(link.connected, false);
  assert.deepEqual(link.up, { ...complete().up, loss: 0.1 });
  assert.deepEqual([link.up.kbps, link.up.layer, link.up.level_dbov], [0, "", null]);
  assert.equal(complete().down.height, 0);
});

test("levels change at their limits", () => {
  const scores = [0, 1, 2.59, 2.6, 3.09, 3.1, 3.59, 3.6, 3.99, 4, 4.5];
  assert.deepEqual(scores.map(level), [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
});

test("a link that never came is not a lost one", () => {
  assert.equal(linkState(complete()), "absent");
  assert.equal(linkState(complete({ since: 10 })), "lost");
  assert.equal(linkState(complete({ pages: 1 })), "waiting");
  assert.equal(linkState(complete({ connected: true, since: 10 })), "silent");
  assert.equal(linkState(up(4)), "up");
});

test("good and absent links need no look, all others do", () => {
  assert.equal(needsLook(up(3.6)), false);
  assert.equal(needsLook(complete()), false);
  assert.equal(needsLook(up(3.5)), true);
  assert.equal(needsLook(complete({ since: 10 })), true);
  assert.equal(needsLook(complete({ pages: 1 })), true);
  assert.equal(needsLook(complete({ connected: true, since: 10 })), true);
});

test("what is found wrong at the site needs a look, what comes from elsewhere does not", () => {
  const found = (cause) => complete({ ...up(4.4), verdict: { cause } });
  assert.equal(needsLook(found("camera")), true);
  assert.equal(needsLook(found("remote")), false);
  const alert = { id: "x", kind: "score", level: "warning", since: 1 };
  assert.equal(needsLook(complete({ ...up(4.4), alert })), true);
});

test("each link is counted once", () => {
  const links = [up(4.2), up(3.6), up(2), complete({ since: 5 }), complete({ pages: 1 }), complete()];
  assert.deepEqual(summarise(links), { good: 2, poor: 1, lost: 2, absent: 1 });
});
