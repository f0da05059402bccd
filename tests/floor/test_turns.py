"""A turn at the floor: grant, first sound, the clock, the end."""

from __future__ import annotations

import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from bridge.floor.events import (
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    RevokeStarted,
)
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState, Status
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    cancel,
    check,
    extend,
    grant,
    host,
    mark_live,
    pause,
    release,
    resume,
    revoke,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass


class TestGrant:
    def test_it_waits_for_sound_with_all_its_times_set(self) -> None:
        floor = Floor()
        request = floor.queued()
        floor.now = 10
        assert floor.says(MODERATOR, grant(request)) == [
            FloorGranted(request="r1", grant="g1", limit=420, warning=60, arm_until=START + 10 + 30)
        ]
        assert floor.state.speaking == ("r1",)
        assert floor.state.queue == ()
        assert floor.of("r1").state is RequestState.ARMING
        assert floor.of("r1").status is Status.GRANTED
        assert floor.turn("r1").granted_at == START + 10
        assert floor.turn("r1").used_at(START + 20) == 0

    def test_any_place_in_the_queue_may_be_called(self) -> None:
        floor = Floor()
        floor.queued(name="Một")
        floor.queued(name="Hai")
        floor.says(MODERATOR, grant("r2"))
        assert floor.state.queue == ("r1",)

    def test_of_two_racing_grants_one_wins_and_the_other_hears_who(self) -> None:
        floor = Floor()
        floor.queued(name="Lò Văn An")
        floor.queued(name="Giàng A Páo", site="lao-cai")
        floor.says(MODERATOR, grant("r1"))
        refusal = floor.refuses(MODERATOR, grant("r2"))
        assert refusal.code is Code.FLOOR_BUSY
        assert refusal.details == {"name": "Lò Văn An", "site": "dien-bien", "request": "r1"}
        assert "Lò Văn An" in refusal.message

    def test_of_two_grants_of_one_request_the_second_hears_it_too(self) -> None:
        floor = Floor(capacity=2)
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        assert floor.refuses(MODERATOR, grant("r1")).code is Code.FLOOR_BUSY

    def test_the_floor_is_busy_until_forwarding_stopped(self) -> None:
        floor = Floor()
        floor.live(name="Một")
        floor.queued(name="Hai")
        floor.says(MODERATOR, revoke("r1"))
        assert floor.refuses(MODERATOR, grant("r2")).details["request"] == "r1"
        floor.now = 5
        floor.says(SYSTEM, check())
        assert floor.says(MODERATOR, grant("r2"))

    def test_capacity_is_the_policys(self) -> None:
        floor = Floor(capacity=2)
        for number in range(3):
            floor.queued(name=f"Đại biểu {number}")
        floor.says(MODERATOR, grant("r1"))
        floor.says(MODERATOR, grant("r2"))
        assert floor.state.speaking == ("r1", "r2")
        assert floor.refuses(MODERATOR, grant("r3")).details["request"] == "r1"

    def test_the_chair_needs_no_capacity_and_takes_none(self) -> None:
        floor = Floor()
        floor.live(name="Một")
        floor.live(name="Chủ trì", priority_class=CHAIR)
        assert floor.state.speaking == ("r1", "r2")
        floor.says(MODERATOR, release("r1"))
        floor.live(name="Hai")
        assert floor.state.speaking == ("r2", "r3")


