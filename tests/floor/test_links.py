"""Links that are lost and come back: places that are held, speeches that wait."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import Check, PriorityClass
from bridge.floor.events import (
    DropTimedOut,
    FloorReleased,
    FloorRevoked,
    GrantTimedOut,
    HoldEnded,
    LinkLost,
    LinkReturned,
    RequestCancelled,
    RequestHeld,
)
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState, Status
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    call,
    cancel,
    check,
    checks,
    deny,
    extend,
    file,
    flow,
    give_back,
    grant,
    host,
    link,
    mark_live,
    move,
    pause,
    release,
    revoke,
    unaccept,
    withdraw,
)

DOWN, UP = link("dien-bien", up=False), link("dien-bien", up=True)


class TestWaiting:
    def test_the_places_of_a_site_are_held_while_its_link_is_lost(self) -> None:
        floor = Floor()
        floor.queued(name="Một")
        floor.queued("ca-mau", "Hai")
        floor.queued(name="Ba")
        floor.request(name="Bốn")
        assert floor.says(SYSTEM, DOWN) == [RequestHeld(request="r1"), RequestHeld(request="r3")]
        assert floor.is_in("r1") is floor.is_in("r3") is RequestState.HELD
        assert floor.of("r1").status is Status.ACCEPTED
        assert floor.state.queue == ("r1", "r2", "r3")
        assert floor.says(SYSTEM, DOWN) == []
        assert floor.says(SYSTEM, UP) == [HoldEnded(request="r1"), HoldEnded(request="r3")]
        assert floor.is_in("r1") is RequestState.QUEUED
        assert floor.state.queue == ("r1", "r2", "r3")
        assert floor.says(SYSTEM, UP) == []

    def test_a_site_nobody_knows_holds_nothing(self) -> None:
        floor = Floor()
        floor.queued()
        assert floor.says(SYSTEM, link("atlantis", up=False)) == []

    def test_a_held_place_may_be_moved_and_is_not_called_on_deck(self) -> None:
        floor = Floor()
        floor.queued(name="Một")
        floor.queued("ca-mau", "Hai")
        floor.says(SYSTEM, DOWN)
        floor.says(MODERATOR, move("r1", after="r2"))
        assert floor.state.queue == ("r2", "r1")
        refusal = floor.refuses(MODERATOR, call("r1"))
        assert refusal.code is Code.WRONG_STATE
        assert "lost the connection" in refusal.message

    def test_on_deck_a_lost_link_is_a_failed_check_and_no_hold(self) -> None:
        floor = Floor()
        floor.ready()
        assert floor.says(SYSTEM, DOWN) == []
        floor.says(SYSTEM, checks("r1", Check.LINK))
        assert floor.is_in("r1") is RequestState.FAILED
        floor.says(MODERATOR, give_back("r1"))
        assert floor.says(SYSTEM, DOWN) == [RequestHeld(request="r1")]

    def test_a_moderator_may_give_the_floor_all_the_same(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(SYSTEM, DOWN)
        assert floor.says(MODERATOR, grant("r1"))


class TestSpeaking:
    def test_the_clock_stands_while_nothing_arrives_and_the_grant_stays(self) -> None:
        floor = Floor(drop_timeout=30)
        floor.live()
        floor.now = 60
        assert floor.says(SYSTEM, flow("g1", flowing=False)) == [
            LinkLost(request="r1", grant="g1", drop_until=START + 90)
        ]
        assert floor.is_in("r1") is RequestState.LINK_LOST
        assert floor.of("r1").status is Status.GRANTED
        assert floor.turn("r1").used_at(START + 85) == 60
        floor.now = 85
        assert floor.says(SYSTEM, flow("g1", flowing=True)) == [
            LinkReturned(request="r1", grant="g1")
        ]
        turn = floor.turn("r1")
        assert (turn.id, turn.live_since, turn.used, turn.drop_until) == ("g1", START + 85, 60, 0)
        assert turn.live_at == START
        floor.now = 95
        floor.says(MODERATOR, release("r1"))
        assert floor.state.spoken("dien-bien") == Spoken(70, 1)

    def test_told_twice_is_told_once(self) -> None:
        floor = Floor()
        floor.live()
        assert floor.says(SYSTEM, flow("g1", flowing=True)) == []
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 5
        assert floor.says(SYSTEM, flow("g1", flowing=False)) == []
        assert floor.turn("r1").drop_until == START + 30

    @pytest.mark.parametrize("flowing", [True, False])
    def test_of_an_old_grant_it_means_nothing(self, flowing: bool) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 10)
        floor.live("dien-bien", "Hai")
        assert floor.says(SYSTEM, flow("g1", flowing=flowing)) == []
        assert floor.is_in("r2") is RequestState.LIVE

    @pytest.mark.parametrize("flowing", [True, False])
    def test_before_the_first_sound_while_paused_and_revoking_it_means_nothing(
        self, flowing: bool
    ) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        assert floor.says(SYSTEM, flow("g1", flowing=flowing)) == []
        floor.says(SYSTEM, mark_live("g1"))
        floor.says(MODERATOR, pause("r1"))
        assert floor.says(SYSTEM, flow("g1", flowing=flowing)) == []
        floor.live("ca-mau", priority_class=PriorityClass.CHAIR)
        floor.says(MODERATOR, revoke("r2"))
        assert floor.says(SYSTEM, flow("g2", flowing=flowing)) == []

    def test_it_keeps_the_floor_and_may_be_given_time_meanwhile(self) -> None:
        floor = Floor()
        floor.lost()
        floor.queued("ca-mau")
        assert floor.refuses(MODERATOR, grant("r2")).code is Code.FLOOR_BUSY
        floor.says(MODERATOR, extend("r1", 60))
        assert floor.turn("r1").limit == 480

    def test_its_speech_may_be_ended_at_once(self) -> None:
        floor = Floor()
        floor.live()
        floor.now = 20
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 25
        assert floor.says(host("dien-bien"), release("r1")) == [
            FloorReleased(request="r1", grant="g1")
        ]
        assert floor.state.spoken("dien-bien") == Spoken(20, 1)
        floor.lost("ca-mau")
        assert floor.says(MODERATOR, revoke("r2", "Hết giờ")) == [
            FloorRevoked(request="r2", grant="g2", reason="Hết giờ")
        ]


def _dropped(floor: Floor, seconds: float) -> None:
    """Let r1 speak for *seconds* and lose its link for too long."""
    floor.live()
    floor.now += seconds
    floor.says(SYSTEM, flow("g1", flowing=False))
    floor.now += 30
    floor.says(SYSTEM, check())


class TestDrop:
    def test_who_does_not_come_back_in_time_is_held_at_the_head_of_the_class(self) -> None:
        floor = Floor(drop_timeout=30)
        floor.live()
        floor.queued("ca-mau")
        floor.queued("lao-cai", priority_class=PriorityClass.POINT_OF_ORDER)
        floor.now = 100
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 129.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 130
        assert floor.says(SYSTEM, check()) == [DropTimedOut(request="r1", grant="g1")]
        assert floor.state.queue == ("r3", "r1", "r2")
        request = floor.of("r1")
        assert (request.state, request.grant, request.carried) == (RequestState.HELD, None, 100)
        assert request.heard
        assert not floor.state.speaking
        assert floor.says(SYSTEM, UP) == [HoldEnded(request="r1")]

    def test_what_was_spoken_is_in_the_ledger_at_once(self) -> None:
        floor = Floor()
        _dropped(floor, 100)
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)

    def test_an_old_observation_does_not_bring_it_back(self) -> None:
        floor = Floor()
        _dropped(floor, 100)
        assert floor.says(SYSTEM, flow("g1", flowing=True)) == []
        assert floor.says(SYSTEM, mark_live("g1")) == []

    def test_a_second_turn_goes_on_with_the_time_and_the_limit_of_the_first(self) -> None:
        floor = Floor(first_limit=420, next_limit=180)
        floor.live()
        floor.says(MODERATOR, extend("r1", 60))
        floor.now = 100
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 130
        floor.says(SYSTEM, check())
        floor.says(SYSTEM, UP)
        floor.now = 200
        floor.says(MODERATOR, grant("r1"))
        turn = floor.turn("r1")
        assert (turn.id, turn.limit, turn.used, turn.live_at) == ("g2", 480, 100, 0)
        floor.says(SYSTEM, mark_live("g2"))
        floor.now = 250
        assert floor.turn("r1").used_at(START + 250) == 150
        floor.says(MODERATOR, release("r1"))
        assert floor.state.spoken("dien-bien") == Spoken(150, 1)
        assert floor.of("r1").counted == 150

    def test_a_third_one_too(self) -> None:
        floor = Floor()
        _dropped(floor, 100)
        for number in (2, 3):
            floor.says(MODERATOR, grant("r1"))
            floor.says(SYSTEM, mark_live(f"g{number}"))
            floor.now += 10
            floor.says(SYSTEM, flow(f"g{number}", flowing=False))
            floor.now += 30
            floor.says(SYSTEM, check())
            assert floor.of("r1").carried == 90 + 10 * number
        assert floor.state.spoken("dien-bien") == Spoken(120, 1)

    def test_a_second_turn_without_sound_changes_nothing_of_it(self) -> None:
        floor = Floor()
        _dropped(floor, 100)
        floor.says(MODERATOR, grant("r1"))
        floor.now += 30
        assert floor.says(SYSTEM, check()) == [GrantTimedOut(request="r1", grant="g2")]
        floor.says(MODERATOR, grant("r1"))
        floor.says(MODERATOR, withdraw("r1"))
        assert floor.of("r1").carried == 100
        floor.says(MODERATOR, grant("r1"))
        floor.says(MODERATOR, release("r1"))
        assert floor.of("r1").counted == 100
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)

    def test_who_never_came_back_is_cancelled_and_the_time_counts(self) -> None:
        floor = Floor()
        _dropped(floor, 500)
        assert floor.says(MODERATOR, cancel("r1", "Mất kết nối")) == [
            RequestCancelled(request="r1", reason="Mất kết nối")
        ]
        request = floor.of("r1")
        assert (request.counted, request.overtime) == (500, 80)
        assert floor.state.spoken("dien-bien") == Spoken(500, 1)

    @pytest.mark.parametrize("way", ["file", "deny"])
    def test_it_counts_whatever_becomes_of_the_rest(self, way: str) -> None:
        floor = Floor()
        _dropped(floor, 100)
        if way == "file":
            floor.says(MODERATOR, file("r1"))  # the rest is handed in in writing
        else:
            floor.says(MODERATOR, unaccept("r1"))
            floor.says(MODERATOR, deny("r1"))
        assert floor.state.spoken("dien-bien") == Spoken(100, 1)
        assert floor.of("r1").counted == 100

    def test_a_speech_that_was_lost_as_it_began_is_none_yet(self) -> None:
        floor = Floor()
        _dropped(floor, 0)
        assert not floor.of("r1").heard
        assert floor.state.spoken("dien-bien") == Spoken()
