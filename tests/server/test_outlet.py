"""Frames past aiohttp's writer, on real sockets with and without TLS.

The other end is another library, which fails on a frame that is not whole or not in place.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from bridge.clock import SystemClock
from bridge.protocol.frames import text_frame
from bridge.server.outlet import MAX_UNREAD, READS_BELOW, Outlet
from bridge.server.tls import self_signed

BIG = text_frame(b"x" * 32_768)
SMALL = text_frame(b"y")
#: More than the system's own buffers and the limit together can be.
ENDLESS = 64 * MAX_UNREAD // len(BIG)


@dataclass
class Line:
    """The server's end of one page's connection, and the page's."""

    served: web.WebSocketResponse
    outlet: Outlet
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    page: ClientProtocol

    async def frames(self) -> list[Frame]:
        """Return what came since the last call; wait for something."""
        async with asyncio.timeout(10):
            data = await self.reader.read(1 << 20)
        if data:
            self.page.receive_data(data)
        assert self.page.parser_exc is None
        return [frame for frame in self.page.events_received() if isinstance(frame, Frame)]

    async def until(self, last: bytes) -> list[Frame]:
        """Return all frames until the text *last* came."""
        found: list[Frame] = []
        while not found or found[-1].data != last:
            found += await self.frames()
        return found

    async def gone(self) -> None:
        """Wait until the page's end of the connection is over."""
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                while await self.reader.read(1 << 20):
                    pass

    def stall(self) -> int:
        """Write without the page reading until that shows; return how many were written."""
        for count in range(ENDLESS):
            if not self.outlet.reads():
                return count
            self.outlet.write(BIG)
        raise AssertionError("a page that does not read was written to without end")


@pytest.fixture(params=["plain", "tls"])
def encryption(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ssl.SSLContext | None]:
    if request.param == "tls":
        yield self_signed(tmp_path, ["127.0.0.1"], SystemClock().now())
    else:
        yield None


@pytest.fixture
async def line(encryption: ssl.SSLContext | None) -> AsyncIterator[Line]:
    opened: asyncio.Future[tuple[web.WebSocketResponse, Outlet]] = asyncio.Future()

    async def serve(request: web.Request) -> web.WebSocketResponse:
        served = web.WebSocketResponse(compress=False, timeout=0.5)
        await served.prepare(request)
        assert request.transport is not None
        own: socket.socket = request.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        opened.set_result((served, Outlet(served, request.transport)))
        async for _ in served:
            pass
        return served

    application = web.Application()
    application.router.add_get("/", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=encryption)
    await site.start()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", runner.addresses[0][1], ssl=trusting if encryption else None
    )
    page = ClientProtocol(parse_uri("ws://127.0.0.1/"), max_size=None)
    page.send_request(page.connect())
    writer.writelines(page.data_to_send())
    while page.state is not State.OPEN:
        page.receive_data(await reader.read(1 << 16))
    page.events_received()
    served, outlet = await opened
    yield Line(served, outlet, reader, writer, page)
    writer.transport.abort()
    await runner.cleanup()


async def test_frames_and_pings_come_whole_and_in_order(line: Line) -> None:
    for n in range(100):  # less than what gets a page cut off, more than one write of the system
        line.outlet.write(text_frame(b"%d" % n) + text_frame(b"x" * 8_192))
        if n % 10 == 0:
            await line.served.ping(b"?")
        if n % 7 == 0:
            await line.served.send_str("aiohttp's")
        await asyncio.sleep(0)
    line.outlet.write(text_frame(b"end"))
    frames = await line.until(b"end")
    texts = [bytes(frame.data) for frame in frames if frame.opcode is Opcode.TEXT]
    assert [text for text in texts if text.isdigit()] == [b"%d" % n for n in range(100)]
    assert [frame.opcode for frame in frames].count(Opcode.PING) == 10
    assert texts.count(b"aiohttp's") == 15


async def test_it_shows_whether_a_page_reads(line: Line) -> None:
    sent = line.stall()
    assert sent * len(BIG) > READS_BELOW
    line.outlet.write(text_frame(b"an answer"))  # what it asked for goes out all the same
    frames = await line.until(b"an answer")
    assert len(frames) == sent + 1
    assert line.outlet.reads()


async def test_a_page_that_asks_and_never_reads_is_cut_off(line: Line) -> None:
    for _ in range(ENDLESS):
        line.outlet.write(BIG)
    await line.gone()
    line.outlet.write(SMALL)
    assert line.outlet.reads()  # nothing is kept for it


async def test_nothing_follows_a_close_frame(line: Line) -> None:
    line.outlet.write(text_frame(b"last"))
    closing = asyncio.create_task(line.served.close(code=4401))
    await asyncio.sleep(0)
    line.outlet.write(SMALL)
    async with asyncio.timeout(10):
        received = await line.reader.read()
    close = Frame(Opcode.CLOSE, (4401).to_bytes(2)).serialize(mask=False)
    assert received == text_frame(b"last") + close
    await closing


async def test_a_page_that_vanished_is_written_to_in_silence(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.writer.transport.abort()
    for _ in range(200):
        line.outlet.write(SMALL)
        line.outlet.reads()
        await asyncio.sleep(0)
    assert not caplog.records
