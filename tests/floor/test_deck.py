"""On deck: asked to get ready, checked by the server, ready or not, in time or not."""

from __future__ import annotations

import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.floor.commands import Check
from bridge.floor.events import (
    CalledOnDeck,
    DeckFailed,
    DeckLeft,
    DeckPassed,
    DeckProgressed,
    DeckTimedOut,
    ReturnConfirmed,
)
from bridge.floor.state import Deck
from bridge.floor.tables import RequestState, Status
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    call,
    cancel,
    check,
    checks,
    confirm,
    edit,
    file,
    give_back,
    grant,
    host,
    move,
    phone,
    unaccept,
)

LINK, PICTURE, SOUND, RETURN = Check


@pytest.fixture
def floor() -> Floor:
    """Two requests wait; the second one is on deck since now."""
    floor = Floor(check_timeout=15, prep_timeout=120)
    floor.queued("ca-mau")
    floor.queued("dien-bien")
    floor.says(MODERATOR, call("r2"))
    return floor


class TestCall:
    def test_the_checks_begin_with_everything_missing(self) -> None:
        floor = Floor(check_timeout=15, prep_timeout=120)
        floor.queued()
        floor.now = 10
        assert floor.says(MODERATOR, call("r1")) == [
            CalledOnDeck(request="r1", check_until=START + 25, prep_until=START + 130)
        ]
        assert floor.is_in("r1") is RequestState.CHECKING
        assert floor.of("r1").status is Status.ACCEPTED
        assert floor.of("r1").deck == Deck(
            called_at=START + 10, check_until=START + 25, prep_until=START + 130
        )
        assert floor.of("r1").checks.missing == (LINK, PICTURE, SOUND, RETURN)

    def test_the_place_in_line_stays(self, floor: Floor) -> None:
        assert floor.state.queue == ("r1", "r2")

    def test_several_may_be_on_deck(self, floor: Floor) -> None:
        assert floor.says(MODERATOR, call("r1"))
        assert floor.is_in("r1") is floor.is_in("r2") is RequestState.CHECKING

    def test_a_request_on_deck_can_still_be_moved_and_corrected(self, floor: Floor) -> None:
        floor.says(MODERATOR, move("r2", before="r1"))
        floor.says(host("dien-bien"), edit("r2", "Lò Văn Ân"))
        assert floor.state.queue == ("r2", "r1")
        assert floor.is_in("r2") is RequestState.CHECKING
        assert floor.of("r2").deck is not None


class TestChecks:
    def test_what_is_missing_is_kept_up_to_date(self, floor: Floor) -> None:
        floor.now = 3
        assert floor.says(SYSTEM, checks("r2", SOUND, RETURN)) == [
            DeckProgressed(request="r2", missing=(SOUND, RETURN))
        ]
        assert floor.of("r2").checks.missing == (SOUND, RETURN)
        assert floor.is_in("r2") is RequestState.CHECKING

    def test_what_is_known_is_no_event(self, floor: Floor) -> None:
        assert floor.says(SYSTEM, checks("r2", LINK, PICTURE, SOUND, RETURN)) == []
        floor.says(SYSTEM, checks("r2", RETURN))
        assert floor.says(SYSTEM, checks("r2", RETURN)) == []

    def test_with_nothing_missing_it_is_ready(self, floor: Floor) -> None:
        assert floor.says(SYSTEM, checks("r2")) == [DeckPassed(request="r2")]
        assert floor.is_in("r2") is RequestState.READY
        assert floor.of("r2").checks.missing == ()
        assert floor.says(SYSTEM, checks("r2")) == []

    def test_who_is_ready_may_wait_for_ever(self, floor: Floor) -> None:
        floor.says(SYSTEM, checks("r2"))
        floor.now = 100_000
        assert floor.says(SYSTEM, check()) == []

    def test_what_was_there_and_is_no_more_has_failed_and_gets_new_time(self, floor: Floor) -> None:
        floor.says(SYSTEM, checks("r2"))
        floor.now = 1000
        assert floor.says(SYSTEM, checks("r2", LINK, PICTURE)) == [
            DeckFailed(request="r2", missing=(LINK, PICTURE), prep_until=START + 1120)
        ]
        assert floor.is_in("r2") is RequestState.FAILED
        assert floor.says(SYSTEM, checks("r2", PICTURE)) == [
            DeckProgressed(request="r2", missing=(PICTURE,))
        ]
        assert floor.is_in("r2") is RequestState.FAILED
        assert floor.says(SYSTEM, checks("r2")) == [DeckPassed(request="r2")]

    def test_a_report_on_somebody_who_left_the_deck_comes_too_late(self, floor: Floor) -> None:
        floor.says(MODERATOR, give_back("r2"))
        assert floor.says(SYSTEM, checks("r2")) == []
        assert floor.is_in("r2") is RequestState.QUEUED


