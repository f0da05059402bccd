"""Links as Prometheus is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bridge.link.samples import Direction, LinkSample, PathKind
from bridge.link.totals import LinkTotals
from bridge.protocol.messages import AlertView, DirectionView, LinkView, VerdictView
from bridge.server.link_metrics import Links, link_metrics

BAD = LinkView(
    devices=1,
    connected=True,
    score=2.4,
    rtt_ms=48.5,
    path=PathKind.RELAY_TCP,
    up=DirectionView(jitter_ms=8.0, fps=24.5),
    down=DirectionView(concealed=0.05),
    verdict=VerdictView(cause="uplink"),
    alert=AlertView(id="a", kind="uplink", level="critical", since=1.0),
    reconnects=3,
    candidate_changes=5,
)
SECOND = LinkSample(
    up=Direction(bytes=101_500, expected=100, lost=12, missing=2),
    down=Direction(bytes=200, expected=3, freeze_s=0.5),
)
PLACE = {"session": "plenary", "site": "ha-noi"}


def told(links: Mapping[str, LinkView]) -> CollectorRegistry:
    totals = {site: LinkTotals() for site in links}
    for one in totals.values():
        one.add(SECOND)

    class OfLinks(Collector):
        def collect(self) -> Iterable[Metric]:
            return link_metrics({"plenary": Links(links, totals)})

    registry = CollectorRegistry()
    registry.register(OfLinks())
    return registry


def test_figures_are_in_base_units() -> None:
    value = told({"ha-noi": BAD}).get_sample_value
    for name, expected in {
        "connected": 1,
        "score": 2.4,
        "rtt_seconds": 0.0485,
        "reconnects_total": 3,
        "address_changes_total": 5,
    }.items():
        assert value(f"diemcau_link_{name}", PLACE) == expected
    for name, up, down in (
        ("bytes_total", 101_500, 200),
        ("expected_packets_total", 100, 3),
        ("lost_packets_total", 12, 0),
        ("missing_packets_total", 2, 0),
        ("frozen_seconds_total", 0, 0.5),
        ("jitter_seconds", 0.008, 0),
        ("frames_per_second", 24.5, 0),
        ("concealed_ratio", 0, 0.05),
    ):
        assert value(f"diemcau_link_{name}", PLACE | {"direction": "up"}) == up
        assert value(f"diemcau_link_{name}", PLACE | {"direction": "down"}) == down


def test_what_is_wrong_has_a_series_while_it_is() -> None:
    bad, well = told({"ha-noi": BAD}), told({"ha-noi": LinkView(devices=1, connected=True)})
    for name, label, value in (
        ("cause", "cause", "uplink"),
        ("alert", "level", "critical"),
        ("path", "path", "relay_tcp"),
    ):
        assert bad.get_sample_value(f"diemcau_link_{name}", PLACE | {label: value}) == 1
        samples = [s for m in well.collect() if m.name == f"diemcau_link_{name}" for s in m.samples]
        assert samples == []


def test_a_site_that_never_came_has_no_series_and_a_lost_one_has() -> None:
    assert told({"ha-noi": LinkView()}).get_sample_value("diemcau_link_connected", PLACE) is None
    lost = told({"ha-noi": LinkView(since=100.0)})
    assert lost.get_sample_value("diemcau_link_connected", PLACE) == 0
    assert lost.get_sample_value("diemcau_link_rtt_seconds", PLACE) is None
