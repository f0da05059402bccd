"""Correcting a request before it has the floor."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from bridge.floor.events import RequestEdited
from tests.floor.playbook import MODERATOR, Floor, change, edit, grant, host


def test_name_title_and_topic_are_replaced_and_cleaned() -> None:
    floor = Floor()
    floor.queued("ca-mau")
    floor.queued("dien-bien", "Lo Thi Minh", title="Giám đốc")
    assert floor.says(MODERATOR, edit("r2", " Lò  Thị Minh Nguyệt ", topic="Vùng cao")) == [
        RequestEdited(request="r2", name="Lò Thị Minh Nguyệt", topic="Vùng cao")
    ]
    request = floor.of("r2")
    assert (request.name, request.title, request.topic) == ("Lò Thị Minh Nguyệt", "", "Vùng cao")
    assert floor.state.queue == ("r1", "r2")  # the place stays


@pytest.mark.parametrize("priority_class", [PriorityClass.NORMAL, PriorityClass.WRITTEN])
def test_a_site_corrects_its_own_before_and_after_approval(priority_class: PriorityClass) -> None:
    floor = Floor()
    floor.request("dien-bien", "Nguyen An", priority_class=priority_class)
    assert floor.says(host("dien-bien"), edit("r1", "Nguyễn An"))
    floor = Floor(auto_accept=True)
    floor.request("dien-bien", "Nguyen An", priority_class=priority_class)
    assert floor.says(host("dien-bien"), edit("r1", "Nguyễn An"))
    assert floor.refuses(host("ca-mau"), edit("r1", "Ai đó")).code is Code.NOT_YOURS


def test_nothing_changed_is_no_event() -> None:
    floor = Floor()
    floor.queued("dien-bien", "Lò Văn An")
    assert floor.says(MODERATOR, edit("r1", "Lò Văn An ")) == []


def test_it_cannot_become_somebody_who_is_on_the_list() -> None:
    floor = Floor()
    floor.queued("dien-bien", "Lò Văn An")
    floor.queued("dien-bien", "Quàng Thị Phượng")
    assert floor.refuses(MODERATOR, edit("r2", "lò văn an")).code is Code.DUPLICATE_REQUEST
    assert floor.says(MODERATOR, edit("r1", "LÒ VĂN AN"))  # itself is no other


def test_one_of_two_that_were_allowed_can_still_be_corrected() -> None:
    floor = Floor(several_requests=True)
    floor.queued("dien-bien", "Lò Văn An")
    floor.queued("dien-bien", "Lò Văn An")
    floor.queued("dien-bien", "Quàng Thị Phượng")
    floor.says(MODERATOR, change(several_requests=False))
    assert floor.says(MODERATOR, edit("r1", "Lò Văn An", title="Phó Chủ tịch"))
    assert floor.refuses(MODERATOR, edit("r1", "Quàng Thị Phượng"))


def test_who_has_the_floor_keeps_the_name_that_was_announced() -> None:
    floor = Floor()
    floor.queued()
    floor.says(MODERATOR, grant("r1"))
    assert floor.refuses(MODERATOR, edit("r1", "Khác")).code is Code.WRONG_STATE


def test_a_name_of_nothing_is_no_name() -> None:
    floor = Floor()
    floor.queued()
    assert floor.refuses(MODERATOR, edit("r1", "\u200b ")).code is Code.FIELD_INVALID
