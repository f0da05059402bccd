"""The native engine: a thread of its own receives, decrypts and forwards; no GIL is taken for it.

Owns: :class:`NativeEngine` and the answer to whether this installation has it. The core
(``_engine/forwarder.h``) turns the packets of known streams into those of their sinks, and sends
again what viewers ask for, whatever the event loop does meanwhile. Which packet goes to whom is
decided here on the event loop, which is told of every packet a moment after it was forwarded: it
sees key frames, levels, gaps, and attaches a slot to a source from a packet on that has already
passed. The core keeps packets, so the slot gets what it missed, and nothing else in the program
knows that there is a thread.

What the event loop makes itself (slates) it also sends itself, again too, with a table of its own.
Keys are used by both: the core's lock is let go between two viewers when the event loop wants it.

Where a sink's constants live: in the sink. The core's form of them is a ``Slot``, kept as the
sink's tally. While a stream has it nobody writes it but :meth:`NativeEngine.moved`.
"""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Callable
from typing import ClassVar, Final

from bridge.media.batch import sockaddr
from bridge.media.counters import MediaCounters
from bridge.media.engine import NOWHERE, Engine, Publisher
from bridge.media.mux import (
    CONTROL_BURST,
    CONTROL_PER_S,
    PACKETS_BURST,
    PACKETS_PER_S,
    REPORT_BYTES_BURST,
    REPORT_BYTES_PER_S,
    Endpoint,
)
from bridge.media.packets import Packet
from bridge.media.sink import Sink
from bridge.media.source import Source
from bridge.media.srtp import (
    CAPACITY,
    TRAILER,
    SrtpPair,
    context_address,
    inbound_address,
    protect_address,
    protect_rtcp_address,
    unprotect_address,
    unprotect_rtcp_address,
)
from bridge.media.udp import Address

try:
    from bridge.media._engine import _native
except ImportError as error:
    _native = None  # type: ignore[assignment]
    _missing = str(error)
else:
    from bridge.media.engine_stream import NativeStream

    _missing = ""

__all__ = ["NativeEngine", "why_missing"]

# Of the core's interface: one built from other sources may lack what is called here.
VERSION: Final = 6
# Viewers of a source from which on threads share them: for fewer it is not worth to wake one up.
SHARED = 48
# Records taken from the core at a time, so that timers run between.
BATCH: Final = 256
# What it was told last is older than this: too old to call a source silent (``source.SILENCE_S``).
BEHIND_S: Final = 0.5
# What the core drops, as it counts it.
DROPS: Final = (
    *("srtp_refused", "rtp_malformed", "peer_flood", "inbox_full", "no_memory"),
    "srtcp_refused",
)
# Senders remembered in Python's form of their address: those of a usual forum.
MAX_ADDRESSES: Final = 256


def why_missing() -> str:
    """Return why this installation has no native engine, "" if it has one."""
    if _native is None:
        return f"it was not built when this package was installed ({_missing})"
    built: tuple[int, ...] = (getattr(_native, "VERSION", 0), _native.CAPACITY, _native.TRAILER)
    if built != (VERSION, CAPACITY, TRAILER):
        return "it was built from other sources: install the package again"
    if not all(_crypto()):
        return "this version of pylibsrtp has another srtp_protect"
    return ""


def _crypto() -> tuple[int, int, int, int]:
    return (
        *(protect_address(), unprotect_address()),
        *(unprotect_rtcp_address(), protect_rtcp_address()),
    )


