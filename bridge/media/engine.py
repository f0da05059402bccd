"""What every engine is, and what none needs to do fast: resending, single packets.

Owns: the bytes of a packet as its viewer gets it. The inner loop is ``engine_python``'s or
``engine_native``'s: both turn the same input into the same datagrams and counts.
"""

from __future__ import annotations

import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar, Final, Protocol

from bridge.media.counters import MediaCounters
from bridge.media.mux import Endpoint
from bridge.media.packets import Packet
from bridge.media.sink import HEADER, Segment, Sink, TailKey
from bridge.media.source import Source
from bridge.media.srtp import CAPACITY, TRAILER, SrtpPair
from bridge.media.udp import Address

__all__ = [
    "LONGEST",
    "NOWHERE",
    "Engine",
    "Publisher",
    "packet_bytes",
    "repair_bytes",
    "tail",
]

_HEADER: Final = struct.Struct("!HHII")
_PICTURE: Final = struct.Struct("!H")
# A sink has an address before it has keys; this satisfies the type checker only.
NOWHERE: Final = ("", 0)
# Payload bytes of a packet that is forwarded; extensions are at most 64, see ``sink``.
LONGEST: Final = CAPACITY - TRAILER - HEADER - 64


def tail(packet: Packet, key: TailKey) -> bytes:
    """Return what follows the header for sinks with this key: extensions and payload."""
    before, after, picture, tl0 = key
    extensions = before + packet.stamp + after if before else after
    if not (picture or tl0) or not packet.picture_at:
        return extensions + packet.payload
    payload = bytearray(packet.payload)
    _PICTURE.pack_into(payload, packet.picture_at, 0x8000 | ((packet.picture + picture) & 0x7FFF))
    if packet.tl0_at:
        payload[packet.tl0_at] = (packet.tl0 + tl0) & 0xFF
    return extensions + payload


def packet_bytes(sink: Sink, segment: Segment, packet: Packet) -> bytes:
    """Return the RTP packet as it was first sent to *sink*, for resending without RTX."""
    head = _HEADER.pack(
        sink.flags | packet.marker | segment.payload_type,
        (packet.number + segment.sequence) & 0xFFFF,
        (packet.timestamp + segment.timestamp) & 0xFFFFFFFF,
        sink.ssrc,
    )
    return head + tail(packet, segment.tail_key)


def repair_bytes(sink: Sink, segment: Segment, packet: Packet) -> bytes:
    """Return the RTX packet (RFC 4588 4) for *packet*; takes the next RTX sequence number."""
    sequence = sink.tally.next_repair()
    whole = tail(packet, segment.tail_key)
    original = _PICTURE.pack((packet.number + segment.sequence) & 0xFFFF)
    cut = sink.overhead - HEADER
    head = _HEADER.pack(
        sink.flags | packet.marker | segment.repair_type,
        sequence & 0xFFFF,
        (packet.timestamp + segment.timestamp) & 0xFFFFFFFF,
        sink.repair_ssrc,
    )
    return head + whole[:cut] + original + whole[cut:]


class Publisher(Protocol):
    """A peer that sends, as engines know it."""

    @property
    def endpoint(self) -> Endpoint:
        """Where it is."""
        ...

    @property
    def srtp(self) -> SrtpPair | None:
        """Its keys."""
        ...

    def on_plain(self, plain: bytes, now: float) -> None:
        """Take a decrypted packet that no relay took."""
        ...

    def on_report(self, compound: bytes, now: float) -> None:
        """Take a decrypted RTCP compound; what it asks for again was sent."""
        ...

    def on_taken(self, source: Source, packet: Packet, plain: bytes, size: int, now: float) -> None:
        """Look on: a relay has received and forwarded *packet*, *size* bytes long."""
        ...


