"""Program, preview and run of show. Pure, same shape as ``floor``."""

from bridge.show.commands import ShowCommand
from bridge.show.decide import decide, restore_preview
from bridge.show.events import ShowEvent
from bridge.show.evolve import evolve
from bridge.show.follow import (
    follow_grant,
    follow_grant_end,
    follow_link_lost,
    follow_link_returned,
    restore_program,
)
from bridge.show.scene import Layout, Scene, Slot, shown
from bridge.show.state import ShowSetup, ShowState, initial

__all__ = [
    "Layout",
    "Scene",
    "ShowCommand",
    "ShowEvent",
    "ShowSetup",
    "ShowState",
    "Slot",
    "decide",
    "evolve",
    "follow_grant",
    "follow_grant_end",
    "follow_link_lost",
    "follow_link_returned",
    "initial",
    "restore_preview",
    "restore_program",
    "shown",
]