class NativeEngine(Engine):
    """Only where :func:`why_missing` returns "".

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
        send: address of a C function to call instead of ``sendmmsg``.
        threads: that make and send packets, 1..8; one of them reads the socket.
    """

    name = "native"
    receives: ClassVar[bool] = True

    def __init__(
        self,
        sock: socket.socket,
        counters: MediaCounters,
        *,
        send: int = 0,
        threads: int = 1,
    ) -> None:
        super().__init__(sock, counters)
        self._six: Final = sock.family == socket.AF_INET6
        self.core = _native.Forwarder(sock.fileno(), _crypto(), send, threads - 1, SHARED)
        self._fanout = _native.Fanout(protect_address(), send, self.core)
        self._peers: dict[Endpoint, _native.Peer] = {}
        self._attached: dict[Endpoint, set[_native.Slot]] = {}
        self._counted = self.core.totals()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._datagram: Callable[[bytes, Address, float], None] = _unheard

    # --- life -------------------------------------------------------------------------

    def start(self, datagram: Callable[[bytes, Address, float], None]) -> None:
        """Begin to read the socket, on the running event loop; see :meth:`Engine.start`."""
        self._datagram = datagram
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.core.event, self.drain)
        self.core.start()

    def close(self) -> None:
        """Read the socket no more."""
        self.core.stop()
        if self._loop is not None:
            self._loop.remove_reader(self.core.event)
            self._loop = None

    def look(self, now: float) -> bool:
        """Take what the core does not call the event loop for; see :meth:`Engine.look`."""
        waits = self.drain()
        self.count()
        return waits and now - self.core.told > BEHIND_S

    def drain(self) -> bool:
        """Take some of what the core tells; return whether there is more, and take that soon."""
        more = True  # and so it stays if something fails in here
        try:
            more = self.core.drain(self._received, _plain, _report, _checked, _taken, BATCH)
        finally:
            if more and self._loop is not None:
                self._loop.call_soon(self.drain)
            self.flush()
        return more

    def _received(self, data: bytes, name: bytes, at: float) -> None:
        self._datagram(data, _address(name), at)

    def count(self) -> None:
        """Add to the counters what the core did since the last call."""
        totals = self.core.totals()
        if totals == self._counted:
            return
        steps = [new - old for new, old in zip(totals, self._counted, strict=True)]
        self._counted = totals
        self._add(*steps[:6])
        self._counters.packets_in += steps[6]
        self._counters.bytes_in += steps[7]
        for reason, count in zip(DROPS, steps[8:-1], strict=True):
            self._drop(reason, count)
        self._counters.resent += steps[-1]

    # --- who sends, and who gets it ---------------------------------------------------

    def secure(self, srtp: SrtpPair) -> None:
        """Share the keys of a peer."""
        srtp.guard = self.core

    def admit(self, peer: Publisher) -> None:
        """Receive what *peer* sends of the sources that are adopted."""
        srtp, endpoint = peer.srtp, peer.endpoint
        if srtp is None:
            return
        pace = (
            *(PACKETS_PER_S, PACKETS_BURST, REPORT_BYTES_PER_S, REPORT_BYTES_BURST),
            *(CONTROL_PER_S, CONTROL_BURST),
        )
        known = self._peers[endpoint] = _native.Peer(
            self.core, peer, srtp, inbound_address(srtp), pace
        )
        known.trust(endpoint.credentials)
        known.move(self._name(endpoint))

    def dismiss(self, peer: Publisher) -> None:
        """Receive nothing of *peer* any more."""
        known = self._peers.pop(peer.endpoint, None)
        if known is not None:
            known.close()

    def expect(self, peer: Publisher, ssrc: int) -> None:
        """Decrypt reports of *peer* that begin with *ssrc*."""
        known = self._peers.get(peer.endpoint)
        if known is not None:
            known.expect(ssrc)

    def answer(self, peer: Publisher, compound: bytes, now: float) -> None:
        """Send what *compound* asks for again of packets that the core keeps."""
        known = self._peers.get(peer.endpoint)
        if known is not None:
            known.answer(compound, now)

    def report(self, peer: Publisher, ntp: int, now: float) -> None:
        """Make sender reports of what the core forwards to *peer*."""
        known = self._peers.get(peer.endpoint)
        if known is not None:
            self._counters.rtcp_out += known.report(ntp, now)

    def resend(self, sink: Sink, sequences: tuple[int, ...], now: float) -> None:
        """Send again what was asked for of packets that the core does not keep."""
        places = ((sequence, sink.locate(sequence)) for sequence in sequences)
        own = [sequence for sequence, at in places if at and at[0].source.relay is None]
        super().resend(sink, tuple(own), now)

    def adopt(self, peer: Publisher, source: Source) -> None:
        """Receive *source*; what the core has no place for stays with the event loop."""
        known = self._peers.get(peer.endpoint)
        if known is None:
            return
        try:
            source.relay = NativeStream(self, known, peer, source)
        except ValueError:
            self._counters.drop("peer_streams")

    def moved(self, endpoint: Endpoint) -> None:
        """Know that a peer has another address, or other credentials."""
        known = self._peers.get(endpoint)
        if known is not None:
            known.trust(endpoint.credentials)
            known.move(self._name(endpoint))
        slots = self._attached.get(endpoint, set())
        for slot in slots | known.slots if known is not None else slots:
            self.core.rename(slot, endpoint.address, self._name(endpoint))

    def _name(self, endpoint: Endpoint) -> bytes:
        return sockaddr(endpoint.address or NOWHERE, six=self._six)

    def attaching(self, sink: Sink) -> _native.Slot | None:
        """Return the slot of *sink*, written anew, to be given to a stream; None without keys."""
        slot = self.renewed(sink)
        if slot is not None:
            self._attached.setdefault(sink.endpoint, set()).add(slot)
            known = self._peers.get(sink.endpoint)
            if known is not None:
                known.serve(slot)
        return slot

    def detached(self, sink: Sink, slot: _native.Slot) -> None:
        """Know that no stream has *slot* any more."""
        slots = self._attached.get(sink.endpoint)
        if slots is not None:
            slots.discard(slot)
            if not slots:
                del self._attached[sink.endpoint]

    # --- what the event loop forwards itself ------------------------------------------

    def forward(self, source: Source, packet: Packet) -> None:
        """Send *packet* to every sink of *source*, unless the core did."""
        relay = source.relay
        if relay is None:
            super().forward(source, packet)
        elif not packet.forwarded:
            packet.forwarded = True
            relay.forward(packet)

    def _forward(self, source: Source, packet: Packet) -> None:
        self._add(
            *self._fanout.forward(
                self._socket.fileno(), source.sinks, packet, source.video, self.renewed
            )
        )
        if not self.holds:
            self.flush()

    def flush(self) -> bool:
        """Send what is held; return whether a full socket still keeps some, to be flushed soon."""
        waiting, failed = self._fanout.flush(self._socket.fileno())
        self._drop("send_failed", failed)
        return waiting + self.core.flush() > 0

    def _add(
        self, packets: int, octets: int, refused: int, failed: int, full: int, misfits: int
    ) -> None:
        counters = self._counters
        counters.packets_out += packets
        counters.bytes_out += octets
        counters.send_full += full
        if refused or failed or misfits:
            self._drop("encrypt_failed", refused)
            self._drop("send_failed", failed)
            self._drop("too_long_to_forward", misfits)

    def _drop(self, reason: str, count: int) -> None:
        if count:
            self._counters.drops[reason] = self._counters.drops.get(reason, 0) + count

    def renewed(self, sink: Sink) -> _native.Slot | None:
        """Write the constants of *sink* for the core; None if it has no keys or no source."""
        segment, srtp, tally = sink.segment, sink.srtp, sink.tally
        if segment is None or srtp is None:
            return None
        if isinstance(tally, _native.Slot):
            slot = tally
        else:
            slot = sink.tally = _native.Slot(
                tally.packets,
                tally.octets,
                tally.resent,
                tally.resent_packets,
                tally.repair_sequence & 0xFFFFFFFF,
            )
        before, after, picture, tl0 = segment.tail_key
        slot.write(
            segment=segment,
            srtp=srtp,
            endpoint=sink.endpoint,
            address=sink.endpoint.address,
            context=context_address(srtp),
            name=self._name(sink.endpoint),
            first=segment.first,
            ssrc=sink.ssrc,
            head=sink.flags | segment.payload_type,
            sequence=segment.sequence & 0xFFFF,
            timestamp=segment.timestamp,
            before=before,
            after=after,
            picture=picture,
            tl0=tl0,
            offset=segment.sequence,
            repair_head=sink.flags | segment.repair_type if segment.repair_type >= 0 else 0,
            repair_ssrc=sink.repair_ssrc,
            clock_rate=sink.clock_rate,
        )
        return slot


