"""The ledger as a workbook: delegates, bridge points, regions, speeches.

Lengths are real durations and times real dates, so that an office can go on calculating.
Whatever people typed is text, and stays text when a cell is edited: a delegate named
``=1+1`` is no formula.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from bridge.floor.ledger import Account
from bridge.minutes.document import Minutes, Speech
from bridge.server.minutes_words import Words

__all__ = ["workbook"]

#: What spreadsheets may take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@")

DAY = dt.timedelta(days=1)  # the unit of lengths in a spreadsheet

Cell = str | int | float | dt.datetime | dt.timedelta | None


class Kind(Enum):
    """What a column holds; its number format."""

    TEXT = "@"
    COUNT = "0"
    DECIMAL = "0.00"
    LENGTH = "[h]:mm:ss"
    TIME = "dd/mm/yyyy hh:mm:ss"


class Column(NamedTuple):
    """A column: key of its heading, what it holds, and its width in characters."""

    heading: str
    kind: Kind
    width: int


NUMBER = Column("ledger.number", Kind.COUNT, 6)
DELEGATE = Column("ledger.delegate", Kind.TEXT, 28)
OFFICE = Column("ledger.title", Kind.TEXT, 36)
SITE = Column("ledger.site", Kind.TEXT, 24)
REGION = Column("ledger.region", Kind.TEXT, 32)
TOTALS = (
    Column("ledger.speeches", Kind.COUNT, 12),
    Column("ledger.time", Kind.LENGTH, 12),
    Column("ledger.overtime", Kind.LENGTH, 12),
)


def workbook(minutes: Minutes, words: Words) -> bytes:
    """Return the XLSX file of *minutes* in the language of *words*."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "remove_timezone": True})
    plan = minutes.plan
    book.set_properties(
        {
            "title": words.say("ledger.properties", session=words.of(plan.session)),
            "subject": words.of(plan.event),
            "comments": _origin(minutes, words),
            "created": dt.datetime.fromtimestamp(minutes.made_at, dt.UTC),
        }
    )
    sheets = _Sheets(book, _origin(minutes, words), words)
    sheets.add(
        "ledger.sheet_delegates", (NUMBER, DELEGATE, OFFICE, SITE, REGION, *TOTALS),
        _delegates(minutes, words),
    )  # fmt: skip
    sheets.add("ledger.sheet_sites", (NUMBER, SITE, REGION, *TOTALS), _sites(minutes, words))
    sheets.add(
        "ledger.sheet_regions",
        (
            NUMBER,
            REGION,
            Column("ledger.region_sites", Kind.COUNT, 14),
            Column("ledger.region_heard", Kind.COUNT, 18),
            *TOTALS,
        ),
        _regions(minutes, words),
    )
    sheets.add("ledger.sheet_speeches", SPEECH, _speeches(minutes, words))
    book.close()
    return file.getvalue()


def _origin(minutes: Minutes, words: Words) -> str:
    """Return from where in which log the figures are."""
    return words.say("ledger.origin", rev=minutes.rev, hash=minutes.hash or "–")


