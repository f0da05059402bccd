"""The fair order and its reasons, applying it, and going back."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Code
from bridge.floor import policy_of
from bridge.floor.commands import PriorityClass
from bridge.floor.events import RequestMoved
from bridge.floor.fairness import Place, Reason, propose
from tests.floor.playbook import (
    MODERATOR,
    SITES,
    SYSTEM,
    Floor,
    apply,
    call,
    cancel,
    check,
    clear,
    extend,
    flow,
    grant,
    host,
    link,
    mark_live,
    move,
    readd,
    restore,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass
ON_DECK, INTERRUPTED, FIRST, LEAST, NEW, WAITING, IN_LINE = Reason


def proposal(floor: Floor) -> list[Place]:
    return propose(policy_of(floor.setup, floor.state), floor.state)


def order(floor: Floor) -> list[str]:
    return [place.request for place in proposal(floor)]


def reasons(floor: Floor) -> dict[str, Reason]:
    return {place.request: place.reason for place in proposal(floor)}


class TestReasons:
    def test_a_site_that_has_not_spoken_comes_first(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.queued("dien-bien", "Hai")
        floor.queued("ca-mau", "Ba")
        assert proposal(floor) == [Place("r3", FIRST, 0), Place("r2", WAITING, 60)]

    def test_then_the_one_that_has_spoken_least(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.spoke("ca-mau", "Hai", 30)
        floor.queued("dien-bien", "Ba")
        floor.queued("ca-mau", "Bốn")
        assert proposal(floor) == [Place("r4", LEAST, 30), Place("r3", WAITING, 60)]

    def test_of_equal_sites_the_one_with_a_delegate_who_has_not_spoken(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 30)
        floor.spoke("ca-mau", "Hai", 30)
        floor.queued("dien-bien", "mot")  # the same person, however it is typed
        floor.queued("ca-mau", "Bốn")
        assert proposal(floor) == [Place("r4", NEW, 30), Place("r3", WAITING, 30)]

    def test_otherwise_whoever_waits_longest(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 30)
        floor.spoke("ca-mau", "Hai", 30)
        floor.queued("ca-mau", "Ba")
        floor.now += 1
        floor.queued("dien-bien", "Bốn")
        floor.says(MODERATOR, move("r4", before="r3"))
        assert proposal(floor) == [Place("r3", WAITING, 30), Place("r4", WAITING, 30)]

    def test_sites_take_turns_and_the_second_place_says_so(self) -> None:
        floor = Floor(first_limit=420, next_limit=180)
        for number in range(3):
            floor.queued("dien-bien", f"Điện Biên {number}")
        for number in range(2):
            floor.queued("ca-mau", f"Cà Mau {number}")
        assert proposal(floor) == [
            Place("r1", FIRST, 0),
            Place("r4", FIRST, 0),
            Place("r2", IN_LINE, 0),
            Place("r5", IN_LINE, 0),
            Place("r3", IN_LINE, 0),
        ]

    def test_within_a_site_who_has_not_spoken_comes_first(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 30)
        floor.queued("dien-bien", "Một")
        floor.queued("dien-bien", "Hai")
        assert reasons(floor) == {"r3": WAITING, "r2": IN_LINE}

    def test_who_is_on_deck_keeps_the_first_places(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 500)
        floor.queued("dien-bien", "Hai")
        floor.queued("ca-mau", "Ba")
        floor.queued("lao-cai", "Bốn")
        floor.says(MODERATOR, call("r2"))
        floor.says(MODERATOR, call("r4"))
        assert proposal(floor) == [
            Place("r2", ON_DECK, 500),
            Place("r4", ON_DECK, 0),
            Place("r3", FIRST, 0),
        ]

    def test_who_speaks_counts_with_the_time_that_was_given(self) -> None:
        floor = Floor(first_limit=420)
        floor.live("dien-bien", "Một")
        floor.says(MODERATOR, extend("r1", 60))
        floor.spoke("ca-mau", "Hai", 30, priority_class=CHAIR)
        floor.queued("dien-bien", "Ba")
        floor.queued("ca-mau", "Bốn")
        assert proposal(floor) == [Place("r4", LEAST, 30), Place("r3", WAITING, 480)]

    def test_a_delegate_who_speaks_now_has_spoken(self) -> None:
        floor = Floor(capacity=2)
        floor.live("dien-bien", "Một")
        floor.live("ca-mau", "Hai")
        floor.queued("dien-bien", "Một", priority_class=POINT)
        floor.queued("ca-mau", "Ba", priority_class=POINT)
        assert reasons(floor) == {"r4": NEW, "r3": WAITING}

    def test_who_was_interrupted_goes_on_first(self) -> None:
        floor = Floor()
        _interrupt_after(floor, 400)
        floor.queued("ca-mau", "Hai")
        assert proposal(floor) == [Place("r1", INTERRUPTED, 400), Place("r2", FIRST, 0)]

    def test_an_interrupted_speech_counts_once_and_promises_its_rest(self) -> None:
        floor = Floor(first_limit=420, next_limit=180)
        _interrupt_after(floor, 400)
        floor.spoke("ca-mau", "Hai", 410)
        floor.spoke("lao-cai", "Ba", 430)
        for site in ("dien-bien", "ca-mau", "lao-cai"):
            floor.queued(site, "Bốn")
        # 410 come before the 400 and the 20 that are left of them, and these before 430.
        assert order(floor) == ["r1", "r5", "r4", "r6"]
        floor.says(MODERATOR, grant("r1"))
        floor.says(SYSTEM, mark_live("g4"))
        assert proposal(floor)[:2] == [Place("r5", LEAST, 410), Place("r4", LEAST, 420)]

    def test_those_who_came_back_together_keep_the_order_they_have(self) -> None:
        """They were made in the same moment, so none waits longer."""
        floor = Floor()
        for number in range(11):
            floor.queued("dien-bien", f"Đại biểu {number}")
        floor.says(MODERATOR, clear(11))
        for number in range(11):
            floor.says(MODERATOR, readd(f"r{number + 1}"))
        assert order(floor) == list(floor.state.queue)


class TestClasses:
    def test_they_stay_in_their_blocks(self) -> None:
        floor = Floor()
        floor.spoke("dien-bien", "Một", 60)
        floor.queued("dien-bien", "Hai", priority_class=POINT)
        floor.queued("dien-bien", "Ba")
        floor.queued("ca-mau", "Bốn")
        floor.queued("lao-cai", "Năm", priority_class=CHAIR)
        assert order(floor) == ["r5", "r2", "r4", "r3"]

    def test_a_place_in_one_class_does_not_count_in_another(self) -> None:
        floor = Floor()
        floor.queued("dien-bien", "Một", priority_class=POINT)
        floor.queued("dien-bien", "Hai")
        floor.queued("ca-mau", "Ba")
        assert reasons(floor) == {"r1": FIRST, "r2": FIRST, "r3": FIRST}

    def test_what_is_filed_pending_or_ended_has_no_place(self) -> None:
        floor = Floor()
        floor.request()
        floor.queued(name="Hai", priority_class=WRITTEN)
        floor.queued(name="Ba")
        floor.says(MODERATOR, cancel("r3"))
        assert proposal(floor) == []

    @given(seed=st.integers(0, 2**32))
    def test_whatever_waits_is_proposed_once_in_its_block_and_twice_is_once(
        self, seed: int
    ) -> None:
        floor = _some_floor(random.Random(seed))
        proposed = order(floor)
        assert sorted(proposed) == sorted(floor.state.queue)
        classes = [floor.of(request).priority_class for request in proposed]
        assert classes == [floor.of(request).priority_class for request in floor.state.queue]
        floor.says(MODERATOR, apply(*proposed))
        assert list(floor.state.queue) == order(floor) == proposed


def _interrupt_after(floor: Floor, seconds: float) -> None:
    """Let r1 of dien-bien speak and lose its link for too long."""
    floor.live("dien-bien", "Một")
    floor.now += seconds
    floor.says(SYSTEM, flow("g1", flowing=False))
    floor.now += 30
    floor.says(SYSTEM, check())


def _some_floor(choose: random.Random) -> Floor:
    """Return a floor with a past and a queue."""
    floor = Floor(several_requests=True)
    for _ in range(choose.randrange(4)):
        floor.spoke(choose.choice(SITES), choose.choice("ABC"), choose.choice([0, 30, 60]))
    for _ in range(choose.randrange(1, 12)):
        priority_class = choose.choice([POINT, NORMAL, NORMAL, NORMAL])
        name = choose.choice("ABC")
        request = floor.queued(choose.choice(SITES), name, priority_class=priority_class)
        if choose.random() < 0.2:
            floor.says(MODERATOR, call(request))
        floor.now += choose.choice([0, 1])
    if choose.random() < 0.3:
        floor.says(SYSTEM, link(choose.choice(SITES), up=False))
    return floor


@pytest.fixture
def floor() -> Floor:
    """r2, r3, r4 wait; the proposal is r4, r2, r3."""
    floor = Floor()
    floor.spoke("dien-bien", "Một", 60)
    floor.queued("dien-bien", "Hai")
    floor.queued("dien-bien", "Ba")
    floor.queued("ca-mau", "Bốn")
    return floor


class TestApply:
    def test_the_queue_comes_into_the_proposed_order_by_moves(self, floor: Floor) -> None:
        assert floor.says(MODERATOR, apply("r4", "r2", "r3")) == [
            RequestMoved(request="r4", before="r2")
        ]
        assert floor.state.queue == ("r4", "r2", "r3")
        assert floor.says(MODERATOR, apply("r4", "r2", "r3")) == []

    def test_in_every_class(self, floor: Floor) -> None:
        floor.queued("dien-bien", "Năm", priority_class=POINT)
        floor.queued("ca-mau", "Sáu", priority_class=POINT)
        floor.says(MODERATOR, apply("r6", "r5", "r4", "r2", "r3"))
        assert floor.state.queue == ("r6", "r5", "r4", "r2", "r3")

    def test_one_that_is_not_what_was_seen_is_refused(self, floor: Floor) -> None:
        floor.request("lao-cai", "Năm", by=MODERATOR)
        for seen in ([], ["r4", "r2", "r3"], ["r2", "r3", "r4", "r5"]):
            refusal = floor.refuses(MODERATOR, apply(*seen))
            assert refusal.code is Code.PROPOSAL_CHANGED
            assert refusal.details == {}

    def test_with_nobody_waiting_there_is_nothing_to_do(self) -> None:
        assert Floor().says(MODERATOR, apply()) == []


class TestRestore:
    def test_the_order_before_comes_back(self, floor: Floor) -> None:
        before = floor.state.queue
        floor.says(MODERATOR, apply("r4", "r2", "r3"))
        floor.says(MODERATOR, restore(*before))
        assert floor.state.queue == before
        assert floor.says(MODERATOR, restore(*before)) == []

    def test_without_those_who_have_left_and_before_those_who_came(self, floor: Floor) -> None:
        before = floor.state.queue
        floor.says(MODERATOR, apply("r4", "r2", "r3"))
        floor.says(MODERATOR, cancel("r2"))
        floor.queued("lao-cai", "Năm")
        floor.says(MODERATOR, move("r5", after="r4"))
        assert floor.state.queue == ("r4", "r5", "r3")
        floor.says(MODERATOR, restore(*before))
        assert floor.state.queue == ("r3", "r4", "r5")

    @given(seed=st.integers(0, 2**32))
    def test_from_any_order_to_any_other(self, seed: int) -> None:
        choose = random.Random(seed)
        floor = _some_floor(choose)
        wanted = list(floor.state.queue)
        for _ in range(10):
            request, anchor = choose.choice(wanted), choose.choice(wanted)
            same = floor.of(request).priority_class is floor.of(anchor).priority_class
            if same and request != anchor:
                floor.says(MODERATOR, move(request, before=anchor))
        floor.says(MODERATOR, restore(*wanted))
        assert list(floor.state.queue) == wanted


def test_a_host_cannot_reorder(floor: Floor) -> None:
    assert floor.refuses(host("ca-mau"), apply("r4", "r2", "r3")).code is Code.ROLE_FORBIDDEN
