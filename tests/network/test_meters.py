"""The meters tell speech from what is not: both sides of the threshold, with room to spare."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.network import correlation, voice
from tests.network.correlation import Curve, curve, likeness
from tests.network.meters import longest_gap
from tests.network.record import BEGIN, DOCUMENT, END

SAID = voice.envelope(voice.samples(1))
SENT = curve(SAID, voice.STEP_S)
POLL = 5  # steps between two readings of a page's statistics


def heard(energies: list[float], begin: float = 3.0, seconds: float = 8.0) -> Curve:
    """Return what a page would log of some seconds, read every 50 ms."""
    first, count = int(begin / voice.STEP_S), int(seconds / voice.STEP_S)
    looped = [*energies, *energies][first : first + count]
    return curve(looped, voice.STEP_S)[::POLL]


def losing(share: float, hold: int) -> list[float]:
    """Return the voice with gaps of *hold* packets of 20 ms, *share* of all."""
    chance = random.Random(3)
    result = list(SAID)
    step = 2 * hold
    for at in range(0, len(result), step):
        if chance.random() < share:
            result[at : at + step] = [0.0] * len(result[at : at + step])
    return result


def test_the_voice_itself_is_recognised_wherever_it_begins() -> None:
    for begin in (0.0, 3.0, 7.77, 11.5):
        assert likeness(heard(SAID, begin), SENT) > 0.97


def test_a_fifth_of_the_packets_may_be_missing() -> None:
    assert likeness(heard(losing(0.2, 1)), SENT) > 0.8


def noise() -> list[float]:
    chance = random.Random(5)
    return [1000 * chance.random() for _ in SAID]


def syllables() -> list[float]:
    return voice.envelope(voice.samples(2))


def torn() -> list[float]:
    return losing(0.75, 15)


@pytest.mark.parametrize("sound", [noise, syllables, torn, lambda: [0.0] * len(SAID)])
def test_what_is_no_such_speech_stays_well_below(sound: Callable[[], list[float]]) -> None:
    assert likeness(heard(sound()), SENT) < correlation.INTELLIGIBLE - 0.1


def test_too_little_says_nothing() -> None:
    assert likeness([], SENT) == 0.0
    assert likeness(heard(SAID, seconds=3.0), SENT) == 0.0


def test_the_longest_gap_is_between_neighbours() -> None:
    assert longest_gap([1.0, 1.1, 1.5, 1.6]) == pytest.approx(0.4)
    assert longest_gap([1.0]) == 0.0


def test_the_document_has_a_place_for_the_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
