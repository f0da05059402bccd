"""Forwarding packets to viewers, in C: what a sink's constants are in the core's form.

Owns: :class:`NativeEngine` and the answer to whether this installation has it. The
core (``_engine/fanout.h``) builds, encrypts and sends a packet to all viewers without
the GIL; which packet goes to whom was decided before, as in ``engine_python``.

Where a sink's constants live: in the sink. The core's form of them is a
``Slot``, kept as the sink's tally and compared for every packet, by
identity, with the objects it was made of (segment, keys, address). So nobody has to
tell the engine what changed, and a slot owns what the core points to.

Packets wait in the core until :meth:`~NativeEngine.flush`: those of one picture come together, and
one system call sends them all, several in one message where they go to one
viewer (``UDP_SEGMENT``), which halves what the kernel takes for them. The core
is faster than a network of 1 Gb/s, so a full socket is nothing unusual: then
they wait there for the next flush.

One thread, the event loop's, forwards and changes sinks. While it is in the
core other threads may run Python, but none of them may touch sinks; the core
refuses a second packet meanwhile.
"""

from __future__ import annotations

import socket
from typing import Final

from bridge.media.batch import sockaddr
from bridge.media.counters import MediaCounters
from bridge.media.engine import NOWHERE, Engine
from bridge.media.sink import Sink
from bridge.media.source import Packet, Source
from bridge.media.srtp import CAPACITY, TRAILER, context_address, protect_address

try:
    from bridge.media._engine import _native
except ImportError as error:
    _native = None  # type: ignore[assignment]
    _missing = str(error)
else:
    _missing = ""

__all__ = ["NativeEngine", "why_missing"]


def why_missing() -> str:
    """Return why this installation has no native engine, "" if it has one."""
    if _native is None:
        return f"it was not built when this package was installed ({_missing})"
    if (_native.CAPACITY, _native.TRAILER) != (CAPACITY, TRAILER):
        return "it was built from other sources: install the package again"
    if not protect_address():
        return "this version of pylibsrtp has another srtp_protect"
    return ""


class NativeEngine(Engine):
    """The forwarding loop in C; only where :func:`why_missing` returns "".

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
        send: address of a C function to call instead of ``sendmmsg``.
    """

    name = "native"

    def __init__(self, sock: socket.socket, counters: MediaCounters, *, send: int = 0) -> None:
        super().__init__(sock, counters)
        self._six: Final = sock.family == socket.AF_INET6
        self._fanout = _native.Fanout(protect_address(), send)

    def _forward(self, source: Source, packet: Packet) -> None:
        packets, octets, refused, failed, full, misfits = self._fanout.forward(
            self._socket.fileno(), source.sinks, packet, source.video, self._renewed
        )
        counters = self._counters
        counters.packets_out += packets
        counters.bytes_out += octets
        counters.send_full += full
        if refused or failed or misfits:
            self._drop("encrypt_failed", refused)
            self._drop("send_failed", failed)
            self._drop("too_long_to_forward", misfits)
        if not self.holds:
            self.flush()

    def flush(self) -> bool:
        """Send what is held; return whether a full socket still keeps some, to be flushed soon."""
        waiting, failed = self._fanout.flush(self._socket.fileno())
        self._drop("send_failed", failed)
        return waiting > 0

    def _drop(self, reason: str, count: int) -> None:
        if count:
            self._counters.drops[reason] = self._counters.drops.get(reason, 0) + count

    def _renewed(self, sink: Sink) -> _native.Slot | None:
        """Write the constants of *sink* for the core; None if it has no keys or no source."""
        segment, srtp, tally = sink.segment, sink.srtp, sink.tally
        if segment is None or srtp is None:
            return None
        if isinstance(tally, _native.Slot):
            slot = tally
        else:
            slot = sink.tally = _native.Slot(tally.packets, tally.octets)
        before, after, picture, tl0 = segment.tail_key
        address = sink.endpoint.address
        slot.write(
            segment=segment,
            srtp=srtp,
            endpoint=sink.endpoint,
            address=address,
            context=context_address(srtp),
            name=sockaddr(address or NOWHERE, six=self._six),
            first=segment.first,
            ssrc=sink.ssrc,
            head=sink.flags | segment.payload_type,
            sequence=segment.sequence & 0xFFFF,
            timestamp=segment.timestamp,
            before=before,
            after=after,
            picture=picture,
            tl0=tl0,
        )
        return slot
