"""A picture a technician takes away and gives back does not speak against the line."""

from __future__ import annotations

import pytest

from bridge.link.orders import AudioOnly, Orders
from bridge.link.pauses import AFTER_S, Pauses
from bridge.link.samples import ABSENT, LinkSample
from bridge.link.score import score
from tests.link.figures import direction, sample

STOOD = direction(freezes=1, freeze_s=1.0)
FREE = Orders()


def frozen(found: LinkSample) -> tuple[float, float]:
    """Return how long the picture stood on the way up and down; times and seconds agree."""
    assert found.up.freezes == found.up.freeze_s
    assert found.down.freezes == found.down.freeze_s
    return found.up.freeze_s, found.down.freeze_s


@pytest.mark.parametrize(
    ("way", "left"),
    [
        (AudioOnly.RECEIVING, (1.0, 0.0)),
        (AudioOnly.SENDING, (0.0, 1.0)),
        (AudioOnly.BOTH, (0.0, 0.0)),
    ],
)
def test_what_was_ordered_is_no_freeze_until_the_last_report_of_it(
    way: AudioOnly, left: tuple[float, float]
) -> None:
    pauses, stood = Pauses(), sample(STOOD, STOOD)
    assert frozen(pauses.excuse("hue", stood, FREE, 99.0)) == (1.0, 1.0)
    assert frozen(pauses.excuse("hue", stood, Orders(audio_only=way), 100.0)) == left
    excused = pauses.excuse("hue", stood, FREE, 100.0 + AFTER_S)
    assert frozen(excused) == left
    assert frozen(pauses.excuse("hue", stood, FREE, 100.1 + AFTER_S)) == (1.0, 1.0)
    assert (excused.up.packets, excused.down.fps) == (stood.up.packets, stood.down.fps)


def test_the_score_does_not_fall_for_it() -> None:
    pauses, stood = Pauses(), sample(down=STOOD)
    pauses.excuse("hue", stood, Orders(audio_only=AudioOnly.RECEIVING), 100.0)
    assert score(stood).total < 3.0
    assert score(pauses.excuse("hue", stood, FREE, 103.0)).total > 4.0


def test_other_sites_and_other_orders_excuse_nothing() -> None:
    pauses, stood = Pauses(), sample(STOOD, STOOD)
    pauses.excuse("hue", stood, Orders(audio_only=AudioOnly.BOTH), 100.0)
    assert pauses.excuse("son-la", stood, Orders(muted=True), 101.0) is stood


def test_a_second_without_a_freeze_is_left_as_it_is() -> None:
    pauses, both = Pauses(), Orders(audio_only=AudioOnly.BOTH)
    assert pauses.excuse("hue", ABSENT, both, 100.0) is ABSENT
    moving = sample()
    assert pauses.excuse("hue", moving, both, 101.0) is moving
