"""The rehearsal of a session: what is checked of each site, and what came of it. Pure.

Owns the checklist, what was measured beside what a technician says of it, and a site's
baseline: how its link was when somebody signed it off, to compare with later. Events are kept
in a log of their own beside the session's (``sessions/rehearsal.py``), because nothing of it
belongs into the minutes of the forum.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, assert_never

import msgspec
from msgspec import Meta

from bridge.commands import Event
from bridge.errors import Code, FloorRefused

__all__ = [
    "Baseline",
    "Called",
    "Checked",
    "Former",
    "Item",
    "Mark",
    "Marked",
    "Measured",
    "Outcome",
    "Preflight",
    "RehearsalEvent",
    "Reopened",
    "SignedOff",
    "SiteRehearsal",
    "evolve",
    "require_open",
    "require_whole",
]

NOTE_CHARS: Final = 500
#: Signatures that were taken back and are still shown; the log has them all.
FORMER: Final = 10
Note = Annotated[str, Meta(max_length=NOTE_CHARS)]


class Item(StrEnum):
    """What is checked of a site, in this order."""

    EQUIPMENT = "equipment"
    LINE = "line"
    PICTURE_UP = "picture_up"
    SOUND_UP = "sound_up"
    PICTURE_DOWN = "picture_down"
    SOUND_DOWN = "sound_down"
    TALKBACK = "talkback"
    BACKUP = "backup"


class Outcome(StrEnum):
    """What came of one item; an item without is open."""

    GOOD = "good"
    BAD = "bad"
    NONE = "none"  # the site does not have it: no backup line


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one item.

    Attributes:
        at: Unix seconds.
        by: name of the technician; empty if the server measured it.
        reason: machine word for why it is bad: ``loss``, ``delay``, ``score``, ``no_picture``,
            ``small``, ``slow``, ``quiet``, ``no_tone``, ``no_answer``, ``sound_blocked``,
            ``no_return``, ``not_heard``, ``not_answered``...
        figures: what was measured, by name; units in the names.
    """

    outcome: Outcome
    at: float
    by: str = ""
    note: Note = ""
    reason: str = ""
    figures: dict[str, float] = {}


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A link when it was tested: medians over the seconds of the test.

    Attributes:
        at: Unix seconds, end of the test. seconds: how many it covers.
        rtt_ms: round trip time, -1 if it was not measured.
        loss_up, loss_down: before repair, ratio 0-1.
        kbps_up, kbps_down, fps_up, fps_down: as in ``link.samples``.
        height_up: lines of the camera's picture.
        score: 1.0-4.5, 0 without signal.
        by, signed_at: who signed the site off with it, and when; empty and 0 before that.
    """

    at: float
    seconds: int
    rtt_ms: float
    loss_up: float
    loss_down: float
    kbps_up: float
    kbps_down: float
    fps_up: float
    fps_down: float
    height_up: int
    score: float
    by: str = ""
    signed_at: float = 0.0


class Former(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signature that was taken back.

    Attributes:
        by, at, note: as it was given.
        reopened_by, reopened_at: who took it back, and when; empty and 0 if that was not kept.
    """

    by: str
    at: float
    note: str = ""
    reopened_by: str = ""
    reopened_at: float = 0.0


class Preflight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a host's page found before it entered the room; nothing is decided by it.

    Attributes:
        camera, microphone: ``ok``, ``none`` (chosen), or the problem in a word.
        voice: the microphone heard somebody. speaker: a person heard the test tone.
        path: how packets travel. kbps_up, kbps_down: what the line carried, 0 if not measured.
        loss_up, loss_down: ratio 0-1. rtt_ms: -1 if not measured.
        verdict: ``good``, ``fair``, ``poor``, ``none`` (no media) or ``skipped``.
        reason: what stands out: ``loss``, ``delay``, ``narrow_up``, ``narrow_down``, ``relay``...
        at: Unix seconds; the server fills it in.
    """

    camera: Annotated[str, Meta(max_length=32)] = ""
    microphone: Annotated[str, Meta(max_length=32)] = ""
    voice: bool = False
    speaker: bool = False
    path: Annotated[str, Meta(max_length=16)] = ""
    kbps_up: Annotated[float, Meta(ge=0, le=1e7)] = 0.0
    kbps_down: Annotated[float, Meta(ge=0, le=1e7)] = 0.0
    loss_up: Annotated[float, Meta(ge=0, le=1)] = 0.0
    loss_down: Annotated[float, Meta(ge=0, le=1)] = 0.0
    rtt_ms: Annotated[float, Meta(ge=-1, le=600_000)] = -1.0
    verdict: Annotated[str, Meta(pattern="^(good|fair|poor|none|skipped)$")] = "skipped"
    reason: Annotated[str, Meta(max_length=32)] = ""
    at: float = 0.0


class SiteRehearsal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one site is.

    Attributes:
        marks: what counts, by item; an item without is open.
        measured: what the server, or the site itself, found last; a technician may overrule it.
        baseline: of its newest test, None before the first.
        reference: the baseline it was last signed off with; stays while it is open again.
        preflight: newest report of a host's page, None without.
        note: of the sign-off.
        signed_by: who signed, with ``signed_at``; signed is what has a time.
        former: signatures that were taken back, the newest last.
    """

    marks: dict[Item, Mark] = {}
    measured: dict[Item, Mark] = {}
    baseline: Baseline | None = None
    reference: Baseline | None = None
    preflight: Preflight | None = None
    note: str = ""
    signed_by: str = ""
    signed_at: float = 0.0
    former: list[Former] = []

    @property
    def open(self) -> list[Item]:
        """Items nothing is known of yet."""
        return [item for item in Item if item not in self.marks]

    @property
    def bad(self) -> list[Item]:
        """Items that were not found good, in the order of the list."""
        return [item for item in Item if item in self.marks and _is_bad(self.marks[item])]

    @property
    def overruled(self) -> list[Item]:
        """Items passed by hand without a word why, although no measurement says so.

        Talkback is one that is passed by a call that was measured and the technician's word.
        """
        return [item for item in Item if self._is_overruled(item)]

    def _is_overruled(self, item: Item) -> bool:
        mark, found = self.marks.get(item), self.measured.get(item)
        if mark is None or mark.outcome is not Outcome.GOOD or not mark.by or mark.note:
            return False
        return _is_bad(found) if found is not None else item is Item.TALKBACK


