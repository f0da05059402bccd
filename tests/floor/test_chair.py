"""The chair's class: beside the others, suspending them, or ending their speeches."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import FloorCommand, PriorityClass
from bridge.floor.events import (
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWithdrawn,
    LinkReturned,
    RevokeStopped,
)
from bridge.floor.policy import ChairPriority
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    change,
    check,
    flow,
    grant,
    keep,
    mark_live,
    pause,
    release,
    resume,
    revoke,
    withdraw,
)

CHAIR = PriorityClass.CHAIR
BESIDE, SUSPEND, CLEAR = ChairPriority
LIVE, PAUSED = RequestState.LIVE, RequestState.PAUSED


def chair(floor: Floor, site: str = "ha-noi") -> str:
    """Give the chair's class the floor and return its request."""
    request = floor.queued(site, f"Chủ tọa tại {site}", priority_class=CHAIR)
    floor.says(MODERATOR, grant(request))
    return request


@pytest.fixture
def floor() -> Floor:
    """Two speak since now; the chair will suspend them."""
    floor = Floor(capacity=2, chair_priority=SUSPEND)
    floor.live("dien-bien", "Một")
    floor.live("ca-mau", "Hai")
    return floor


class TestBeside:
    def test_nobody_is_touched(self) -> None:
        floor = Floor(chair_priority=BESIDE)
        floor.live()
        chair(floor)
        assert floor.is_in("r1") is LIVE
        assert not floor.turn("r2").suspends


