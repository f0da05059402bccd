"""The end of the time: counted on, or the floor taken back; and letting somebody go on."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor import next_deadline
from bridge.floor.commands import PriorityClass
from bridge.floor.events import FloorRevoked, RevokeStarted, RevokeStopped
from bridge.floor.policy import Overtime
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    change,
    check,
    extend,
    flow,
    grant,
    keep,
    mark_live,
    pause,
    release,
    resume,
    revoke,
)


@pytest.fixture
def floor() -> Floor:
    """Somebody speaks since now, for ten minutes at most, then the floor is taken back."""
    floor = Floor(overtime=Overtime.CUT, first_limit=600, revoke_grace=5)
    floor.live()
    return floor


def cut(grant_id: str, at: float) -> RevokeStarted:
    return RevokeStarted(request="r1", grant=grant_id, ends_at=START + at + 5, cut=True)


class TestWarn:
    def test_by_default_the_clock_just_runs_on(self) -> None:
        floor = Floor(first_limit=600)
        floor.live()
        assert not floor.turn("r1").cut
        floor.now = 10_000
        assert floor.says(SYSTEM, check()) == []
        floor.says(MODERATOR, release("r1"))
        assert floor.of("r1").overtime == 9400


class TestCut:
    def test_the_floor_is_taken_back_with_the_usual_grace(self, floor: Floor) -> None:
        floor.now = 599.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 600
        assert floor.says(SYSTEM, check()) == [cut("g1", 600)]
        assert floor.is_in("r1") is RequestState.REVOKING
        floor.now = 604.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 605
        assert floor.says(SYSTEM, check()) == [FloorRevoked(request="r1", grant="g1")]
        assert floor.state.spoken("dien-bien") == Spoken(605, 1)

    def test_noticed_late_it_counts_from_when_the_time_was_used(self, floor: Floor) -> None:
        floor.now = 700
        assert floor.says(SYSTEM, check()) == [cut("g1", 600)]
        assert floor.says(SYSTEM, check()) == [FloorRevoked(request="r1", grant="g1")]
        assert floor.turn("r1").used == 605

    def test_time_that_stood_still_is_not_used(self, floor: Floor) -> None:
        floor.now = 100
        floor.says(MODERATOR, pause("r1"))
        assert next_deadline(floor.setup.policy, floor.state) is None
        floor.now = 300
        floor.says(MODERATOR, resume("r1"))
        floor.now = 400
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 420
        floor.says(SYSTEM, flow("g1", flowing=True))
        assert next_deadline(floor.setup.policy, floor.state) == START + 820

    def test_more_time_moves_it_and_less_time_too(self, floor: Floor) -> None:
        floor.says(MODERATOR, extend("r1", 60))
        assert next_deadline(floor.setup.policy, floor.state) == START + 660
        floor.now = 30
        floor.says(MODERATOR, extend("r1", -3600))
        assert floor.says(SYSTEM, check()) == [cut("g1", 30)]

    def test_it_belongs_to_its_grant(self, floor: Floor) -> None:
        """The deadline of a speech that has ended does not touch the next one."""
        floor.now = 300
        floor.says(MODERATOR, release("r1"))
        floor.live("ca-mau")
        floor.now = 600
        assert floor.says(SYSTEM, check()) == []
        assert next_deadline(floor.setup.policy, floor.state) == START + 900

    def test_a_speech_that_went_on_after_a_drop_is_cut_when_both_turns_use_the_time(
        self, floor: Floor
    ) -> None:
        floor.now = 500
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 530
        floor.says(SYSTEM, check())
        floor.says(MODERATOR, grant("r1"))
        floor.says(SYSTEM, mark_live("g2"))
        assert next_deadline(floor.setup.policy, floor.state) == START + 630

    def test_who_is_over_time_already_is_cut_when_speech_goes_on(self, floor: Floor) -> None:
        floor.now = 300
        floor.says(MODERATOR, pause("r1"))
        floor.says(MODERATOR, extend("r1", -3600))
        floor.now = 400
        floor.says(MODERATOR, resume("r1"))
        assert floor.says(SYSTEM, check()) == [cut("g1", 400)]

    def test_the_chair_is_never_cut(self) -> None:
        floor = Floor(overtime=Overtime.CUT)
        floor.live(priority_class=PriorityClass.CHAIR)
        assert not floor.turn("r1").cut

    def test_a_change_of_the_rule_does_not_touch_who_speaks(self, floor: Floor) -> None:
        floor.says(MODERATOR, change(overtime=Overtime.WARN))
        floor.now = 600
        assert floor.says(SYSTEM, check()) == [cut("g1", 600)]


class TestKeep:
    def test_a_moderator_lets_the_speaker_go_on(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 60
        floor.says(MODERATOR, revoke("r1", "Nhầm người"))
        floor.now = 63
        assert floor.says(MODERATOR, keep("r1")) == [RevokeStopped(request="r1", grant="g1")]
        assert floor.is_in("r1") is RequestState.LIVE
        assert floor.of("r1").reason == ""
        floor.now = 100
        assert floor.says(SYSTEM, check()) == []
        assert floor.turn("r1").used_at(START + 100) == 100  # it was heard all the time
        assert floor.says(MODERATOR, keep("r1")) == []

    def test_after_that_the_limit_is_no_reason_to_cut_again(self, floor: Floor) -> None:
        floor.now = 600
        floor.says(SYSTEM, check())
        floor.says(MODERATOR, keep("r1"))
        assert next_deadline(floor.setup.policy, floor.state) is None
        floor.says(MODERATOR, extend("r1", 60))
        assert next_deadline(floor.setup.policy, floor.state) is None
        assert floor.says(MODERATOR, revoke("r1"))  # by hand it goes

    def test_once_it_has_ended_it_is_too_late(self) -> None:
        floor = Floor(revoke_grace=0)
        floor.live()
        floor.says(MODERATOR, revoke("r1"))
        floor.says(SYSTEM, check())
        assert floor.refuses(MODERATOR, keep("r1")).code is Code.WRONG_STATE
