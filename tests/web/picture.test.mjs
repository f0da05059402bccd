import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

/** An element that does what the test says. */
class FakeElement {
  dataset = {};
  readyState = 0;
  #frame = () => {};
  append() {}
  setAttribute() {}
  addEventListener() {}
  async play() {}
  requestVideoFrameCallback(callback) {
    this.#frame = callback;
  }
  present() {
    this.#frame();
  }
}

const page = Object.assign(new EventTarget(), {
  hidden: false,
  createElement: () => new FakeElement(),
});
globalThis.document = page;
globalThis.MediaStream = class {};
const { Picture } = await import("../../web/static/js/player.js");

let now;
beforeEach(() => {
  now = 1000;
  mock.method(performance, "now", () => now);
});
afterEach(() => mock.restoreAll());

/** A picture that shows a track, and how often its page was told of a frame it waited for. */
function playing() {
  let told = 0;
  const picture = new Picture("program-video", () => (told += 1));
  picture.show({});
  const present = (at) => {
    now = at;
    picture.video.present();
  };
  present(1000);
  return { picture, present, told: () => told };
}

test("a page is told of the first frame of a track, not of each", () => {
  const { present, told } = playing();
  present(1033);
  present(1066);
  assert.equal(told(), 1);
});

test("a slate stays until a frame newer than it was presented", () => {
  const { picture, present, told } = playing();
  assert.equal(picture.slated(false), false);
  now = 2000;
  assert.equal(picture.slated(true), true);
  now = 7000;
  assert.equal(picture.slated(true), true);
  assert.equal(picture.slated(false), true); // the frame of before would flash up
  now = 7500;
  assert.equal(picture.slated(false), true);
  assert.equal(told(), 1);
  present(7600);
  assert.equal(told(), 2); // so that the page draws at once
  assert.equal(picture.slated(false), false);
  present(7633);
  assert.equal(told(), 2);
});

test("frames that arrive while the slate stands do not lift it", () => {
  const { picture, present } = playing();
  now = 2000;
  picture.slated(true);
  present(2010);
  now = 2100;
  assert.equal(picture.slated(true), true);
  assert.equal(picture.slated(false), true);
  present(2133);
  assert.equal(picture.slated(false), false);
});

test("a page that opens on a slate has it until the first frame", () => {
  const picture = new Picture("program-video");
  assert.equal(picture.slated(true), true);
  now = 1500;
  assert.equal(picture.slated(false), true);
});

test("a picture stands still when no frame comes, and nobody says so of one that never came", () => {
  const { picture, present } = playing();
  now = 3900;
  assert.equal(picture.standsStill, false);
  now = 4100;
  assert.equal(picture.standsStill, true);
  present(4200);
  assert.equal(picture.standsStill, false);
  now = 60_000;
  assert.equal(new Picture("inset-video").standsStill, false);
});

test("a hidden page presents nothing, and needs a moment when it is seen again", () => {
  const { picture } = playing();
  now = 60_000;
  page.hidden = true;
  assert.equal(picture.standsStill, false);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(picture.standsStill, false);
  now = 63_100;
  assert.equal(picture.standsStill, true);
});
