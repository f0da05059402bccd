"""Bringing an ended request back as a new one; clearing all that waits."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import ListState, PriorityClass
from bridge.floor.events import (
    FloorRequested,
    RequestAccepted,
    RequestCancelled,
    RequestFiled,
    RequestMoved,
)
from bridge.floor.state import Spoken
from bridge.floor.tables import Status
from tests.floor.playbook import (
    MODERATOR,
    Floor,
    ask,
    call,
    cancel,
    clear,
    deny,
    grant,
    host,
    readd,
    release,
    set_list,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass


class TestReadd:
    @pytest.fixture
    def floor(self) -> Floor:
        """r1 has spoken; r2, r3 and a point of order wait."""
        floor = Floor()
        floor.live(name="Một", title="Phó Chủ tịch", topic="Chuyển đổi số")
        floor.now = 60
        floor.says(MODERATOR, release("r1"))
        floor.queued(name="Hai")
        floor.queued(name="Ba")
        floor.queued(name="Bốn", priority_class=POINT)
        return floor

    def test_it_is_a_new_request_and_the_old_one_stays_as_it_was(self, floor: Floor) -> None:
        before = floor.of("r1")
        assert floor.says(MODERATOR, readd("r1")) == [
            FloorRequested(
                request="r5",
                site="dien-bien",
                name="Một",
                title="Phó Chủ tịch",
                topic="Chuyển đổi số",
                readd_of="r1",
            ),
            RequestAccepted(request="r5"),
        ]
        assert floor.of("r1") is before
        assert before.status is Status.RELEASED
        assert floor.of("r5").readd_of == "r1"
        assert floor.state.queue == ("r4", "r2", "r3", "r5")
        assert floor.state.spoken("dien-bien") == Spoken(60, 1)

    def test_it_may_wait_for_approval(self, floor: Floor) -> None:
        assert len(floor.says(MODERATOR, readd("r1", pending=True))) == 1
        assert floor.state.pending == ("r5",)

    def test_it_may_stand_before_another_one(self, floor: Floor) -> None:
        events = floor.says(MODERATOR, readd("r1", before="r3"))
        assert events[2:] == [RequestMoved(request="r5", before="r3")]
        assert floor.state.queue == ("r4", "r2", "r5", "r3")

    def test_it_may_be_the_first_of_its_class(self, floor: Floor) -> None:
        floor.says(MODERATOR, readd("r1", at_head=True))
        assert floor.state.queue == ("r4", "r5", "r2", "r3")

    @pytest.mark.parametrize("before", ["r4", "r1", "r99"])
    def test_next_to_nobody_of_its_class_it_stands_at_the_end(
        self, floor: Floor, before: str
    ) -> None:
        floor.says(MODERATOR, readd("r1", before=before))
        assert floor.state.queue == ("r4", "r2", "r3", "r5")

    def test_alone_in_its_class_it_is_the_first(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        assert len(floor.says(MODERATOR, readd("r1", at_head=True))) == 2

    def test_a_written_opinion_is_filed_again(self) -> None:
        floor = Floor()
        floor.queued(priority_class=WRITTEN)
        floor.says(MODERATOR, cancel("r1"))
        assert floor.says(MODERATOR, readd("r1"))[1:] == [RequestFiled(request="r2")]

    def test_who_is_on_the_list_again_is_not_added_twice(self, floor: Floor) -> None:
        floor.request(name="Một")
        refusal = floor.refuses(MODERATOR, readd("r1"))
        assert refusal.code is Code.DUPLICATE_REQUEST
        assert refusal.details["request"] == "r5"

    def test_a_closed_list_does_not_matter(self, floor: Floor) -> None:
        floor.says(MODERATOR, set_list(ListState.SUSPENDED))
        assert floor.says(MODERATOR, readd("r1"))

    def test_a_denied_one_too(self) -> None:
        floor = Floor()
        floor.request()
        floor.says(MODERATOR, deny("r1"))
        floor.says(MODERATOR, readd("r1"))
        assert floor.state.queue == ("r2",)


class TestClear:
    @pytest.fixture
    def floor(self) -> Floor:
        """One speaks, one is filed, two wait in the queue and one for approval."""
        floor = Floor()
        floor.live("ca-mau", "Một")
        floor.queued(name="Hai", priority_class=WRITTEN)
        floor.queued(name="Ba")
        floor.queued(name="Bốn")
        floor.request(name="Năm")
        return floor

    def test_all_that_waits_is_cancelled_and_the_rest_stays(self, floor: Floor) -> None:
        floor.says(MODERATOR, call("r4"))
        assert floor.says(MODERATOR, clear(3, "Hết giờ")) == [
            RequestCancelled(request="r3", reason="Hết giờ"),
            RequestCancelled(request="r4", reason="Hết giờ"),
            RequestCancelled(request="r5", reason="Hết giờ"),
        ]
        state = floor.state
        assert (state.queue, state.pending, state.filed) == ((), (), ("r2",))
        assert state.speaking == ("r1",)

    @pytest.mark.parametrize("count", [2, 4])
    def test_another_number_than_was_seen_is_refused(self, floor: Floor, count: int) -> None:
        refusal = floor.refuses(MODERATOR, clear(count))
        assert refusal.code is Code.STALE_REVISION
        assert refusal.details == {"count": 3}

    def test_nothing_to_clear_is_no_event(self) -> None:
        assert Floor().says(MODERATOR, clear(0)) == []

    def test_the_list_stays_open(self, floor: Floor) -> None:
        floor.says(MODERATOR, clear(3))
        assert floor.says(host("lao-cai"), ask())
        assert floor.says(MODERATOR, readd("r3"))
        assert floor.refuses(MODERATOR, grant("r3")).code is Code.WRONG_STATE