class TestSuspend:
    def test_who_speaks_pauses_until_the_chair_has_ended(self, floor: Floor) -> None:
        floor.queued("ha-noi", "Chủ tọa", priority_class=CHAIR)
        floor.now = 60
        assert floor.says(MODERATOR, grant("r3")) == [
            FloorGranted(
                request="r3",
                grant="g3",
                limit=420,
                warning=60,
                arm_until=START + 90,
                suspends=True,
            ),
            FloorPaused(request="r1", grant="g1", chair="g3"),
            FloorPaused(request="r2", grant="g2", chair="g3"),
        ]
        assert floor.turn("r1").paused_by == "g3"
        floor.says(SYSTEM, mark_live("g3"))
        floor.now = 100
        assert floor.says(MODERATOR, release("r3")) == [
            FloorReleased(request="r3", grant="g3"),
            FloorResumed(request="r1", grant="g1"),
            FloorResumed(request="r2", grant="g2"),
        ]
        assert floor.turn("r1").paused_by == ""
        assert floor.turn("r1").used_at(START + 110) == 70

    @pytest.mark.parametrize("way", ["timeout", "withdraw", "revoke", "drop"])
    def test_they_go_on_however_it_ends(self, floor: Floor, way: str) -> None:
        request = chair(floor)
        if way == "timeout":
            floor.now = 30
            events = floor.says(SYSTEM, check())
            assert isinstance(events[0], GrantTimedOut)
        elif way == "withdraw":
            events = floor.says(MODERATOR, withdraw(request))
        elif way == "revoke":
            events = floor.says(MODERATOR, revoke(request))
            assert isinstance(events[0], FloorRevoked)
        else:
            floor.says(SYSTEM, mark_live("g3"))
            floor.says(SYSTEM, flow("g3", flowing=False))
            floor.now = 30
            events = floor.says(SYSTEM, check())
        assert [type(event) for event in events[1:]] == [FloorResumed, FloorResumed]
        assert floor.is_in("r1") is floor.is_in("r2") is LIVE

    def test_while_the_chair_is_lost_or_paused_they_wait_and_it_does_not_suspend_itself(
        self, floor: Floor
    ) -> None:
        request = chair(floor)
        floor.says(SYSTEM, mark_live("g3"))
        floor.says(SYSTEM, flow("g3", flowing=False))
        assert floor.is_in("r1") is PAUSED
        assert floor.says(SYSTEM, flow("g3", flowing=True)) == [
            LinkReturned(request=request, grant="g3")
        ]
        assert floor.is_in(request) is LIVE
        floor.says(MODERATOR, pause(request))
        assert floor.is_in("r1") is PAUSED
        floor.says(MODERATOR, resume(request))
        assert floor.is_in("r1") is PAUSED

    def test_whom_a_moderator_paused_stays_paused(self, floor: Floor) -> None:
        floor.says(MODERATOR, pause("r1"))
        request = chair(floor)
        assert floor.turn("r1").paused_by == ""
        floor.says(MODERATOR, release(request))
        assert (floor.is_in("r1"), floor.is_in("r2")) == (PAUSED, LIVE)

    def test_who_waits_for_the_first_sound_gives_the_place_back(self) -> None:
        floor = Floor(chair_priority=SUSPEND)
        floor.queued("ca-mau", "Người sau")
        floor.queued("dien-bien", "Một")
        floor.says(MODERATOR, grant("r2"))
        floor.queued("ha-noi", "Chủ tọa", priority_class=CHAIR)
        events = floor.says(MODERATOR, grant("r3"))
        assert events[1:] == [GrantWithdrawn(request="r2", grant="g1", chair="g2")]
        assert floor.state.queue == ("r2", "r1")
        assert floor.of("r2").slow == 0  # it is not to blame, and is next

    def test_a_link_that_returns_meanwhile_is_suspended_like_the_others(self, floor: Floor) -> None:
        floor.now = 10
        floor.says(SYSTEM, flow("g1", flowing=False))
        request = chair(floor)
        assert floor.is_in("r1") is RequestState.LINK_LOST
        floor.now = 20
        assert floor.says(SYSTEM, flow("g1", flowing=True)) == [
            LinkReturned(request="r1", grant="g1"),
            FloorPaused(request="r1", grant="g1", chair="g3"),
        ]
        assert floor.turn("r1").used_at(START + 100) == 10
        floor.says(MODERATOR, release(request))
        assert floor.is_in("r1") is LIVE

    def test_a_speech_that_is_kept_meanwhile_is_suspended_too(self, floor: Floor) -> None:
        floor.says(MODERATOR, revoke("r1"))
        request = chair(floor)
        assert floor.is_in("r1") is RequestState.REVOKING  # is heard until the grace ends
        assert floor.says(MODERATOR, keep("r1")) == [
            RevokeStopped(request="r1", grant="g1"),
            FloorPaused(request="r1", grant="g1", chair="g3"),
        ]
        floor.says(MODERATOR, release(request))
        assert floor.is_in("r1") is LIVE

    @pytest.mark.parametrize("command", [grant("r3"), resume("r1")])
    def test_nobody_else_gets_the_floor_meanwhile(
        self, floor: Floor, command: FloorCommand
    ) -> None:
        floor.says(MODERATOR, change(capacity=3))
        floor.queued("lao-cai", "Ba")
        request = chair(floor)
        refusal = floor.refuses(MODERATOR, command)
        assert refusal.code is Code.FLOOR_BUSY
        assert refusal.details["request"] == request

    def test_of_two_chairs_the_last_one_to_end_lets_them_go_on(self, floor: Floor) -> None:
        first, second = chair(floor), chair(floor, "lao-cai")
        floor.says(SYSTEM, mark_live("g3"))
        floor.says(SYSTEM, mark_live("g4"))
        assert floor.is_in(first) is LIVE  # chairs do not suspend each other
        assert floor.says(MODERATOR, release(first)) == [FloorReleased(request=first, grant="g3")]
        assert floor.is_in("r1") is PAUSED
        assert len(floor.says(MODERATOR, release(second))) == 3
        assert floor.is_in("r1") is LIVE

    def test_a_chair_that_was_paused_goes_on_beside_another(self, floor: Floor) -> None:
        first = chair(floor)
        floor.says(SYSTEM, mark_live("g3"))
        floor.says(MODERATOR, pause(first))
        chair(floor, "lao-cai")
        assert floor.says(MODERATOR, resume(first)) == [FloorResumed(request=first, grant="g3")]

    def test_a_change_of_the_rule_does_not_end_it(self, floor: Floor) -> None:
        request = chair(floor)
        floor.says(MODERATOR, change(chair_priority=BESIDE))
        assert floor.is_in("r1") is PAUSED
        floor.says(MODERATOR, release(request))
        assert floor.is_in("r1") is LIVE


class TestClear:
    def test_who_speaks_has_ended(self) -> None:
        floor = Floor(capacity=3, chair_priority=CLEAR)
        floor.live("dien-bien", "Một")
        floor.live("ca-mau", "Hai")
        floor.says(SYSTEM, flow("g2", flowing=False))
        floor.queued("lao-cai", "Ba")
        floor.says(MODERATOR, grant("r3"))
        floor.now = 30
        floor.queued("ha-noi", "Chủ tọa", priority_class=CHAIR)
        events = floor.says(MODERATOR, grant("r4"))
        assert events[1:] == [
            FloorReleased(request="r1", grant="g1"),
            FloorReleased(request="r2", grant="g2"),
            GrantWithdrawn(request="r3", grant="g3", chair="g4"),
        ]
        assert floor.state.speaking == ("r4",)
        assert floor.state.queue == ("r3",)
        assert floor.state.spoken("dien-bien") == Spoken(30, 1)

    def test_until_the_chair_has_ended_nobody_else_speaks(self) -> None:
        floor = Floor(chair_priority=CLEAR)
        request = chair(floor)
        floor.queued()
        assert floor.refuses(MODERATOR, grant("r2")).details["request"] == request
        floor.says(MODERATOR, release(request))
        assert floor.says(MODERATOR, grant("r2"))
