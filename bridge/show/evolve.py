"""The next state of program and run of show after an event. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from bridge.show.events import (
    InsetTaken,
    ItemStarted,
    LayoutTaken,
    PreviewInsetSet,
    PreviewLayoutSet,
    PreviewSet,
    ProgramTaken,
    ShowEvent,
    SlidesStarted,
    SlidesStopped,
    TakenBy,
)
from bridge.show.scene import Layout
from bridge.show.state import OnBus, ShowState

__all__ = ["evolve"]


def evolve(state: ShowState, event: ShowEvent, at: float) -> ShowState:
    """Return the show after *event*, which is in the log since *at* (Unix seconds)."""
    match event:
        case PreviewSet() | PreviewInsetSet() | PreviewLayoutSet():
            return replace(state, preview=_preview(state.preview, event, at))
        case ProgramTaken():
            home = event.source if event.by is TakenBy.MODERATOR else state.home
            program = replace(state.program, source=event.source, since=at, by=event.by)
            return replace(state, program=program, home=home)
        case InsetTaken():
            home = event.source if event.by is TakenBy.MODERATOR else state.home_inset
            program = replace(state.program, inset=event.source, inset_by=event.by)
            return replace(state, program=program, home_inset=home)
        case LayoutTaken():
            program = _arranged(state.program, event.layout)
            home = state.home_inset if program.layout is not Layout.SINGLE else ""
            return replace(state, program=program, home_inset=home)
        case SlidesStarted() | SlidesStopped():
            others = tuple(site for site in state.slides if site != event.site)
            begun = (event.site,) if isinstance(event, SlidesStarted) else ()
            return replace(state, slides=(*others, *begun))
        case ItemStarted():
            started = {**state.started, event.item: at}
            return replace(state, item=event.item, started=started)
        case _:
            assert_never(event)


def _preview(
    bus: OnBus, event: PreviewSet | PreviewInsetSet | PreviewLayoutSet, at: float
) -> OnBus:
    match event:
        case PreviewSet():
            return replace(bus, source=event.source, since=at)
        case PreviewInsetSet():
            return replace(bus, inset=event.source)
        case PreviewLayoutSet():
            return _arranged(bus, event.layout)
        case _:
            assert_never(event)


def _arranged(bus: OnBus, layout: Layout) -> OnBus:
    """Return *bus* in *layout*; with one picture the second is forgotten."""
    if layout is Layout.SINGLE:
        return replace(bus, layout=layout, inset="", inset_by=TakenBy.MODERATOR)
    return replace(bus, layout=layout)
