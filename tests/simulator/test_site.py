"""Waiting between attempts."""

import random

from bridge.simulator.site import Backoff


def test_waits_grow_from_a_quarter_second_to_five_and_start_small_again() -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.next_wait() for _ in range(20)]
    assert 0.125 <= waits[0] <= 0.25
    assert all(2.5 <= wait <= 5.0 for wait in waits[-5:])
    backoff.reset()
    assert backoff.next_wait() <= 0.25