class TestTime:
    def test_checks_that_take_too_long_have_failed(self, floor: Floor) -> None:
        floor.says(SYSTEM, checks("r2", RETURN))
        floor.now = 14.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 15
        assert floor.says(SYSTEM, check()) == [
            DeckFailed(request="r2", missing=(RETURN,), prep_until=START + 120)
        ]
        assert floor.is_in("r2") is RequestState.FAILED

    def test_who_is_not_ready_in_time_leaves_the_deck_and_keeps_the_place(
        self, floor: Floor
    ) -> None:
        floor.now = 15
        floor.says(SYSTEM, check())
        floor.now = 119.9
        assert floor.says(SYSTEM, check()) == []
        floor.now = 120
        assert floor.says(SYSTEM, check()) == [DeckTimedOut(request="r2")]
        assert floor.is_in("r2") is RequestState.QUEUED
        assert floor.of("r2").deck is None
        assert floor.state.queue == ("r1", "r2")
        assert floor.of("r2").slow == 1

    def test_without_time_to_fail_first_it_leaves_at_once(self) -> None:
        floor = Floor(check_timeout=600, prep_timeout=60)
        floor.queued()
        floor.says(MODERATOR, call("r1"))
        floor.now = 60
        assert floor.says(SYSTEM, check()) == [DeckTimedOut(request="r1")]

    def test_it_may_be_called_again(self, floor: Floor) -> None:
        floor.now = 15
        floor.says(SYSTEM, check())
        floor.now = 120
        floor.says(SYSTEM, check())
        floor.now = 200
        floor.says(MODERATOR, call("r2"))
        assert floor.of("r2").checks.missing == (LINK, PICTURE, SOUND, RETURN)
        assert floor.of("r2").checks.prep_until == START + 320


class TestReturn:
    @pytest.mark.parametrize("actor", [MODERATOR, host("dien-bien")])
    def test_the_site_says_once_that_it_sees_and_hears_the_hall(
        self, floor: Floor, actor: Actor
    ) -> None:
        assert floor.says(actor, confirm("r2")) == [ReturnConfirmed(request="r2")]
        assert floor.of("r2").checks.returned
        assert floor.is_in("r2") is RequestState.CHECKING  # the server puts the checks together
        assert floor.says(actor, confirm("r2")) == []

    def test_it_holds_as_long_as_the_request_is_on_deck(self, floor: Floor) -> None:
        floor.says(host("dien-bien"), confirm("r2"))
        floor.says(SYSTEM, checks("r2"))
        floor.says(SYSTEM, checks("r2", SOUND))
        assert floor.of("r2").checks.returned
        floor.says(MODERATOR, give_back("r2"))
        floor.says(MODERATOR, call("r2"))
        assert not floor.of("r2").checks.returned

    def test_a_phone_cannot_say_it_for_the_site(self, floor: Floor) -> None:
        assert floor.refuses(phone("dien-bien"), confirm("r2")).code is Code.ROLE_FORBIDDEN


class TestLeaving:
    @pytest.mark.parametrize("actor", [MODERATOR, host("dien-bien")])
    @pytest.mark.parametrize("missing", [(), (SOUND,)])
    def test_the_site_may_ask_for_later_and_keeps_its_place(
        self, floor: Floor, actor: Actor, missing: tuple[Check, ...]
    ) -> None:
        floor.says(SYSTEM, checks("r2", *missing))
        assert floor.says(actor, give_back("r2")) == [DeckLeft(request="r2")]
        assert floor.is_in("r2") is RequestState.QUEUED
        assert floor.state.queue == ("r1", "r2")
        assert floor.of("r2").deck is None

    def test_another_site_cannot_do_it(self, floor: Floor) -> None:
        assert floor.refuses(host("ca-mau"), give_back("r2")).code is Code.NOT_YOURS

    @pytest.mark.parametrize("command", [cancel("r2"), file("r2"), unaccept("r2"), grant("r2")])
    def test_whatever_takes_it_from_the_queue_takes_it_off_deck(
        self, floor: Floor, command: object
    ) -> None:
        assert floor.says(MODERATOR, command)  # type: ignore[arg-type]
        assert floor.of("r2").deck is None
        assert floor.state.queue == ("r1",)
        floor.now = 1000
        # The deadlines of the deck are gone with it; only a grant has one of its own.
        assert not any(
            isinstance(e, DeckTimedOut | DeckFailed) for e in floor.says(SYSTEM, check())
        )
