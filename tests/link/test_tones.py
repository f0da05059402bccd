"""The rows themselves; that they survive Opus, rooms and loss is in ``tests/listening``."""

from __future__ import annotations

import math
from itertools import pairwise

from bridge.link.tones import (
    BLOCK,
    FREQUENCIES_HZ,
    GAP_S,
    NOTES,
    RATE,
    ROW_S,
    TONE_S,
    notes_of,
    recognise,
)


def test_every_test_has_a_row_of_its_own() -> None:
    rows = {notes_of(number) for number in range(18_750)}
    assert len(rows) == 18_750
    for row in rows:
        assert len(row) == NOTES
        assert all(one != other for one, other in pairwise(row))
    assert notes_of(18_750) == notes_of(0)


def test_frequencies_are_whole_bins_and_no_multiples() -> None:
    for hertz in FREQUENCIES_HZ:
        assert hertz * BLOCK % RATE == 0
        others = [abs(hertz * times - other) for times in (2, 3) for other in FREQUENCIES_HZ]
        assert min(others) >= 50


def test_tones_fill_whole_blocks() -> None:
    for seconds in (TONE_S, TONE_S + GAP_S):
        blocks = seconds * RATE / BLOCK
        assert math.isclose(blocks, round(blocks))
    assert math.isclose(ROW_S, 1.8)


def test_a_row_that_is_cut_off_is_none() -> None:
    notes = notes_of(3)
    sine = [
        round(8000 * math.sin(2 * math.pi * FREQUENCIES_HZ[notes[0]] * at / RATE))
        for at in range(RATE)
    ]
    assert recognise(sine, notes) is None
    assert recognise(sine * 4, notes) is None
    assert recognise([], notes) is None
