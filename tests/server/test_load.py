"""How late the event loop was, and what the kernel dropped."""

from __future__ import annotations

from bridge.link.samples import ServerLoad
from bridge.server.load import LOOK_S, LoadMeter


def on_time(meter: LoadMeter, since: float, until: float) -> None:
    """Wake the sampler as if nothing held it up."""
    for look in range(1, round((until - since) / LOOK_S) + 1):
        meter.woke(since + look * LOOK_S)


def test_the_worst_of_a_second_is_told_once() -> None:
    meter = LoadMeter(100.0, 5.0)
    on_time(meter, 100.0, 100.5)
    late = 100.5 + LOOK_S + 0.3
    meter.woke(late)
    on_time(meter, late, 101.0)
    assert meter.take(101.0, 5.5, 7).lag_ms == 300.0
    on_time(meter, 101.0, 102.0)
    assert meter.take(102.0, 6.0, 7).lag_ms == 0.0


def test_a_block_shows_although_the_sampler_was_not_woken_yet() -> None:
    meter = LoadMeter(100.0, 0.0)
    assert meter.take(103.0, 0.0, 0).lag_ms == round((3.0 - LOOK_S) * 1000, 1)


def test_metrics_remember_the_worst_of_fifteen_seconds() -> None:
    meter = LoadMeter(100.0, 0.0)
    assert meter.lag_s == 0.0
    meter.take(103.0, 0.0, 0)
    on_time(meter, 103.0 - LOOK_S, 103.0)
    for second in range(103, 117):
        on_time(meter, second, second + 1)
        meter.take(second + 1.0, 0.0, 0)
    assert meter.lag_s == 3.0 - LOOK_S
    on_time(meter, 117, 118)
    meter.take(118.0, 0.0, 0)
    assert meter.lag_s < 1.0


def test_cores_and_drops_are_those_since_the_last_call() -> None:
    meter = LoadMeter(100.0, 5.0)
    assert meter.take(101.0, 5.25, 40).drops == 0, "what was dropped before is not of this second"
    load = meter.take(103.0, 6.25, 43)
    assert (load.drops, load.cpu) == (3, 0.5)
    assert meter.take(104.0, 6.25, 3).drops == 0, "the counter began anew"
    assert meter.latest.drops == 0
    assert isinstance(meter.latest, ServerLoad)
