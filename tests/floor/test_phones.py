"""Delegates' phones: they ask for the floor, and touch nothing but what they asked for."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor import FloorCommand
from bridge.floor.commands import PriorityClass
from tests.floor.playbook import (
    MODERATOR,
    Floor,
    accept,
    ask,
    cancel,
    edit,
    file,
    grant,
    host,
    phone,
    readd,
)

MINE, OTHER = phone("dien-bien", "p1"), phone("dien-bien", "p2")


@pytest.fixture
def floor() -> Floor:
    floor = Floor()
    floor.request(by=MINE)
    return floor


def test_a_request_remembers_its_phone(floor: Floor) -> None:
    assert floor.of("r1").by == "p1"
    assert floor.state.pending == ("r1",)
    floor.request("dien-bien", "Người của máy chủ trì")
    assert floor.of("r2").by == ""


@pytest.mark.parametrize("command", [cancel("r1"), edit("r1", "Lò Văn Ân")])
def test_it_may_be_withdrawn_and_corrected_from_there(floor: Floor, command: FloorCommand) -> None:
    assert floor.refuses(OTHER, command).code is Code.NOT_YOURS
    assert floor.refuses(phone("ca-mau", "p1"), command).code is Code.NOT_YOURS
    assert floor.says(MINE, command)


@pytest.mark.parametrize("command", [cancel("r2"), edit("r2", "Lò Văn Ân")])
def test_what_the_host_asked_for_is_not_the_phones(floor: Floor, command: FloorCommand) -> None:
    floor.request("dien-bien", "Người của máy chủ trì")
    refusal = floor.refuses(MINE, command)
    assert refusal.code is Code.NOT_YOURS
    assert refusal.details == {"site": "dien-bien", "own_site": "dien-bien"}
    assert "Ask the host" in refusal.message


def test_the_host_may_withdraw_what_a_phone_asked_for(floor: Floor) -> None:
    assert floor.says(host("dien-bien"), cancel("r1"))


def test_a_phone_asks_for_its_own_site_and_not_for_the_chair(floor: Floor) -> None:
    assert floor.refuses(MINE, ask("Khác", site="ca-mau")).code is Code.NOT_YOURS
    chair = ask("Khác", priority_class=PriorityClass.CHAIR)
    assert floor.refuses(MINE, chair).details["role"] == "delegate"


def test_it_has_three_open_requests_at_most(floor: Floor) -> None:
    floor.request(name="Hai", by=MINE)
    floor.request(name="Ba", by=MINE)
    floor.says(MODERATOR, accept("r1"))
    floor.says(MODERATOR, grant("r1"))
    floor.says(MODERATOR, file("r2"))  # speaking, filed, pending: all are open
    refusal = floor.refuses(MINE, ask("Bốn"))
    assert refusal.code is Code.TOO_MANY_REQUESTS
    assert refusal.details == {"limit": 3}
    floor.request(name="Bốn", by=OTHER)
    floor.says(MINE, cancel("r3"))
    assert floor.request(name="Năm", by=MINE) == "r5"


def test_a_request_that_a_moderator_repeats_is_still_the_phones(floor: Floor) -> None:
    floor.says(MODERATOR, cancel("r1"))
    floor.says(MODERATOR, readd("r1"))
    assert floor.of("r2").by == "p1"
    assert floor.says(MINE, cancel("r2"))
