"""What recurs is done at the same time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tasks import until_beat


@given(st.floats(0, 1e7), st.sampled_from((0.02, 0.1, 0.2, 1.0)))
def test_beats_are_multiples_and_never_the_same_twice(now: float, interval_s: float) -> None:
    wait = until_beat(now, interval_s)
    assert 0.001 < wait <= interval_s + 0.001
    after = (now + wait) / interval_s
    assert after == pytest.approx(round(after), abs=1e-3)
    assert until_beat(now + wait, interval_s) == pytest.approx(interval_s, abs=1e-6)
