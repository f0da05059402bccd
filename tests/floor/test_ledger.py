"""Who has spoken how long, and correcting it afterwards."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from bridge.floor.events import TimeCorrected
from bridge.floor.ledger import Account, by_delegate, by_group, speeches
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    SYSTEM,
    Floor,
    cancel,
    check,
    correct,
    flow,
    grant,
    mark_live,
    release,
    revoke,
)

CORRECTED = TimeCorrected(request="r1", seconds=100)


def unheard(floor: Floor) -> None:
    """Give the floor and end it before any sound."""
    floor.queued()
    floor.says(MODERATOR, grant("r1"))
    floor.says(MODERATOR, release("r1"))


class TestCorrect:
    def test_other_seconds_count_and_the_log_keeps_both(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        assert floor.says(MODERATOR, correct("r1", 100, " Đồng hồ  hỏng ")) == [
            TimeCorrected(request="r1", seconds=100, reason="Đồng hồ hỏng")
        ]
        request = floor.of("r1")
        assert request.state is RequestState.RELEASED
        assert (request.counted, request.turn.used) == (100, 60)
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)
        assert floor.state.ended == ("r1",)

    def test_twice_and_back_to_what_was_measured(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.spoke("dien-bien", "Hai", 7)
        for seconds in (100, 30, 0, 60):
            floor.says(MODERATOR, correct("r1", seconds))
            assert floor.state.spoken("dien-bien") == Spoken(seconds + 7, 2)

    @pytest.mark.parametrize("seconds", [60, 100])
    def test_to_what_counts_already_is_no_event(self, seconds: float) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.says(MODERATOR, correct("r1", seconds))
        assert floor.says(MODERATOR, correct("r1", seconds)) == []

    def test_the_floor_that_was_taken_back_counts_and_can_be_corrected(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 10
        floor.says(MODERATOR, revoke("r1"))
        floor.now = 15
        floor.says(SYSTEM, check())
        floor.says(MODERATOR, correct("r1", 10))
        assert floor.is_in("r1") is RequestState.REVOKED
        assert floor.state.spoken("dien-bien") == Spoken(10, 1)

    def test_a_speech_nobody_heard_here_becomes_one_and_none_again(self) -> None:
        floor = Floor()
        unheard(floor)
        assert floor.state.spoken("dien-bien") == Spoken()
        assert floor.says(MODERATOR, correct("r1", 100)) == [CORRECTED]
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)
        assert [one.id for one in speeches(floor.state)] == ["r1"]
        floor.says(MODERATOR, correct("r1", 0))
        assert floor.state.spoken("dien-bien") == Spoken(0, 0)
        assert speeches(floor.state) == []

    def test_one_that_was_heard_stays_a_speech_at_zero_seconds(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.says(MODERATOR, correct("r1", 0))
        assert floor.state.spoken("dien-bien") == Spoken(0, 1)
        assert [one.id for one in speeches(floor.state)] == ["r1"]

    def test_a_speech_whose_link_dropped_can_be_corrected_once_it_is_cancelled(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 60
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 90
        floor.says(SYSTEM, check())
        assert floor.refuses(MODERATOR, correct("r1", 100)).code is Code.WRONG_STATE
        floor.says(MODERATOR, cancel("r1"))
        assert floor.says(MODERATOR, correct("r1", 100)) == [CORRECTED]
        assert floor.is_in("r1") is RequestState.CANCELLED
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)

    def test_what_was_cancelled_before_any_speech_has_no_time(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, cancel("r1"))
        refusal = floor.refuses(MODERATOR, correct("r1", 100))
        assert refusal.code is Code.WRONG_STATE
        assert refusal.details["state"] == "cancelled"

    def test_overtime_is_what_counts_beyond_the_limit(self) -> None:
        floor = Floor(first_limit=60)
        floor.spoke("dien-bien", "Một", 100)
        assert floor.of("r1").overtime == 40
        floor.says(MODERATOR, correct("r1", 70))
        assert floor.of("r1").overtime == 10
        floor.says(MODERATOR, correct("r1", 50))
        assert floor.of("r1").overtime == 0


@pytest.fixture
def floor() -> Floor:
    """Four speeches of three delegates of two sites."""
    floor = Floor(first_limit=60, next_limit=60)
    floor.spoke("dien-bien", "Nguyễn Văn Thành", 100, title="Phó Giám đốc")
    floor.spoke("dien-bien", "Lò Văn An", 30)
    floor.spoke("ca-mau", "Nguyễn Văn Thành", 50)
    floor.spoke("dien-bien", "nguyen van thanh", 70, title="Giám đốc")
    return floor


class TestAccounts:
    def test_by_delegate_the_longest_first(self, floor: Floor) -> None:
        assert by_delegate(speeches(floor.state)) == [
            Account(
                key="dien-bien",
                name="nguyen van thanh",
                title="Giám đốc",
                speeches=2,
                seconds=170,
                overtime=50,
            ),
            Account(key="ca-mau", name="Nguyễn Văn Thành", speeches=1, seconds=50),
            Account(key="dien-bien", name="Lò Văn An", speeches=1, seconds=30),
        ]

    def test_by_anything_sites_belong_to(self, floor: Floor) -> None:
        spoken = speeches(floor.state)
        assert by_group(spoken, str) == [
            Account(key="dien-bien", speeches=3, seconds=200, overtime=50),
            Account(key="ca-mau", speeches=1, seconds=50),
        ]
        assert by_group(spoken, lambda _: "Việt Nam") == [
            Account(key="Việt Nam", speeches=4, seconds=250, overtime=50)
        ]

    def test_it_agrees_with_the_ledger_of_each_site(self, floor: Floor) -> None:
        floor.says(MODERATOR, correct("r2", 45))
        for account in by_group(speeches(floor.state), str):
            spoken = Spoken(account.seconds, account.speeches)
            assert floor.state.spoken(account.key) == spoken

    def test_who_speaks_now_is_entered_at_the_end(self, floor: Floor) -> None:
        floor.live("ha-noi")
        floor.now += 30
        assert len(speeches(floor.state)) == 4
        floor.says(MODERATOR, release("r5"))
        assert len(speeches(floor.state)) == 5

    def test_what_was_spoken_before_the_link_dropped_counts_while_the_rest_waits(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 500
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 530
        floor.says(SYSTEM, check())
        interrupted = [Account(key="dien-bien", speeches=1, seconds=500, overtime=80)]
        assert by_group(speeches(floor.state), str) == interrupted
        floor.says(MODERATOR, grant("r1"))
        floor.says(SYSTEM, mark_live("g2"))
        floor.now = 600
        assert by_group(speeches(floor.state), str) == interrupted
        floor.says(MODERATOR, release("r1"))
        assert by_group(speeches(floor.state), str) == [
            Account(key="dien-bien", speeches=1, seconds=570, overtime=150)
        ]

    def test_the_chair_counts_like_everybody_else(self) -> None:
        floor = Floor()
        floor.spoke("ha-noi", "Chủ tọa", 60, priority_class=PriorityClass.CHAIR)
        assert by_group(speeches(floor.state), str)[0].seconds == 60

    def test_before_anybody_has_spoken_there_are_none(self) -> None:
        assert by_delegate([]) == by_group([], str) == []
