"""What minutes consist of. Shapes only; ``compose`` fills them.

Times are Unix seconds, durations seconds; 0.0 in a time field means "not yet" or "never".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from bridge.commands import Actor
from bridge.floor.commands import PriorityClass
from bridge.floor.ledger import Account
from bridge.floor.tables import RequestState
from bridge.protocol.views import SiteView, Text

__all__ = [
    "Absence",
    "Answered",
    "Break",
    "BreakKind",
    "Correction",
    "Item",
    "Ledger",
    "Minutes",
    "Opinion",
    "Person",
    "Plan",
    "PlannedItem",
    "Speech",
    "Stretch",
    "Unspoken",
]


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One agenda item of the event file.

    Attributes:
        starts_at: planned start, ``HH:MM`` in the event's time zone; may be empty.
        minutes: planned length.
    """

    id: str
    title: Text
    starts_at: str
    minutes: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What the event file says of a session.

    Attributes:
        event, session: names as shown on screens.
        date: planned day.
        time_zone: IANA name; every time of the minutes is written in it.
        venue: code of the central bridge point.
        sites: by code, the venue first.
        regions: names by code, in the order of the site file.
        agenda: in planned order.
    """

    session_id: str
    event: Text
    session: Text
    date: dt.date
    time_zone: str
    venue: str
    sites: Mapping[str, SiteView]
    regions: Mapping[str, Text]
    agenda: tuple[PlannedItem, ...] = ()

    def region_of(self, site: str) -> str:
        """Return the region code of *site*, empty if the event file no longer has the site."""
        known = self.sites.get(site)
        return known.region if known else ""


class BreakKind(StrEnum):
    """Why nothing of a speech was forwarded for a while."""

    PAUSED = "paused"  # by a moderator
    SUSPENDED = "suspended"  # by the chair's turn
    LINK_LOST = "link_lost"


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """A while in which the clock of a speech stood; ``until`` is 0.0 while it lasts."""

    kind: BreakKind
    since: float
    until: float = 0.0


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A moderator said how many seconds count.

    Attributes:
        at: when. by: who.
        seconds: to count instead of those measured.
    """

    at: float
    by: Actor
    seconds: float
    reason: str = ""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A delegate and what they asked for.

    Attributes:
        request: id of the request.
        site: code of the bridge point.
        requested_at: when the floor was asked for.
        state: of the request, when the minutes were made.
        reason: of its denial, cancellation or revocation.
    """

    request: str
    site: str
    name: str
    title: str
    topic: str
    priority_class: PriorityClass
    requested_at: float
    state: RequestState
    reason: str


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The speaker whom a reply answers."""

    name: str
    site: str


class Speech(Person, frozen=True, kw_only=True):
    """Something that was heard, or counts as heard by correction.

    Attributes:
        started_at: when its first sound was forwarded.
        ended_at: when its last sound was; 0.0 while it goes on.
        limit: seconds allowed, extensions included.
        counted: whole seconds that count. measured: seconds forwarded.
        overtime: counted seconds beyond the limit.
        to_air: seconds from giving the floor to the first sound, -1.0 if there was none.
        breaks: in order of time.
        corrections: in order of time; the last one counts.
        answers: whose speech it replies to.
        continues: the speech was ended and taken up again; id of the request before.
        ended_by: who ended it, or took the floor back.
        cut: the floor was taken back because the time was used.
    """

    started_at: float
    ended_at: float
    limit: float
    counted: float
    measured: float
    overtime: float
    to_air: float
    breaks: tuple[Break, ...] = ()
    corrections: tuple[Correction, ...] = ()
    answers: Answered | None = None
    continues: str = ""
    ended_by: Actor | None = None
    cut: bool = False


class Opinion(Person, frozen=True, kw_only=True):
    """A written opinion; ``filed_at`` is when a moderator took it."""

    filed_at: float


class Unspoken(Person, frozen=True, kw_only=True):
    """Somebody who asked and was not heard.

    Attributes:
        closed_at: when the request was denied, cancelled or called off; 0.0 if it waits.
        closed_by: who did that.
    """

    closed_at: float = 0.0
    closed_by: Actor | None = None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when; ``until`` is 0.0 while it lasts."""

    since: float
    until: float = 0.0


class Item(PlannedItem, frozen=True, kw_only=True):
    """An agenda item, and when it was under way; an item may be taken up again."""

    stretches: tuple[Stretch, ...] = ()


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """A site with speakers in line could not be reached; their places were held."""

    site: str
    since: float
    until: float = 0.0


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What was spoken, added up in whole seconds a speech; longest time first.

    Attributes:
        delegates: ``key`` is the site. sites: ``key`` is the site. regions: the region.
    """

    delegates: list[Account]
    sites: list[Account]
    regions: list[Account]


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened up to revision ``rev`` of a session's log.

    Attributes:
        made_at: when they were made.
        rev: newest revision; 0 for an empty log.
        hash: SHA-256 of that entry, hexadecimal; empty for an empty log.
        first_at, last_at: times of the first and of the newest entry.
        opened_at: start of the first agenda item, or of the first speech.
        speeches: in order of their first sound.
        opinions: as filed.
        unspoken: in the order they asked; one who was taken up again is under that request.
        agenda: as planned, with the times it really took.
        absences: in order of time; those between the opening and the last speech or agenda item
            only, since everybody comes before and leaves after.
    """

    plan: Plan
    made_at: float
    rev: int
    hash: str
    first_at: float
    last_at: float
    opened_at: float
    speeches: tuple[Speech, ...]
    opinions: tuple[Opinion, ...]
    unspoken: tuple[Unspoken, ...]
    agenda: tuple[Item, ...]
    absences: tuple[Absence, ...]
    ledger: Ledger
