"""What time alone does, and when."""

from __future__ import annotations

from bridge.floor import next_deadline
from bridge.floor.deadlines import Deadline, deadlines, due
from bridge.floor.events import FloorRevoked, GrantTimedOut
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    check,
    grant,
    mark_live,
    release,
    revoke,
)


def test_a_quiet_floor_waits_for_nothing() -> None:
    floor = Floor()
    floor.queued(name="Một")
    floor.live(name="Hai")
    assert next_deadline(floor.setup.policy, floor.state) is None
    assert floor.says(SYSTEM, check()) == []


def test_arming_then_live_then_revoking() -> None:
    floor = Floor(arm_timeout=30, revoke_grace=5)
    floor.queued()
    floor.says(MODERATOR, grant("r1"))
    assert next_deadline(floor.setup.policy, floor.state) == START + 30
    floor.says(SYSTEM, mark_live("g1"))
    assert next_deadline(floor.setup.policy, floor.state) is None
    floor.now = 100
    floor.says(MODERATOR, revoke("r1"))
    assert next_deadline(floor.setup.policy, floor.state) == START + 105
    floor.says(MODERATOR, release("r1"))
    assert next_deadline(floor.setup.policy, floor.state) is None


def test_several_are_done_in_the_order_of_time_and_carry_their_grant() -> None:
    floor = Floor(capacity=3, arm_timeout=30, revoke_grace=5)
    for number in range(3):
        floor.queued(name=f"Đại biểu {number}")
        floor.says(MODERATOR, grant(f"r{number + 1}"))
    floor.now = 1
    floor.says(SYSTEM, mark_live("g2"))
    floor.says(MODERATOR, revoke("r2", "Quá giờ"))
    assert deadlines(floor.setup.policy, floor.state) == [
        Deadline(START + 6, FloorRevoked(request="r2", grant="g2", reason="Quá giờ")),
        Deadline(START + 30, GrantTimedOut(request="r1", grant="g1")),
        Deadline(START + 30, GrantTimedOut(request="r3", grant="g3")),
    ]
    assert next_deadline(floor.setup.policy, floor.state) == START + 6
    assert len(due(floor.setup.policy, floor.state, START + 6)) == 1
    floor.now = 40
    assert len(floor.says(SYSTEM, check())) == 3
    assert floor.state.queue == ("r3", "r1")
    assert floor.state.ended == ("r2",)
