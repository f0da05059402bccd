"""Whether what came is what was said: normalized correlation of loudness over time. Pure.

Loudness in windows of 100 ms is what syllables and words are made of. It survives what a voice
survives (gain control, noise suppression, Opus, a concealed packet now and then) and not what
makes it unintelligible (long gaps, concealment most of the time, someone else's voice).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

WINDOW_S = 0.1
#: Steps in which the beginning is sought.
LAG_S = 0.02
#: A clean line gives more than 0.85, noise and other voices less than 0.5 (see test_meters).
INTELLIGIBLE = 0.7
#: The voice that was sent, however much of it a busy machine lost.
HEARD = 0.55

Curve = Sequence[tuple[float, float]]
"""Seconds and total energy until then, both rising."""


def curve(energies: Sequence[float], step_s: float) -> list[tuple[float, float]]:
    """Return the running total of energies per step."""
    totals = accumulate(energies, initial=0.0)
    return [(index * step_s, total) for index, total in enumerate(totals)]


def likeness(received: Curve, sent: Curve) -> float:
    """Return how much *received* is like some stretch of *sent*, which is played in a loop: -1..1.

    Args:
        received: at least 4 s; 0.0 if it is shorter or all the same.
        sent: one round of the loop, longer than *received*.
    """
    if not received or received[-1][0] - received[0][0] < 4:
        return 0.0
    round_s = sent[-1][0]
    total = sent[-1][1]
    looped = [*sent, *((at + round_s, energy + total) for at, energy in sent[1:])]
    begin = received[0][0]
    count = min(int((received[-1][0] - begin) / WINDOW_S), int(round_s / WINDOW_S))
    heard = _loudness(received, begin, count)
    lags = int(round_s / LAG_S)
    return max(_correlation(heard, _loudness(looped, lag * LAG_S, count)) for lag in range(lags))


def _loudness(energy: Curve, begin: float, count: int) -> list[float]:
    edges = [_at(energy, begin + index * WINDOW_S) for index in range(count + 1)]
    return [math.sqrt(max(0.0, after - before)) for before, after in pairwise(edges)]


def _at(energy: Curve, second: float) -> float:
    after = bisect_right(energy, (second, math.inf))
    if after == 0:
        return energy[0][1]
    if after == len(energy):
        return energy[-1][1]
    (begin, low), (end, high) = energy[after - 1], energy[after]
    return low + (high - low) * (second - begin) / (end - begin) if end > begin else high


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    mean_one, mean_other = math.fsum(one) / len(one), math.fsum(other) / len(other)
    a = [value - mean_one for value in one]
    b = [value - mean_other for value in other]
    power = math.sqrt(math.fsum(x * x for x in a) * math.fsum(x * x for x in b))
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / power if power > 0 else 0.0
