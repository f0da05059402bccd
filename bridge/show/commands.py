"""What can be asked of the program and the run of show."""

from __future__ import annotations

from bridge.commands import Command

__all__ = ["RestoreProgram", "SetPreview", "ShowCommand", "StartItem", "Take"]


class SetPreview(Command, frozen=True, kw_only=True, tag="set_preview"):
    """Choose what the moderators see next (``camera:dien-bien``); nobody else sees it."""

    source: str


class Take(Command, frozen=True, kw_only=True, tag="take"):
    """Put *source* on program; without one, swap program and preview.

    *preview* is the source the sender saw on preview. If a colleague has changed it
    meanwhile, the command is refused: nobody airs a picture they have not seen.
    """

    source: str = ""
    preview: str = ""


class StartItem(Command, frozen=True, kw_only=True, tag="start_item"):
    """Say which agenda item is under way."""

    item: str


class RestoreProgram(Command, frozen=True, kw_only=True, tag="restore_program"):
    """Take back a take; only to undo.

    Attributes:
        source: what was on program.
        home: what a moderator had last put there; another one than *source* in a speech.
        preview: what was on preview if the take has swapped the two, else empty.
    """

    source: str
    home: str
    preview: str = ""


ShowCommand = SetPreview | Take | StartItem
