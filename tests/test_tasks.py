"""What recurs is done at the same time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tasks import Rhythm, until_beat


@given(st.floats(0, 1e7), st.sampled_from((0.02, 0.1, 0.2, 1.0)))
def test_beats_are_multiples_and_never_the_same_twice(now: float, interval_s: float) -> None:
    wait = until_beat(now, interval_s)
    assert 0.001 < wait <= interval_s + 0.001
    after = (now + wait) / interval_s
    assert after == pytest.approx(round(after), abs=1e-3)
    assert until_beat(now + wait, interval_s) == pytest.approx(interval_s, abs=1e-6)


async def test_a_beat_that_is_called_for_comes_before_its_time() -> None:
    rhythm = Rhythm(0.01)
    waits = asyncio.create_task(rhythm.beat(3600.0))
    await asyncio.sleep(0)
    rhythm.hurry()
    rhythm.hurry()
    await asyncio.wait_for(waits, 60)


async def test_what_is_called_for_during_the_work_shortens_the_next_wait_alone() -> None:
    rhythm = Rhythm(0.01)
    rhythm.hurry()
    await asyncio.wait_for(rhythm.beat(3600.0), 60)
    waits = asyncio.create_task(rhythm.beat(3600.0))
    await asyncio.sleep(0.05)
    assert not waits.done()
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits


async def test_a_beat_that_comes_soon_anyway_is_not_put_off() -> None:
    rhythm = Rhythm(3600.0)
    waits = asyncio.create_task(rhythm.beat(0.01))
    await asyncio.sleep(0)
    rhythm.hurry()
    await asyncio.wait_for(waits, 60)
