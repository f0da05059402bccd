"""What one viewer is sent of what it should be shown: the layer of each slot.

Owns: the viewer's estimate, and turning it into a largest picture for each slot. Which site is
in a slot is not decided here. ``adapt`` is called five times a second for every viewer; between
two calls a packet costs nothing for it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from typing import Final

from bridge.media.allocation import NOTHING, allocate, next_step
from bridge.media.answer import SLIDES
from bridge.media.estimate import Estimate
from bridge.media.router import THUMBNAILS
from bridge.media.sink import Sink
from bridge.media.source import Source
from bridge.rtp.packet import STAMPS_S, seconds_between
from bridge.rtp.rtcp import ReportBlock

__all__ = ["ADAPT_S", "Downlink"]

ADAPT_S: Final = 0.2
# A line that may have become narrower is asked for its round trip more often, for so long.
DOUBT_S: Final = 1.5
# While nothing speaks against anything, a look this often is enough: for larger pictures to come.
CALM_S: Final = 1.0
CALM_RTT_S: Final = 0.1
# A picture that has stood for so long may be of a size that is not sent any more.
FLOWS_S: Final = 0.3
# What is sent is measured over about so long; a key frame is not a rate.
RATE_S: Final = 0.4
LONG_S: Final = 2.0
# Of fewer packets only what is lost by half says something: by chance, 20 lose a third at 0.2.
ENOUGH: Final = 50
FEW: Final = 20
# Browsers add a report to every feedback, many times a second.
REPORT_S: Final = 0.5
# A line that carries 100 kb/s lets a packet through this often however much is sent; one that lets
# none through for longer stood still, or the viewer has changed its address.
STOOD_S: Final = 0.12
# Most important first; slots that are not here come last. Slides go before all of them.
IMPORTANCE: Final = ("main", "inset", "preview", "preview_inset", "monitor")
# While pictures are small on a page, larger ones are a waste of its line; pixels.
SMALL: Final = {
    **dict.fromkeys(("preview", "preview_inset", "monitor"), 640 * 360),
    **dict.fromkeys(THUMBNAILS, 0),  # the smallest there is
}
# Of a camera with 1080 lines the quarter, and half of them: the largest picture by its name.
LAYERS: Final = {"q": 480 * 270, "h": 960 * 540}


class Downlink:
    """One viewer.

    Args:
        sinks: all its slots.
    """

    def __init__(self, sinks: Collection[Sink]) -> None:
        self._sinks = sinks
        self._videos = [sink for sink in sinks if sink.video]
        for sink in self._videos:
            sink.largest = SMALL.get(sink.name, math.inf)
        self._limits = {sink: sink.largest for sink in self._videos}
        self._largest_layer = ""
        self.estimate = Estimate()
        self.sent_bps = 0.0
        """What is sent now, resent packets included; bits per second."""
        self.doubles = False
        """Whether its pictures are sent twice: its line loses anyway, and has room."""
        self._totals: deque[tuple[float, int]] = deque()  # bytes sent until then
        # Of each slot: when loss was last computed, and the figures then.
        self._reported: dict[Sink, tuple[float, int, int]] = {}
        self._stirred = True
        self._look_again = 0.0
        self._remb = 0.0
        self._doubt_until = -math.inf
        self._packets = 0
        self._asked = 0
        self._stood = 0
        """Packets of the longest time of late in which none arrived."""
        self._newest_asked: dict[Sink, int] = {}
        self.states: dict[str, str] = {}
        """Slots that are not shown as they could be: "reduced" or "paused"."""

    def limit(self, layer: str) -> None:
        """Send no larger pictures than *layer*, ``q`` or ``h``; any with an empty one.

        Of what comes in larger sizes only, the smallest is sent.
        """
        if layer == self._largest_layer:
            return
        self._largest_layer = layer
        largest = LAYERS.get(layer, math.inf)
        self._limits = {sink: min(SMALL.get(sink.name, math.inf), largest) for sink in self._videos}
        for sink in self._videos:
            sink.largest = min(sink.largest, largest)
        self._stirred = True

    # --- what the viewer reports ------------------------------------------------------

    def report(self, sink: Sink, block: ReportBlock, rtt: float | None, now: float) -> None:
        """Take the report block of one slot."""
        # Each sender report is measured once: reports repeat the last one until the next comes.
        if rtt is not None and (sink.report is None or sink.report.lsr != block.lsr):
            self._stirred |= rtt > CALM_RTT_S
            self.estimate.round_trip(rtt, now, block.dlsr / 65536)
        # A viewer without pictures still hears: then sound tells of the loss.
        if not sink.video and any(video.source is not None for video in self._videos):
            return
        new = (now, block.highest_sequence, block.cumulative_lost)
        since, highest, lost = self._reported.setdefault(sink, new)
        expected = (block.highest_sequence - highest) & 0xFFFFFFFF
        if expected >= 0x8000_0000:
            self._reported[sink] = new  # counted anew
        elif _tells(block.cumulative_lost - lost, expected) and now - since >= REPORT_S:
            self._reported[sink] = new
            ratio = (block.cumulative_lost - lost) / expected
            self._stirred |= ratio > 0
            self.estimate.loss(min(1.0, max(0.0, ratio)), since, expected)

    def remb(self, bps: float, now: float) -> None:
        """Take a REMB."""
        if bps < self._remb:
            self._doubt(now)
        self._remb = bps
        self.estimate.remb(bps, now)

    def asked(self, sink: Sink, sequences: Collection[int], now: float) -> None:
        """Take what the viewer asks for again of one slot, 0..65535, oldest first."""
        self._doubt(now)
        if not self._asked:  # what came well before says nothing of now
            packets = sum(one.packets for one in self._videos)
            # Of a key frame many are asked for at once: they are to be compared with all of it.
            ages = [(sink.newest - sequence) & 0xFFFF for sequence in sequences]
            since = max((age for age in ages if age < 0x8000), default=0)
            self._packets = max(self._packets, packets - max(ENOUGH, since))
        newest = self._newest_asked.get(sink, -1)
        first, hole = -1, 0  # of a row of packets, and how long it is
        for sequence in sequences:
            if newest < 0 or 0 < (sequence - newest) & 0xFFFF < 0x8000:
                hole = hole + 1 if hole and sequence == (newest + 1) & 0xFFFF else 1
                first = sequence if hole == 1 else first
                newest = sequence
                self._asked += self._was_sent_in_order(sink, sequence)
                if hole > 1 and self._took(sink, first, sequence) >= STOOD_S:
                    self._stood = max(self._stood, hole)
        self._newest_asked[sink] = newest

    def in_doubt(self, now: float) -> bool:
        """Return whether the line may just have become narrower: its next round trip will tell."""
        return now < self._doubt_until

    def _doubt(self, now: float) -> None:
        self._stirred = True
        self._doubt_until = now + DOUBT_S

    def _was_sent_in_order(self, sink: Sink, sequence: int) -> bool:
        """Return whether it was lost on this line: not before, and not late because of that."""
        found = sink.find(sequence)
        after = sink.find((sequence + 1) & 0xFFFF)
        if found is None or after is None:
            return found is not None
        return seconds_between(found[1].stamp, after[1].stamp) < STAMPS_S / 2

    def _took(self, sink: Sink, first: int, last: int) -> float:
        """Return how long it took to send two packets and what was between them, seconds."""
        begin, end = sink.find(first), sink.find(last)
        if begin is None or end is None:
            return 0.0
        return seconds_between(begin[1].stamp, end[1].stamp)

    # --- what follows from it ---------------------------------------------------------

    def adapt(self, now: float) -> list[Source]:
        """Choose the layers anew; return the sources whose key frame is needed now."""
        if self._calm(now):
            return []
        stirred, self._stirred = self._stirred, False
        self._look_again = now + CALM_S
        self._measure(now)
        stands = self.estimate.stands(self.sent_bps, now)
        settled = stands and self.doubles == self.estimate.loses_anyway
        if not stirred and settled and self._has_all(now):
            return []
        slots = sorted(
            (sink for sink in self._videos if sink.track is not None), key=self._importance
        )
        layers = [self._layers(sink, now) for sink in slots]
        # Pictures are sent twice on a line that loses anyway, the smallest if there is room.
        times = 2 if self.estimate.loses_anyway else 1
        rates = [
            [source.bps * (times if place else 1) for place, source in enumerate(of_slot)]
            for of_slot in layers
        ]
        flowing = [
            of_slot.index(sink.source) if sink.source in of_slot else NOTHING
            for sink, of_slot in zip(slots, layers, strict=True)
        ]
        estimate = self.estimate
        sound = self._sound()
        step = next_step(rates, flowing)
        wanted = None if step is None else step + sound
        least = sound + next((of_slot[0] for of_slot in rates if of_slot), 0.0)
        budget = estimate.step(self.sent_bps, wanted, now, least)
        if estimate.spares_least:
            budget = max(budget, least)
        chosen = allocate(max(0.0, budget - sound), rates)
        once = sum(
            of_slot[layer].bps
            for of_slot, layer in zip(layers, chosen, strict=True)
            if layer != NOTHING
        )
        self.doubles = estimate.loses_anyway and sound + 2 * once <= budget
        self.states = {}
        needed = []
        for sink, of_slot, layer in zip(slots, layers, chosen, strict=True):
            self._limit(sink, of_slot, layer, now)
            track = sink.track
            source = track.layer_for(sink, now) if track is not None else None
            if source is not None and source is not sink.source:
                source.track.pending = True
                needed.append(source)
        return needed

    def rests(self, now: float) -> bool:
        """Return whether :meth:`adapt` would do nothing, and the line is not in doubt."""
        return not self.in_doubt(now) and self._calm(now)

    def _calm(self, now: float) -> bool:
        """Return whether everything is sent, flows, and nothing new speaks against it."""
        if self._stirred or now >= self._look_again or self.states:
            return False
        if self.estimate.bps < math.inf or self.estimate.loses_anyway or self.doubles:
            return False
        return all(
            sink.track is None or (sink.source is not None and now - sink.source.arrived < FLOWS_S)
            for sink in self._videos
        )

    def _has_all(self, now: float) -> bool:
        """Return whether every slot shows the largest picture there is for it."""
        return not self.states and all(
            sink.track is None
            or (sink.source is not None and sink.track.layer_for(sink, now) is sink.source)
            for sink in self._videos
        )

    def _limit(self, sink: Sink, layers: list[Source], layer: int, now: float) -> None:
        before = sink.source
        sink.paused = bool(layers) and layer == NOTHING
        sink.largest = self._limits[sink]
        if sink.paused:
            self.states[sink.name] = "paused"
            self._stop(sink, now)
        elif layers and layer < len(layers) - 1:
            self.states[sink.name] = "reduced"
            sink.largest = min(sink.largest, layers[layer].area)
            if before in layers and layers.index(before) > layer:
                self._stop(sink, now)

    def _stop(self, sink: Sink, now: float) -> None:
        """Stop what does not fit at once, and repair nothing of it: it holds up what does.

        What is still asked for of it says nothing of what comes after.
        """
        if sink.source is not None:
            sink.detach(now)
            sink.forget()
            self._newest_asked[sink] = sink.newest & 0xFFFF
            self._packets, self._asked = sum(one.packets for one in self._videos), 0

    def _layers(self, sink: Sink, now: float) -> list[Source]:
        """Return what the slot could show, smallest first."""
        if sink.track is None:
            return []
        limit = self._limits[sink]
        able = [s for s in sink.track.layers(now) if s.codec.name in sink.codecs]
        return [s for s in able if s.area <= limit] or able[:1]

    def _importance(self, sink: Sink) -> tuple[bool, int, str]:
        slides = sink.track is not None and sink.track.role == SLIDES
        name = sink.name
        rank = IMPORTANCE.index(name) if name in IMPORTANCE else len(IMPORTANCE)
        return (not slides, rank, name)

    def _sound(self) -> float:
        sources = [sink.source for sink in self._sinks if not sink.video]
        return sum(source.bps for source in sources if source is not None)

    def _measure(self, now: float) -> None:
        total = sum(sink.bytes + sink.resent for sink in self._sinks)
        self._totals.append((now, total))
        while len(self._totals) > 2 and now - self._totals[1][0] >= LONG_S:
            self._totals.popleft()
        # The lower of what is sent now and of late: neither a key frame nor the past is a rate.
        recent = next((one for one in reversed(self._totals) if now - one[0] >= RATE_S), None)
        rates = [
            (total - before) * 8 / (now - at)
            for at, before in (self._totals[0], recent or self._totals[0])
            if now > at
        ]
        self.sent_bps = min(rates, default=0.0)
        if self._stood and self.estimate.interrupted(now):
            self._asked = max(0, self._asked - self._stood)
        self._stood = 0
        packets = sum(sink.packets for sink in self._videos)
        sent = packets - self._packets
        if _tells(self._asked, sent):
            self.estimate.asked(min(1.0, self._asked / sent), now)
            self._packets, self._asked = packets, 0


def _tells(lost: int, sent: int) -> bool:
    """Return whether so many packets are enough to say something about loss."""
    return sent >= ENOUGH or (sent >= FEW and lost > sent / 2)