def _unheard(_data: bytes, _address: Address, _at: float) -> None:
    """Before the start nobody listens."""


def _plain(peer: Publisher, plain: bytes, at: float) -> None:
    peer.on_plain(plain, at)


def _checked(peer: Publisher, at: float) -> None:
    peer.endpoint.heard = at


def _report(peer: Publisher, compound: bytes, at: float) -> None:
    peer.on_report(compound, at)


def _taken(
    owner: tuple[Publisher, Source],
    plain: bytes,
    at: float,
    number: int,
    size: int,
    payload: int,
    places: tuple[int, int, int, int],
) -> None:
    peer, source = owner
    packet = Packet(number, 0, 0, b"", b"")
    packet.size = payload
    packet.forwarded = True
    packet.picture_at, packet.picture, packet.tl0_at, packet.tl0 = places
    peer.on_taken(source, packet, plain, size, at)


@functools.lru_cache(maxsize=MAX_ADDRESSES)
def _address(name: bytes) -> Address:
    """Return the address in a ``sockaddr``, as ``recvfrom`` gives it."""
    family = int.from_bytes(name[:2], "little")
    port = int.from_bytes(name[2:4], "big")
    if family == socket.AF_INET:
        return socket.inet_ntop(family, name[4:8]), port
    host = socket.inet_ntop(socket.AF_INET6, name[8:24])
    flow, scope = int.from_bytes(name[4:8], "big"), int.from_bytes(name[24:28], "little")
    return (host, port, flow, scope)  # type: ignore[return-value]
