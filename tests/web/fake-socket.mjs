// A WebSocket whose other end is the test.

export class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];
  static get last() {
    return FakeSocket.all.at(-1);
  }

  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = String(url);
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 2;
  }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  hears(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  lost(code = 1006) {
    this.readyState = 3;
    return this.onclose?.({ code });
  }
}