class _Sheets:
    """Adds sheets to a workbook, all alike."""

    def __init__(self, book: Workbook, origin: str, words: Words) -> None:
        self._book = book
        self._origin = origin
        self._words = words
        self._heading = self._format(bold=True, bottom=1, text_wrap=True, bg_color="#e8edf1")
        self._formats = {kind: self._format(num_format=kind.value) for kind in Kind}
        self._guarded = self._format(num_format=Kind.TEXT.value, quote_prefix=True)

    def _format(self, **properties: object) -> Format:
        return self._book.add_format({"valign": "top", **properties})

    def add(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Add the sheet whose name is the text of *name*."""
        sheet = self._book.add_worksheet(self._words.say(name))
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, self._words.say(column.heading), self._heading)
        last = 0
        for last, row in enumerate(rows, 1):
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                form = self._formats[column.kind]
                match value:
                    case None:
                        sheet.write_blank(last, index, None, form)
                    case str():
                        guarded = value.startswith(FORMULA)
                        sheet.write_string(last, index, value, self._guarded if guarded else form)
                    case int() | float():
                        sheet.write_number(last, index, value, form)
                    case dt.timedelta():
                        sheet.write_number(last, index, value / DAY, form)
                    case dt.datetime():
                        sheet.write_datetime(last, index, value, form)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._origin}&R&P/&N")


def _length(seconds: float) -> dt.timedelta:
    return dt.timedelta(milliseconds=round(seconds * 1000))


def _totals(account: Account) -> tuple[Cell, ...]:
    return account.speeches, _length(account.seconds), _length(account.overtime)


def _delegates(minutes: Minutes, words: Words) -> Iterable[Sequence[Cell]]:
    for number, one in enumerate(minutes.ledger.delegates, 1):
        region = words.region(minutes.plan.region_of(one.key))
        yield (number, one.name, one.title, words.site(one.key), region, *_totals(one))


def _sites(minutes: Minutes, words: Words) -> Iterable[Sequence[Cell]]:
    """Yield those that spoke, then those that did not."""
    spoken = {one.key: one for one in minutes.ledger.sites}
    silent = [Account(key=code) for code in minutes.plan.sites if code not in spoken]
    for number, one in enumerate([*spoken.values(), *silent], 1):
        region = words.region(minutes.plan.region_of(one.key))
        yield (number, words.site(one.key), region, *_totals(one))


def _regions(minutes: Minutes, words: Words) -> Iterable[Sequence[Cell]]:
    plan = minutes.plan
    spoken = {one.key: one for one in minutes.ledger.regions}
    regions = {site.region for site in plan.sites.values()}
    silent = [Account(key=code) for code in plan.regions if code in regions and code not in spoken]
    for number, one in enumerate([*spoken.values(), *silent], 1):
        sites = [code for code in plan.sites if plan.region_of(code) == one.key]
        heard = [each for each in minutes.ledger.sites if plan.region_of(each.key) == one.key]
        yield (number, words.region(one.key), len(sites), len(heard), *_totals(one))


SPEECH = (
    NUMBER,
    Column("ledger.started", Kind.TIME, 20),
    Column("ledger.ended", Kind.TIME, 20),
    DELEGATE,
    OFFICE,
    SITE,
    REGION,
    Column("ledger.class", Kind.TEXT, 22),
    Column("ledger.topic", Kind.TEXT, 48),
    Column("ledger.answers", Kind.TEXT, 28),
    Column("ledger.limit", Kind.LENGTH, 12),
    Column("ledger.counted", Kind.LENGTH, 12),
    Column("ledger.measured", Kind.LENGTH, 12),
    Column("ledger.overtime", Kind.LENGTH, 12),
    Column("ledger.off_air", Kind.LENGTH, 14),
    Column("ledger.to_air", Kind.DECIMAL, 14),
    Column("ledger.requested", Kind.TIME, 20),
    Column("ledger.notes", Kind.TEXT, 60),
)


def _speeches(minutes: Minutes, words: Words) -> Iterable[Sequence[Cell]]:
    for number, one in enumerate(minutes.speeches, 1):
        yield (
            number,
            _time(one.started_at, words),
            _time(one.ended_at, words),
            one.name,
            one.title,
            words.site(one.site),
            words.region(minutes.plan.region_of(one.site)),
            words.priority_class(one.priority_class),
            one.topic,
            one.answers.name if one.answers else "",
            _length(one.limit),
            _length(one.counted),
            _length(one.measured),
            _length(one.overtime),
            _off_air(one),
            round(one.to_air, 3) if one.to_air >= 0 else None,
            _time(one.requested_at, words),
            "; ".join(words.notes(one)),
        )


def _time(at: float, words: Words) -> Cell:
    """Return Unix seconds as a wall clock shows them at the event, to the second."""
    return words.local(at).replace(microsecond=0) if at else None


def _off_air(speech: Speech) -> dt.timedelta:
    """Return how long nothing was forwarded; a break that lasts is not counted yet."""
    return _length(sum(one.until - one.since for one in speech.breaks if one.until))
