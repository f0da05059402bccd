"""The order of the queue: by class, then as the moderators put it."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from bridge.floor.events import RequestMoved
from tests.floor.playbook import MODERATOR, Floor, accept, cancel, grant, move

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass


@pytest.fixture
def floor() -> Floor:
    """Four normal requests in the queue: r1 r2 r3 r4."""
    floor = Floor()
    for number in range(4):
        floor.queued(name=f"Đại biểu {number}")
    return floor


def test_classes_stand_in_order_and_each_is_first_come_first_served() -> None:
    floor = Floor()
    floor.spoke("ca-mau", "Người được trả lời", 60)
    for number, priority_class in enumerate([NORMAL, REPLY, CHAIR, POINT] * 2):
        floor.queued(name=f"Đại biểu {number}", priority_class=priority_class)
    assert floor.state.queue == ("r4", "r8", "r5", "r9", "r3", "r7", "r2", "r6")


def test_the_place_is_counted_from_the_acceptance() -> None:
    floor = Floor()
    floor.request(name="Một")
    floor.request(name="Hai")
    floor.says(MODERATOR, accept("r2"))
    floor.says(MODERATOR, accept("r1"))
    assert floor.state.queue == ("r2", "r1")


@pytest.mark.parametrize(
    ("request_id", "before", "after", "order"),
    [
        ("r4", "r1", "", "r4 r1 r2 r3"),
        ("r4", "r3", "", "r1 r2 r4 r3"),
        ("r1", "r4", "", "r2 r3 r1 r4"),
        ("r1", "", "r4", "r2 r3 r4 r1"),
        ("r1", "", "r2", "r2 r1 r3 r4"),
        ("r3", "", "r1", "r1 r3 r2 r4"),
    ],
)
def test_a_move(floor: Floor, request_id: str, before: str, after: str, order: str) -> None:
    assert floor.says(MODERATOR, move(request_id, before=before, after=after)) == [
        RequestMoved(request=request_id, before=before, after=after)
    ]
    assert floor.state.queue == tuple(order.split())


def test_a_move_to_where_it_stands_changes_nothing(floor: Floor) -> None:
    assert floor.says(MODERATOR, move("r2", before="r3")) == []
    assert floor.says(MODERATOR, move("r2", after="r1")) == []


def test_a_move_stays_true_whatever_joined_meanwhile(floor: Floor) -> None:
    floor.queued(name="Chủ trì", priority_class=CHAIR)
    floor.says(MODERATOR, cancel("r2"))
    floor.says(MODERATOR, move("r4", after="r1"))
    assert floor.state.queue == ("r5", "r1", "r4", "r3")


def test_before_and_after_exclude_each_other(floor: Floor) -> None:
    for command in (move("r1"), move("r1", before="r2", after="r3")):
        refusal = floor.refuses(MODERATOR, command)
        assert refusal.code is Code.MOVE_INVALID
        assert refusal.details == {"why": "target"}


def test_nothing_moves_next_to_itself(floor: Floor) -> None:
    refusal = floor.refuses(MODERATOR, move("r1", before="r1"))
    assert refusal.code is Code.MOVE_INVALID
    assert refusal.details == {"why": "self"}


def test_nothing_leaves_its_class(floor: Floor) -> None:
    floor.queued(name="Nội quy", priority_class=POINT)
    refusal = floor.refuses(MODERATOR, move("r1", before="r5"))
    assert refusal.code is Code.MOVE_INVALID
    assert refusal.details == {"why": "class"}
    assert "its own class" in refusal.message


@pytest.mark.parametrize("anchor", ["r9", "r2"])
def test_a_target_that_is_gone_is_unknown(floor: Floor, anchor: str) -> None:
    floor.says(MODERATOR, grant("r2"))
    refusal = floor.refuses(MODERATOR, move("r1", after=anchor))
    assert refusal.code is Code.REQUEST_UNKNOWN
    assert refusal.details == {"request": anchor}


def test_leaving_keeps_the_others_in_order(floor: Floor) -> None:
    floor.says(MODERATOR, cancel("r2"))
    floor.says(MODERATOR, grant("r3"))
    assert floor.state.queue == ("r1", "r4")
