"""What time alone does, and when."""

from __future__ import annotations

from bridge.floor import next_deadline
from bridge.floor.commands import Check
from bridge.floor.deadlines import Deadline, deadlines, due
from bridge.floor.events import (
    DeckFailed,
    DeckTimedOut,
    DropTimedOut,
    FloorRevoked,
    GrantTimedOut,
    RevokeStarted,
)
from bridge.floor.policy import Overtime
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    call,
    check,
    checks,
    flow,
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


def test_a_deck_and_the_speakers_have_theirs_side_by_side() -> None:
    floor = Floor(capacity=3, overtime=Overtime.CUT, first_limit=600, drop_timeout=30)
    floor.live("ca-mau")
    floor.live("lao-cai")
    floor.says(SYSTEM, flow("g2", flowing=False))
    floor.queued("dien-bien", "Một")
    floor.queued("dien-bien", "Hai")
    floor.ready("dien-bien", "Ba")
    floor.ready("dien-bien", "Bốn")
    floor.says(MODERATOR, call("r4"))
    floor.says(MODERATOR, call("r3"))
    floor.says(SYSTEM, checks("r3", Check.SOUND))
    floor.says(SYSTEM, checks("r6", Check.LINK))
    assert deadlines(floor.setup.policy, floor.state) == [
        Deadline(
            START + 15, DeckFailed(request="r3", missing=(Check.SOUND,), prep_until=START + 120)
        ),
        Deadline(START + 15, DeckFailed(request="r4", missing=(*Check,), prep_until=START + 120)),
        Deadline(START + 30, DropTimedOut(request="r2", grant="g2")),
        Deadline(START + 120, DeckTimedOut(request="r6")),
        Deadline(
            START + 600, RevokeStarted(request="r1", grant="g1", ends_at=START + 605, cut=True)
        ),
    ]


def test_what_was_slept_through_is_done_until_nothing_is_due() -> None:
    """A server that was away finds many deadlines; each check makes some of them none."""
    floor = Floor(capacity=2, overtime=Overtime.CUT, auto_call=True)
    floor.live("ca-mau")
    floor.live("lao-cai")
    floor.says(SYSTEM, flow("g2", flowing=False))
    for number in range(3):
        floor.queued("dien-bien", f"Đại biểu {number}")
    floor.now = 10_000
    checks_made = 0
    while floor.says(SYSTEM, check()):
        checks_made += 1
    deadline = next_deadline(floor.setup.policy, floor.state)
    assert deadline is not None
    assert deadline > START + floor.now  # the next one was called on deck just now
    assert checks_made < 5
