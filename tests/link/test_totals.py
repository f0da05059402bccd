"""Totals of a link only grow."""

from __future__ import annotations

from bridge.link.samples import ABSENT, Direction, LinkSample
from bridge.link.totals import LinkTotals, WayTotals

UP = Direction(bytes=1000, expected=100, lost=7, missing=2, freeze_s=0.25)
DOWN = Direction(bytes=50, expected=10)


def test_intervals_add_up() -> None:
    totals = LinkTotals()
    for sample in (LinkSample(up=UP, down=DOWN), ABSENT, LinkSample(up=UP)):
        totals.add(sample)
    assert totals.up == WayTotals(bytes=2000, expected=200, lost=14, missing=4, freeze_s=0.5)
    assert totals.down == WayTotals(bytes=50, expected=10)


def test_duplicates_take_nothing_away() -> None:
    totals = LinkTotals()
    totals.add(LinkSample(up=UP))
    totals.add(LinkSample(up=Direction(bytes=100, expected=10, lost=-4)))
    assert (totals.up.expected, totals.up.lost) == (110, 7)
