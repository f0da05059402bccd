"""Damaged copies of real input, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

__all__ = ["mutations"]

# Lengths, counts and signs live at the edges of their ranges.
EDGES = (0, 1, 2, 0x7F, 0x80, 0xBE, 0xC8, 0xCD, 0xDE, 0xFE, 0xFF)
MOST_CHANGES = 6


def mutations(seeds: Sequence[bytes], count: int, *, seed: int, limit: int) -> Iterator[bytes]:
    """Yield *count* inputs: the seeds as they are, then damaged ones.

    Args:
        seeds: real input, at least one.
        count: how many.
        seed: of the random numbers.
        limit: bytes of an input at most.
    """
    chance = random.Random(seed)
    for number in range(count):
        if number < len(seeds):
            yield seeds[number][:limit]
            continue
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, MOST_CHANGES)):
            _change(data, chance, seeds)
        yield bytes(data[:limit])


def _change(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randint(1, 8))
    match chance.randrange(7):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1 if at < len(data):
            data[at] = chance.choice(EDGES)
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end] * chance.choice((1, 1, 2, 40))
        case 4:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        case 5:
            del data[at:]
        case _:
            other = chance.choice(seeds)
            data[at:] = other[chance.randrange(len(other) + 1) :]
