import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { connect, isUnclear } from "../../web/static/js/connection.js";
import { FakeSocket } from "./fake-socket.mjs";

const you = { role: "host", site: "dien-bien" };
let status;
let seen;
let page;

beforeEach(() => {
  FakeSocket.all = [];
  status = [];
  seen = { views: [], links: [], returns: 0 };
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 1); // no jitter: the longest wait
  globalThis.WebSocket = FakeSocket;
  globalThis.fetch = mock.fn(async () => ({ status: 400, json: async () => ({}) }));
  page = connect({
    session: "plenary",
    key: "k1",
    lang: "vi",
    onView: (view, me) => seen.views.push([view, me]),
    onLinks: (sites) => seen.links.push(sites),
    onStatus: (now) => status.push(now),
    onReturn: () => (seen.returns += 1),
  });
});

afterEach(() => {
  page.close();
  mock.timers.reset();
  mock.restoreAll();
});

const view = (rev, body, now = 1000) => ({
  type: "view",
  rev,
  now,
  instance: "run1",
  you,
  view: body,
});

test("says hello and shows views and patches", () => {
  const socket = FakeSocket.last;
  assert.match(socket.url, /\/ws\/plenary\?k=k1$/);
  socket.open();
  assert.deepEqual(socket.sent, [{ type: "hello", rev: -1, instance: "", lang: "vi" }]);
  socket.hears(view(3, { a: { b: 1 }, c: [1] }));
  socket.hears({ type: "patch", rev: 4, now: 1001, patch: { a: { b: 2 }, c: null } });
  assert.deepEqual(
    seen.views.map(([body]) => body),
    [{ a: { b: 1 }, c: [1] }, { a: { b: 2 } }],
  );
  assert.deepEqual(seen.views[0][1], you);
});

test("a command resolves with its revision, or rejects with the server's reason", async () => {
  const socket = FakeSocket.last;
  socket.open();
  const good = page.send({ type: "grant_floor", request: "r1" });
  const bad = page.send({ type: "grant_floor", request: "r2" });
  const [, first, second] = socket.sent;
  assert.notEqual(first.cmd_id, second.cmd_id);
  assert.match(first.cmd_id, /^.{1,64}$/);
  socket.hears({ type: "nack", cmd_id: second.cmd_id, code: "floor_busy", message: "Bận", rev: 5 });
  socket.hears({ type: "ack", cmd_id: first.cmd_id, rev: 5 });
  assert.deepEqual(await good, { rev: 5 });
  await assert.rejects(bad, (refusal) => refusal.code === "floor_busy" && refusal.message === "Bận");
});

test("an unanswered command goes again with the same id after a reconnect, an answered one not", async () => {
  const first = FakeSocket.last;
  first.open();
  first.hears(view(7, {}));
  const done = page.send({ type: "take", source: "camera:ha-noi" });
  first.hears({ type: "ack", cmd_id: first.sent[1].cmd_id, rev: 8 });
  await done;
  const open = page.send({ type: "take", source: "camera:dien-bien" });
  const id = first.sent[2].cmd_id;
  await first.lost();
  mock.timers.tick(250);
  const second = FakeSocket.last;
  assert.notEqual(second, first);
  second.open();
  assert.deepEqual(second.sent[0], { type: "hello", rev: 7, instance: "run1", lang: "vi" });
  assert.deepEqual(
    second.sent.slice(1).map((message) => message.cmd_id),
    [id],
  );
  second.hears({ type: "ack", cmd_id: id, rev: 9 });
  assert.deepEqual(await open, { rev: 9 });
});

test("a command given while offline is sent when the line is back", async () => {
  await FakeSocket.last.lost();
  const sent = page.send({ type: "set_list", state: "closed" });
  mock.timers.tick(250);
  const socket = FakeSocket.last;
  socket.open();
  assert.equal(socket.sent[1].type, "set_list");
  socket.hears({ type: "ack", cmd_id: socket.sent[1].cmd_id, rev: 1 });
  await sent;
});

test("a command without an answer for too long is given up and not sent again by itself", async () => {
  const first = FakeSocket.last;
  first.open();
  const command = { type: "grant_floor", request: "r1" };
  let id = "";
  const refused = assert.rejects(page.send(command), (refusal) => {
    id = refusal.cmd_id;
    return refusal.code === "no_answer" && isUnclear(refusal);
  });
  for (let second = 0; second < 20; second += 1) {
    first.hears({ type: "links", now: second, sites: {} });
    mock.timers.tick(1000);
  }
  await refused;
  assert.equal(id, first.sent[1].cmd_id);
  const second = FakeSocket.last;
  assert.notEqual(second, first, "the line that does not answer is replaced");
  second.open();
  assert.deepEqual(
    second.sent.map((message) => message.type),
    ["hello"],
  );
  const again = page.send(command, id); // a person asked for it: the same command
  assert.deepEqual(second.sent[1], { ...command, cmd_id: id });
  second.hears({ type: "ack", cmd_id: id, rev: 4 });
  assert.deepEqual(await again, { rev: 4 });
});