class _Event(Event, frozen=True, kw_only=True):
    """Base of what is kept of a rehearsal."""

    site: str


class Marked(_Event, frozen=True, kw_only=True, tag="marked"):
    """An item was ticked, or measured; without a mark it is open again."""

    item: Item
    mark: Mark | None = None


class Measured(_Event, frozen=True, kw_only=True, tag="measured"):
    """A test of the link is over."""

    baseline: Baseline


class Called(_Event, frozen=True, kw_only=True, tag="called"):
    """A technician has talked to the site; whether both hear each other is theirs to say."""

    mark: Mark


class Checked(_Event, frozen=True, kw_only=True, tag="checked"):
    """A host's page reported what it found before entering."""

    preflight: Preflight


class SignedOff(_Event, frozen=True, kw_only=True, tag="signed_off"):
    """A technician signed the site off."""

    by: str
    at: float
    note: str = ""


class Reopened(_Event, frozen=True, kw_only=True, tag="reopened"):
    """A technician took the signature back; what was found stays."""

    by: str = ""
    at: float = 0.0


RehearsalEvent = Marked | Measured | Called | Checked | SignedOff | Reopened


def evolve(state: Mapping[str, SiteRehearsal], event: RehearsalEvent) -> dict[str, SiteRehearsal]:
    """Return the sites' rehearsals after *event*."""
    site = state.get(event.site, SiteRehearsal())
    replace = msgspec.structs.replace
    match event:
        case Marked():
            marks = {item: mark for item, mark in site.marks.items() if item is not event.item}
            measured = site.measured
            if event.mark is not None:
                marks[event.item] = event.mark
                if not event.mark.by:
                    measured = {**measured, event.item: event.mark}
            site = replace(site, marks=marks, measured=measured)
        case Called():
            site = replace(site, measured={**site.measured, Item.TALKBACK: event.mark})
        case Measured():
            site = replace(site, baseline=event.baseline)
        case Checked():
            site = replace(site, preflight=event.preflight)
        case SignedOff():
            reference = site.reference
            if site.baseline is not None:
                reference = replace(site.baseline, by=event.by, signed_at=event.at)
            site = replace(
                site,
                signed_by=event.by,
                signed_at=event.at,
                note=event.note,
                reference=reference,
            )
        case Reopened():
            former = Former(
                by=site.signed_by,
                at=site.signed_at,
                note=site.note,
                reopened_by=event.by,
                reopened_at=event.at,
            )
            kept = [*site.former, former][-FORMER:] if site.signed_at else site.former
            site = replace(site, signed_by="", signed_at=0.0, note="", former=kept)
        case _:
            assert_never(event)
    return {**state, event.site: site}


def require_open(site: SiteRehearsal) -> None:
    """Check that *site* is not signed off.

    Raises:
        FloorRefused: SIGNED_OFF.
    """
    if site.signed_at:
        raise FloorRefused(
            Code.SIGNED_OFF, "This site is signed off. Open it again before changing anything."
        )


def require_whole(site: SiteRehearsal, note: str) -> None:
    """Check that *site* may be signed off with *note*.

    Raises:
        FloorRefused: CHECKS_OPEN while items are open, NOTE_MISSING if something is bad, or was
            passed against its measurement, and no note says what was decided.
    """
    require_open(site)
    if site.open:
        raise FloorRefused(
            Code.CHECKS_OPEN,
            f"{len(site.open)} checks are open: {', '.join(site.open)}.",
            {"count": len(site.open)},
        )
    if (site.bad or site.overruled) and not note.strip():
        raise FloorRefused(
            Code.NOTE_MISSING,
            "Not everything was measured good: say in the note what was decided.",
        )


def _is_bad(mark: Mark) -> bool:
    return mark.outcome is Outcome.BAD
