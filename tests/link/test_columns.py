"""Rows of integers: what is kept of a second, what of several, and what survives a restart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.link.columns import COLUMNS, ROW_BYTES, SECONDS, Column, Columns, Fold, LinkColumns

SCORE = Column("score", "H", 100, Fold.LOW)
RATE = Column("kbps", "H", 1, Fold.MEAN)
LEVEL = Column("level", "b", none=-128)
CAUSE = Column("cause", "B", 1, Fold.LAST)
SOME = (SCORE, RATE, LEVEL, CAUSE)
NOON = 1_700_000_000


def some(seconds: int = 100) -> Columns:
    return Columns(SOME, seconds)


def codes(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: column.code for column in columns}


def test_a_row_comes_back_as_it_was() -> None:
    columns = some()
    columns.put(NOON, (4.31, 812.4, -23.0, 2))
    assert columns.row(NOON) == {"score": 4.31, "kbps": 812, "level": -23, "cause": 2}
    assert columns.row(NOON + 1) is None


def test_nothing_is_kept_of_the_beginning_of_time() -> None:
    assert some().row(0) is None
    assert some().row(-100) is None


def test_what_is_not_known_is_not_zero() -> None:
    columns = some()
    columns.put(NOON, (0.0, 0.0, None, 0))
    assert columns.row(NOON) == {"score": 0, "kbps": 0, "level": None, "cause": 0}


def test_figures_beyond_the_scale_stay_at_its_end() -> None:
    columns = some()
    columns.put(NOON, (1e9, 70_000, -500, -3))
    assert columns.row(NOON) == {"score": 655.35, "kbps": 65_535, "level": -127, "cause": 0}
    assert Column("rtt", "H", 10, none=0xFFFF).pack(1e9) == 0xFFFE, "not the one for unknown"


@given(st.sampled_from(COLUMNS), st.floats(0, 60_000, allow_nan=False))
def test_a_figure_is_kept_to_half_a_step(column: Column, value: float) -> None:
    found = column.unpack(column.pack(value))
    assert found is not None
    bounded = min(value, column.most / column.scale)
    assert math.isclose(found, bounded, abs_tol=0.5 / column.scale + 1e-9)


def test_the_ring_forgets_the_oldest_and_takes_no_old_round_for_a_new_one() -> None:
    columns = some(10)
    for second in range(12):
        columns.put(NOON + second, (1.0, second, None, 0))
    assert columns.row(NOON + 1) is None
    assert columns.series(["kbps"], NOON, NOON + 12, 1) == {
        "kbps": [None, None, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    }


def test_a_gap_is_nothing_rather_than_zero() -> None:
    columns = some()
    columns.put(NOON, (4.0, 100, -20, 0))
    columns.put(NOON + 3, (2.0, 100, -20, 0))
    assert columns.series(["score"], NOON, NOON + 5, 1)["score"] == [4.0, None, None, 2.0, None]
    assert columns.series(["score"], NOON, NOON + 6, 2)["score"] == [4.0, 2.0, None]


def test_several_seconds_keep_the_worst_of_them() -> None:
    columns = some()
    rows = ((4.0, 100, -60, 0), (1.5, 300, None, 3), (3.0, 200, -10, 0))
    for second, row in enumerate(rows):
        columns.put(NOON + second, row)
    assert columns.series([c.name for c in SOME], NOON, NOON + 3, 3) == {
        "score": [1.5],
        "kbps": [200.0],
        "level": [-10],
        "cause": [3],
    }


def test_the_last_step_ends_where_it_was_asked_to() -> None:
    columns = some()
    for second in range(6):
        columns.put(NOON + second, (4.0, 10 * second, None, 0))
    assert columns.series(["kbps"], NOON, NOON + 5, 3)["kbps"] == [10.0, 35.0]


def test_packed_rows_are_found_again_elsewhere() -> None:
    columns, other = some(), some()
    for second in (0, 1, 5):
        columns.put(NOON + second, (4.0, second, -second, 1))
    other.load(columns.pack(NOON, NOON + 60), codes(SOME))
    for second in range(6):
        assert other.row(NOON + second) == columns.row(NOON + second)


def test_what_is_known_is_not_replaced_by_what_was_stored() -> None:
    columns, other = some(10), some(10)
    columns.put(NOON, (1.0, 1, 0, 0))
    columns.put(NOON + 1, (1.0, 1, 0, 0))
    other.put(NOON, (4.0, 4, 0, 0))
    other.put(NOON + 11, (4.0, 4, 0, 0))
    other.load(columns.pack(NOON, NOON + 2), codes(SOME))
    assert other.row(NOON) == {"score": 4.0, "kbps": 4, "level": 0, "cause": 0}
    assert other.has(NOON + 11), "newer than what was stored in its place"


def test_columns_of_another_version_are_read_by_name_and_type() -> None:
    then = (Column("kbps", "H"), Column("score", "B", 10), Column("gone", "b"))
    columns, now = Columns(then, 10), some()
    columns.put(NOON, (800, 4.0, 3))
    now.load(columns.pack(NOON, NOON + 1), codes(then))
    assert now.row(NOON) == {"score": 0, "kbps": 800, "level": None, "cause": 0}


def test_rows_of_no_such_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="not of these columns"):
        some().load(bytes(13), codes(SOME))


def test_two_hours_of_64_links_fit_in_40_mb() -> None:
    assert LinkColumns().size == ROW_BYTES * SECONDS
    assert 64 * ROW_BYTES * SECONDS <= 27_000_000
