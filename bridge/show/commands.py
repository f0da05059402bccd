"""What can be asked of the program and the run of show."""

from __future__ import annotations

from bridge.commands import Command
from bridge.show.scene import Layout, Scene, Slot

__all__ = [
    "ReportSlides",
    "RestorePreview",
    "RestoreProgram",
    "SetLayout",
    "SetPreview",
    "ShowCommand",
    "StartItem",
    "Take",
]


class SetPreview(Command, frozen=True, kw_only=True, tag="set_preview"):
    """Choose what the moderators see next (``camera:dien-bien``); nobody else sees it.

    Attributes:
        source: source id. What is in the other slot changes places with it.
        slot: which picture of a layout for two; the other one stays.
    """

    source: str
    slot: Slot = Slot.MAIN


class SetLayout(Command, frozen=True, kw_only=True, tag="set_layout"):
    """Arrange the preview for one picture or two; an empty one begins with what is on program.

    From one picture to two, the second is proposed: the slides of a site that shares some
    beside its camera, else who speaks, else the venue.
    """

    layout: Layout


class Take(Command, frozen=True, kw_only=True, tag="take"):
    """Put *source* on program; without one, swap program and preview.

    *preview* is the source the sender saw on preview. If a colleague has changed it
    meanwhile, the command is refused: nobody airs a picture they have not seen.

    Attributes:
        source: source id, of the whole screen unless *layout* or *slot* says more.
        layout: how the program is arranged then.
        inset: source id of the second picture of that layout.
        slot: put *source* into this slot of the program and leave all else as it is;
            *layout* and *inset* say nothing then.
        preview: main source the sender saw on preview, empty for not said.
        preview_layout, preview_inset: its layout and second picture, ``None`` for not said.
        override: although the link of what comes on program is bad.
    """

    source: str = ""
    layout: Layout = Layout.SINGLE
    inset: str = ""
    slot: Slot | None = None
    preview: str = ""
    preview_layout: Layout | None = None
    preview_inset: str | None = None
    override: bool = False


class StartItem(Command, frozen=True, kw_only=True, tag="start_item"):
    """Say which agenda item is under way."""

    item: str


class ReportSlides(Command, frozen=True, kw_only=True, tag="report_slides"):
    """Say that the slides of *site* have begun to flow, or flow no more; only the server's own."""

    site: str
    flowing: bool


class RestoreProgram(Command, frozen=True, kw_only=True, tag="restore_program"):
    """Take back a take; only to undo.

    Attributes:
        scene: what was on program.
        home: what a moderator had last put there, in the same layout; it differs from *scene*
            in a speech.
        preview: what was on preview if the take has swapped the two, else ``None``.
    """

    scene: Scene
    home: Scene
    preview: Scene | None = None


class RestorePreview(Command, frozen=True, kw_only=True, tag="restore_preview"):
    """Put on preview what was there; only to undo."""

    scene: Scene


ShowCommand = SetPreview | SetLayout | Take | StartItem | ReportSlides
