"""Rows of tones in real Opus: heard when they are there, in every hall, and never otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.link.tones import notes_of, recognise
from bridge.listening.decode import answer, decode
from bridge.listening.listener import Listener
from bridge.listening.order import Order, Sound
from tests.listening.sounds import (
    echoed,
    lossy,
    mixed,
    music,
    noise,
    opus,
    row,
    silence,
    speech,
)

NOTES = notes_of(4711)


def heard(sounds: list[Sound], notes: tuple[int, ...] = NOTES) -> float | None:
    """Return where the row begins, seconds, or None."""
    tone = answer(Order(notes, sounds)).tone
    return tone.at_s if tone is not None else None


@pytest.mark.parametrize("amplitude", [0.9, 0.3, 0.03, 0.004])
def test_a_row_is_heard_at_every_level(amplitude: float) -> None:
    said = answer(Order(NOTES, opus(row(NOTES, amplitude=amplitude))))
    assert said.tone is not None
    assert said.tone.tones == 6
    assert said.tone.at_s == pytest.approx(1.0, abs=0.041)
    assert 10 ** (said.tone.level_db / 20) == pytest.approx(amplitude, rel=0.35)
    # The packet that carries it came that much after the first.
    assert said.arrived == pytest.approx(100 + said.tone.at_s + 0.02, abs=0.021)


@pytest.mark.parametrize("level_db", [-40, -20, -10])
def test_a_row_is_heard_in_noise(level_db: float) -> None:
    loud = mixed(row(NOTES, amplitude=0.25), noise(4.5, level_db))
    said = answer(Order(NOTES, opus(loud)))
    assert said.tone is not None
    assert said.tone.snr_db < -level_db


def test_a_row_is_heard_through_a_person_speaking() -> None:
    assert heard(opus(mixed(row(NOTES, amplitude=0.3), speech("someone", 4)))) is not None


def test_a_row_is_heard_in_a_hall_with_echo() -> None:
    assert heard(opus(echoed(row(NOTES, amplitude=0.2), 1.4))) is not None


@pytest.mark.parametrize("ratio", [0.05, 0.2])
def test_a_row_is_heard_where_packets_are_lost(ratio: float) -> None:
    for seed in range(2):
        found = heard(lossy(opus(row(NOTES)), ratio, seed))
        assert found == pytest.approx(1.0, abs=0.061)


def test_one_tone_may_be_missing_two_may_not() -> None:
    sounds = opus(row(NOTES))
    one = [sound for sound in sounds if not 82 <= sound.number <= 93]  # most of the third
    two = [sound for sound in one if not 112 <= sound.number <= 123]
    said = answer(Order(NOTES, one)).tone
    assert said is not None
    assert said.tones == 5
    assert heard(two) is None


def test_only_the_row_of_this_test_counts() -> None:
    sounds = opus(row(NOTES))
    for number in (0, 1, 4710, 4712, 9999):
        assert heard(sounds, notes_of(number)) is None


def test_silence_holds_no_row() -> None:
    assert heard(opus(silence(4))) is None
    assert heard([]) is None


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(lambda: speech("dien-bien", 6), id="speech"),
        pytest.param(lambda: speech("ca-mau", 6), id="another voice"),
        pytest.param(lambda: music(6, 1), id="music"),
        pytest.param(lambda: music(6, 2), id="other music"),
        pytest.param(lambda: noise(4, -15), id="noise"),
    ],
)
def test_other_sounds_hold_no_row(sound: Callable[[], list[float]]) -> None:
    samples, _ = decode(opus(sound()))
    for number in range(0, 18_000, 6000):
        assert recognise(samples, notes_of(number)) is None


def test_what_is_no_opus_is_silence() -> None:
    sounds = opus(row(NOTES))
    broken = [
        Sound(s.number, s.timestamp, s.arrived, b"\xff\xff\xff" if s.number < 40 else s.payload)
        for s in sounds
    ]
    assert heard(broken) is not None
    assert heard([Sound(1, 0, 0.0, b""), Sound(2, 960, 0.0, b"\x03")]) is None


def test_lost_packets_leave_their_time_and_copies_take_none() -> None:
    sounds = opus(silence(1))
    whole, _ = decode(sounds)
    gap, begins = decode([*sounds[:10], *sounds[30:], sounds[31]])
    assert abs(len(gap) - len(whole)) <= 320
    assert begins[-1] == -1
    jumped, _ = decode([*sounds[:10], Sound(99, 2_000_000_000, 0.0, sounds[10].payload)])
    assert len(jumped) < 16_000


async def test_a_process_of_its_own_listens() -> None:
    said = await Listener().hear(NOTES, opus(row(NOTES)))
    assert said.tone is not None
    assert said.arrived > 100


async def test_a_process_that_fails_has_heard_nothing(caplog: pytest.LogCaptureFixture) -> None:
    said = await Listener().hear((99,), opus(row(NOTES)))
    assert said.tone is None
    assert "listening process failed" in caplog.text
