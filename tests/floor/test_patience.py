"""I13: where the proposal is applied and speeches are given, nobody waits for ever."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.floor import policy_of
from bridge.floor.fairness import propose
from tests.floor.playbook import MODERATOR, SITES, SYSTEM, Floor, apply, grant, mark_live, release

#: Delegates of a site; who has run out of new ones is known by then.
DELEGATES = 5
#: Nobody speaks less than this: who says nothing has had no time to be fair about.
SHORTEST = 30
#: Enough for every site to catch up with any other, and for every delegate to become known.
ROUNDS = 200


@settings(max_examples=60)
@given(st.binary(min_size=4, max_size=4))
def test_everybody_who_waits_speaks_however_greedy_the_others_are(chance: bytes) -> None:
    """Sites ask again at once, always, for whoever of them does not wait already."""
    choose = random.Random(chance)
    floor = Floor(capacity=1, next_limit=180)
    for _ in range(choose.randrange(8)):
        name = f"Đại biểu {choose.randrange(DELEGATES)}"
        floor.spoke(choose.choice(SITES), name, choose.choice([SHORTEST, 180, 600]))
    for site in SITES:
        for number in range(choose.randrange(1, DELEGATES)):
            floor.queued(site, f"Đại biểu {number}")
            floor.now += choose.randrange(2)
    waiting = set(floor.state.queue)
    for _ in range(ROUNDS):
        order = propose(policy_of(floor.setup, floor.state), floor.state)
        floor.says(MODERATOR, apply(*(place.request for place in order)))
        _speech(floor, floor.state.queue[0], choose.choice([SHORTEST, 60, 180]))
        waiting -= set(floor.state.ended)
        if not waiting:
            return
        for site in SITES:
            _ask_again(floor, site, choose)
    raise AssertionError(f"{len(waiting)} still wait after {ROUNDS} speeches: {waiting}")


def _speech(floor: Floor, request: str, seconds: float) -> None:
    floor.says(MODERATOR, grant(request))
    floor.says(SYSTEM, mark_live(floor.turn(request).id))
    floor.now += seconds
    floor.says(MODERATOR, release(request))


def _ask_again(floor: Floor, site: str, choose: random.Random) -> None:
    waiting = [floor.of(request) for request in floor.state.queue]
    taken = {one.name for one in waiting if one.site == site}
    free = [name for name in map("Đại biểu {}".format, range(DELEGATES)) if name not in taken]
    if free:
        floor.queued(site, choose.choice(free))
