"""Finished websocket frames out, past aiohttp: no task, no wake-up and no copy for each page.

aiohttp writes its own frames (pings, pongs, close) whole and at once as long as nothing is
compressed, so the two never mix. ``tests/server/test_outlet.py`` holds it to that.
"""

from __future__ import annotations

from asyncio import Transport

from aiohttp import web

__all__ = ["MAX_UNREAD", "READS_BELOW", "Outlet"]

#: A page with more bytes than this unread is sent patches only when it has read some of them;
#: asyncio calls a buffer full from here on. The system's own buffers come on top.
READS_BELOW = 64 * 1024
#: A page that has more bytes than this unread and asks for more is cut off. A view of 200
#: requests has up to 500 kB.
MAX_UNREAD = 1024 * 1024


class Outlet:
    """What can be sent to one page.

    Args:
        socket: prepared websocket, without compression.
        transport: what it writes to.
    """

    __slots__ = ("_socket", "_transport")

    def __init__(self, socket: web.WebSocketResponse, transport: Transport) -> None:
        self._socket = socket
        self._transport = transport

    def write(self, frames: bytes) -> None:
        """Send whole frames; a page that is not reading at all is cut off instead."""
        if self._ended():
            return
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            self._transport.abort()
        else:
            self._transport.write(frames)

    def reads(self) -> bool:
        """Tell whether the page has read most of what it was sent, or has gone."""
        return self._ended() or self._transport.get_write_buffer_size() <= READS_BELOW

    def _ended(self) -> bool:
        """Tell whether nothing may follow: a close frame is the last (RFC 6455 section 5.5.1)."""
        return self._socket.closed or self._transport.is_closing()
