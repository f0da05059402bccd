"""A small controlling ICE agent (RFC 8445) for one UDP socket that calls an ICE-lite server.

Owns connectivity checks and consent (RFC 7675); knows nothing of what the datagrams
carry. aioice's own ``Connection`` is not used: it never gathers 127.0.0.1 and gives a
path up when round trips pass half a second. Its STUN messages are.

An ICE-lite server sends no checks and offers its candidates in the answer, so the whole
procedure is: check every candidate with USE-CANDIDATE, keep the first that answers.
Checks from a full agent (aiortc, in tests) are answered.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

from aioice import stun

from bridge.clock import monotonic
from bridge.tasks import Tasks

__all__ = ["Candidate", "IceAgent", "RemoteIce"]

CHECK_INTERVAL_S = 0.1  # between checks while connecting; the answer is one round trip away
CONSENT_INTERVAL_S = 2.5  # RFC 7675 allows up to 5 s; shorter, so that a dead server is noticed
RETRY_INTERVAL_S = 0.5  # after one check without an answer
UNANSWERED_CHECKS = 6  # then the path is dead: 3 s of silence, more than a busy server's stall
SUSPECT_CHECKS = 2  # the same, if the port is closed or something else says the server is gone
_PRIORITY_PRFLX = 1853824767  # RFC 8445 5.1.2.1 with type preference 110, component 1
_RECEIVE_BURST = 64  # datagrams read per wake-up, so that one socket cannot hold the loop
_RECEIVE_BUFFER = 2048
_WAITING_DATAGRAMS = 32  # DTLS flights are a handful of datagrams

Address = tuple[str, int]


@dataclass(frozen=True)
class Candidate:
    """Where the other side can be reached: numeric address and UDP port."""

    host: str
    port: int


@dataclass(frozen=True)
class RemoteIce:
    """The other side's ICE parameters, from its session description."""

    ufrag: str
    password: str
    candidates: tuple[Candidate, ...]


