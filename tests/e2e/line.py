"""A page's media line that a test can cut and mend: a UDP forwarder between page and server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route

from tests.running import RunningServer

Address = tuple[str, int]


class Line:
    """Forwards datagrams of one page to the server's media port and back, unless it is cut."""

    def __init__(self, media_port: int) -> None:
        self.cut = False
        self.port = 0
        self._server: Address = ("127.0.0.1", media_port)
        self._near: asyncio.DatagramTransport | None = None
        self._far: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_page), local_addr=("127.0.0.1", 0)
        )
        self.port = int(self._near.get_extra_info("sockname")[1])

    def close(self) -> None:
        for transport in (self._near, *self._far.values()):
            if transport is not None:
                transport.close()

    def _from_page(self, data: bytes, page: Address) -> None:
        if self.cut:
            return
        far = self._far.get(page)
        if far is not None:
            far.sendto(data)
        elif not self._opening:
            task = asyncio.get_running_loop().create_task(self._open_far(page))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open_far(self, page: Address) -> None:
        """Give every port of the page one of its own towards the server."""

        def to_page(data: bytes, _server: Address) -> None:
            if not self.cut and self._near is not None:
                self._near.sendto(data, page)

        self._far[page], _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Side(to_page), remote_addr=self._server
        )

    async def answer(self, route: Route) -> None:
        """Let the page send its media here instead of to the server."""
        response = await route.fetch()
        text = await response.text()
        body = text.replace(f" {self._server[1]} typ host", f" {self.port} typ host")
        await route.fulfill(response=response, body=body)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._receive(data, addr)


@asynccontextmanager
async def line(page: Page, server: RunningServer) -> AsyncIterator[Line]:
    """Put a line under the media that *page* is going to join with."""
    made = Line(server.media_port)
    await made.open()
    await page.route("**/media/**", made.answer)
    try:
        yield made
    finally:
        made.close()
