"""The health of every link for ``/metrics``: one series a site and figure, two where it has ways.

Base units, ratios 0-1; what can be counted is a counter, so that whoever asks every 15 s misses
nothing. A site that never came has no series; one that is not connected has those that say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from prometheus_client.core import Metric

from bridge.link.totals import LinkTotals, WayTotals
from bridge.protocol.messages import DirectionView, LinkView
from bridge.server.families import Samples, counters, gauges

__all__ = ["Links", "link_metrics"]

LABELS: Final = ["session", "site"]
WAY_LABELS: Final = [*LABELS, "direction"]


class Links(NamedTuple):
    """The links of one session, by site."""

    now: Mapping[str, LinkView]
    totals: Mapping[str, LinkTotals]


class _Known(NamedTuple):
    labels: list[str]
    link: LinkView
    totals: LinkTotals


Figure = Callable[[LinkView], float | None]

GAUGES: Final[tuple[tuple[str, str, Figure], ...]] = (
    ("connected", "1 if the site's media is connected.", lambda link: int(link.connected)),
    ("score", "1.0 (bad) to 4.5 (excellent), 0 without signal.", lambda link: link.score),
    (
        "rtt_seconds",
        "Round trip time.",
        lambda link: link.rtt_ms / 1000 if link.rtt_ms >= 0 else None,
    ),
)
COUNTERS: Final[tuple[tuple[str, str, Callable[[LinkView], float]], ...]] = (
    ("reconnects", "Media connections made anew.", lambda link: link.reconnects),
    ("address_changes", "Changes of its packets' address.", lambda link: link.candidate_changes),
)
WAY_GAUGES: Final[tuple[tuple[str, str, Callable[[DirectionView], float]], ...]] = (
    ("jitter_seconds", "Interarrival jitter.", lambda way: way.jitter_ms / 1000),
    ("frames_per_second", "Frames of the largest picture.", lambda way: way.fps),
    ("concealed_ratio", "Sound the receiving end made up.", lambda way: way.concealed),
)
WAY_COUNTERS: Final[tuple[tuple[str, str, Callable[[WayTotals], float]], ...]] = (
    ("bytes", "Bytes of RTP packets that passed.", lambda way: way.bytes),
    ("expected_packets", "Packets that should have arrived.", lambda way: way.expected),
    ("lost_packets", "Packets lost before repair.", lambda way: way.lost),
    ("missing_packets", "Packets missing after repair.", lambda way: way.missing),
    ("frozen_seconds", "How long the picture stood still.", lambda way: way.freeze_s),
)
#: Of these there is a series only while there is something to name.
NAMES: Final[tuple[tuple[str, str, str, Callable[[LinkView], str]], ...]] = (
    (
        "cause",
        "cause",
        "1 for what a link suffers from.",
        lambda link: link.verdict.cause,
    ),
    (
        "alert",
        "level",
        "1 for the level of the link's alert.",
        lambda link: link.alert.level if link.alert is not None else "",
    ),
    (
        "path",
        "path",
        "1 for the way the packets of a connected link travel.",
        lambda link: link.path if link.connected else "",
    ),
)


def link_metrics(sessions: Mapping[str, Links]) -> Iterable[Metric]:
    """Yield every metric of links.

    Args:
        sessions: their links, by session.
    """
    known = [
        _Known([name, site], link, links.totals[site])
        for name, links in sessions.items()
        for site, link in links.now.items()
        if link.devices or link.pages or link.since
    ]
    for name, text, figure in GAUGES:
        values = ((one.labels, figure(one.link)) for one in known)
        told = ((labels, value) for labels, value in values if value is not None)
        yield gauges(f"link_{name}", text, LABELS, told)
    for name, text, count in COUNTERS:
        counted = ((one.labels, count(one.link)) for one in known)
        yield counters(f"link_{name}", text, LABELS, counted)
    for name, text, way in WAY_GAUGES:
        ways = ((one.labels, way(one.link.up), way(one.link.down)) for one in known)
        yield gauges(f"link_{name}", text, WAY_LABELS, _both(ways))
    for name, text, total in WAY_COUNTERS:
        ways = ((one.labels, total(one.totals.up), total(one.totals.down)) for one in known)
        yield counters(f"link_{name}", text, WAY_LABELS, _both(ways))
    for name, label, text, word in NAMES:
        words = ((one.labels, word(one.link)) for one in known)
        named = (([*labels, found], 1) for labels, found in words if found)
        yield gauges(f"link_{name}", text, [*LABELS, label], named)


def _both(ways: Iterable[tuple[list[str], float, float]]) -> Samples:
    """Yield the figures of both directions of each link."""
    for labels, up, down in ways:
        yield [*labels, "up"], up
        yield [*labels, "down"], down
