"""The sound of one site, packet by packet, for as long as somebody listens.

Owns: asking a source to keep its packets, and taking them out of what it keeps. Nothing is
added to a packet's way: a source that is listened to keeps them as if a viewer were there.
Whoever listens calls :meth:`Hearing.look` at least every second; who stops calling is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bridge.listening.order import Sound
from bridge.media.answer import MICROPHONE
from bridge.media.packets import Packet
from bridge.media.peer import Peer
from bridge.media.source import KEPT, Source

__all__ = ["Hearing"]

_STAMP_SPAN: Final = 1 << 24  # abs-send-time: 6 bits of seconds and 18 of their fraction
_STAMP_SECOND: Final = 1 << 18


class Hearing:
    """Collects the sound of whoever publishes for a site.

    Args:
        publisher: returns that peer, None while there is none.
        most: packets to collect of a source at most.
    """

    def __init__(self, publisher: Callable[[], Peer | None], most: int = 1000) -> None:
        self._publisher = publisher
        self._most = most
        self._sounds: dict[Source, list[Sound]] = {}

    def look(self, now: float) -> None:
        """Take what came since the last look.

        Args:
            now: seconds on the monotonic clock.
        """
        peer = self._publisher()
        track = peer.uplink.tracks.get(MICROPHONE) if peer is not None else None
        for source in track.sources.values() if track is not None else ():
            source.keep(now)
            self._take(source, now)

    @property
    def peer(self) -> str:
        """Id of the peer that publishes now, empty for none."""
        peer = self._publisher()
        return peer.id if peer is not None else ""

    def sounds(self) -> list[Sound]:
        """Return what was collected of the source that sent most, in order of number."""
        return max(self._sounds.values(), key=len, default=[])

    def _take(self, source: Source, now: float) -> None:
        taken = self._sounds.setdefault(source, [])
        after = taken[-1].number if taken else 0
        for number in range(max(after, source.highest - KEPT) + 1, source.highest + 1):
            packet = source.packet_at(number)
            if packet is not None and len(taken) < self._most:
                arrived = _arrived(packet, now)
                taken.append(Sound(number, packet.timestamp, arrived, packet.payload))


def _arrived(packet: Packet, now: float) -> float:
    """Return when *packet* came, of which it remembers the last 64 s' worth."""
    passed = round(now * _STAMP_SECOND) - int.from_bytes(packet.stamp, "big")
    return now - passed % _STAMP_SPAN / _STAMP_SECOND
