"""The speaker queue. Pure: commands, events, state, decide, evolve, deadlines.

What may follow on what is in ``tables``; who may do what when, in ``decide``.
"""

from bridge.floor.commands import FloorCommand
from bridge.floor.deadlines import next_deadline
from bridge.floor.decide import NOTHING_WEAK, decide, policy_of
from bridge.floor.events import FloorEvent
from bridge.floor.evolve import evolve
from bridge.floor.policy import FloorPolicy, FloorSetup
from bridge.floor.state import FloorState

__all__ = [
    "NOTHING_WEAK",
    "FloorCommand",
    "FloorEvent",
    "FloorPolicy",
    "FloorSetup",
    "FloorState",
    "decide",
    "evolve",
    "next_deadline",
    "policy_of",
]
