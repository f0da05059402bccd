"""What the state of a session no longer knows: pauses, losses, ends, corrections, by whom.

A fold over the entries of the log, beside the fold that is the state itself. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bridge import floor
from bridge.commands import Actor
from bridge.floor import FloorEvent, FloorState
from bridge.floor.events import (
    DropTimedOut,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantWentLive,
    LinkLost,
    LinkReturned,
    ListClosed,
    ListOpened,
    ListSuspended,
    PolicyChanged,
    RequestCancelled,
    RequestDenied,
    RequestFiled,
    RevokeStarted,
    RevokeStopped,
    TimeCorrected,
)
from bridge.floor.tables import RequestState
from bridge.history import ActionUndone
from bridge.link.orders import SiteOrdered
from bridge.minutes.document import Absence, Break, BreakKind, Correction, Stretch
from bridge.show import ShowEvent
from bridge.show.events import ItemStarted
from bridge.state import SessionEvent

__all__ = ["Chronicle", "Entry", "Story", "Underway"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One commit of the log: who did what at which time (Unix seconds)."""

    rev: int
    at: float
    actor: Actor
    events: Sequence[SessionEvent]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one request.

    Attributes:
        granted_at: when it was last given the floor.
        live: sound was forwarded since then.
        started_at: its first sound.
        to_air: seconds from the grant to that sound, -1.0 if there was none.
        ended_at: its last sound, if the speech is over.
        breaks: the last one may be open.
        corrections: those that were not taken back.
        filed_at: when it became a written opinion.
        closed_at: when it was denied, cancelled, released or revoked.
        closed_by: who did that; of a revocation, who began it.
        cut: it is revoked because the time is used.
    """

    granted_at: float = 0.0
    live: bool = False
    started_at: float = 0.0
    to_air: float = -1.0
    ended_at: float = 0.0
    breaks: tuple[Break, ...] = ()
    corrections: tuple[Correction, ...] = ()
    filed_at: float = 0.0
    closed_at: float = 0.0
    closed_by: Actor | None = None
    cut: bool = False

    def broken(self, kind: BreakKind, at: float) -> Story:
        """Return the story with its clock standing since *at*."""
        return replace(self, breaks=(*self.breaks, Break(kind=kind, since=at)))

    def mended(self, at: float) -> Story:
        """Return the story with its last break over at *at*, if it is in one."""
        if not self.breaks or self.breaks[-1].until:
            return self
        return replace(self, breaks=(*self.breaks[:-1], replace(self.breaks[-1], until=at)))

    def over(self, at: float) -> Story:
        """Return the story of a speech that ended at *at*.

        Of one whose link dropped for good the last sound was before that; the floor was free
        meanwhile, so the rest is no break of the speech.
        """
        if self.live:
            return replace(self.mended(at), ended_at=at)
        if not self.started_at:
            return self
        return replace(self, ended_at=self.breaks[-1].since, breaks=self.breaks[:-1])


class Underway(msgspec.Struct, frozen=True, kw_only=True):
    """An agenda item was taken up, and lasted for this stretch."""

    item: str
    stretch: Stretch


class Chronicle:
    """The stories of all requests, the agenda as it went, and who was cut off.

    Attributes:
        floor: the queue after the entries taken so far.
        stories: by request id.
        agenda: in order of time.
        absences: in order of time.
    """

    def __init__(self) -> None:
        self.floor = FloorState()
        self.stories: dict[str, Story] = {}
        self.agenda: list[Underway] = []
        self.absences: list[Absence] = []

    def take(self, entry: Entry) -> None:
        """Let *entry*, the one after those taken so far, happen.

        Raises:
            LookupError: it cannot follow on them: the log is not one of ours.
        """
        undo = any(isinstance(event, ActionUndone) for event in entry.events)
        for event in entry.events:
            match event:
                case ItemStarted():
                    self._start_item(event.item, entry.at, undo=undo)
                case _ if isinstance(event, ActionUndone | ShowEvent | SiteOrdered):
                    pass
                case ListOpened() | ListClosed() | ListSuspended() | PolicyChanged():
                    self.floor = floor.evolve(self.floor, event, entry.at)
                case _:
                    self._about_request(entry, event, undo=undo)

    def _start_item(self, item: str, at: float, *, undo: bool) -> None:
        """Note that the agenda moved on; an *undo* says that the last step was none."""
        until = at
        if undo:
            self.agenda.pop()
            until = 0.0
        if self.agenda:
            last = self.agenda[-1]
            self.agenda[-1] = replace(last, stretch=replace(last.stretch, until=until))
        if not undo:
            self.agenda.append(Underway(item=item, stretch=Stretch(since=at)))

    def _about_request(self, entry: Entry, event: FloorEvent, *, undo: bool) -> None:
        request = str(getattr(event, "request", ""))
        before = self.floor.requests.get(request)
        self.floor = floor.evolve(self.floor, event, entry.at)
        after = self.floor.requests[request]
        known = self.stories.get(request, Story())
        ends_at = before.grant.ends_at if before and before.grant else 0.0
        self.stories[request] = _told(known, entry, event, ends_at, undo=undo)
        was_held = before is not None and before.state is RequestState.HELD
        if was_held is not (after.state is RequestState.HELD):
            self._note_absence(after.site, entry.at)

    def _note_absence(self, site: str, at: float) -> None:
        """Note that a site is lost or back, once however many of its requests are held."""
        waiting = (self.floor.requests[other] for other in self.floor.queue)
        lost = any(one.site == site and one.state is RequestState.HELD for one in waiting)
        for index, absence in enumerate(self.absences):
            if absence.site == site and not absence.until:
                if not lost:
                    self.absences[index] = replace(absence, until=at)
                return
        self.absences.append(Absence(site=site, since=at))


def _told(  # noqa: C901, PLR0911, PLR0912 - one short case for each event
    story: Story, entry: Entry, event: FloorEvent, ends_at: float, *, undo: bool
) -> Story:
    """Return *story* after *event*; *ends_at* is when a running revocation stops the sound."""
    at = min(entry.at, ends_at) if ends_at else entry.at
    match event:
        case RequestFiled():
            return replace(story, filed_at=at)
        case FloorGranted():
            return replace(story, granted_at=at, live=False)
        case GrantWentLive():
            first = not story.started_at
            return replace(
                story.mended(at),
                live=True,
                started_at=at if first else story.started_at,
                to_air=at - story.granted_at if first else story.to_air,
            )
        case FloorPaused():
            kind = BreakKind.SUSPENDED if event.chair else BreakKind.PAUSED
            return story.broken(kind, at)
        case LinkLost():
            return story.broken(BreakKind.LINK_LOST, at)
        case FloorResumed() | LinkReturned():
            return story.mended(at)
        case DropTimedOut():
            return replace(story, live=False)
        case RevokeStarted():
            return replace(story, closed_by=entry.actor, cut=event.cut)
        case RevokeStopped():
            return replace(story, closed_by=None, cut=False)
        case FloorRevoked():
            by = story.closed_by or entry.actor
            return replace(story.over(at), closed_at=entry.at, closed_by=by)
        case RequestDenied() | RequestCancelled() | FloorReleased():
            return replace(story.over(at), closed_at=entry.at, closed_by=entry.actor, cut=False)
        case TimeCorrected() if undo:
            return replace(story, corrections=story.corrections[:-1])
        case TimeCorrected():
            correction = Correction(
                at=entry.at, by=entry.actor, seconds=event.seconds, reason=event.reason
            )
            return replace(story, corrections=(*story.corrections, correction))
        case _:
            return story
