"""What the rules do by themselves: accept, call on deck, give the floor."""

from __future__ import annotations

import pytest

from bridge.floor import FloorCommand
from bridge.floor.commands import Check, PriorityClass
from bridge.floor.events import (
    CalledOnDeck,
    DeckFailed,
    DeckLeft,
    DeckPassed,
    DeckTimedOut,
    FloorEvent,
    FloorGranted,
    FloorReleased,
    FloorRequested,
    GrantTimedOut,
    GrantWithdrawn,
    HoldEnded,
    PolicyChanged,
    RequestAccepted,
    RequestCancelled,
    RequestFiled,
)
from bridge.floor.policy import ChairPriority
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    ask,
    call,
    cancel,
    change,
    check,
    checks,
    extend,
    flow,
    give_back,
    grant,
    host,
    link,
    mark_live,
    move,
    pause,
    phone,
    release,
    withdraw,
)

CHAIR = PriorityClass.CHAIR


def kinds(events: list[FloorEvent]) -> list[type[FloorEvent]]:
    return [type(event) for event in events]


def called(request: str, at: float = 0) -> CalledOnDeck:
    return CalledOnDeck(request=request, check_until=START + at + 15, prep_until=START + at + 120)


class TestAccept:
    def test_requests_of_sites_and_phones_join_the_queue(self) -> None:
        floor = Floor(auto_accept=True)
        assert kinds(floor.says(host("dien-bien"), ask())) == [FloorRequested, RequestAccepted]
        assert kinds(floor.says(phone("ca-mau"), ask())) == [FloorRequested, RequestAccepted]
        assert floor.state.queue == ("r1", "r2")

    def test_written_ones_are_filed(self) -> None:
        floor = Floor(auto_accept=True)
        written = ask(priority_class=PriorityClass.WRITTEN)
        assert kinds(floor.says(host("dien-bien"), written)) == [FloorRequested, RequestFiled]


