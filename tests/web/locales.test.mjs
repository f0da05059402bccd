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

test("every sentence the scripts and templates ask for exists", () => {
  const known = new Set(Object.values(vi).flatMap(Object.keys));
  const files = readdirSync(web, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.(js|html)$/.test(name) && !name.includes("vendor"),
  );
  const missing = [];
  for (const name of files) {
    const source = readFileSync(join(web, name), "utf8");
    for (const [, key] of source.matchAll(/\bt\(\s*"([\w.]+)"/g)) {
      if (!known.has(key)) missing.push(`${name}: ${key}`);
    }
  }
  assert.deepEqual(missing, []);
});
