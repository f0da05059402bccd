"""A slate as media: a still that any slot can follow, as if a camera sent it.

Owns: when a picture of it is due, and in which packets. Nothing is sent as long as nobody
watches. Each picture is a key frame, so that whoever comes late, or lost one, sees it with the
next; it goes through sources and sinks like any other, with its numbers, and is resent like any
other. Knows nothing of sites and routes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Final

from bridge.media.answer import CAMERA, Codec, Section
from bridge.media.feedback import KEY_THROTTLE_S
from bridge.media.packets import Packet
from bridge.media.sdp import Media
from bridge.media.sink import Sink
from bridge.media.source import Source, Track
from bridge.rtp import h264, vp8
from bridge.slates.still import Still

__all__ = ["Slate"]

# 20 kB a second are 160 kb/s, a tenth of a camera; players and recorders take a second for alive.
REPEAT_S: Final = 1.0
# With 1,200 bytes of headers, extensions and encryption included no packet is ever fragmented.
MAX_PAYLOAD: Final = 1100
# 63 viewers get 18 packets each within 100 ms: 110 Mb/s, and never more than 4 ms at a time.
PACKETS_PER_TICK: Final = 4

Due = tuple[Source, Packet, bool]
"""A packet to forward, and whether it is the first of its picture."""


class Slate:
    """One still.

    Args:
        still: as encoded.
    """

    def __init__(self, still: Still) -> None:
        units = itertools.cycle(still.h264)
        self._streams = {
            "vp8": _Stream("vp8", lambda n: vp8.packetize(still.vp8, n, n, MAX_PAYLOAD))
        }
        if still.h264:
            self._streams["h264"] = _Stream(
                "h264", lambda _: h264.packetize(next(units), MAX_PAYLOAD)
            )

    def track_for(self, sink: Sink) -> Track | None:
        """Return what *sink* can follow, None if it has no codec for it.

        In the codec it shows already, if it can be: not every recorder takes a change. VP8
        before H.264 otherwise.
        """
        shown = sink.segments[-1].source.codec.name if sink.segments else ""
        for name in (shown, *self._streams):
            if name in self._streams and name in sink.codecs:
                return self._streams[name].track
        return None

    @property
    def idle(self) -> bool:
        """Nobody watches, and nobody can ask for what was lost any more."""
        return all(stream.idle for stream in self._streams.values())

    def due(self, now: float) -> Iterator[Due]:
        """Yield the packets to send at *now*.

        Call it often, and as long as something came of it every ``feedback.TICK_S``. The
        caller attaches what waits for a source before it forwards the first packet of a picture.
        """
        for stream in self._streams.values():
            yield from stream.due(now)


class _Stream:
    """A still in one codec.

    Args:
        codec: its name.
        payloads: makes those of a picture with this number.
    """

    def __init__(self, codec: str, payloads: Callable[[int], list[bytes]]) -> None:
        named = Codec(codec, 0, -1, "")
        self.track = Track(Section(Media("video", 0, "", []), CAMERA, "recvonly", (named,)))
        self._source = self.track.best = self.track.add(0, "", named, 0.0)
        self._source.keyed = True
        self._payloads = payloads
        self._rest: list[bytes] = []  # of the picture that is being sent, the last packet first
        self._began = -math.inf
        self._timestamp = 0
        self._pictures = 0
        self._packets = 0

    @property
    def idle(self) -> bool:
        """Nobody watches, and nothing is kept for resending."""
        return not (self._source.sinks or self.track.subscribers or self._source.kept)

    def due(self, now: float) -> Iterator[Due]:
        """Yield the packets to send at *now*."""
        source, track = self._source, self.track
        waiting = track.pending and bool(track.subscribers)
        if not source.sinks and not waiting:
            self._rest.clear()
            source.forget(now)
            return
        starts = not self._rest
        if starts:
            soon = waiting or source.key_wanted
            if now - self._began < (KEY_THROTTLE_S if soon else REPEAT_S):
                return
            self._begin(now)
        for _ in range(min(PACKETS_PER_TICK, len(self._rest))):
            payload = self._rest.pop()
            sequence, self._packets = self._packets & 0xFFFF, self._packets + 1
            marker = 0 if self._rest else 0x80
            packet = source.receive(sequence, self._timestamp, marker, payload, now)
            if packet is not None:
                yield source, packet, starts
            starts = False

    def _begin(self, now: float) -> None:
        self._began = now
        self._timestamp = int(now * self._source.codec.clock_rate) & 0xFFFFFFFF
        self._source.key_wanted = False
        self._rest = self._payloads(self._pictures)[::-1]
        self._pictures += 1
