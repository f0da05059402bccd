import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, median, summarise } from "../../web/static/js/host/check-verdict.js";

const LINE = {
  path: "direct",
  kbps_up: 1950,
  kbps_down: 1900,
  loss_up: 0,
  loss_down: 0.002,
  rtt_ms: 24,
  slow: false,
};

test("a line that carries a picture both ways is good, and nothing is said of it", () => {
  assert.deepEqual(judge(LINE), { verdict: "good", reason: "" });
});

for (const [change, verdict, reason] of [
  [{ kbps_up: 0 }, "none", "no_media"],
  [{ kbps_up: 300 }, "poor", "narrow_up"],
  [{ kbps_up: 300, slow: true }, "fair", "computer"],
  [{ kbps_up: 800 }, "fair", "narrow_up"],
  [{ kbps_up: 800, slow: true }, "fair", "computer"],
  [{ kbps_up: 1500, slow: true }, "good", ""],
  [{ kbps_down: 200 }, "poor", "narrow_down"],
  [{ kbps_down: 800 }, "fair", "narrow_down"],
  [{ loss_up: 0.1 }, "poor", "loss"],
  [{ loss_down: 0.03 }, "fair", "loss"],
  [{ rtt_ms: 700 }, "poor", "delay"],
  [{ rtt_ms: 300 }, "fair", "delay"],
  [{ rtt_ms: -1 }, "good", ""],
  [{ path: "relay_tls" }, "fair", "relay"],
  [{ path: "relay_udp", loss_up: 0.1 }, "poor", "loss"], // what hurts comes before what does not
]) {
  test(`${JSON.stringify(change)} is ${verdict} ${reason}`, () => {
    assert.deepEqual(judge({ ...LINE, ...change }), { verdict, reason });
  });
}

const second = (kbps_up, loss_up = 0, rtt_ms = 20) => ({ kbps_up, loss_up, rtt_ms });
const read = (kbps, lost = 0, received = 100, rtt_ms = 22) => ({ kbps, lost, received, rtt_ms });

test("a browser that feels its way up is judged by where it arrives", () => {
  const server = [150, 400, 900, 1900, 1950, 1900, 2000, 1900].map((kbps) => second(kbps));
  const page = [100, 300, 800, 1700, 1800, 1800, 1900, 1850].map((kbps) => read(kbps));
  const found = summarise(server, page, "direct", false);
  assert.equal(found.kbps_up, 1900);
  assert.equal(found.kbps_down, 1800);
  assert.equal(judge(found).verdict, "good");
});

test("loss is that of all packets, and negative counts of duplicates are none", () => {
  const server = Array.from({ length: 8 }, () => second(1500, 0.04));
  const page = [read(1), read(1), read(1), read(1500, 10, 90), read(1500, 0, 100), read(1500, -2, 100)];
  const found = summarise(server, page, "direct", false);
  assert.ok(Math.abs(found.loss_up - 0.04) < 1e-9);
  assert.ok(Math.abs(found.loss_down - 8 / 298) < 1e-9);
  assert.equal(summarise([], [read(0, -5, 5)], "", false).loss_down, 0);
});

test("nothing measured is no media, and an unknown delay stays unknown", () => {
  const found = summarise([], [], "", false);
  assert.equal(found.rtt_ms, -1);
  assert.equal(judge(found).verdict, "none");
  assert.equal(summarise([second(900, 0, -1)], [read(900, 0, 9, -1)], "", false).rtt_ms, -1);
});

test("a line that broke after a moment is judged by what there was", () => {
  assert.equal(summarise([second(700), second(800)], [read(700)], "direct", false).kbps_up, 800);
  assert.equal(median([]), 0);
});
