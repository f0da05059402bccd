"""Program, preview and run of show at one revision: immutable, the fold of the show events."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bridge.ids import camera
from bridge.show.events import TakenBy

__all__ = ["OnBus", "ShowSetup", "ShowState", "initial"]


class ShowSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What ``decide`` must know that is not in the log.

    Attributes:
        sites: site codes whose cameras may be put on air.
        items: agenda item ids in their planned order.
    """

    sites: tuple[str, ...]
    items: tuple[str, ...] = ()


class OnBus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on program or on preview.

    Attributes:
        source: source id, empty for nothing (preview only).
        since: Unix seconds, 0.0 if since before the log began.
        by: whose hand it was.
    """

    source: str
    since: float = 0.0
    by: TakenBy = TakenBy.MODERATOR


class ShowState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on air and where the agenda is.

    Attributes:
        program: what everybody sees.
        preview: what the moderators see next.
        home: what a moderator last put on program; the picture returns there after a speech.
        item: agenda item under way, empty before the first.
        started: when each item was last started, Unix seconds; absent if never.
    """

    program: OnBus
    home: str
    preview: OnBus = OnBus(source="")
    item: str = ""
    started: Mapping[str, float] = {}


def initial(venue: str) -> ShowState:
    """Return how a session begins: the venue's camera on program, nothing on preview."""
    return ShowState(program=OnBus(source=camera(venue)), home=camera(venue))
