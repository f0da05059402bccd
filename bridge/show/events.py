"""What happened to program, preview and run of show. Stored for ever, as ``floor.events``."""

from __future__ import annotations

from enum import StrEnum

from bridge.commands import Event

__all__ = ["ItemStarted", "PreviewSet", "ProgramTaken", "ShowEvent", "TakenBy"]


class TakenBy(StrEnum):
    """Whose hand put a source on program."""

    MODERATOR = "moderator"
    FLOOR = "floor"  # the program followed the speaker


class PreviewSet(Event, frozen=True, kw_only=True, tag="preview_set"):
    """The moderators see this source next."""

    source: str


class ProgramTaken(Event, frozen=True, kw_only=True, tag="program_taken"):
    """This source is on program."""

    source: str
    by: TakenBy = TakenBy.MODERATOR


class ItemStarted(Event, frozen=True, kw_only=True, tag="item_started"):
    """This agenda item is under way; the one before has ended."""

    item: str


ShowEvent = PreviewSet | ProgramTaken | ItemStarted
