"""A row of tones that a machine knows again after a loudspeaker, a room and a microphone.

Owns the tones and their recognition. A test has a row of its own, so that another
hall's tones, or those of the test before, are not taken for it::

    |<- TONE_S ->|gap|<- TONE_S ->|gap| ...  NOTES tones of FREQUENCIES_HZ, no two alike in a row

Each block of 20 ms is compared with every frequency (one bin of its discrete
Fourier transform each, what Goertzel's algorithm gives). A tone is there if its
frequency stands out *among the frequencies*, not in the whole sound: in broadband noise as
loud as the tone it still stands 20 dB above its neighbours. Speech and music pass over one
frequency or the other, but never over a row in its rhythm.

The frequencies are whole bins of a block, lie where laptop loudspeakers and
telephone-quality lines still carry sound, and none is twice or three times
another, because small loudspeakers distort.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Final

import msgspec

__all__ = [
    "BLOCK",
    "FREQUENCIES_HZ",
    "GAP_S",
    "NOTES",
    "RATE",
    "ROW_S",
    "TONE_S",
    "Recognised",
    "notes_of",
    "recognise",
]

FREQUENCIES_HZ: Final = (650, 850, 1100, 1450, 1850, 2350)
NOTES: Final = 6
TONE_S: Final = 0.24
GAP_S: Final = 0.06  # most of a hall's echo is gone, and the row stays short
ROW_S: Final = NOTES * (TONE_S + GAP_S)

RATE: Final = 16_000
"""Samples per second that :func:`recognise` takes."""
BLOCK: Final = 320
"""Samples of a block: 20 ms, so frequencies are whole bins of 50 Hz."""

_STEP: Final = round((TONE_S + GAP_S) * RATE / BLOCK)  # blocks from one tone to the next
_LENGTH: Final = round(TONE_S * RATE / BLOCK)
# The first block may hold the end of the gap, the last its beginning; echoes fade meanwhile.
_INNER: Final = range(2, _LENGTH - 1)
# A tone stands out: it has this share of the energy in all frequencies. Noise gives each 1/6.
_STANDS_OUT: Final = 0.6
# One tone may be missing: a burst of lost packets, or a frequency the room swallows.
_NEEDED: Final = NOTES - 1
# At least this many blocks of a tone must have arrived.
_ARRIVED: Final = len(_INNER) // 2
# Below this a decoder's rounding is all there is: -84 dB of full scale.
_SILENCE: Final = BLOCK * 2.0**2
_FULL_SCALE: Final = 32768.0**2 / 2  # mean square of the loudest sine

_TABLES: Final = [
    tuple(
        [turn(2 * math.pi * hertz * at / RATE) for at in range(BLOCK)]
        for turn in (math.cos, math.sin)
    )
    for hertz in FREQUENCIES_HZ
]


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was heard.

    Attributes:
        at_s: when it begins, seconds after the first sample; exact to 20 ms.
        tones: how many of its :data:`NOTES` tones stood out.
        level_db: mean level of the tones, dB of a full-scale sine, at most 0.
        snr_db: level of the tones above everything else heard meanwhile.
    """

    at_s: float
    tones: int
    level_db: float
    snr_db: float


def notes_of(number: int) -> tuple[int, ...]:
    """Return the row of test *number*: indexes into :data:`FREQUENCIES_HZ`, neighbours differ.

    Args:
        number: 0 or more; rows repeat after 18,750 numbers.
    """
    count = len(FREQUENCIES_HZ)
    number, first = divmod(number, count)
    row = [first]
    for _ in range(NOTES - 1):
        number, step = divmod(number, count - 1)
        row.append((row[-1] + 1 + step) % count)
    return tuple(row)


def recognise(samples: Sequence[int], notes: Sequence[int]) -> Recognised | None:
    """Return where the row *notes* is in *samples*, None if it is not in them.

    Args:
        samples: 16-bit values at :data:`RATE`; nothing (0) where packets were lost.
        notes: as :func:`notes_of` gives them.
    """
    blocks = [_Block(samples[at : at + BLOCK]) for at in range(0, len(samples) - BLOCK + 1, BLOCK)]
    span = (len(notes) - 1) * _STEP + _LENGTH
    best: tuple[int, float, int] | None = None
    for start in range(len(blocks) - span + 1):
        shares = [_share(blocks, start + at * _STEP, note) for at, note in enumerate(notes)]
        clear = sum(share >= _STANDS_OUT for share in shares)
        found = (clear, sum(shares), start)
        if clear >= _NEEDED and (best is None or found[:2] > best[:2]):
            best = found
    return _measured(blocks, notes, best[2], best[0]) if best is not None else None


class _Block:
    """20 ms of sound: its energy, and what of it lies in each frequency."""

    __slots__ = ("bins", "energy", "within")

    def __init__(self, samples: Sequence[int]) -> None:
        self.energy = float(sum(map(mul, samples, samples)))
        self.bins = [0.0] * len(FREQUENCIES_HZ)
        if self.energy > _SILENCE:
            self.bins = [
                2 / BLOCK * sum(sum(map(mul, samples, table)) ** 2 for table in tables)
                for tables in _TABLES
            ]
        self.within = sum(self.bins)


def _share(blocks: Sequence[_Block], start: int, note: int) -> float:
    """Return how far *note* stands out in the tone that begins with block *start*, 0-1."""
    heard = [block for at in _INNER if (block := blocks[start + at]).within > 0]
    if len(heard) < _ARRIVED:
        return 0.0
    return sum(block.bins[note] / block.within for block in heard) / len(heard)


def _measured(blocks: Sequence[_Block], notes: Sequence[int], start: int, tones: int) -> Recognised:
    """Return where the row begins to the block, and how loud it is."""
    heard = [
        (block.bins[note], block.energy)
        for place, note in enumerate(notes)
        for at in _INNER
        if (block := blocks[start + place * _STEP + at]).within > 0
    ]
    tone, whole = (sum(values) for values in zip(*heard, strict=True))
    rest = max(whole - tone, whole * 1e-6)
    level = 10 * math.log10(tone / len(heard) / BLOCK / _FULL_SCALE)
    return Recognised(
        at_s=(start + _onset(blocks, notes[0], start)) * BLOCK / RATE,
        tones=tones,
        level_db=round(min(0.0, level), 1),
        snr_db=round(10 * math.log10(tone / rest), 1),
    )


def _onset(blocks: Sequence[_Block], note: int, start: int) -> int:
    """Return the block, counted from *start*, in which the first tone reaches half its strength."""
    around = range(max(0, start - 2), start + _INNER.stop)
    usual = max(blocks[at].bins[note] for at in around)
    return next(at for at in around if blocks[at].bins[note] >= usual / 4) - start
