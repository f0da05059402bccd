"""Thousands of pages that cost little: they read frames and note when each revision came.

All sockets are looked at together every :data:`LOOK_S`, so that the server's writes wake
nobody and what is measured is the server; a page is late by that much at most. A frame's
revision is read off its first bytes (``{"type":"patch","rev":7,``) without decoding the
rest. Pings are answered, as a browser does by itself. Times are monotonic seconds, the
same in all processes of this machine.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import selectors
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bench.child import answer, messages, raise_open_files
from bridge.clock import monotonic

JOIN_AT_ONCE = 20
LOOK_S = 0.001
WAIT_S = 20.0
OPENED_FILES_BESIDES = 64
RECEIVE_BYTES = 1 << 16  # more would have the allocator ask the system each time
PATCH, VIEW = b'{"type":"patch","rev":', b'{"type":"view","rev":'
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


class Arrivals:
    """When each revision came: by how many pages, and when at the last of them."""

    def __init__(self) -> None:
        self.count: dict[int, int] = {}
        self.last: dict[int, float] = {}

    def note(self, rev: int) -> None:
        self.count[rev] = self.count.get(rev, 0) + 1
        self.last[rev] = monotonic()

    def take(self) -> dict[str, Any]:
        """Return what was noted since the last call."""
        noted = {"count": self.count, "last": self.last}
        self.count, self.last = {}, {}
        return noted


class Page:
    """One open page.

    Attributes:
        rev: newest revision shown.
        gaps: revisions that did not follow on the one before.
    """

    def __init__(self, connection: socket.socket, note: Callable[[int], None]) -> None:
        self.connection = connection
        self.rev = -1
        self.gaps = 0
        self.closed = False
        self._note = note
        self._rest = b""

    def readable(self) -> None:
        """Take in what came."""
        try:
            data = self.connection.recv(RECEIVE_BYTES)
        except ConnectionError:
            data = b""
        if not data:
            self.closed = True
            return
        if self._rest:
            data = self._rest + data
        self._rest = data[self._frames(data) :]

    def _frames(self, data: bytes) -> int:
        """Handle every whole frame of *data*; return where the rest begins (RFC 6455, 5.2)."""
        at, end = 0, len(data)
        while at + 2 <= end:
            length, body = data[at + 1], at + 2
            if length > 125:
                body += 2 if length == 126 else 8
                length = int.from_bytes(data[at + 2 : body])
            if body + length > end:
                break
            self._frame(data[at], data, body, body + length)
            at = body + length
        return at

    def _frame(self, kind: int, data: bytes, start: int, end: int) -> None:
        if kind == TEXT:
            for prefix in (PATCH, VIEW):
                if data.startswith(prefix, start):
                    number = start + len(prefix)
                    self._show(int(data[number : data.index(b",", number, end)]), prefix)
        elif kind == PING:
            self.connection.send(masked(PONG, data[start:end]))

    def _show(self, rev: int, prefix: bytes) -> None:
        """Note *rev*; a view also shows the revisions before it that a slow page was spared."""
        first = self.rev + 1 if self.rev >= 0 else rev
        self.gaps += prefix is PATCH and rev != first
        for shown in range(first, rev + 1):
            self._note(shown)
        self.rev = rev


def masked(kind: int, payload: bytes) -> bytes:
    """Return a short frame of a client; its mask is zero, which leaves the payload as it is."""
    return bytes((kind, 0x80 | len(payload), 0, 0, 0, 0)) + payload


async def open_page(url: str, token: str, note: Callable[[int], None]) -> Page:
    """Connect, say hello."""
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await loop.sock_connect(connection, (parts.hostname, parts.port))
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    request = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    await loop.sock_sendall(connection, request.encode())
    response = b""
    while b"\r\n\r\n" not in response:
        received = await loop.sock_recv(connection, 4096)
        response += received
        if not received or not response.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"the server did not open a page: {response[:200]!r}")
    await loop.sock_sendall(connection, masked(TEXT, b'{"type":"hello","rev":-1,"lang":"vi"}'))
    return Page(connection, note)


async def open_pages(url: str, tokens: list[str], note: Callable[[int], None]) -> list[Page]:
    gate = asyncio.Semaphore(JOIN_AT_ONCE)

    async def one(token: str) -> Page:
        async with gate:
            return await open_page(url, token, note)

    return list(await asyncio.gather(*(one(token) for token in tokens)))


async def read(pages: list[Page]) -> None:
    """Let *pages* take in what comes, until cancelled."""
    with selectors.DefaultSelector() as selector:
        for page in pages:
            selector.register(page.connection, selectors.EVENT_READ, page)
        while True:
            for key, _ in selector.select(0):
                key.data.readable()
                if key.data.closed:
                    selector.unregister(key.fileobj)
            await asyncio.sleep(LOOK_S)


async def reached(pages: list[Page], rev: int) -> None:
    """Wait until every page that is open shows *rev*."""
    async with asyncio.timeout(WAIT_S):
        while any(page.rev < rev and not page.closed for page in pages):
            await asyncio.sleep(0.05)


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    raise_open_files(len(first["tokens"]) + OPENED_FILES_BESIDES)
    arrivals = Arrivals()
    pages = await open_pages(first["url"], first["tokens"], arrivals.note)
    reading = asyncio.create_task(read(pages))
    await reached(pages, 0)
    answer({"open": len(pages)})
    async for command in commands:
        await reached(pages, command["rev"])
        gaps, closed = sum(page.gaps for page in pages), sum(page.closed for page in pages)
        answer({**arrivals.take(), "gaps": gaps, "closed": closed})
    reading.cancel()
    for page in pages:
        page.connection.close()


if __name__ == "__main__":
    asyncio.run(main())