class Engine(ABC):
    """Forwards packets.

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
    """

    name: ClassVar[str]
    """As operators know it."""
    receives: ClassVar[bool] = False
    """It reads the socket itself, once started."""

    def __init__(self, sock: socket.socket, counters: MediaCounters) -> None:
        self._socket = sock
        self._sendto = sock.sendto
        self._counters = counters
        self.holds = False
        """Keep what is forwarded until :meth:`flush`, so that one viewer's packets leave together.

        An engine may take no notice."""

    # --- for engines that receive; the others do nothing ------------------------------

    def start(self, datagram: Callable[[bytes, Address, float], None]) -> None:  # noqa: B027
        """Begin to read the socket, on the running event loop.

        Args:
            datagram: called with what is not for the engine, its sender, and when it came.
        """

    def close(self) -> None:  # noqa: B027
        """Read the socket no more."""

    def look(self, now: float) -> bool:  # noqa: ARG002
        """Take what can wait; call it every ``rounds.CALM_TICK_S``.

        Returns:
            Whether the event loop is so far behind that sources may seem silent which are not.
        """
        return False

    def secure(self, srtp: SrtpPair) -> None:  # noqa: B027
        """Share the keys of a peer."""

    def admit(self, peer: Publisher) -> None:  # noqa: B027
        """Receive what *peer*, whose keys are there, sends of the sources that are adopted.

        And answer what it asks for again.
        """

    def dismiss(self, peer: Publisher) -> None:  # noqa: B027
        """Receive nothing of *peer* any more."""

    def expect(self, peer: Publisher, ssrc: int) -> None:  # noqa: B027
        """Decrypt RTCP of *peer* that begins with *ssrc*: such was authentic."""

    def answer(self, peer: Publisher, compound: bytes, now: float) -> None:  # noqa: B027
        """Send what the decrypted RTCP *compound* asks for again, unless :meth:`resend` does."""

    def report(self, peer: Publisher, ntp: int, now: float) -> None:  # noqa: B027
        """Make sender reports of what relays forward to *peer*; they leave with :meth:`flush`.

        Args:
            peer: a viewer.
            ntp: of this moment, 64 bits.
            now: the same on the monotonic clock, seconds.
        """

    def adopt(self, peer: Publisher, source: Source) -> None:  # noqa: B027
        """Receive *source* of *peer*, if that was admitted."""

    def moved(self, endpoint: Endpoint) -> None:  # noqa: B027
        """Know that a peer has another address, or other credentials."""

    # --- forwarding -------------------------------------------------------------------

    @abstractmethod
    def _forward(self, source: Source, packet: Packet) -> None:
        """Send *packet*, which is not too long, to every sink of *source*."""

    def forward(self, source: Source, packet: Packet) -> None:
        """Send *packet* to every sink of *source*, each time beginning with another one."""
        if len(packet.payload) > LONGEST:
            self._counters.drop("too_long_to_forward")
        elif source.sinks:
            self._forward(source, packet)

    def flush(self) -> bool:
        """Send what is held; return whether a full socket still keeps some, to be flushed soon."""
        return False

    def resend(self, sink: Sink, sequences: tuple[int, ...], now: float) -> None:
        """Send packets of *sink* again that its viewer asked for, within the budget.

        Args:
            sink: the slot.
            sequences: as sent, 0..65535.
            now: seconds on the monotonic clock.
        """
        for sequence in sequences:
            found = sink.find(sequence)
            if found is None:
                continue
            segment, packet = found
            if not sink.tally.may_resend(sequence, packet.size + sink.overhead, now):
                continue
            if segment.repair_type >= 0:
                data = repair_bytes(sink, segment, packet)
            else:
                data = packet_bytes(sink, segment, packet)
            self.send(sink, data)
            self._counters.resent += 1

    def repeat(self, sink: Sink, sequences: Iterable[int]) -> None:
        """Send packets of *sink* again that nobody asked for, outside the budget.

        Args:
            sink: the slot; without RTX nothing is sent: its viewer would take them for replays.
            sequences: as sent.
        """
        for sequence in sequences:
            found = sink.find(sequence & 0xFFFF)
            if found is None or found[0].repair_type < 0:
                continue
            data = repair_bytes(sink, *found)
            self.send(sink, data)
            sink.tally.repeated(len(data))
            self._counters.resent += 1

    def send(self, sink: Sink, data: bytes) -> None:
        """Encrypt and send one RTP packet of *sink*."""
        protected = sink.srtp.protect(data) if sink.srtp is not None else None
        if protected is None:
            self._counters.drop("encrypt_failed")
            return
        address: Address = sink.endpoint.address or NOWHERE
        try:
            self._sendto(protected, address)
        except BlockingIOError:
            self._counters.send_full += 1
        except OSError:
            self._counters.drop("send_failed")
