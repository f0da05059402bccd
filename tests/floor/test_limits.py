"""How long a speech may take: by class, and for the first and later contributions."""

from __future__ import annotations

import pytest

from bridge.floor.commands import PriorityClass
from bridge.floor.policy import Contribution
from tests.floor.playbook import (
    MODERATOR,
    SYSTEM,
    Floor,
    check,
    correct,
    flow,
    grant,
    link,
    release,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass


def limit(floor: Floor, site: str, name: str, priority_class: PriorityClass = NORMAL) -> float:
    """Return the time somebody would be given now; who speaks has ended before."""
    request = floor.live(site, name, priority_class=priority_class)
    given = floor.turn(request).limit
    floor.now += 1
    floor.says(MODERATOR, release(request))
    return given


class TestOfAClass:
    @pytest.mark.parametrize(
        ("priority_class", "seconds"), [(CHAIR, 900), (POINT, 60), (REPLY, 90), (NORMAL, 420)]
    )
    def test_each_may_have_its_own(self, priority_class: PriorityClass, seconds: float) -> None:
        floor = Floor(chair_limit=900, point_of_order_limit=60, reply_limit=90)
        floor.spoke("ca-mau", "Người được trả lời", 10)
        assert limit(floor, "dien-bien", "Một", priority_class) == seconds

    @pytest.mark.parametrize("priority_class", [CHAIR, POINT, REPLY])
    def test_with_none_it_is_as_for_a_normal_speech(self, priority_class: PriorityClass) -> None:
        floor = Floor(chair_limit=0, point_of_order_limit=0, reply_limit=0)
        floor.spoke("ca-mau", "Người được trả lời", 10)
        assert limit(floor, "dien-bien", "Một", priority_class) == 420
        assert limit(floor, "dien-bien", "Một", priority_class) == 180

    def test_any_speech_makes_the_next_normal_one_a_later_one(self) -> None:
        floor = Floor()
        limit(floor, "dien-bien", "Một", POINT)
        assert limit(floor, "dien-bien", "Một") == 180


class TestOfASite:
    def test_the_second_speech_of_a_site_is_shorter_whoever_speaks(self) -> None:
        floor = Floor(contribution=Contribution.SITE)
        assert limit(floor, "dien-bien", "Một") == 420
        assert limit(floor, "dien-bien", "Hai") == 180
        assert limit(floor, "ca-mau", "Một") == 420

    def test_a_speech_that_was_interrupted_counts_for_the_others_of_its_site(self) -> None:
        floor = Floor(contribution=Contribution.SITE)
        _interrupted(floor)
        assert limit(floor, "dien-bien", "Hai") == 180

    def test_a_speech_only_a_correction_knows_of_counts(self) -> None:
        floor = Floor(contribution=Contribution.SITE)
        _unheard(floor)
        assert limit(floor, "dien-bien", "Hai") == 420
        floor.says(MODERATOR, correct("r1", 60))
        assert limit(floor, "dien-bien", "Ba") == 180


class TestOfADelegate:
    def test_the_second_speech_of_a_delegate_is_shorter_however_the_name_is_typed(self) -> None:
        floor = Floor(contribution=Contribution.DELEGATE)
        assert limit(floor, "dien-bien", "Nguyễn Văn Thành") == 420
        assert limit(floor, "dien-bien", "Nguyễn Văn Thanh") == 420
        assert limit(floor, "dien-bien", "nguyen van thanh") == 180
        assert limit(floor, "ca-mau", "Nguyễn Văn Thành") == 420

    def test_a_speech_that_was_interrupted_counts(self) -> None:
        floor = Floor(contribution=Contribution.DELEGATE)
        _interrupted(floor)
        assert limit(floor, "dien-bien", "Lò Văn An", POINT) == 180
        assert limit(floor, "dien-bien", "Hai") == 420

    def test_a_speech_only_a_correction_knows_of_counts(self) -> None:
        floor = Floor(contribution=Contribution.DELEGATE)
        _unheard(floor)
        floor.says(MODERATOR, correct("r1", 60))
        assert limit(floor, "dien-bien", "Lò Văn An") == 180


def _interrupted(floor: Floor) -> None:
    """Let Lò Văn An of dien-bien speak for a while and be lost."""
    floor.lost(name="Lò Văn An")
    floor.says(SYSTEM, flow("g1", flowing=True))
    floor.now += 10
    floor.says(SYSTEM, flow("g1", flowing=False))
    floor.now += 30
    floor.says(SYSTEM, check())
    floor.says(SYSTEM, link("dien-bien", up=True))


def _unheard(floor: Floor) -> None:
    """Give Lò Văn An of dien-bien the floor, and end it before any sound."""
    floor.queued(name="Lò Văn An")
    floor.says(MODERATOR, grant("r1"))
    floor.says(MODERATOR, release("r1"))
