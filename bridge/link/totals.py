"""What passed on one site's link since the server was started: counters that only grow.

Who asks every 15 s, such as Prometheus, misses nothing between two questions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.link.samples import Direction, LinkSample

__all__ = ["LinkTotals", "WayTotals"]


@dataclass(slots=True)
class WayTotals:
    """One direction of a link.

    Attributes:
        bytes: RTP bytes that passed.
        expected: packets that should have arrived.
        lost: those of them that were lost before repair.
        missing: those of them that nobody had after repair.
        freeze_s: how long the picture stood still at the receiving end, seconds.
    """

    bytes: int = 0
    expected: int = 0
    lost: int = 0
    missing: int = 0
    freeze_s: float = 0.0

    def add(self, way: Direction) -> None:
        """Take one interval in; duplicates, which make a loss negative, take nothing away."""
        self.bytes += max(0, way.bytes)
        self.expected += max(0, way.expected)
        self.lost += max(0, way.lost)
        self.missing += max(0, way.missing)
        self.freeze_s += max(0.0, way.freeze_s)


@dataclass(slots=True)
class LinkTotals:
    """Both directions.

    Attributes:
        up: site to server. down: server to site.
    """

    up: WayTotals = field(default_factory=WayTotals)
    down: WayTotals = field(default_factory=WayTotals)

    def add(self, sample: LinkSample) -> None:
        """Take one interval in."""
        self.up.add(sample.up)
        self.down.add(sample.down)
