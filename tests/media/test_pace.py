"""A bucket: full to begin with, refilled by time, never fuller than it is large."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.media.pace import Pace


def test_a_burst_then_the_rate() -> None:
    pace = Pace(rate=10, burst=3)
    assert [pace.allow(5.0) for _ in range(4)] == [True, True, True, False]
    assert pace.allow(5.05) is False
    assert [pace.allow(5.125), pace.allow(5.125)] == [True, False]
    assert [pace.allow(99.0) for _ in range(4)] == [True, True, True, False]


def test_what_costs_more_than_there_is_takes_nothing() -> None:
    pace = Pace(rate=1, burst=10)
    assert not pace.allow(1.0, 11)
    assert pace.allow(1.0, 10)
    assert not pace.allow(1.0, 0.5)


@given(st.lists(st.tuples(st.floats(0, 0.01), st.floats(0, 5)), max_size=200))
def test_it_never_allows_more_than_burst_and_rate(steps: list[tuple[float, float]]) -> None:
    pace, now, spent = Pace(rate=100, burst=7), 3.0, 0.0
    for pause, cost in steps:
        now += pause
        if pace.allow(now, cost):
            spent += cost
        assert spent <= 7 + (now - 3.0) * 100 + 1e-6
