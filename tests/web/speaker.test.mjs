import assert from "node:assert/strict";
import { test } from "node:test";

import { speaker, stands } from "../../web/static/js/speaker.js";

const speech = (id, phase, live_since = 0) => ({ id, grant: { phase, live_since } });
const view = (...speeches) => ({
  speaking: speeches.map(({ id }) => id),
  requests: Object.fromEntries(speeches.map((each) => [each.id, each])),
});

test("nobody speaks", () => {
  assert.equal(speaker(view()), null);
  assert.equal(speaker({ speaking: ["r1"], requests: {} }), null); // not ours to see
});

test("the newest who is heard", () => {
  const found = speaker(view(speech("r1", "live", 5), speech("r2", "live", 9), speech("r3", "arming")));
  assert.equal(found.id, "r2");
});

test("a speech that is suspended for the chair does not keep the clock", () => {
  assert.equal(speaker(view(speech("r1", "paused"), speech("r2", "live", 9))).id, "r2");
});

test("nobody is heard: the newest", () => {
  assert.equal(speaker(view(speech("r1", "paused"), speech("r2", "link_lost"))).id, "r2");
});

test("the clock stands while paused and while the link is lost", () => {
  const standing = ["arming", "live", "paused", "link_lost", "revoking"].filter((phase) =>
    stands({ phase }),
  );
  assert.deepEqual(standing, ["paused", "link_lost"]);
});
