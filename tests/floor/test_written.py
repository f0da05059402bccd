"""From speaking to writing and back; taking an acceptance back."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from bridge.floor.events import RequestFiled, RequestUnaccepted, RequestUnfiled
from bridge.floor.tables import RequestState, Status
from tests.floor.playbook import (
    MODERATOR,
    Floor,
    accept,
    change,
    file,
    grant,
    move,
    unaccept,
    unfile,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass


@pytest.fixture
def floor() -> Floor:
    """r1 pending, r2 and r3 accepted."""
    floor = Floor()
    floor.request(name="Một")
    floor.queued(name="Hai")
    floor.queued(name="Ba")
    return floor


class TestFile:
    @pytest.mark.parametrize("request_id", ["r1", "r2"])
    def test_a_request_is_taken_in_writing(self, floor: Floor, request_id: str) -> None:
        assert floor.says(MODERATOR, file(request_id)) == [RequestFiled(request=request_id)]
        assert floor.state.filed == (request_id,)
        assert request_id not in (*floor.state.pending, *floor.state.queue)
        request = floor.of(request_id)
        assert (request.priority_class, request.status) == (WRITTEN, Status.ACCEPTED)

    def test_it_is_not_called_to_speak(self, floor: Floor) -> None:
        floor.says(MODERATOR, file("r2"))
        refusal = floor.refuses(MODERATOR, grant("r2"))
        assert refusal.code is Code.WRONG_STATE
        assert "Let it be spoken first" in refusal.message


class TestUnfile:
    @pytest.mark.parametrize(
        ("priority_class", "queue"), [(NORMAL, ("r3", "r2")), (POINT, ("r2", "r3"))]
    )
    def test_it_joins_a_class_at_its_end(
        self, floor: Floor, priority_class: PriorityClass, queue: tuple[str, ...]
    ) -> None:
        floor.says(MODERATOR, file("r2"))
        assert floor.says(MODERATOR, unfile("r2", priority_class)) == [
            RequestUnfiled(request="r2", priority_class=priority_class)
        ]
        assert floor.state.queue == queue
        assert floor.of("r2").priority_class is priority_class
        assert floor.state.filed == ()

    def test_who_is_on_the_list_already_does_not_join_it_twice(self, floor: Floor) -> None:
        floor.says(MODERATOR, file("r2"))
        floor.request(name="Hai")
        refusal = floor.refuses(MODERATOR, unfile("r2"))
        assert refusal.code is Code.DUPLICATE_REQUEST
        assert refusal.details["request"] == "r4"
        assert floor.says(MODERATOR, unfile("r2", POINT))
        floor.says(MODERATOR, file("r2"))
        floor.says(MODERATOR, change(several_requests=True))
        assert floor.says(MODERATOR, unfile("r2"))

    def test_to_stay_in_writing_is_no_change(self, floor: Floor) -> None:
        floor.says(MODERATOR, file("r2"))
        assert floor.says(MODERATOR, unfile("r2", WRITTEN)) == []

    @pytest.mark.parametrize("priority_class", [NORMAL, WRITTEN])
    def test_it_may_wait_for_approval_instead(
        self, floor: Floor, priority_class: PriorityClass
    ) -> None:
        floor.says(MODERATOR, file("r2"))
        assert floor.says(MODERATOR, unfile("r2", priority_class, pending=True)) == [
            RequestUnfiled(request="r2", priority_class=priority_class),
            RequestUnaccepted(request="r2"),
        ]
        assert floor.state.pending == ("r1", "r2")
        assert floor.of("r2").priority_class is priority_class


class TestUnaccept:
    def test_an_accepted_request_waits_for_approval_again(self, floor: Floor) -> None:
        assert floor.says(MODERATOR, unaccept("r2")) == [RequestUnaccepted(request="r2")]
        assert floor.is_in("r2") is RequestState.PENDING
        assert (floor.state.pending, floor.state.queue) == (("r1", "r2"), ("r3",))

    def test_accepted_again_it_stands_at_the_end(self, floor: Floor) -> None:
        floor.says(MODERATOR, unaccept("r2"))
        floor.says(MODERATOR, accept("r2"))
        assert floor.state.queue == ("r3", "r2")

    def test_nothing_moves_next_to_it(self, floor: Floor) -> None:
        floor.says(MODERATOR, unaccept("r2"))
        assert floor.refuses(MODERATOR, move("r3", after="r2")).code is Code.REQUEST_UNKNOWN
