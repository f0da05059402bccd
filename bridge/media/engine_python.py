"""Forwarding packets to viewers, in Python: decrypt once, encrypt per viewer, send together.

Owns: the inner loop, where there is no compiled one. Everything that is decided
(who gets what, when to switch) was decided before and lies in the sinks'
constants. ``engine_native`` must turn the same input into the same bytes.
"""

from __future__ import annotations

import socket
import struct
from functools import lru_cache
from typing import Final

from bridge.media.batch import SLOTS, TOGETHER, Batch
from bridge.media.counters import MediaCounters
from bridge.media.engine import NOWHERE, Engine, tail
from bridge.media.packets import Packet
from bridge.media.sink import HEADER, TailKey
from bridge.media.source import Source
from bridge.media.srtp import CAPACITY, PROTECT
from bridge.media.udp import Address

__all__ = ["PythonEngine"]

_HEADER: Final = struct.Struct("!HHII")


@lru_cache(maxsize=CAPACITY)
def layout(size: int) -> struct.Struct:
    """Return the layout of a packet with *size* bytes after its header: one call writes it all."""
    return struct.Struct(f"!HHII{size}s")


class PythonEngine(Engine):
    """The forwarding loop.

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
        together: send to all viewers with one system call, where the machine can.
    """

    name = "python"

    def __init__(
        self, sock: socket.socket, counters: MediaCounters, *, together: bool = TOGETHER
    ) -> None:
        super().__init__(sock, counters)
        self._batch = Batch(sock, counters, together=together)

    def _forward(self, source: Source, packet: Packet) -> None:
        octets = len(packet.payload)
        number, timestamp, marker = packet.number, packet.timestamp, packet.marker
        batch = self._batch
        view, slots, protect = batch.view, batch.slots, PROTECT
        tails: dict[TailKey, bytes] = {}
        key: TailKey | None = None
        body, size, write = b"", 0, _HEADER.pack_into
        addresses: list[Address] = []
        count = packets = total = 0
        sinks = source.sinks
        begin = number % len(sinks)
        for sink in sinks[begin:] + sinks[:begin]:
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
            if sink.srtp is None or protect(sink.srtp.context, memory, length):
                self._counters.drop("encrypt_failed")
                continue
            tally = sink.tally
            tally.packets += 1
            tally.octets += octets
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