class TestGoingLive:
    def test_the_clock_starts_at_the_first_sound(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.now = 3
        assert floor.says(SYSTEM, mark_live("g1")) == [GrantWentLive(request="r1", grant="g1")]
        assert floor.of("r1").state is RequestState.LIVE
        assert floor.turn("r1").live_at == floor.turn("r1").live_since == START + 3
        assert floor.turn("r1").used_at(START + 63) == 60

    def test_a_clock_that_jumps_back_uses_no_time(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.turn("r1").used_at(START - 100) == 0

    def test_a_second_observation_and_one_of_an_old_grant_change_nothing(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.says(SYSTEM, mark_live("g1")) == []
        floor.says(MODERATOR, release("r1"))
        assert floor.says(SYSTEM, mark_live("g1")) == []
        floor.queued(name="Hai")
        floor.says(MODERATOR, grant("r2"))
        assert floor.says(SYSTEM, mark_live("g1")) == []
        assert floor.of("r2").state is RequestState.ARMING


class TestArmTimeout:
    def test_without_sound_the_place_is_given_back_at_the_head_of_its_class(self) -> None:
        floor = Floor()
        floor.queued(name="Một")
        floor.queued(name="Hai")
        floor.queued(name="Nội quy", priority_class=POINT)
        floor.says(MODERATOR, grant("r2"))
        floor.now = 29.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 30
        assert floor.says(SYSTEM, check()) == [GrantTimedOut(request="r2", grant="g1")]
        assert floor.state.queue == ("r3", "r2", "r1")
        assert floor.of("r2").grant is None
        assert floor.state.spoken("dien-bien") == Spoken()

    def test_the_next_turn_is_a_new_grant(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.now = 30
        floor.says(SYSTEM, check())
        floor.says(MODERATOR, grant("r1"))
        assert floor.turn("r1").id == "g2"
        assert floor.says(SYSTEM, mark_live("g1")) == []

    def test_a_live_speaker_has_no_arm_timeout(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 10_000
        assert floor.says(SYSTEM, check()) == []


class TestLimits:
    def test_the_first_speech_of_a_site_is_longer(self) -> None:
        floor = Floor(first_limit=420, next_limit=180)
        first = floor.live(name="Một")
        assert floor.turn(first).limit == 420
        floor.says(MODERATOR, release(first))
        second = floor.live(name="Hai")
        assert floor.turn(second).limit == 180
        floor.says(MODERATOR, release(second))
        assert floor.turn(floor.live(site="lao-cai")).limit == 420

    def test_a_turn_without_sound_is_no_speech(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.now = 20
        floor.says(MODERATOR, release("r1"))
        assert floor.of("r1").status is Status.RELEASED
        assert floor.turn("r1").used == 0
        assert floor.state.spoken("dien-bien") == Spoken()
        assert floor.turn(floor.live(name="Hai")).limit == 420

    def test_time_is_added_and_taken(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.says(MODERATOR, extend("r1", 60)) == [
            FloorExtended(request="r1", grant="g1", limit=480)
        ]
        floor.says(MODERATOR, extend("r1", -120))
        assert floor.turn("r1").limit == 360

    def test_before_the_first_sound_too(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.says(MODERATOR, extend("r1", 60))
        floor.says(SYSTEM, mark_live("g1"))
        assert floor.turn("r1").limit == 480

    def test_taking_more_than_is_left_means_time_is_up_now(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 100
        floor.says(MODERATOR, extend("r1", -3600))
        assert floor.turn("r1").limit == 100

    def test_who_is_over_time_cannot_be_put_further_over(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 500
        assert floor.says(MODERATOR, extend("r1", -60)) == []
        assert floor.says(MODERATOR, extend("r1", 0)) == []
        floor.says(MODERATOR, extend("r1", 60))
        assert floor.turn("r1").limit == 480


class TestRelease:
    @pytest.mark.parametrize("actor", [MODERATOR, host("dien-bien")], ids=["moderator", "host"])
    def test_the_time_spoken_is_entered_in_the_ledger(self, actor: Actor) -> None:
        floor = Floor()
        floor.live()
        floor.now = 90
        assert floor.says(actor, release("r1")) == [FloorReleased(request="r1", grant="g1")]
        assert floor.of("r1").status is Status.RELEASED
        assert (floor.turn("r1").used, floor.turn("r1").live_since) == (90, 0)
        assert floor.turn("r1").used_at(START + 1000) == 90
        assert floor.state.spoken("dien-bien") == Spoken(90, 1)
        assert (floor.state.speaking, floor.state.ended) == ((), ("r1",))

    def test_speeches_of_a_site_add_up(self) -> None:
        floor = Floor()
        for number in range(3):
            request = floor.live(name=f"Đại biểu {number}")
            floor.now += 10
            floor.says(MODERATOR, release(request))
        assert floor.state.spoken("dien-bien") == Spoken(30, 3)
        assert floor.state.spoken("ca-mau") == Spoken()

    def test_removing_a_waiting_entry_never_touches_the_running_clock(self) -> None:
        floor = Floor()
        floor.live(name="Một")
        floor.queued(name="Hai")
        before = floor.turn("r1")
        floor.now = 50
        floor.says(MODERATOR, cancel("r2"))
        assert floor.turn("r1") is before


class TestPause:
    def test_the_clock_stands_while_nobody_listens(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 60
        assert floor.says(MODERATOR, pause("r1")) == [FloorPaused(request="r1", grant="g1")]
        assert floor.of("r1").state is RequestState.PAUSED
        assert floor.of("r1").status is Status.GRANTED
        assert floor.turn("r1").used_at(START + 600) == 60
        floor.now = 600
        assert floor.says(MODERATOR, resume("r1")) == [FloorResumed(request="r1", grant="g1")]
        floor.now = 630
        assert floor.turn("r1").used_at(START + 630) == 90
        floor.says(MODERATOR, release("r1"))
        assert floor.state.spoken("dien-bien") == Spoken(90, 1)

    def test_twice_is_once(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.says(MODERATOR, resume("r1")) == []
        floor.says(MODERATOR, pause("r1"))
        assert floor.says(MODERATOR, pause("r1")) == []

    def test_it_keeps_the_floor_and_the_time_left(self) -> None:
        floor = Floor()
        floor.live()
        floor.queued("ca-mau")
        floor.says(MODERATOR, pause("r1"))
        assert floor.refuses(MODERATOR, grant("r2")).code is Code.FLOOR_BUSY
        floor.says(MODERATOR, extend("r1", 60))
        assert floor.turn("r1").limit == 480
        floor.now = 10_000
        assert floor.says(SYSTEM, check()) == []

    def test_a_paused_speech_is_revoked_at_once_or_released(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 30
        floor.says(MODERATOR, pause("r1"))
        floor.now = 90
        assert floor.says(MODERATOR, revoke("r1", "Hết giờ")) == [
            FloorRevoked(request="r1", grant="g1", reason="Hết giờ")
        ]
        assert floor.state.spoken("dien-bien") == Spoken(30, 1)
        floor.live("ca-mau")
        floor.says(MODERATOR, pause("r2"))
        floor.now = 500
        floor.says(host("ca-mau"), release("r2"))
        assert floor.state.spoken("ca-mau") == Spoken(0, 1)

    def test_only_moderators_pause_and_only_who_speaks(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.refuses(host("dien-bien"), pause("r1")).code is Code.ROLE_FORBIDDEN
        floor.queued("ca-mau")
        assert floor.refuses(MODERATOR, pause("r2")).code is Code.WRONG_STATE


class TestRevoke:
    def test_a_live_speaker_is_heard_for_the_grace_time(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 60
        assert floor.says(MODERATOR, revoke("r1", "Quá giờ")) == [
            RevokeStarted(request="r1", grant="g1", ends_at=START + 65, reason="Quá giờ")
        ]
        assert floor.of("r1").state is RequestState.REVOKING
        assert floor.of("r1").status is Status.GRANTED
        floor.now = 64.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 65
        assert floor.says(SYSTEM, check()) == [
            FloorRevoked(request="r1", grant="g1", reason="Quá giờ")
        ]
        assert floor.of("r1").status is Status.REVOKED
        assert floor.of("r1").reason == "Quá giờ"
        assert floor.state.spoken("dien-bien") == Spoken(65, 1)

    def test_a_late_deadline_does_not_lengthen_the_speech(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 60
        floor.says(MODERATOR, revoke("r1"))
        floor.now = 600
        floor.says(SYSTEM, check())
        assert floor.turn("r1").used == 65

    def test_before_the_first_sound_it_is_immediate(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        assert floor.says(MODERATOR, revoke("r1", "Nhầm")) == [
            FloorRevoked(request="r1", grant="g1", reason="Nhầm")
        ]
        assert floor.of("r1").status is Status.REVOKED
        assert floor.state.spoken("dien-bien") == Spoken()

    def test_a_holder_who_stops_within_the_grace_time_has_released(self) -> None:
        floor = Floor()
        floor.live()
        floor.says(MODERATOR, revoke("r1"))
        floor.now = 2
        floor.says(host("dien-bien"), release("r1"))
        assert floor.of("r1").status is Status.RELEASED
        floor.now = 5
        assert floor.says(SYSTEM, check()) == []
