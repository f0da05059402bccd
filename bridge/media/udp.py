"""The one UDP socket of the media plane: bind, read in batches, send without waiting.

Owns: the socket and its buffers. Knows nothing of what the datagrams mean.
A full socket buffer drops media (NACK repairs it) but keeps control
datagrams (STUN, DTLS, RTCP) in a short queue that leaves first.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Final

from bridge.errors import Code, ConfigError

__all__ = ["Address", "UdpSocket"]

log = logging.getLogger(__name__)

Address = tuple[str, int]

# Larger than any Ethernet frame; asyncio's own transport would allocate 256 KiB per datagram.
MAX_DATAGRAM: Final = 2048
# One second of 64 publishers at 1.5 Mb/s is 12 MB; the kernel caps this at net.core.rmem_max.
SOCKET_BUFFER: Final = 4 << 20
# Linux 4.12, asm-generic/socket.h: nine numbers of a socket, the last of them its drops.
SO_MEMINFO: Final = 55
_MEMORY: Final = struct.Struct("=9I")
# Datagrams per wake-up, so that a flood cannot keep timers from running.
BATCH: Final = 64
# Control datagrams that may wait for a full socket buffer.
MAX_WAITING: Final = 256


class UdpSocket:
    """A bound, non-blocking UDP socket read by the running event loop.

    Args:
        receive: called with each datagram and its sender.
        received: called after some of them, before waiting for more.
    """

    def __init__(
        self,
        receive: Callable[[bytes, Address], None],
        received: Callable[[], None] = lambda: None,
    ) -> None:
        self._receive = receive
        self._received = received
        self._socket: socket.socket | None = None
        self._waiting: deque[tuple[bytes, Address]] = deque(maxlen=MAX_WAITING)

    def open(self, host: str, port: int) -> None:
        """Bind.

        Raises:
            ConfigError: the port is in use or the address is not of this machine.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(
                    Code.PORT_IN_USE,
                    f"UDP port {port} is in use: stop the other program or choose another "
                    "with --media-port.",
                    {"port": port},
                ) from error
            raise ConfigError(
                Code.CONFIG_INVALID,
                f"Cannot listen for media on {host} port {port}: {error.strerror or error}.",
                {"host": host, "port": port},
            ) from error
        _enlarge(sock, socket.SO_RCVBUF, "net.core.rmem_max")
        _enlarge(sock, socket.SO_SNDBUF, "net.core.wmem_max")
        self._socket = sock

    def read(self) -> None:
        """Begin to read, on the running event loop."""
        asyncio.get_running_loop().add_reader(self.raw.fileno(), self._readable)

    @property
    def raw(self) -> socket.socket:
        """The socket itself, for the engine's inner loop.

        Raises:
            RuntimeError: not open.
        """
        if self._socket is None:
            raise RuntimeError("the media socket is not open")
        return self._socket

    @property
    def port(self) -> int:
        """The bound port."""
        return int(self.raw.getsockname()[1])

    @property
    def dropped(self) -> int:
        """Datagrams the kernel threw away because nobody read them; wraps at 2^32.

        0 while the port is not open, and where the kernel does not tell.
        """
        if self._socket is None:
            return 0
        try:
            told = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMORY.size)
        except OSError:
            return 0
        return int(_MEMORY.unpack(told)[-1]) if len(told) == _MEMORY.size else 0

    def send(self, data: bytes, address: Address) -> None:
        """Send one control datagram, or keep it until the socket buffer has room."""
        sock = self._socket
        if sock is None:
            return
        if self._waiting:
            self._waiting.append((data, address))
            return
        try:
            sock.sendto(data, address)
        except BlockingIOError:
            self._waiting.append((data, address))
            asyncio.get_running_loop().add_writer(sock.fileno(), self._writable)
        except OSError:
            # An address that cannot be reached now; the peer's timers deal with it.
            return

    def close(self) -> None:
        """Stop reading and free the port."""
        sock, self._socket = self._socket, None
        if sock is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(sock.fileno())
        loop.remove_writer(sock.fileno())
        sock.close()
        self._waiting.clear()

    def _readable(self) -> None:
        try:
            self._read()
        finally:
            self._received()

    def _read(self) -> None:
        for _ in range(BATCH):
            sock = self._socket
            if sock is None:
                return
            try:
                data, address = sock.recvfrom(MAX_DATAGRAM)
            except OSError:
                # Nothing more to read, or an ICMP error for an earlier datagram.
                return
            self._receive(data, address)

    def _writable(self) -> None:
        sock = self._socket
        while sock is not None and self._waiting:
            try:
                sock.sendto(*self._waiting[0])
            except BlockingIOError:
                return
            except OSError:
                pass  # as in send
            self._waiting.popleft()
        if sock is not None:
            asyncio.get_running_loop().remove_writer(sock.fileno())


def _enlarge(sock: socket.socket, option: int, limit: str) -> None:
    """Ask for a buffer of :data:`SOCKET_BUFFER`, and say so if the kernel gives less."""
    sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    given = sock.getsockopt(socket.SOL_SOCKET, option) // 2  # Linux doubles it for its own use
    if given < SOCKET_BUFFER:
        log.warning(
            "the kernel gives the media socket a buffer of %d kB instead of %d: pictures may be "
            "lost when all sites send at once; set %s to %d",
            given // 1024,
            SOCKET_BUFFER // 1024,
            limit,
            SOCKET_BUFFER,
        )
