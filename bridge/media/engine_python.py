"""Forwarding packets to viewers, in Python: decrypt once, encrypt per viewer, send together.

Owns: the inner loop. Everything that is decided (who gets what, when to
switch) was decided before and lies in the sinks' constants. A native engine
replaces this file and must turn the same input into the same bytes.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from bridge.media.batch import SLOTS, TOGETHER, Batch
from bridge.media.counters import MediaCounters
from bridge.media.sink import HEADER, Segment, Sink, TailKey
from bridge.media.source import Packet, Source
from bridge.media.srtp import CAPACITY, PROTECT, TRAILER
from bridge.media.udp import Address

__all__ = ["PythonEngine", "packet_bytes"]

_HEADER: Final = struct.Struct("!HHII")
_PICTURE: Final = struct.Struct("!H")
# A sink has an address before it has keys; this satisfies the type checker only.
NOWHERE: Final = ("", 0)
MAX_TAIL: Final = CAPACITY - TRAILER - HEADER


@lru_cache(maxsize=CAPACITY)
def layout(size: int) -> struct.Struct:
    """Return the layout of a packet with *size* bytes after its header: one call writes it all."""
    return struct.Struct(f"!HHII{size}s")


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
    sink.repair_sequence += 1
    whole = tail(packet, segment.tail_key)
    original = _PICTURE.pack((packet.number + segment.sequence) & 0xFFFF)
    cut = sink.overhead - HEADER
    head = _HEADER.pack(
        sink.flags | packet.marker | segment.repair_type,
        sink.repair_sequence & 0xFFFF,
        (packet.timestamp + segment.timestamp) & 0xFFFFFFFF,
        sink.repair_ssrc,
    )
    return head + whole[:cut] + original + whole[cut:]


class PythonEngine:
    """The forwarding loop.

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
        together: send to all viewers with one system call, where the machine can.
    """

    def __init__(
        self, sock: socket.socket, counters: MediaCounters, *, together: bool = TOGETHER
    ) -> None:
        self._sendto = sock.sendto
        self._counters = counters
        self._batch = Batch(sock, counters, together=together)

    def forward(self, source: Source, packet: Packet) -> None:
        """Send *packet* to every sink of *source*."""
        octets = len(packet.payload)
        if octets > MAX_TAIL - 64:  # 64: more than any extension we write
            self._counters.drop("too_long_to_forward")
            return
        number, timestamp, marker = packet.number, packet.timestamp, packet.marker
        batch = self._batch
        view, slots, protect = batch.view, batch.slots, PROTECT
        tails: dict[TailKey, bytes] = {}
        key: TailKey | None = None
        body, size, write = b"", 0, _HEADER.pack_into
        addresses: list[Address] = []
        count = packets = total = 0
        for sink in source.sinks:
            if number < sink.first:
                continue  # from before the switch: its number is taken
            if sink.tail_key is not key:
                key = sink.tail_key
                found = tails.get(key)
                if found is None:
                    found = tails[key] = tail(packet, key)
                body, size = found, HEADER + len(found)
                write = layout(len(found)).pack_into
            memory, length, start = slots[count]
            write(
                view,
                start,
                sink.head | marker,
                (number + sink.sequence) & 0xFFFF,
                (timestamp + sink.rtp_offset) & 0xFFFFFFFF,
                sink.ssrc,
                body,
            )
            length[0] = size
            if protect(sink.context, memory, length):
                self._counters.drop("encrypt_failed")
                continue
            sink.packets += 1
            sink.octets += octets
            total += size
            addresses.append(sink.endpoint.address or NOWHERE)
            count += 1
            if count == SLOTS:
                batch.send(addresses)
                packets += count
                addresses, count = [], 0
        if count:
            batch.send(addresses)
        self._counters.packets_out += packets + count
        self._counters.bytes_out += total

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
            if not sink.may_resend(sequence, len(packet.payload) + sink.overhead, now):
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
            sink.resent += len(data)
            self._counters.resent += 1

    def send(self, sink: Sink, data: bytes) -> None:
        """Encrypt and send one RTP packet of *sink*."""
        protected = sink.srtp.protect(data) if sink.srtp is not None else None
        if protected is None:
            self._counters.drop("encrypt_failed")
            return
        try:
            self._sendto(protected, sink.endpoint.address or NOWHERE)
        except BlockingIOError:
            self._counters.send_full += 1
        except OSError:
            self._counters.drop("send_failed")
