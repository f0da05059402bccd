import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../../web", import.meta.url));

const catalogue = (language) => {
  const folder = join(web, "locales", language);
  const parts = readdirSync(folder).map((name) => [
    name,
    JSON.parse(readFileSync(join(folder, name), "utf8")),
  ]);
  return Object.fromEntries(parts);
};

const vi = catalogue("vi");
const en = catalogue("en");
const placeholders = (sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort();

for (const name of Object.keys(vi)) {
  test(`${name} says the same things in both languages`, () => {
    assert.deepEqual(Object.keys(en[name] ?? {}).sort(), Object.keys(vi[name]).sort());
    for (const [key, sentence] of Object.entries(vi[name])) {
      assert.deepEqual(placeholders(en[name][key]), placeholders(sentence), key);
      assert.notEqual(sentence.trim(), "", key);
    }
  });
}

test("Vietnamese has its full diacritics in composed form", () => {
  for (const texts of Object.values(vi)) {
    for (const [key, sentence] of Object.entries(texts)) {
      assert.equal(sentence, sentence.normalize("NFC"), key);
    }
  }
});

const sources = readdirSync(web, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(js|html)$/.test(name) && !name.includes("vendor"))
  .map((name) => [name, readFileSync(join(web, name), "utf8")]);

test("every sentence the scripts and templates ask for exists", () => {
  const known = new Set(Object.values(vi).flatMap(Object.keys));
  const missing = [];
  for (const [name, source] of sources) {
    for (const [, key] of source.matchAll(/\bt\(\s*"([\w.]+)"/g)) {
      if (!known.has(key)) missing.push(`${name}: ${key}`);
    }
  }
  assert.deepEqual(missing, []);
});

/** Beginnings of keys whose end is a value: a state, a kind of device, a code. */
const BUILT = [
  "actions.ask_",
  "actions.audio_only",
  "actions.bulk_",
  "actions.detail_",
  "actions.kind_",
  "actions.layer",
  "actions.line_",
  "actions.state_",
  "actions.talk_",
  "orders.host_audio_",
  "backup.air_",
  "backup.carrying_",
  "backup.check_",
  "backup.connecting_",
  "backup.main_",
  "backup.waiting_",
  "common.class_",
  "common.path_",
  "common.quality_",
  "common.status_",
  "control.link_",
  "control.links_",
  "control.media_",
  "deed.",
  "delegate.say_",
  "delegate.stage_",
  "error.",
  "host.air_",
  "host.back_",
  "host.backup_",
  "host.camera",
  "host.check_camera_",
  "host.check_microphone_",
  "host.deck_",
  "host.help_",
  "host.line_",
  "host.left_",
  "host.lost_",
  "host.mic_",
  "host.microphone",
  "host.none_",
  "host.part_",
  "host.say_",
  "host.slides_",
  "host.speaker",
  "host.tally_",
  "host.tested_",
  "host.why_",
  "ledger.", // asked for by the server
  "minutes.by_",
  "minutes.fate_",
  "minutes.note_",
  "moderator.ask_",
  "moderator.cancel_",
  "moderator.check_",
  "moderator.class_",
  "moderator.deed_",
  "moderator.deny_",
  "moderator.empty_",
  "moderator.filter_",
  "moderator.key_",
  "moderator.keys_",
  "moderator.layout_",
  "moderator.list_",
  "moderator.missing_",
  "moderator.rule_",
  "moderator.rules_",
  "moderator.slot_",
  "moderator.tab_",
  "moderator.who_",
  "moderator.why_",
  "region.",
  "rehearsal.baseline_",
  "rehearsal.call_",
  "rehearsal.column_",
  "rehearsal.file_", // asked for by the server
  "rehearsal.how_",
  "rehearsal.item_",
  "rehearsal.line_",
  "rehearsal.outcome_",
  "rehearsal.preflight_",
  "rehearsal.sheet_",
  "rehearsal.short_",
  "rehearsal.stage_",
  "rehearsal.why_",
  "site.alert_",
  "site.chart_",
  "site.column_",
  "site.event_",
  "site.fact_",
  "site.group_",
  "site.layer_",
  "site.limit_",
  "site.sign_",
  "site.track_",
  "technician.line_",
  "technician.taken_",
  "technician.filter_",
  "title.", // asked for by the server
  "wall.alarm_",
  "wall.layout_",
  "verdict.",
];
/** Keys that are a value as a whole after the name of the page. */
const VALUES = {
  "control.": ["saved", "offline", "not_saving", "refused"],
  "minutes.": ["page_title", "date", "time", "length", "reason"], // by the server
  "moderator.": ["release", "revoke", "filed", "ended"],
};

test("every sentence is said somewhere", () => {
  const said = new Set(
    sources.flatMap(([, source]) => source.match(/\b[a-z]+\.[a-z][\w.]*/g) ?? []),
  );
  const whole = new Set(
    Object.entries(VALUES).flatMap(([page, names]) => names.map((name) => page + name)),
  );
  const keys = Object.entries(vi)
    .filter(([name]) => name !== "errors.json") // the server's own
    .flatMap(([, texts]) => Object.keys(texts));
  const unsaid = keys.filter(
    (key) => !said.has(key) && !whole.has(key) && !BUILT.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unsaid, []);
});
