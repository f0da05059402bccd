"""Bad links and the queue: a warning before the floor is given, and the following one instead."""

from __future__ import annotations

import pytest

from bridge.errors import Code, FloorRefused
from bridge.floor import FloorEvent, decide, evolve
from bridge.floor.commands import (
    CallOnDeck,
    GrantFloor,
    PriorityClass,
    ReturnToQueue,
)
from bridge.floor.events import CalledOnDeck, DeckLeft, FloorGranted
from bridge.floor.tables import RequestState
from bridge.history import Undo
from bridge.link.advice import POOR, weakness
from tests.floor.playbook import MODERATOR, SYSTEM, Floor, call, following, grant, link
from tests.playbook import Session

WEAK = {"dien-bien": "uplink"}


def granted(floor: Floor, command: GrantFloor) -> list[FloorEvent]:
    """Give the floor with a bad link of Điện Biên."""
    events = decide(floor.setup, floor.state, MODERATOR, command, floor.now, WEAK)
    for event in events:
        floor.state = evolve(floor.state, event, floor.now)
    return events


class TestWarning:
    def test_a_ready_speaker_with_a_bad_link_is_asked_about(self) -> None:
        floor = Floor()
        request = floor.ready()
        with pytest.raises(FloorRefused) as caught:
            granted(floor, grant(request, override=False))
        assert caught.value.code is Code.LINK_BAD
        assert caught.value.details["why"] == "uplink"
        assert caught.value.details["request"] == request

    def test_overriding_gives_the_floor_and_the_log_says_so(self) -> None:
        floor = Floor()
        [event] = granted(floor, grant(floor.ready(), override=True))
        assert isinstance(event, FloorGranted)
        assert event.link == "uplink"

    def test_who_is_not_ready_hears_of_that_first(self) -> None:
        floor = Floor()
        with pytest.raises(FloorRefused) as caught:
            granted(floor, grant(floor.queued(), override=False))
        assert caught.value.code is Code.NOT_READY

    def test_a_good_link_and_the_chair_are_not_asked_about(self) -> None:
        floor = Floor()
        [event] = granted(floor, grant(floor.ready(site="lao-cai"), override=False))
        assert isinstance(event, FloorGranted)
        assert event.link == ""
        chair = floor.ready(name="Chủ tọa", priority_class=PriorityClass.CHAIR)
        assert granted(floor, grant(chair, override=False))


class TestFollowing:
    def test_one_step_calls_the_next_and_keeps_the_place(self) -> None:
        floor = Floor()
        first, second, third = (floor.queued(name=name) for name in ("Một", "Hai", "Ba"))
        floor.says(MODERATOR, call(first))
        events = floor.says(MODERATOR, following(first, second))
        assert [type(event) for event in events] == [CalledOnDeck, DeckLeft]
        assert floor.state.queue == (first, second, third)
        assert floor.is_in(first) is RequestState.QUEUED
        assert floor.is_in(second) is RequestState.CHECKING

    def test_who_was_not_on_deck_only_stays(self) -> None:
        floor = Floor()
        first, second = floor.queued(name="Một"), floor.queued(name="Hai")
        events = floor.says(MODERATOR, following(first, second))
        assert [type(event) for event in events] == [CalledOnDeck]

    def test_who_is_on_deck_already_is_not_called_again(self) -> None:
        floor = Floor()
        first, second = floor.queued(name="Một"), floor.queued(name="Hai")
        floor.says(MODERATOR, call(first))
        floor.says(MODERATOR, call(second))
        events = floor.says(MODERATOR, following(first, second))
        assert [type(event) for event in events] == [DeckLeft]
        assert floor.says(MODERATOR, following(first, second)) == []

    def test_a_place_that_is_held_may_be_passed_over(self) -> None:
        floor = Floor()
        first, second = floor.queued(name="Một"), floor.queued(site="lao-cai", name="Hai")
        floor.says(SYSTEM, link("dien-bien", up=False))
        floor.says(MODERATOR, following(first, second))
        assert floor.is_in(first) is RequestState.HELD

    def test_nobody_before_and_nobody_without_a_link_is_called(self) -> None:
        floor = Floor()
        first, second = floor.queued(name="Một"), floor.queued(site="lao-cai", name="Hai")
        assert floor.refuses(MODERATOR, following(second, first)).code is Code.MOVE_INVALID
        assert floor.refuses(MODERATOR, following(first, first)).code is Code.MOVE_INVALID
        assert floor.refuses(MODERATOR, following(first, "r9")).code is Code.REQUEST_UNKNOWN
        floor.says(SYSTEM, link("lao-cai", up=False))
        assert floor.refuses(MODERATOR, following(first, second)).code is Code.WRONG_STATE

    def test_it_is_taken_back_in_one_step_too(self) -> None:
        session = Session()
        first, second = session.queued("dien-bien"), session.queued("ca-mau", name="Hai")
        session.says(CallOnDeck(cmd_id="c", request=first))
        session.says(following(first, second))
        [*_, action] = session.state.history.actions
        assert action.undo == (
            ReturnToQueue(cmd_id="undo", request=second),
            CallOnDeck(cmd_id="undo", request=first),
        )
        session.says(Undo(cmd_id="u"))
        states = {one: session.state.floor.requests[one].state for one in (first, second)}
        assert states == {first: RequestState.CHECKING, second: RequestState.QUEUED}


@pytest.mark.parametrize(
    ("connected", "since", "score", "cause", "why"),
    [
        (True, 1.0, 4.2, "", ""),
        (True, 1.0, POOR, "uplink", ""),
        (True, 1.0, 3.0, "uplink", "uplink"),
        (True, 1.0, 3.0, "", "weak"),
        (True, 1.0, 0.0, "", ""),
        (True, 1.0, 1.5, "server", ""),
        (True, 1.0, 1.5, "remote", ""),
        (False, 1.0, 0.0, "", "no_signal"),
        (False, 0.0, 0.0, "", ""),
    ],
)
def test_which_links_are_asked_about(
    connected: bool, since: float, score: float, cause: str, why: str
) -> None:
    assert weakness(connected=connected, since=since, score=score, cause=cause) == why
