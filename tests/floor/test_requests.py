"""Asking for the floor, and being accepted, denied or withdrawn."""

from __future__ import annotations

import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.floor.commands import ListState, PriorityClass, SetList
from bridge.floor.events import (
    FloorRequested,
    ListClosed,
    ListOpened,
    ListSuspended,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestFiled,
)
from bridge.floor.tables import Status
from tests.floor.playbook import (
    MODERATOR,
    START,
    Floor,
    accept,
    ask,
    cancel,
    deny,
    edit,
    grant,
    host,
    phone,
    readd,
    set_list,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass
CLOSE = SetList(cmd_id="c", state=ListState.CLOSED)
OPEN = SetList(cmd_id="c", state=ListState.OPEN)
SUSPEND = SetList(cmd_id="c", state=ListState.SUSPENDED)


def test_a_hosts_request_waits_for_a_moderator() -> None:
    floor = Floor()
    floor.now = 5
    command = ask("Lò Văn An", title="Phó Chủ tịch", topic="Chuyển đổi số")
    assert floor.says(host("dien-bien"), command) == [
        FloorRequested(
            request="r1",
            site="dien-bien",
            name="Lò Văn An",
            title="Phó Chủ tịch",
            topic="Chuyển đổi số",
        )
    ]
    assert (floor.state.pending, floor.state.queue) == (("r1",), ())
    assert floor.of("r1").status is Status.PENDING
    assert floor.of("r1").requested_at == START + 5
    assert floor.says(MODERATOR, accept("r1")) == [RequestAccepted(request="r1")]
    assert floor.state.queue == ("r1",)
    assert not floor.state.pending
    assert floor.of("r1").status is Status.ACCEPTED


def test_a_host_may_name_its_own_site() -> None:
    assert len(Floor().says(host("dien-bien"), ask(site="dien-bien"))) == 1


def test_a_moderators_request_for_a_delegate_is_accepted_at_once() -> None:
    floor = Floor()
    assert floor.says(MODERATOR, ask("Lò Văn An", site="dien-bien")) == [
        FloorRequested(request="r1", site="dien-bien", name="Lò Văn An"),
        RequestAccepted(request="r1"),
    ]
    assert floor.state.queue == ("r1",)


def test_with_auto_accept_a_hosts_request_joins_the_queue() -> None:
    floor = Floor(auto_accept=True)
    floor.request()
    assert floor.state.queue == ("r1",)


def test_texts_are_cleaned_before_they_are_stored() -> None:
    floor = Floor()
    command = ask("  Lo\u0300  Văn\u202e An ", title="Phó\nChủ tịch", topic=" một \n\n hai  ba ")
    floor.says(host("dien-bien"), command)
    request = floor.of("r1")
    assert (request.name, request.title, request.topic) == (
        "Lò Văn An",
        "Phó Chủ tịch",
        "một\nhai ba",
    )


@pytest.mark.parametrize("name", [" ", "\u200b", "\t\x00 "])
def test_a_name_nobody_can_read_is_refused(name: str) -> None:
    refusal = Floor().refuses(host("dien-bien"), ask(name))
    assert refusal.code is Code.FIELD_INVALID
    assert refusal.details == {"field": "name"}


def test_a_moderator_must_say_which_site() -> None:
    floor = Floor()
    assert floor.refuses(MODERATOR, ask()).details == {"site": ""}
    refusal = floor.refuses(MODERATOR, ask(site="atlantis"))
    assert refusal.code is Code.SITE_UNKNOWN
    assert refusal.details == {"site": "atlantis"}


def test_a_host_of_a_site_that_is_not_in_this_session_is_refused() -> None:
    assert Floor().refuses(host("atlantis"), ask()).code is Code.SITE_UNKNOWN


def test_a_host_cannot_ask_for_another_site() -> None:
    refusal = Floor().refuses(host("dien-bien"), ask(site="lao-cai"))
    assert refusal.code is Code.NOT_YOURS
    assert refusal.details == {"site": "lao-cai", "own_site": "dien-bien"}


@pytest.mark.parametrize("priority_class", [POINT, REPLY, NORMAL, WRITTEN])
def test_classes_a_host_may_ask_for(priority_class: PriorityClass) -> None:
    floor = Floor()
    floor.spoke("ca-mau", "Người được trả lời", 60)
    floor.request(priority_class=priority_class)
    assert floor.of("r2").priority_class is priority_class


def test_the_chairs_class_is_the_moderators_to_give() -> None:
    floor = Floor()
    refusal = floor.refuses(host("dien-bien"), ask(priority_class=CHAIR))
    assert refusal.code is Code.ROLE_FORBIDDEN
    assert refusal.details == {
        "role": "host",
        "command": "request_floor",
        "priority_class": "chair",
    }
    floor.queued(priority_class=CHAIR)
    assert floor.of("r1").priority_class is CHAIR


class TestDuplicates:
    def test_the_same_delegate_twice_in_one_class_is_refused(self) -> None:
        floor = Floor()
        floor.request(name="Nguyễn Văn Thành")
        refusal = floor.refuses(host("dien-bien"), ask("nguyen van thanh"))
        assert refusal.code is Code.DUPLICATE_REQUEST
        assert refusal.details == {
            "name": "Nguyễn Văn Thành",
            "site": "dien-bien",
            "request": "r1",
            "state": "pending",
        }

    def test_it_holds_while_queued_written_or_speaking(self) -> None:
        floor = Floor()
        floor.queued(name="Lò Văn An")
        assert floor.refuses(MODERATOR, ask("Lò Văn An", site="dien-bien"))
        floor.live(name="Vàng Thị Bình")
        assert floor.refuses(host("dien-bien"), ask("Vàng Thị Bình"))
        floor.queued(name="Lò Văn An", priority_class=WRITTEN)
        assert floor.refuses(host("dien-bien"), ask("Lò Văn An", priority_class=WRITTEN))

    def test_it_ends_with_the_request(self) -> None:
        floor = Floor()
        floor.request()
        floor.says(host("dien-bien"), cancel("r1"))
        assert floor.request() == "r2"

    def test_another_class_site_or_person_is_no_duplicate(self) -> None:
        floor = Floor()
        floor.request(name="Nguyễn Văn Thành")
        floor.request(name="Nguyễn Văn Thành", priority_class=POINT)
        floor.request(name="Nguyễn Văn Thanh")
        floor.request(name="Nguyễn Văn Thành", site="lao-cai")
        # Without diacritics it could be any of the two at this site: refused.
        assert floor.refuses(host("dien-bien"), ask("Nguyen Van Thanh")).details["request"] == "r1"
        assert len(floor.state.pending) == 4


class TestSeveralRequests:
    def test_where_the_rules_allow_it_a_delegate_may_wait_more_than_once(self) -> None:
        floor = Floor(several_requests=True)
        floor.request(name="Nguyễn Văn Thành")
        floor.request(name="Nguyễn Văn Thành")
        assert floor.state.pending == ("r1", "r2")

    def test_then_a_name_may_be_corrected_to_one_that_is_on_the_list(self) -> None:
        floor = Floor(several_requests=True)
        floor.request(name="Nguyễn Văn Thành")
        floor.request(name="Nguyễn Văn Thàng")
        assert floor.says(host("dien-bien"), edit("r2", "Nguyễn Văn Thành"))

    def test_then_an_ended_request_may_be_repeated_although_there_is_another(self) -> None:
        floor = Floor(several_requests=True)
        floor.request()
        floor.says(MODERATOR, cancel("r1"))
        floor.request()
        assert floor.says(MODERATOR, readd("r1"))


class TestList:
    def test_a_closed_list_refuses_hosts_except_points_of_order(self) -> None:
        floor = Floor()
        assert floor.says(MODERATOR, CLOSE) == [ListClosed()]
        floor.spoke("ca-mau", "Người được trả lời", 60)
        for priority_class in (REPLY, NORMAL, WRITTEN):
            refusal = floor.refuses(host("dien-bien"), ask(priority_class=priority_class))
            assert refusal.code is Code.LIST_CLOSED
            assert refusal.details == {}
        assert floor.request(priority_class=POINT) == "r2"

    @pytest.mark.parametrize("actor", [host("dien-bien"), phone("dien-bien")])
    def test_a_suspended_list_refuses_every_site_for_a_while(self, actor: Actor) -> None:
        floor = Floor()
        assert floor.says(MODERATOR, SUSPEND) == [ListSuspended()]
        assert floor.state.list_state is ListState.SUSPENDED
        for priority_class in (POINT, NORMAL, WRITTEN):
            refusal = floor.refuses(actor, ask(priority_class=priority_class))
            assert refusal.code is Code.LIST_SUSPENDED
            assert refusal.details == {}
        floor.queued()  # a moderator's hand is free
        floor.says(MODERATOR, OPEN)
        assert floor.request(name="Người khác", by=actor) == "r2"

    @pytest.mark.parametrize("state", ListState)
    def test_what_is_on_the_list_goes_on_whatever_becomes_of_it(self, state: ListState) -> None:
        floor = Floor()
        floor.request("ca-mau")
        floor.queued()
        floor.says(MODERATOR, set_list(state))
        assert floor.says(host("ca-mau"), cancel("r1"))
        assert floor.says(MODERATOR, grant("r2"))

    def test_a_moderator_may_always_add(self) -> None:
        floor = Floor()
        floor.says(MODERATOR, CLOSE)
        floor.queued()
        assert floor.state.queue == ("r1",)

    def test_opened_again_it_takes_requests(self) -> None:
        floor = Floor()
        floor.says(MODERATOR, CLOSE)
        assert floor.says(MODERATOR, OPEN) == [ListOpened()]
        assert floor.request() == "r1"

    def test_setting_what_is_set_changes_nothing(self) -> None:
        floor = Floor()
        assert floor.says(MODERATOR, OPEN) == []
        floor.says(MODERATOR, CLOSE)
        assert floor.says(MODERATOR, CLOSE) == []


class TestWritten:
    def test_it_is_accepted_but_stays_out_of_the_queue(self) -> None:
        floor = Floor()
        floor.request(priority_class=WRITTEN)
        assert floor.says(MODERATOR, accept("r1")) == [RequestFiled(request="r1")]
        assert floor.of("r1").status is Status.ACCEPTED
        assert (floor.state.queue, floor.state.filed) == ((), ("r1",))

    def test_a_moderators_is_filed_at_once(self) -> None:
        floor = Floor()
        floor.queued(priority_class=WRITTEN)
        assert floor.state.filed == ("r1",)


def test_a_denial_says_why() -> None:
    floor = Floor()
    floor.request()
    reason = "Đã hết giờ đăng ký"
    assert floor.says(MODERATOR, deny("r1", f" {reason} ")) == [
        RequestDenied(request="r1", reason=reason)
    ]
    assert floor.of("r1").status is Status.DENIED
    assert floor.of("r1").reason == reason
    assert floor.state.ended == ("r1",)


@pytest.mark.parametrize("actor", [MODERATOR, host("dien-bien")])
def test_a_request_can_be_withdrawn_while_it_waits(actor: Actor) -> None:
    floor = Floor()
    floor.request(name="Một")
    floor.queued(name="Hai")
    floor.queued(name="Ba", priority_class=WRITTEN)
    for request in ("r1", "r2", "r3"):
        assert floor.says(actor, cancel(request, "Bận")) == [
            RequestCancelled(request=request, reason="Bận")
        ]
        assert floor.of(request).status is Status.CANCELLED
        assert floor.of(request).reason == "Bận"
    state = floor.state
    assert (state.pending, state.queue, state.filed) == ((), (), ())
    assert state.ended == ("r1", "r2", "r3")
