"""Program, preview and run of show. Pure, same shape as ``floor``."""

from bridge.show.commands import ShowCommand
from bridge.show.decide import (
    decide,
    follow_grant,
    follow_grant_end,
    follow_link_lost,
    follow_link_returned,
    restore_program,
)
from bridge.show.events import ShowEvent
from bridge.show.evolve import evolve
from bridge.show.state import ShowSetup, ShowState, initial

__all__ = [
    "ShowCommand",
    "ShowEvent",
    "ShowSetup",
    "ShowState",
    "decide",
    "evolve",
    "follow_grant",
    "follow_grant_end",
    "follow_link_lost",
    "follow_link_returned",
    "initial",
    "restore_program",
]
