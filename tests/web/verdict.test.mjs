import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

const common = (language) =>
  JSON.parse(
    readFileSync(
      fileURLToPath(new URL(`../../web/locales/${language}/common.json`, import.meta.url)),
      "utf8",
    ),
  );

globalThis.document = { documentElement: { lang: "vi" } };
globalThis.fetch = async (path) => ({
  ok: true,
  json: async () => common(path.includes("/en") ? "en" : "vi"),
});
const { loadLocale } = await import("../../web/static/js/i18n.js");
const { verdictText } = await import("../../web/static/js/verdict.js");

const said = (cause, evidence = {}) =>
  verdictText({ verdict: { cause, evidence } }, (code) => ({ "son-la": "Sơn La" })[code] ?? code);

before(() => loadLocale("vi"));

test("a link without fault has no sentence", () => {
  assert.equal(verdictText({}), "");
  assert.equal(said(""), "");
});

test("every sign has its own sentence, with the figure as it is written in Vietnamese", () => {
  const told = [
    ["uplink", { sign: "loss", loss_up: 0.0642, rtt_ms: 30, jitter_ms: 4 }, "mất 6,4 % gói"],
    ["uplink", { sign: "loss", loss_up: 0.123 }, "mất 12 % gói"],
    ["uplink", { sign: "rate", available_kbps: 1420 }, "chỉ đạt 1.420 kb/s"],
    ["uplink", { sign: "delay", rtt_ms: 520 }, "khứ hồi 520 ms"],
    ["uplink", { sign: "jitter", jitter_ms: 88 }, "biến thiên trễ 88 ms"],
    ["downlink", { sign: "loss", loss_down: 0.02 }, "Chiều nhận về mất 2,0 % gói"],
    ["downlink", { sign: "rate", height: 180 }, "chỉ đủ hình 180 dòng"],
    ["downlink", { sign: "rate", height: 0 }, "chỉ đủ tiếng"],
    ["downlink", { sign: "freeze", freeze_s: 1.25 }, "đứng 1,3 giây"],
    ["downlink", { sign: "freeze" }, "Tiếng nhận về bị ngắt quãng"],
    ["site_cpu", { sign: "encoder", fps: 9.4 }, "chỉ nén được 9 hình/giây"],
    ["site_cpu", { sign: "lag", lag_ms: 640, fps: 3 }, "trang chậm 640 ms"],
    ["camera", { sign: "ended" }, "Máy quay đã bị rút"],
    ["microphone", { sign: "silent", seconds: 5 }, "không có tiếng nào"],
    ["relay", { sign: "delay", rtt_ms: 480, path: "relay_tcp" }, "qua máy chuyển tiếp (TCP), khứ hồi"],
    ["server", { sign: "lag", lag_ms: 400 }, "Máy chủ trung tâm quá tải, chậm 400 ms"],
    ["server", { sign: "loss", loss_down: 0.1, sites: 40, way: "downlink" }, "40 điểm cầu cùng bị"],
    ["remote", { sign: "source", site: "son-la", loss_down: 0.05 }, "Do điểm cầu Sơn La"],
    ["no_signal", { sign: "lost", seconds: 45 }, "đã 45 giây"],
    ["no_signal", { sign: "no_media", seconds: 130 }, "đã 2 phút"],
  ];
  for (const [cause, evidence, part] of told) {
    const sentence = said(cause, evidence);
    assert.ok(sentence.includes(part), `${sentence} says ${part}`);
    assert.doesNotMatch(sentence, /[{}]/);
    assert.ok(sentence.length <= 65, `${sentence} is short`);
  }
});

test("a verdict of the past is said without the figures that were not kept", () => {
  assert.equal(said("uplink", { sign: "loss" }), "Chiều gửi lên kém");
  assert.equal(said("site_cpu"), "Máy tính điểm cầu quá tải");
  assert.equal(said("relay", { sign: "freeze", path: "relay_tls" }), "Kém do đi qua máy chuyển tiếp");
});

test("every cause has a sentence in both languages", async () => {
  const causes = ["no_signal", "uplink", "downlink", "site_cpu", "camera", "microphone"];
  for (const language of ["vi", "en"]) {
    await loadLocale(language);
    for (const cause of [...causes, "relay", "server", "remote"]) {
      assert.notEqual(said(cause), `verdict.${cause}`);
    }
  }
  assert.equal(said("uplink", { sign: "loss", loss_up: 0.064 }), "Uplink loses 6.4 % of packets");
  await loadLocale("vi");
});
