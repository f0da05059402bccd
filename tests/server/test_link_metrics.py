"""Links as Prometheus is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bridge.protocol.messages import AlertView, DirectionView, LinkView, VerdictView
from bridge.server.link_metrics import link_metrics

BAD = LinkView(
    devices=1,
    connected=True,
    score=2.4,
    rtt_ms=48.5,
    up=DirectionView(loss=0.12, missing=0.02, kbps=812.0, jitter_ms=8.0, fps=24.5),
    down=DirectionView(freeze_s=0.5, concealed=0.05),
    verdict=VerdictView(cause="uplink"),
    alert=AlertView(id="a", kind="uplink", level="critical", since=1.0),
    reconnects=3,
    candidate_changes=5,
)
PLACE = {"session": "plenary", "site": "ha-noi"}


def told(links: Mapping[str, LinkView]) -> CollectorRegistry:
    class Links(Collector):
        def collect(self) -> Iterable[Metric]:
            return link_metrics({"plenary": links})

    registry = CollectorRegistry()
    registry.register(Links())
    return registry


def test_figures_are_in_base_units() -> None:
    value = told({"ha-noi": BAD}).get_sample_value
    for name, expected in {
        "connected": 1,
        "score": 2.4,
        "rtt_seconds": 0.0485,
        "reconnects_total": 3,
        "candidate_changes_total": 5,
    }.items():
        assert value(f"diemcau_link_{name}", PLACE) == expected
    for name, up, down in (
        ("loss_ratio", 0.12, 0),
        ("missing_ratio", 0.02, 0),
        ("jitter_seconds", 0.008, 0),
        ("bits_per_second", 812_000, 0),
        ("frames_per_second", 24.5, 0),
        ("frozen_ratio", 0, 0.5),
        ("concealed_ratio", 0, 0.05),
    ):
        assert value(f"diemcau_link_{name}", PLACE | {"direction": "up"}) == up
        assert value(f"diemcau_link_{name}", PLACE | {"direction": "down"}) == down


def test_what_is_wrong_has_a_series_while_it_is() -> None:
    bad, well = told({"ha-noi": BAD}), told({"ha-noi": LinkView(devices=1, connected=True)})
    for name, label, value in (("cause", "cause", "uplink"), ("alert", "level", "critical")):
        assert bad.get_sample_value(f"diemcau_link_{name}", PLACE | {label: value}) == 1
        samples = [s for m in well.collect() if m.name == f"diemcau_link_{name}" for s in m.samples]
        assert samples == []


def test_a_site_that_never_came_has_no_series_and_a_lost_one_has() -> None:
    assert told({"ha-noi": LinkView()}).get_sample_value("diemcau_link_connected", PLACE) is None
    lost = told({"ha-noi": LinkView(since=100.0)})
    assert lost.get_sample_value("diemcau_link_connected", PLACE) == 0
    assert lost.get_sample_value("diemcau_link_rtt_seconds", PLACE) is None