test("waits longer after each failure, up to two seconds, after long absence five", async () => {
  const waits = [];
  for (let attempt = 0; attempt < 21; attempt += 1) {
    const before = FakeSocket.last;
    await before.lost();
    let waited = 0;
    while (FakeSocket.last === before) {
      mock.timers.tick(250);
      waited += 250;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits.slice(0, 5), [250, 500, 1000, 2000, 2000]);
  assert.deepEqual(waits.slice(-2), [2000, 5000]);
});

test("says when it has reached the server again", async () => {
  FakeSocket.last.open();
  FakeSocket.last.hears(view(1, {}));
  FakeSocket.last.hears(view(2, {}));
  assert.equal(seen.returns, 0);
  await FakeSocket.last.lost();
  mock.timers.tick(250);
  assert.equal(seen.returns, 0);
  FakeSocket.last.open();
  assert.equal(seen.returns, 1);
});

test("says when it is offline and when the server cannot save", async () => {
  FakeSocket.last.open();
  FakeSocket.last.hears({ type: "status", saving: false });
  FakeSocket.last.hears({ type: "status", saving: false });
  await FakeSocket.last.lost();
  assert.deepEqual(
    status.map(({ online, saving }) => [online, saving]),
    [
      [true, true],
      [true, false],
      [false, false],
    ],
  );
});

test("a new line can save until the server says otherwise", async () => {
  FakeSocket.last.open();
  FakeSocket.last.hears({ type: "status", saving: false });
  await FakeSocket.last.lost();
  mock.timers.tick(250);
  FakeSocket.last.open();
  assert.equal(status.at(-1).saving, true);
  FakeSocket.last.hears({ type: "status", saving: false });
  assert.equal(status.at(-1).saving, false);
});

test("a refused link is told by its code and asked again only now and then", async () => {
  globalThis.fetch = mock.fn(async () => ({
    status: 401,
    json: async () => ({ code: "token_expired" }),
  }));
  const first = FakeSocket.last;
  await first.lost();
  assert.equal(status.at(-1).refused, "token_expired");
  mock.timers.tick(29_000);
  assert.equal(FakeSocket.last, first);
  mock.timers.tick(1000);
  assert.notEqual(FakeSocket.last, first);
  FakeSocket.last.open();
  assert.equal(status.at(-1).refused, "");
});

test("a token revoked while connected is final", async () => {
  const first = FakeSocket.last;
  first.open();
  await first.lost(4401);
  assert.equal(status.at(-1).refused, "token_revoked");
  mock.timers.tick(120_000);
  assert.equal(FakeSocket.last, first);
});

test("a line that dies while it is being opened is replaced", () => {
  const first = FakeSocket.last;
  mock.timers.tick(5999);
  assert.equal(FakeSocket.last, first);
  mock.timers.tick(1);
  const second = FakeSocket.last;
  assert.notEqual(second, first);
  second.open(); // open, but nothing comes
  mock.timers.tick(6000);
  assert.notEqual(FakeSocket.last, second);
});

test("silence after a message replaces the line", () => {
  const first = FakeSocket.last;
  mock.timers.tick(5000);
  first.open();
  first.hears(view(1, {}));
  mock.timers.tick(5000);
  first.hears({ type: "links", now: 1, sites: { "dien-bien": { connected: true } } });
  assert.deepEqual(seen.links, [{ "dien-bien": { connected: true } }]);
  mock.timers.tick(6000);
  assert.notEqual(FakeSocket.last, first);
  first.hears(view(9, { late: true }));
  assert.equal(seen.views.length, 1, "the old line is no longer listened to");
});

test("serverNow follows the server, not the page's own clock", () => {
  mock.method(performance, "now", () => 50_000);
  FakeSocket.last.open();
  FakeSocket.last.hears(view(1, {}, 9000));
  FakeSocket.last.hears({ type: "patch", rev: 2, now: 8999, patch: {} }); // came late
  assert.equal(page.serverNow(), 9000);
  mock.method(performance, "now", () => 52_500);
  assert.equal(page.serverNow(), 9002.5);
});

test("setLang asks for the server's sentences in the other language", () => {
  FakeSocket.last.open();
  FakeSocket.last.hears(view(2, {}));
  page.setLang("en");
  assert.deepEqual(FakeSocket.last.sent.at(-1), {
    type: "hello",
    rev: 2,
    instance: "run1",
    lang: "en",
  });
});

test("close gives up what is unanswered and stays closed", async () => {
  const socket = FakeSocket.last;
  socket.open();
  const refused = assert.rejects(page.send({ type: "take", source: "" }));
  page.close();
  await refused;
  await socket.lost();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.last, socket);
});
