"""Giving the floor to who is ready, to who is not, and taking it back before the first sound."""

from __future__ import annotations

import pytest

from bridge.errors import Code
from bridge.floor.commands import Check
from bridge.floor.events import FloorGranted, GrantWithdrawn
from bridge.floor.state import Spoken
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    call,
    check,
    checks,
    grant,
    link,
    mark_live,
    withdraw,
)

LINK, PICTURE, SOUND, RETURN = Check


class TestReady:
    def test_who_is_ready_gets_the_floor_without_a_word(self) -> None:
        floor = Floor()
        floor.ready()
        assert floor.says(MODERATOR, grant("r1", override=False)) == [
            FloorGranted(request="r1", grant="g1", limit=420, warning=60, arm_until=START + 30)
        ]
        assert floor.turn("r1").overridden == ()
        assert floor.of("r1").deck is None

    @pytest.mark.parametrize("state", ["queued", "held"])
    def test_who_was_never_checked_does_not(self, state: str) -> None:
        floor = Floor()
        floor.queued()
        if state == "held":
            floor.says(SYSTEM, link("dien-bien", up=False))
        refusal = floor.refuses(MODERATOR, grant("r1", override=False))
        assert refusal.code is Code.NOT_READY
        assert refusal.details == {
            "name": "Lò Văn An",
            "site": "dien-bien",
            "request": "r1",
            "state": state,
            "missing": "",
        }
        why = "connection is lost" if state == "held" else "not checked"
        assert why in refusal.message

    @pytest.mark.parametrize("failed", [False, True])
    def test_who_lacks_something_does_not_and_it_is_said_what(self, failed: bool) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, call("r1"))
        floor.says(SYSTEM, checks("r1", SOUND, RETURN))
        if failed:
            floor.now = 15
            floor.says(SYSTEM, check())
        refusal = floor.refuses(MODERATOR, grant("r1", override=False))
        assert refusal.code is Code.NOT_READY
        assert refusal.details["missing"] == "sound,return"
        assert refusal.details["state"] == ("failed" if failed else "checking")
        assert "sound, return" in refusal.message

    def test_a_moderator_may_override_and_the_log_says_what(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, call("r1"))
        floor.says(SYSTEM, checks("r1", RETURN))
        floor.says(MODERATOR, grant("r1", override=True))
        assert floor.log[-1][1] == FloorGranted(
            request="r1",
            grant="g1",
            limit=420,
            warning=60,
            arm_until=START + 30,
            missing=(RETURN,),
        )
        assert floor.turn("r1").overridden == (RETURN,)

    def test_whether_the_floor_is_free_is_said_first(self) -> None:
        floor = Floor()
        floor.live("ca-mau")
        floor.queued()
        assert floor.refuses(MODERATOR, grant("r2", override=False)).code is Code.FLOOR_BUSY


class TestWithdraw:
    def test_before_the_first_sound_a_grant_can_be_taken_back(self) -> None:
        floor = Floor()
        floor.queued(name="Một")
        floor.ready(name="Hai")
        floor.says(MODERATOR, grant("r2"))
        floor.now = 10
        assert floor.says(MODERATOR, withdraw("r2")) == [GrantWithdrawn(request="r2", grant="g1")]
        assert floor.state.queue == ("r2", "r1")
        request = floor.of("r2")
        assert (request.state, request.grant, request.deck) == (RequestState.QUEUED, None, None)
        assert floor.state.spoken("dien-bien") == Spoken()
        floor.now = 30
        assert floor.says(SYSTEM, check()) == []

    def test_after_it_the_speech_must_be_ended(self) -> None:
        floor = Floor()
        floor.live()
        refusal = floor.refuses(MODERATOR, withdraw("r1"))
        assert refusal.code is Code.WRONG_STATE
        assert "Release or revoke" in refusal.message

    def test_sound_that_comes_after_that_is_not_heard(self) -> None:
        floor = Floor()
        floor.queued()
        floor.says(MODERATOR, grant("r1"))
        floor.says(MODERATOR, withdraw("r1"))
        assert floor.says(SYSTEM, mark_live("g1")) == []
