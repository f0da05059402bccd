import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addMinutes,
  clockForm,
  formatClock,
  formatDate,
  formatSeconds,
  formatTime,
  remaining,
} from "../../web/static/js/time.js";

const grant = {
  id: "g1",
  phase: "live",
  granted_at: 1000,
  live_since: 1010,
  used: 20,
  limit: 420,
  warning: 60,
  ends_at: 0,
};

test("remaining subtracts what was used before and what runs now", () => {
  assert.equal(remaining(grant, 1110), 300);
  assert.equal(remaining({ ...grant, live_since: 0 }, 1110), 400);
});

test("a page whose clock is behind the server's never shows more than the limit", () => {
  assert.equal(remaining(grant, 1000), 400);
});

test("the clock has three forms", () => {
  assert.equal(clockForm(grant, 1340), "normal");
  assert.equal(clockForm(grant, 1350), "warning"); // exactly 60 s
  assert.equal(clockForm(grant, 1410), "warning"); // exactly nothing left
  assert.equal(clockForm(grant, 1411), "over");
});

test("formatClock counts down to zero and then up", () => {
  assert.equal(formatClock(272), "04:32");
  assert.equal(formatClock(271.2), "04:32");
  assert.equal(formatClock(0), "00:00");
  assert.equal(formatClock(-0.4), "00:00");
  assert.equal(formatClock(-18), "+00:18");
  assert.equal(formatClock(-18.9), "+00:18");
  assert.equal(formatClock(3600), "60:00");
});

test("formatTime is 24 hours in the event's zone", () => {
  assert.equal(formatTime(Date.UTC(2021, 11, 6, 7, 5) / 1000, "Asia/Ho_Chi_Minh"), "14:05");
  assert.equal(formatTime(Date.UTC(2021, 11, 6, 17, 0) / 1000, "Asia/Ho_Chi_Minh"), "00:00");
  assert.equal(
    formatSeconds(Date.UTC(2021, 11, 6, 7, 5, 9) / 1000, "Asia/Ho_Chi_Minh"),
    "14:05:09",
  );
});

test("formatDate follows the language and leaves other text alone", () => {
  assert.equal(formatDate("2021-12-06", "vi"), "06/12/2021");
  assert.equal(formatDate("2021-12-06", "en"), "6 December 2021");
  assert.equal(formatDate("soon", "vi"), "soon");
});

test("addMinutes gives the end of an agenda item", () => {
  assert.equal(addMinutes("09:45", 40), "10:25");
  assert.equal(addMinutes("23:50", 20), "00:10");
  assert.equal(addMinutes("", 20), "");
  assert.equal(addMinutes("09:45", 0), "");
});
