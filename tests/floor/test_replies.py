"""Replies: each answers one speech."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import PriorityClass
from tests.floor.playbook import (
    MODERATOR,
    SYSTEM,
    Floor,
    ask,
    check,
    file,
    flow,
    grant,
    host,
    readd,
    release,
    revoke,
    unfile,
)

REPLY = PriorityClass.REPLY


@pytest.fixture
def floor() -> Floor:
    """r1 and r2 have spoken, r3 waits."""
    floor = Floor()
    floor.spoke("ca-mau", "Một", 60)
    floor.spoke("lao-cai", "Hai", 60)
    floor.queued("dien-bien", "Ba")
    return floor


def answered(floor: Floor, to: str = "") -> str:
    request = floor.request("ha-noi", "Người trả lời", priority_class=REPLY, reply_to=to)
    return floor.of(request).reply_to


def test_it_answers_the_newest_speech_if_none_is_named(floor: Floor) -> None:
    assert answered(floor) == "r2"


def test_it_answers_the_one_that_is_named(floor: Floor) -> None:
    assert answered(floor, "r1") == "r1"


def test_who_speaks_now_is_the_newest(floor: Floor) -> None:
    floor.live("dien-bien", "Bốn")
    assert answered(floor) == "r4"


def test_who_has_the_floor_without_a_sound_has_said_nothing_to_answer(floor: Floor) -> None:
    floor.says(MODERATOR, grant("r3"))
    assert answered(floor) == "r2"


def test_a_speech_that_was_taken_back_can_be_answered(floor: Floor) -> None:
    floor.says(MODERATOR, grant("r3"))
    floor.says(MODERATOR, revoke("r3"))
    floor.live("dien-bien", "Bốn")
    floor.says(MODERATOR, revoke("r4"))
    floor.now += 5
    floor.says(SYSTEM, check())
    assert answered(floor) == "r4"


def test_so_can_one_whose_link_dropped(floor: Floor) -> None:
    floor.live("dien-bien", "Bốn")
    floor.now += 10
    floor.says(SYSTEM, flow("g3", flowing=False))
    floor.now += 30
    floor.says(SYSTEM, check())
    assert "r4" in floor.state.queue
    assert answered(floor, "r4") == "r4"


@pytest.mark.parametrize("named", ["r3", "r99"])
def test_what_was_not_spoken_cannot_be_answered(floor: Floor, named: str) -> None:
    command = ask("Người trả lời", priority_class=REPLY, reply_to=named)
    refusal = floor.refuses(host("ha-noi"), command)
    assert refusal.code is Code.REPLY_UNKNOWN
    assert refusal.details == {"request": named}
    assert "that one was not given" in refusal.message


def test_before_the_first_speech_there_is_nothing_to_answer() -> None:
    floor = Floor()
    floor.queued("dien-bien", "Ba")
    floor.says(MODERATOR, grant("r1"))
    refusal = floor.refuses(host("ha-noi"), ask(priority_class=REPLY))
    assert refusal.code is Code.REPLY_UNKNOWN
    assert refusal.details == {"request": ""}
    assert "there is none yet" in refusal.message


def test_only_a_reply_answers_anything(floor: Floor) -> None:
    request = floor.request("ha-noi", "Người khác", reply_to="r1")
    assert floor.of(request).reply_to == ""


def test_a_written_opinion_that_is_spoken_as_a_reply_answers_the_newest_speech(
    floor: Floor,
) -> None:
    floor.says(MODERATOR, file("r3"))
    floor.says(MODERATOR, unfile("r3", REPLY))
    assert floor.of("r3").reply_to == "r2"


def test_a_reply_that_was_taken_in_writing_answers_what_it_answered(floor: Floor) -> None:
    request = floor.queued("ha-noi", "Người trả lời", priority_class=REPLY, reply_to="r1")
    floor.says(MODERATOR, file(request))
    floor.says(MODERATOR, unfile(request, REPLY, pending=True))
    assert floor.of(request).reply_to == "r1"
    floor.says(MODERATOR, file(request))
    floor.says(MODERATOR, unfile(request))  # as a normal speech it answers none
    assert floor.of(request).reply_to == ""


def test_without_any_speech_it_is_not_spoken_as_a_reply() -> None:
    floor = Floor()
    floor.queued(priority_class=PriorityClass.WRITTEN)
    assert floor.refuses(MODERATOR, unfile("r1", REPLY)).code is Code.REPLY_UNKNOWN


def test_a_reply_that_is_repeated_answers_the_same(floor: Floor) -> None:
    request = floor.queued("ha-noi", "Người trả lời", priority_class=REPLY, reply_to="r1")
    floor.says(MODERATOR, grant(request))
    floor.says(MODERATOR, release(request))
    floor.says(MODERATOR, readd(request))
    assert floor.of("r5").reply_to == "r1"