class TestCall:
    def test_the_first_in_line_is_called_as_soon_as_there_is_one(self) -> None:
        floor = Floor(auto_call=True)
        floor.now = 5
        events = floor.says(MODERATOR, ask(site="dien-bien"))
        assert events[2:] == [called("r1", 5)]

    def test_with_somebody_on_deck_nobody_else_is(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued("dien-bien")
        floor.queued("ca-mau")
        assert floor.is_in("r2") is RequestState.QUEUED
        floor.says(SYSTEM, checks("r1", Check.SOUND))
        floor.says(SYSTEM, checks("r1"))
        assert floor.is_in("r2") is RequestState.QUEUED

    def test_when_the_deck_is_free_the_next_is_called(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued("dien-bien")
        floor.queued("ca-mau")
        assert floor.says(MODERATOR, grant("r1"))[1:] == [called("r2")]

    def test_who_is_first_when_it_is_free_is_called_not_who_was(self) -> None:
        floor = Floor(auto_call=True)
        for site in ("dien-bien", "ca-mau", "lao-cai"):
            floor.queued(site)
        floor.says(MODERATOR, move("r3", before="r2"))
        assert floor.says(MODERATOR, cancel("r1"))[1:] == [called("r3")]

    def test_a_held_place_is_passed_over_and_called_when_the_link_is_back(self) -> None:
        floor = Floor(auto_call=True)
        floor.live("dien-bien")
        floor.says(MODERATOR, change(auto_call=False))
        floor.queued("ca-mau")
        floor.queued("lao-cai")
        floor.says(SYSTEM, link("ca-mau", up=False))
        events = floor.says(MODERATOR, change(auto_call=True))
        assert kinds(events) == [PolicyChanged, CalledOnDeck]
        assert floor.is_in("r3") is RequestState.CHECKING
        floor.says(MODERATOR, cancel("r3"))
        assert floor.says(SYSTEM, link("ca-mau", up=True)) == [
            HoldEnded(request="r2"),
            called("r2"),
        ]

    def test_a_site_that_wants_to_be_later_is_not_asked_again_at_once(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued("dien-bien")
        floor.queued("ca-mau")
        assert floor.says(host("dien-bien"), give_back("r1")) == [
            DeckLeft(request="r1"),
            called("r2"),
        ]
        assert floor.state.queue == ("r1", "r2")
        floor.says(MODERATOR, grant("r2"))
        assert floor.is_in("r1") is RequestState.QUEUED  # it waits for a moderator
        assert floor.says(MODERATOR, call("r1"))

    def test_nor_is_one_that_was_not_ready_in_time(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued("dien-bien")
        floor.queued("ca-mau")
        floor.now = 15
        floor.says(SYSTEM, check())
        floor.now = 120
        assert floor.says(SYSTEM, check()) == [DeckTimedOut(request="r1"), called("r2", 120)]

    def test_nor_one_that_had_the_floor_and_gave_no_sound(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.now = 30
        assert floor.says(SYSTEM, check()) == [GrantTimedOut(request="r1", grant="g1")]

    def test_nor_one_from_whom_a_moderator_took_it_back(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        assert floor.says(MODERATOR, withdraw("r1")) == [GrantWithdrawn(request="r1", grant="g1")]

    def test_who_made_room_for_the_chair_is_asked_again(self) -> None:
        floor = Floor(auto_call=True, chair_priority=ChairPriority.SUSPEND)
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.queued("ha-noi", priority_class=CHAIR)
        events = floor.says(MODERATOR, grant("r2"))
        assert events[1:] == [GrantWithdrawn(request="r1", grant="g1", chair="g2"), called("r1")]

    def test_who_had_the_floor_is_called_again_after_the_link_dropped(self) -> None:
        floor = Floor(auto_call=True)
        floor.queued()
        floor.says(MODERATOR, give_back("r1"))
        floor.says(MODERATOR, grant("r1"))
        floor.says(SYSTEM, mark_live("g1"))
        floor.says(SYSTEM, flow("g1", flowing=False))
        floor.now = 30
        floor.says(SYSTEM, check())
        assert floor.says(SYSTEM, link("dien-bien", up=True))[1:] == [called("r1", 30)]


class TestGrant:
    def test_who_is_ready_gets_the_free_floor(self) -> None:
        floor = Floor(auto_grant=True)
        floor.queued()
        floor.says(MODERATOR, call("r1"))
        assert floor.says(SYSTEM, checks("r1")) == [
            DeckPassed(request="r1"),
            FloorGranted(request="r1", grant="g1", limit=420, warning=60, arm_until=START + 30),
        ]

    def test_otherwise_when_it_becomes_free(self) -> None:
        floor = Floor(auto_grant=True)
        floor.live("ca-mau")
        floor.ready("dien-bien")
        assert floor.is_in("r2") is RequestState.READY
        events = floor.says(MODERATOR, release("r1"))
        assert kinds(events) == [FloorReleased, FloorGranted]
        assert floor.state.speaking == ("r2",)

    def test_it_is_the_first_ready_one_in_line(self) -> None:
        floor = Floor(auto_grant=True)
        floor.live("ca-mau")
        floor.queued("ha-noi")
        floor.ready("dien-bien")
        floor.ready("lao-cai")
        floor.says(MODERATOR, move("r4", before="r3"))
        floor.says(MODERATOR, release("r1"))
        assert floor.state.speaking == ("r4",)

    def test_all_who_are_ready_as_far_as_there_is_room(self) -> None:
        floor = Floor()
        for site in ("dien-bien", "lao-cai", "ha-noi"):
            floor.ready(site)
        assert kinds(floor.says(MODERATOR, change(auto_grant=True, capacity=2))) == [
            PolicyChanged,
            FloorGranted,
            FloorGranted,
        ]
        assert floor.state.speaking == ("r1", "r2")
        assert kinds(floor.says(MODERATOR, release("r1")))[1:] == [FloorGranted]
        assert floor.state.speaking == ("r2", "r3")

    def test_nobody_is_ready_who_was_not_asked(self) -> None:
        floor = Floor(auto_grant=True)
        floor.queued()
        floor.says(MODERATOR, change(capacity=2))
        assert not floor.state.speaking

    @pytest.mark.parametrize("priority", ChairPriority)
    def test_beside_a_chair_that_wants_the_floor_alone_nobody_gets_it(
        self, priority: ChairPriority
    ) -> None:
        floor = Floor(auto_grant=True, chair_priority=priority)
        floor.live("ha-noi", priority_class=CHAIR)
        floor.ready("dien-bien")
        assert bool("r2" in floor.state.speaking) is (priority is ChairPriority.BESIDE)
        floor.says(MODERATOR, release("r1"))
        assert "r2" in floor.state.speaking

    def test_never_more_than_can_be_heard(self) -> None:
        floor = Floor(auto_grant=True, max_capacity=1)
        floor.live("ha-noi", priority_class=CHAIR)
        floor.ready("dien-bien")
        assert floor.state.speaking == ("r1",)
        floor.says(MODERATOR, release("r1"))
        assert floor.state.speaking == ("r2",)

    def test_the_chair_gets_it_in_turn_and_suspends_whom_its_rule_says(self) -> None:
        floor = Floor(auto_grant=True, chair_priority=ChairPriority.SUSPEND, capacity=2)
        floor.live("dien-bien")
        floor.queued("ha-noi", priority_class=CHAIR)
        floor.says(MODERATOR, call("r2"))
        floor.says(SYSTEM, checks("r2"))
        assert floor.state.speaking == ("r1", "r2")
        assert floor.is_in("r1") is RequestState.PAUSED

    def test_one_chair_after_another_keeps_the_speaker_suspended(self) -> None:
        """In one commit: the first chair ends, the speaker goes on, the second one suspends."""
        floor = Floor(chair_priority=ChairPriority.SUSPEND, capacity=2)
        floor.live("dien-bien")
        floor.live("ha-noi", priority_class=CHAIR)
        floor.ready("lao-cai", priority_class=CHAIR)
        floor.says(MODERATOR, change(auto_grant=True))
        assert floor.is_in("r3") is RequestState.READY
        floor.says(MODERATOR, release("r2"))
        assert floor.state.speaking == ("r1", "r3")
        assert floor.turn("r1").paused_by == "g3"


class TestBoth:
    def test_a_session_runs_by_itself_from_speaker_to_speaker(self) -> None:
        floor = Floor(auto_accept=True, auto_call=True, auto_grant=True)
        for site in ("dien-bien", "ca-mau"):
            floor.says(host(site), ask())
        events = floor.says(SYSTEM, checks("r1"))
        assert kinds(events) == [DeckPassed, FloorGranted, CalledOnDeck]
        floor.says(SYSTEM, mark_live("g1"))
        floor.says(SYSTEM, checks("r2"))
        assert floor.is_in("r2") is RequestState.READY
        floor.now = 60
        assert kinds(floor.says(host("dien-bien"), release("r1"))) == [FloorReleased, FloorGranted]

    def test_who_gives_no_sound_does_not_take_the_floor_again_and_again(self) -> None:
        floor = Floor(auto_call=True, auto_grant=True)
        floor.queued("dien-bien")
        floor.says(SYSTEM, checks("r1"))
        floor.now = 30
        assert kinds(floor.says(SYSTEM, check())) == [GrantTimedOut]
        assert floor.is_in("r1") is RequestState.QUEUED

    @pytest.mark.parametrize(
        "command", [pause("r1"), extend("r1", 60), cancel("r2"), move("r2", after="r3")]
    )
    def test_nothing_follows_where_no_rule_asks_for_it(self, command: FloorCommand) -> None:
        floor = Floor()
        floor.live("dien-bien")
        floor.queued("ca-mau")
        floor.queued("lao-cai")
        assert len(floor.says(MODERATOR, command)) == 1

    def test_nothing_follows_a_command_that_changes_nothing(self) -> None:
        floor = Floor()
        floor.queued()
        floor.setup = Floor(auto_call=True).setup
        assert floor.says(SYSTEM, check()) == []
        assert floor.is_in("r1") is RequestState.QUEUED

    def test_a_lost_check_leaves_the_next_one_waiting(self) -> None:
        floor = Floor(auto_call=True, auto_grant=True)
        floor.live("lao-cai")
        floor.queued("dien-bien")
        floor.queued("ca-mau")
        floor.says(SYSTEM, checks("r2"))
        assert kinds(floor.says(SYSTEM, checks("r2", Check.LINK))) == [DeckFailed]
        assert kinds(floor.says(MODERATOR, cancel("r2"))) == [RequestCancelled, CalledOnDeck]
