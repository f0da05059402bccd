"""The next state of program and run of show after an event. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from bridge.show.events import ItemStarted, PreviewSet, ProgramTaken, ShowEvent, TakenBy
from bridge.show.state import OnBus, ShowState

__all__ = ["evolve"]


def evolve(state: ShowState, event: ShowEvent, at: float) -> ShowState:
    """Return the show after *event*, which is in the log since *at* (Unix seconds)."""
    match event:
        case PreviewSet():
            return replace(state, preview=OnBus(source=event.source, since=at))
        case ProgramTaken():
            home = event.source if event.by is TakenBy.MODERATOR else state.home
            program = OnBus(source=event.source, since=at, by=event.by)
            return replace(state, program=program, home=home)
        case ItemStarted():
            started = {**state.started, event.item: at}
            return replace(state, item=event.item, started=started)
        case _:
            assert_never(event)
