"""The health of every link for ``/metrics``: one series a site and figure, two where it has ways.

Base units, ratios 0-1. A site that never came has no series; one that is not connected has
those that say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bridge.protocol.messages import DirectionView, LinkView

__all__ = ["link_metrics"]

LABELS: Final = ["session", "site"]

Figure = Callable[[LinkView], float | None]
Way = Callable[[DirectionView], float | None]

GAUGES: Final[tuple[tuple[str, str, Figure], ...]] = (
    ("connected", "1 if the site's media is connected.", lambda link: int(link.connected)),
    ("score", "1.0 (bad) to 4.5 (excellent), 0 without signal.", lambda link: link.score),
    (
        "rtt_seconds",
        "Round trip time.",
        lambda link: link.rtt_ms / 1000 if link.rtt_ms >= 0 else None,
    ),
)
COUNTERS: Final[tuple[tuple[str, str, Figure], ...]] = (
    ("reconnects", "Media connections made anew.", lambda link: link.reconnects),
    (
        "candidate_changes",
        "Changes of its packets' address.",
        lambda link: link.candidate_changes,
    ),
)
WAYS: Final[tuple[tuple[str, str, Way], ...]] = (
    ("loss_ratio", "Packets lost before repair.", lambda way: way.loss),
    ("missing_ratio", "Packets missing after repair.", lambda way: way.missing),
    ("jitter_seconds", "Interarrival jitter.", lambda way: way.jitter_ms / 1000),
    ("bits_per_second", "Media bitrate.", lambda way: way.kbps * 1000),
    ("frames_per_second", "Frames of the largest picture.", lambda way: way.fps),
    ("frozen_ratio", "Time the picture stood still.", lambda way: way.freeze_s),
    ("concealed_ratio", "Sound the receiving end made up.", lambda way: way.concealed),
)


def link_metrics(sessions: Mapping[str, Mapping[str, LinkView]]) -> Iterable[Metric]:
    """Yield every metric of links.

    Args:
        sessions: links by site, by session.
    """
    links = [
        ([name, site], link)
        for name, of_session in sessions.items()
        for site, link in of_session.items()
        if link.devices or link.pages or link.since
    ]
    for name, text, figure in GAUGES:
        gauge = GaugeMetricFamily(f"diemcau_link_{name}", text, labels=LABELS)
        for labels, link in links:
            if (value := figure(link)) is not None:
                gauge.add_metric(labels, value)
        yield gauge
    for name, text, figure in COUNTERS:
        counter = CounterMetricFamily(f"diemcau_link_{name}", text, labels=LABELS)
        for labels, link in links:
            counter.add_metric(labels, figure(link) or 0)
        yield counter
    for name, text, way in WAYS:
        gauge = GaugeMetricFamily(f"diemcau_link_{name}", text, labels=[*LABELS, "direction"])
        for labels, link in links:
            for direction, view in (("up", link.up), ("down", link.down)):
                gauge.add_metric([*labels, direction], way(view) or 0)
        yield gauge
    yield _named(
        "cause", "1 for what is wrong with a link.", links, lambda link: link.verdict.cause
    )
    yield _named(
        "alert",
        "1 for the level of the link's alert.",
        links,
        lambda link: link.alert.level if link.alert is not None else "",
        label="level",
    )


def _named(
    name: str,
    text: str,
    links: Iterable[tuple[list[str], LinkView]],
    value: Callable[[LinkView], str],
    label: str = "",
) -> Metric:
    """Return a gauge that is 1 for the value there is; there is no series for none."""
    gauge = GaugeMetricFamily(f"diemcau_link_{name}", text, labels=[*LABELS, label or name])
    for labels, link in links:
        if found := value(link):
            gauge.add_metric([*labels, found], 1)
    return gauge
