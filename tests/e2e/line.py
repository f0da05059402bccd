"""A line between a browser and the server that a test can cut: pages over TCP, media over UDP.

Nothing is refused or closed on a cut line; nothing arrives, as when a cable is pulled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from playwright.async_api import Browser, Page

from tests.e2e.browser import open_page
from tests.running import RunningServer

#: Lets a page reach the server's media by another port than the one the server names.
DETOUR = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
  const sdp = answer.sdp.replaceAll(" %d typ host", " %d typ host");
  return set.call(this, { type: answer.type, sdp });
};
"""


class Line:
    """A line to one server; use it with :func:`line`."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._up = asyncio.Event()
        self._up.set()
        self.media_up = True
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.media_port = 0

    def cut(self, *, pages: bool = True) -> None:
        """From now on no media arrives, either way, and unless *pages* is false nothing else."""
        self.media_up = False
        if pages:
            self._up.clear()

    def mend(self) -> None:
        """Let everything pass again; what was sent by TCP meanwhile arrives late."""
        self.media_up = True
        self._up.set()

    async def open_page(self, browser: Browser, url: str, script: str = "") -> Page:
        """Open *url* of the server by way of this line; *script* runs before the page's own."""
        page = await open_page(browser, "about:blank")
        await page.add_init_script(DETOUR % (self._server.media_port, self.media_port) + script)
        await page.goto(url.replace(f":{self._server.port}/", f":{self.port}/"))
        return page

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one connection of a browser with one to the server."""
        up, down = await asyncio.open_connection("127.0.0.1", self._server.port)
        self._writers |= {down, writer}
        for source, sink in ((reader, down), (up, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self._up.wait()
                sink.write(data)
                await sink.drain()
        sink.close()

    async def stop(self) -> None:
        """End all connections."""
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self._writers), return_exceptions=True
        )


class _Socket(asyncio.DatagramProtocol):
    """The browser's end of the media line; one socket towards the server for each of its."""

    def __init__(self, line: Line, media_port: int) -> None:
        self._line = line
        self._remote = ("127.0.0.1", media_port)
        self._sockets: dict[Any, asyncio.Future[asyncio.DatagramTransport]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not self._line.media_up:
            return
        known = self._sockets.get(addr)
        if known is None:
            known = self._sockets[addr] = asyncio.ensure_future(self._towards_server(addr))
        if known.done():
            known.result().sendto(data)  # else: one lost datagram; checks are repeated

    async def _towards_server(self, addr: Any) -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Return(self._line, self._transport, addr), remote_addr=self._remote
        )
        return transport

    async def close(self) -> None:
        self._transport.abort()  # and no further socket is wanted
        for made in await asyncio.gather(*self._sockets.values(), return_exceptions=True):
            if isinstance(made, asyncio.BaseTransport):
                made.close()


class _Return(asyncio.DatagramProtocol):
    """What the server sends to one socket of the browser."""

    def __init__(self, line: Line, browser: asyncio.DatagramTransport, addr: Any) -> None:
        self._line, self._browser, self._addr = line, browser, addr

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        if self._line.media_up and not self._browser.is_closing():
            self._browser.sendto(data, self._addr)


@asynccontextmanager
async def line(server: RunningServer) -> AsyncIterator[Line]:
    """Give a line to *server* that works until it is cut."""
    made = Line(server)
    pages = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = pages.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    _, media = await loop.create_datagram_endpoint(
        lambda: _Socket(made, server.media_port), local_addr=("127.0.0.1", 0)
    )
    made.media_port = media._transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        pages.close()
        await media.close()
        await made.stop()
