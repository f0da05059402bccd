"""The agenda of a session: what comes when, for how long."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from bridge.config.document import Table
from bridge.protocol.views import Text

__all__ = ["Item", "ItemKind", "read_agenda"]

MAX_MINUTES = 600
DAY = 24 * 60


class ItemKind(StrEnum):
    """What happens during an agenda item."""

    OPENING = "opening"
    ADDRESS = "address"
    REPORT = "report"
    CLIP = "clip"
    BRIDGE_POINTS = "bridge_points"
    DISCUSSION = "discussion"
    BREAK = "break"
    CLOSING = "closing"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One agenda item.

    Attributes:
        id: unique in its session.
        title: as shown in the rundown.
        starts_at: planned start, ``HH:MM`` in the event's time zone.
        minutes: planned length.
        kind: what happens.
    """

    id: str
    title: Text
    starts_at: str
    minutes: int
    kind: ItemKind


def read_agenda(session: Table) -> tuple[Item, ...]:
    """Return the agenda of the session's table; mistakes are noted in its document."""
    items: list[Item] = []
    before: Item | None = None
    for table in session.tables("agenda"):
        item = Item(
            id=table.identifier("id", "opening"),
            title=table.bilingual("title"),
            starts_at=_clock(table),
            minutes=table.whole("minutes", 1, MAX_MINUTES),
            kind=_kind(table),
        )
        table.finish()
        if item.id in {other.id for other in items}:
            table.note("id", f'"{item.id}" is there twice', "give every item of a session its own")
        if item.starts_at:
            _check_order(table, before, item)
            before = item
        items.append(item)
    return tuple(items)


def _kind(table: Table) -> ItemKind:
    value = table.choice("kind", tuple(ItemKind))
    return ItemKind(value) if value in tuple(ItemKind) else ItemKind.ADDRESS


def _clock(table: Table) -> str:
    """Return HH:MM, or an empty text if there is no valid time."""
    value = table.text("starts_at", "08:30")
    if not value or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return value
    found = re.fullmatch(
        r"(\d{1,2})\s*(?:[:hg.]|giờ)\s*(\d{2})?(?::00)?\s*(?:phút)?", value.lower()
    )
    better = "hours and minutes of a day, 00:00 to 23:59"
    if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
        better = f'starts_at = "{int(found[1]):02}:{int(found[2] or 0):02}"'
    table.note("starts_at", f'"{value}" is not a time', f"write {better}")
    return ""


def _minute(item: Item) -> int:
    hours, minutes = item.starts_at.split(":")
    return int(hours) * 60 + int(minutes)


def _format(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _check_order(table: Table, before: Item | None, item: Item) -> None:
    start = _minute(item)
    if start + item.minutes > DAY:
        table.note(
            "minutes",
            f"{item.minutes} minutes from {item.starts_at} go past midnight",
            f"write at most minutes = {DAY - start}",
        )
    if before is None:
        return
    free = _minute(before) + before.minutes
    if start < _minute(before):
        table.note(
            "starts_at",
            f'{item.starts_at} is before {before.starts_at}, when "{before.id}" starts',
            "put the items in the order of their times",
        )
    elif start < free:
        table.note(
            "starts_at",
            f'at {item.starts_at} "{before.id}" is still going on',
            f'write starts_at = "{_format(free)}" or later, or make "{before.id}" shorter'
            if free < DAY
            else f'make "{before.id}" shorter',
        )
