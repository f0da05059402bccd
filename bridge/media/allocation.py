"""How a line's bits are shared among a viewer's slots. Pure.

Sound is always sent and comes off before. Then each slot, most important first, gets its
smallest picture, and then each, most important first, as large a one as fits. A slot that gets
nothing leaves nothing for those after it: two stamps are worth less than one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["NOTHING", "allocate", "next_step"]

NOTHING: Final = -1
# What a line carries is guessed, mostly too low; the last picture goes when it is far too much.
LAST_PICTURE: Final = 1.25


def allocate(budget: float, slots: Sequence[Sequence[float]]) -> list[int]:
    """Return the layer for each slot, :data:`NOTHING` for none.

    Args:
        budget: bits per second for pictures, infinite if nothing is known.
        slots: most important first; of each the rates of its layers, smallest picture first, bits
            per second. A slot without layers gets nothing and takes nothing.
    """
    chosen = [NOTHING] * len(slots)
    left = budget
    for place, rates in enumerate(slots):
        if not rates:
            continue
        if rates[0] > left * (LAST_PICTURE if left == budget else 1.0):
            return chosen
        chosen[place] = 0
        left = max(0.0, left - rates[0])
    for place, rates in enumerate(slots):
        for layer in range(len(rates) - 1, 0, -1):
            if chosen[place] == 0 and rates[layer] - rates[0] <= left:
                chosen[place] = layer
                left -= rates[layer] - rates[0]
    return chosen


def next_step(slots: Sequence[Sequence[float]], chosen: Sequence[int]) -> float | None:
    """Return the budget that the smallest improvement of *chosen* needs; None: nothing is missing.

    Args:
        slots: as for :func:`allocate`.
        chosen: a layer for each slot.
    """
    now = sum(rates[layer] for rates, layer in zip(slots, chosen, strict=True) if layer >= 0)
    for rates, layer in zip(slots, chosen, strict=True):
        if rates and layer == NOTHING:
            return now + rates[0]
    for rates, layer in zip(slots, chosen, strict=True):
        if layer + 1 < len(rates):
            return now + rates[layer + 1] - rates[layer]
    return None
