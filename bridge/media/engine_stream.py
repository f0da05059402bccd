"""A source in the native engine's core: what its thread receives, keeps and forwards.

Owns nothing but the way there; see ``relay.Relay``, which says what each call means.
"""

from __future__ import annotations

from typing import Protocol

from bridge.media._engine import _native
from bridge.media.answer import Codec
from bridge.media.engine import Publisher
from bridge.media.packets import Mark, Packet
from bridge.media.sink import Sink
from bridge.media.source import Source
from bridge.rtp.packet import abs_send_time

__all__ = ["NativeStream", "Slots"]


class Slots(Protocol):
    """What writes the core's form of sinks: the engine."""

    def attaching(self, sink: Sink) -> _native.Slot | None:
        """Return the slot of *sink*, written anew, to be given to a stream; None without keys."""
        ...

    def detached(self, sink: Sink, slot: _native.Slot) -> None:
        """Know that no stream has *slot* any more."""
        ...


class NativeStream:
    """A source in the core; see ``source.Relay``.

    Raises:
        ValueError: the core has no place for it.
    """

    def __init__(self, engine: Slots, known: _native.Peer, peer: Publisher, source: Source) -> None:
        self._engine = engine
        self._keeps = False
        codec = source.codec
        self._core = _native.Stream(
            known,
            (peer, source),
            source.ssrc,
            codec.payload_type,
            source.video,
            codec.name == "vp8",
        )

    def insert(
        self, sequence: int, timestamp: int, marker: int, payload: bytes, now: float
    ) -> Packet | None:
        """Number and keep a packet that came by another way; None if it is not new."""
        place = self._core.insert(sequence, timestamp, marker != 0, payload, now)
        if place is None:
            return None
        number, places = place
        packet = Packet(number, timestamp, marker, payload, abs_send_time(now))
        packet.picture_at, packet.picture, packet.tl0_at, packet.tl0 = places
        return packet

    def forward(self, packet: Packet) -> None:
        """Give its sinks a packet that was inserted."""
        self._core.forward(packet.number)

    def keep(self, *, keeps: bool) -> None:
        """Keep packets from now on, or no more."""
        if keeps is not self._keeps:
            self._keeps = keeps
            self._core.keep(keeps)

    def packet(self, number: int) -> Packet | None:
        """Return a packet that is kept."""
        found = self._core.packet(number)
        if found is None:
            return None
        payload, timestamp, marker, stamp, places = found
        packet = Packet(number, timestamp, marker, payload, stamp)
        packet.picture_at, packet.picture, packet.tl0_at, packet.tl0 = places
        return packet

    def attach(self, sink: Sink) -> bool:
        """Give *sink* everything from its first packet on; False if that is not kept."""
        slot = self._engine.attaching(sink)
        if slot is None:
            return False
        attached = self._core.attach(slot)
        if not attached:
            self._engine.detached(sink, slot)
        return attached

    def detach(self, sink: Sink) -> Mark:
        """Give *sink* nothing more."""
        slot = sink.tally
        if not isinstance(slot, _native.Slot):
            return Mark(-1, 0, 0.0, 0, 0)
        self._engine.detached(sink, slot)
        return Mark(*self._core.detach(slot))

    def change(self, codec: Codec) -> None:
        """Go on in another codec."""
        self._core.change(codec.payload_type, codec.name == "vp8")

    def close(self) -> None:
        """Receive and forward nothing any more."""
        self._core.close()
