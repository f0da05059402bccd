import assert from "node:assert/strict";
import { test } from "node:test";

import { collate, fold, rank, search } from "../../web/static/js/search.js";

const places = ["Hà Nội", "Điện Biên", "Bình Định", "Đắk Lắk", "Thừa Thiên Huế", "Bà Rịa – Vũng Tàu"];
const find = (query) => search(query, places, (name) => name);

test("diacritics, case and đ do not matter", () => {
  assert.equal(fold("  ĐIỆN Biên "), "dien bien");
  assert.equal(fold("Thừa Thiên Huế"), "thua thien hue");
  assert.deepEqual(find("dien bien"), ["Điện Biên"]);
  assert.deepEqual(find("ĐẮK"), ["Đắk Lắk"]);
});

test("a name in decomposed form is the same name", () => {
  assert.equal(fold("Điện Biên".normalize("NFD")), fold("Điện Biên".normalize("NFC")));
});

test("the beginning of the name comes before the beginning of a word, then the middle", () => {
  assert.deepEqual(find("bi"), ["Bình Định", "Điện Biên"]);
  assert.equal(rank("vung", "Bà Rịa – Vũng Tàu"), 1);
  assert.equal(rank("inh", "Bình Định"), 2);
});

test("initials find a place", () => {
  assert.deepEqual(find("tth"), ["Thừa Thiên Huế"]);
  assert.deepEqual(find("brvt"), ["Bà Rịa – Vũng Tàu"]);
});

test("words may be typed without what stands between them", () => {
  assert.equal(rank("ria vung", "Bà Rịa – Vũng Tàu"), 1);
});

test("nothing typed finds everything in the given order", () => {
  assert.deepEqual(find(""), places);
  assert.deepEqual(find("xyz"), []);
});

test("names are sorted as in a Vietnamese dictionary", () => {
  const sorted = ["Đà Nẵng", "Hà Nội", "Cần Thơ", "Đắk Lắk", "An Giang", "Cà Mau"].sort(collate);
  assert.deepEqual(sorted, ["An Giang", "Cà Mau", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Hà Nội"]);
});
