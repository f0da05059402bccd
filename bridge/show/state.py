"""Program, preview and run of show at one revision: immutable, the fold of the show events."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bridge.ids import camera
from bridge.show.events import TakenBy
from bridge.show.scene import Layout, Scene, Slot

__all__ = ["OnBus", "ShowSetup", "ShowState", "initial"]


class ShowSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What ``decide`` must know that is not in the log.

    Attributes:
        sites: site codes whose cameras may be put on air.
        items: agenda item ids in their planned order.
        venue: the central site, whose camera is proposed beside another picture; empty for none.
    """

    sites: tuple[str, ...]
    items: tuple[str, ...] = ()
    venue: str = ""


class OnBus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on program or on preview.

    Attributes:
        source: source id of the main picture, empty for nothing (preview only).
        since: Unix seconds, 0.0 if since before the log began.
        by: whose hand it was.
        layout: how it is arranged.
        inset: source id of the second picture; empty with one picture, or until one is chosen.
        inset_by: whose hand that was.
    """

    source: str
    since: float = 0.0
    by: TakenBy = TakenBy.MODERATOR
    layout: Layout = Layout.SINGLE
    inset: str = ""
    inset_by: TakenBy = TakenBy.MODERATOR

    @property
    def scene(self) -> Scene:
        """What was chosen, without when and by whom."""
        return Scene(self.source, self.layout, self.inset)

    def by_floor(self, slot: Slot) -> bool:
        """Return whether the program followed the speaker in *slot*."""
        return (self.by if slot is Slot.MAIN else self.inset_by) is TakenBy.FLOOR


class ShowState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on air and where the agenda is.

    Attributes:
        program: what everybody sees.
        preview: what the moderators see next.
        home: what a moderator last put on program; the picture returns there after a speech.
        home_inset: the same of the second picture.
        slides: sites whose slides the server receives, longest first.
        item: agenda item under way, empty before the first.
        started: when each item was last started, Unix seconds; absent if never.
    """

    program: OnBus
    home: str
    home_inset: str = ""
    preview: OnBus = OnBus(source="")
    slides: tuple[str, ...] = ()
    item: str = ""
    started: Mapping[str, float] = {}

    @property
    def home_scene(self) -> Scene:
        """What the program would show if nobody spoke."""
        return Scene(self.home, self.program.layout, self.home_inset)


def initial(venue: str) -> ShowState:
    """Return how a session begins: the venue's camera on program, nothing on preview."""
    return ShowState(program=OnBus(source=camera(venue)), home=camera(venue))
