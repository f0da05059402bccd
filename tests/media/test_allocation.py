"""Sharing a line among slots."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.allocation import LAST_PICTURE, NOTHING, allocate, next_step

MAIN = (150.0, 500.0, 1800.0)
INSET = (100.0, 400.0)


@pytest.mark.parametrize(
    ("budget", "chosen"),
    [
        (math.inf, [2, 1]),
        (2300, [2, 1]),
        (2000, [2, 0]),
        (1000, [1, 1]),
        (700, [1, 0]),
        (400, [0, 0]),  # 150 and 100, and not enough for more
        (249, [0, NOTHING]),
        (150, [0, NOTHING]),
        (121, [0, NOTHING]),  # a guess; the last picture goes late
        (119, [NOTHING, NOTHING]),
        (0, [NOTHING, NOTHING]),
    ],
)
def test_the_important_slot_comes_first(budget: float, chosen: list[int]) -> None:
    assert allocate(budget, [MAIN, INSET]) == chosen


def test_a_slot_without_layers_takes_nothing() -> None:
    assert allocate(200, [(), MAIN]) == [NOTHING, 0]
    assert allocate(100, []) == []


@pytest.mark.parametrize(
    ("chosen", "budget"),
    [
        ([2, 1], None),
        ([2, 0], 2200),
        ([0, 0], 600),
        ([0, NOTHING], 250),
        ([NOTHING, NOTHING], 150),
    ],
)
def test_the_next_step_is_the_smallest_improvement(chosen: list[int], budget: float | None) -> None:
    assert next_step([MAIN, INSET], chosen) == budget


RATES = st.lists(st.floats(1, 5000), max_size=3).map(sorted)


@given(st.lists(RATES, max_size=6), st.floats(0, 20_000))
def test_never_more_than_the_line_carries(slots: list[list[float]], budget: float) -> None:
    chosen = allocate(budget, slots)
    spent = sum(rates[layer] for rates, layer in zip(slots, chosen, strict=True) if layer >= 0)
    fed = [layer for rates, layer in zip(slots, chosen, strict=True) if rates]
    only = fed.count(NOTHING) == len(fed) - 1
    assert spent <= budget * (LAST_PICTURE if only else 1) + 1e-6
    starved = fed.index(NOTHING) if NOTHING in fed else len(fed)
    assert all(layer == NOTHING for layer in fed[starved:]), "nothing after one that got nothing"


@given(st.lists(RATES, max_size=6), st.floats(0, 20_000))
def test_the_next_step_lets_more_through(slots: list[list[float]], budget: float) -> None:
    chosen = allocate(budget, slots)
    step = next_step(slots, chosen)
    if step is None:
        assert chosen == allocate(math.inf, slots)
    else:
        assert step >= 0