class IceAgent:
    """One UDP socket and the path it found.

    It is also the ``transport`` that aiortc's ``RTCDtlsTransport`` wants: ``role``,
    ``_send`` and ``_recv``.

    Args:
        on_media: called with every datagram that looks like RTP or RTCP.
        on_lost: called once when the path is dead; the agent is of no use afterwards.
        local_host: address to bind, empty for any; then only remote candidates of the
            same family can be reached.
    """

    role = "controlling"

    def __init__(
        self,
        on_media: Callable[[bytes], None],
        on_lost: Callable[[], None],
        *,
        local_host: str = "",
    ) -> None:
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.round_trip_s: float | None = None
        self._on_media = on_media
        self._on_lost = on_lost
        self._local_host = local_host
        self._socket: socket.socket | None = None
        self._remote: RemoteIce | None = None
        self._path: Address | None = None
        self._connected = asyncio.Event()
        self._hurry = asyncio.Event()
        self._waiting: dict[bytes, float] = {}
        self._answered = asyncio.Event()
        self._suspect = False
        self._closed = False
        self._dtls: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_DATAGRAMS)
        self._tasks = Tasks("ice")

    def bind(self) -> Candidate:
        """Open the socket before the offer is made; return where it is bound.

        Raises:
            OSError: ``local_host`` is not an address of this machine.
        """
        family = socket.AF_INET6 if ":" in self._local_host else socket.AF_INET
        return self._open(family)

    def _open(self, family: socket.AddressFamily) -> Candidate:
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.bind((self._local_host, 0))
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._readable)
        host, port, *_ = opened.getsockname()
        return Candidate(host, port)

    async def connect(self, remote: RemoteIce, timeout_s: float) -> None:
        """Find the first candidate that answers, then watch over it until :meth:`close`.

        Raises:
            ConnectionError: none answered in *timeout_s* seconds, or there are none.
        """
        self._remote = remote
        addresses = [(item.host, item.port) for item in remote.candidates]
        if not addresses:
            raise ConnectionError("the answer names no candidate to send to")
        if self._socket is None:
            is_ipv6 = ":" in addresses[0][0]
            self._open(socket.AF_INET6 if is_ipv6 else socket.AF_INET)
        deadline = monotonic() + timeout_s
        while not self._connected.is_set():
            if monotonic() > deadline:
                raise ConnectionError(f"no answer to connectivity checks from {addresses}")
            for address in addresses:
                self._check(address)
            await self._wait(self._connected, CHECK_INTERVAL_S)
        self._tasks.start("consent", self._keep_consent())

    @staticmethod
    async def _wait(event: asyncio.Event, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            pass

    def hand_over(self) -> socket.socket:
        """Return the socket: the caller reads it from now on, for :meth:`take`; we close it.

        Raises:
            ConnectionError: there is no path yet.
        """
        if self._socket is None or self._path is None:
            raise ConnectionError("no path")
        asyncio.get_running_loop().remove_reader(self._socket)
        return self._socket

    def take(self, data: bytes) -> None:
        """Take a datagram that was read from the socket handed over."""
        if self._path is not None:
            self._datagram(data, self._path)

    async def _keep_consent(self) -> None:
        """Check the path now and then; several checks without any answer mean it is dead."""
        while self._path is not None:
            await self._wait(self._hurry, CONSENT_INTERVAL_S)
            self._hurry.clear()
            self._answered.clear()
            self._waiting.clear()
            checks = 0
            while self._path is not None and not self._answered.is_set():
                if checks >= (SUSPECT_CHECKS if self._suspect else UNANSWERED_CHECKS):
                    self._lose()
                    return
                self._check(self._path)
                checks += 1
                await self._wait(self._answered, RETRY_INTERVAL_S)

    def suspect(self) -> None:
        """Check at once, with little patience: something hints that the server is gone."""
        if not self._suspect:
            self._suspect = True
            self._hurry.set()

    def _check(self, address: Address) -> None:
        if self._remote is None:
            return
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote.ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = _PRIORITY_PRFLX
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote.password.encode())
        request.add_fingerprint()
        self._waiting[request.transaction_id] = monotonic()
        self._transmit(bytes(request), address)

    def _readable(self) -> None:
        for _ in range(_RECEIVE_BURST):
            if self._socket is None:
                return
            try:
                data, address = self._socket.recvfrom(_RECEIVE_BUFFER)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                self.suspect()  # the port is closed just now
                continue
            except OSError:
                return
            if data:
                self._datagram(data, (address[0], address[1]))

    def _datagram(self, data: bytes, address: Address) -> None:
        """Sort by the first byte (RFC 7983)."""
        first = data[0]
        if 128 <= first < 192:
            self._on_media(data)
        elif 20 <= first < 64:
            if not self._dtls.full():
                self._dtls.put_nowait(data)
        elif first < 4:
            self._stun(data, address)

    def _stun(self, data: bytes, address: Address) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        if message.message_method != stun.Method.BINDING or self._remote is None:
            return
        if message.message_class == stun.Class.RESPONSE:
            sent = self._waiting.pop(message.transaction_id, None)
            if sent is None or not message.check_message_integrity(self._remote.password.encode()):
                return
            self.round_trip_s = monotonic() - sent
            self._answered.set()
            self._suspect = False
            if self._path is None:
                self._settle(address)
        elif message.message_class == stun.Class.REQUEST and message.check_message_integrity(
            self.password.encode()
        ):
            response = stun.Message(
                message_method=stun.Method.BINDING,
                message_class=stun.Class.RESPONSE,
                transaction_id=message.transaction_id,
            )
            response.attributes["XOR-MAPPED-ADDRESS"] = address
            response.add_message_integrity(self.password.encode())
            response.add_fingerprint()
            self._transmit(bytes(response), address)

    def _settle(self, address: Address) -> None:
        """Keep *address*; a connected socket also reports a closed port at once."""
        if self._socket is not None:
            self._socket.connect(address)
        self._path = address
        self._connected.set()

    def _transmit(self, data: bytes, address: Address) -> None:
        if self._socket is None:
            return
        try:
            if self._path is None:
                self._socket.sendto(data, address)
            else:
                self._socket.send(data)
        except ConnectionRefusedError:
            self.suspect()  # the port is closed just now
        except OSError:
            pass  # a full buffer or a network that is away: UDP may lose datagrams

    def send(self, data: bytes) -> None:
        """Send a media datagram on the path found; silently nothing before that."""
        if self._path is not None:
            self._transmit(data, self._path)

    def _lose(self) -> None:
        if not self._closed:
            self._on_lost()

    def close(self) -> None:
        """Close the socket; a waiting DTLS transport sees the connection end."""
        if self._closed:
            return
        self._closed = True
        self._path = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        if self._dtls.full():
            self._dtls.get_nowait()
        self._dtls.put_nowait(None)
        self._hurry.set()  # both end the consent task, whose path is gone
        self._answered.set()

    async def _send(self, data: bytes) -> None:
        """Send for aiortc's DTLS transport."""
        if self._path is None:
            raise ConnectionError("no path")
        self._transmit(data, self._path)

    async def _recv(self) -> bytes:
        """Receive for aiortc's DTLS transport."""
        data = await self._dtls.get()
        if data is None:
            raise ConnectionError("closed")
        return data
