"""What happened to program, preview and run of show. Stored for ever, as ``floor.events``.

A bus is a layout with a source in each slot, and each of the three changes on its own: a log
from before there were layouts is one in which all stayed ``single``.
"""

from __future__ import annotations

from enum import StrEnum

from bridge.commands import Event
from bridge.show.scene import Layout

__all__ = [
    "InsetTaken",
    "ItemStarted",
    "LayoutTaken",
    "PreviewInsetSet",
    "PreviewLayoutSet",
    "PreviewSet",
    "ProgramTaken",
    "ShowEvent",
    "SlidesStarted",
    "SlidesStopped",
    "TakenBy",
]


class TakenBy(StrEnum):
    """Whose hand put a source on program."""

    MODERATOR = "moderator"
    FLOOR = "floor"  # the program followed the speaker


class PreviewSet(Event, frozen=True, kw_only=True, tag="preview_set"):
    """The moderators see this source next, as the main picture."""

    source: str


class PreviewInsetSet(Event, frozen=True, kw_only=True, tag="preview_inset_set"):
    """The moderators see this source next, as the second picture; empty for none."""

    source: str


class PreviewLayoutSet(Event, frozen=True, kw_only=True, tag="preview_layout_set"):
    """The moderators see the next pictures arranged so; ``single`` leaves the main one alone."""

    layout: Layout


class ProgramTaken(Event, frozen=True, kw_only=True, tag="program_taken"):
    """This source is on program, as the main picture."""

    source: str
    by: TakenBy = TakenBy.MODERATOR


class InsetTaken(Event, frozen=True, kw_only=True, tag="inset_taken"):
    """This source is on program, as the second picture; empty for none."""

    source: str
    by: TakenBy = TakenBy.MODERATOR


class LayoutTaken(Event, frozen=True, kw_only=True, tag="layout_taken"):
    """The program is arranged so; ``single`` leaves the main picture alone."""

    layout: Layout


class SlidesStarted(Event, frozen=True, kw_only=True, tag="slides_started"):
    """The server receives slides of this site."""

    site: str


class SlidesStopped(Event, frozen=True, kw_only=True, tag="slides_stopped"):
    """The server receives no slides of this site any more."""

    site: str


class ItemStarted(Event, frozen=True, kw_only=True, tag="item_started"):
    """This agenda item is under way; the one before has ended."""

    item: str


ShowEvent = (
    PreviewSet
    | PreviewInsetSet
    | PreviewLayoutSet
    | ProgramTaken
    | InsetTaken
    | LayoutTaken
    | SlidesStarted
    | SlidesStopped
    | ItemStarted
)
