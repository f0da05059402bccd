"""What a command does to program, preview and run of show now: events, or a refusal. Pure.

How the program follows the floor stands in ``follow``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

from msgspec.structs import replace

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.ids import Role, SourceKind, camera, slides, split_source
from bridge.show.commands import (
    ReportSlides,
    SetLayout,
    SetPreview,
    ShowCommand,
    StartItem,
    Take,
)
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
)
from bridge.show.scene import Layout, Scene, Slot
from bridge.show.state import OnBus, ShowSetup, ShowState

__all__ = ["decide", "restore_preview"]

#: No link is bad, as far as anybody knows.
NOTHING_WEAK: Mapping[str, str] = MappingProxyType({})


def decide(
    setup: ShowSetup,
    state: ShowState,
    actor: Actor,
    command: ShowCommand,
    speaking: Sequence[str] = (),
    weak: Mapping[str, str] = NOTHING_WEAK,
) -> list[ShowEvent]:
    """Return what *command* of *actor* makes happen; nothing if it is so already.

    Args:
        setup: what the event file says.
        state: the show before.
        actor: who commands.
        command: what.
        speaking: sites that have the floor, first granted first; proposed for a second picture.
        weak: why the links of sites are bad, as observed now (``link.advice``).

    Raises:
        FloorRefused: the rules do not allow it; nothing happened.
    """
    allowed = Role.SYSTEM if isinstance(command, ReportSlides) else Role.MODERATOR
    if actor.role is not allowed:
        raise FloorRefused(
            Code.ROLE_FORBIDDEN,
            "Your role does not allow this. Ask a moderator to do it.",
            {"role": actor.role.value, "command": str(command.__struct_config__.tag)},
        )
    match command:
        case SetPreview():
            return _choose(setup, state, command)
        case SetLayout():
            return _arrange(setup, state, command.layout, speaking)
        case Take():
            taken = _take(setup, state, command)
            if not command.override:
                _require_good_links(state, taken, weak)
            return taken
        case StartItem():
            if command.item not in setup.items:
                raise FloorRefused(
                    Code.ITEM_UNKNOWN,
                    f"The agenda has no item “{command.item}”. Choose one from the agenda.",
                    {"item": command.item},
                )
            return [] if command.item == state.item else [ItemStarted(item=command.item)]
        case ReportSlides():
            if command.flowing is (command.site in state.slides):
                return []
            kind = SlidesStarted if command.flowing else SlidesStopped
            return [kind(site=command.site)]
        case _:
            assert_never(command)


def _choose(setup: ShowSetup, state: ShowState, command: SetPreview) -> list[ShowEvent]:
    """Put a source into one slot of the preview; with what is in the other one it changes place."""
    _require_source(setup, command.source)
    scene = state.preview.scene
    _require_slot(scene, command.slot)
    other = Slot.INSET if command.slot is Slot.MAIN else Slot.MAIN
    here, there = scene.at(command.slot), scene.at(other)
    wanted = scene.put(command.slot, command.source)
    if here and command.source == there:
        wanted = wanted.put(other, here)
    return _preview(scene, wanted)


def _arrange(
    setup: ShowSetup, state: ShowState, layout: Layout, speaking: Sequence[str]
) -> list[ShowEvent]:
    """Arrange the preview, which begins with what is on program if there is nothing on it."""
    before = state.preview.scene
    scene = before if before.main else state.program.scene
    if layout is Layout.SINGLE:
        return _preview(before, Scene(scene.main))
    if scene.inset:
        return _preview(before, replace(scene, layout=layout))
    main, inset = _two(setup, state, scene.main, speaking)
    return _preview(before, Scene(main, layout, inset))


def _two(setup: ShowSetup, state: ShowState, main: str, speaking: Sequence[str]) -> tuple[str, str]:
    """Return which two pictures are proposed when *main* was alone."""
    kind, site = split_source(main)
    if kind is SourceKind.CAMERA and site in state.slides:
        return slides(site), main
    speakers = list(reversed(speaking))
    if kind is SourceKind.SLIDES:
        return main, camera([*speakers, site][0])
    others = [one for one in (*speakers, setup.venue) if one and one != site]
    return main, camera(others[0]) if others else ""


def _take(setup: ShowSetup, state: ShowState, command: Take) -> list[ShowEvent]:
    """Cut to a scene, or swap the buses; what is on air already stays untouched."""
    _require_seen(state.preview, command)
    program, preview = state.program.scene, state.preview.scene
    if command.slot is not None:
        _require_slot(program, command.slot)
        _require_source(setup, command.source)
        return _cut(program, program.put(command.slot, command.source))
    wanted = preview
    if command.source:
        alone = command.layout is Layout.SINGLE
        wanted = Scene(command.source, command.layout, "" if alone else command.inset)
    _require_source(setup, wanted.main)
    if wanted.inset:
        _require_source(setup, wanted.inset)
    events = _cut(program, wanted)
    if events and not command.source:
        events += _preview(preview, program)
    return events


def _require_good_links(
    before: ShowState, events: Sequence[ShowEvent], weak: Mapping[str, str]
) -> None:
    """Refuse to put a picture on program whose link is bad, before somebody has been asked.

    Slates need no link; and whoever ends an emergency, which is a slate on program, does not
    wait for a question either.
    """
    taken = [event.source for event in events if isinstance(event, ProgramTaken | InsetTaken)]
    on_air = (before.program.scene.main, before.program.scene.inset)
    if any(source and split_source(source)[0] is SourceKind.SLATE for source in on_air):
        return
    seen = {split_source(source)[1] for source in on_air if source}
    for source in filter(None, taken):
        kind, site = split_source(source)
        if kind is not SourceKind.SLATE and site not in seen and site in weak:
            raise FloorRefused(
                Code.LINK_BAD,
                f"The link of {site} is bad. Take it all the same, or show another picture.",
                {"site": site, "why": weak[site]},
            )


def _cut(program: Scene, wanted: Scene) -> list[ShowEvent]:
    """Return what turns the program into *wanted*, slot by slot."""
    events: list[ShowEvent] = []
    if wanted.main != program.main:
        events.append(ProgramTaken(source=wanted.main))
    if wanted.layout is not program.layout:
        events.append(LayoutTaken(layout=wanted.layout))
    if wanted.layout is not Layout.SINGLE and wanted.inset != program.inset:
        events.append(InsetTaken(source=wanted.inset))
    return events


def _preview(preview: Scene, wanted: Scene) -> list[ShowEvent]:
    """Return what turns the preview into *wanted*, slot by slot."""
    events: list[ShowEvent] = []
    if wanted.main != preview.main:
        events.append(PreviewSet(source=wanted.main))
    if wanted.layout is not preview.layout:
        events.append(PreviewLayoutSet(layout=wanted.layout))
    if wanted.layout is not Layout.SINGLE and wanted.inset != preview.inset:
        events.append(PreviewInsetSet(source=wanted.inset))
    return events


def restore_preview(state: ShowState, before: Scene) -> list[ShowEvent]:
    """Return what brings *before* back to the preview."""
    return _preview(state.preview.scene, before)


def _require_seen(preview: OnBus, command: Take) -> None:
    """Refuse to air a preview the sender has not seen."""
    same = (
        (not command.preview or command.preview == preview.source)
        and command.preview_layout in {None, preview.layout}
        and command.preview_inset in {None, preview.inset}
    )
    if not same:
        raise FloorRefused(
            Code.PREVIEW_CHANGED,
            "A colleague has just changed the preview. Look at it, then take again.",
            {"source": preview.source},
        )


def _require_slot(scene: Scene, slot: Slot) -> None:
    if slot is Slot.INSET and scene.layout is Layout.SINGLE:
        raise FloorRefused(
            Code.SLOT_UNUSED,
            "There is one picture only. Choose a layout for two pictures first.",
            {"slot": slot.value},
        )


def _require_source(setup: ShowSetup, source: str) -> None:
    if not source:
        raise FloorRefused(
            Code.SOURCE_UNKNOWN,
            "There is nothing on preview. Choose a source first.",
            {"source": source},
        )
    try:
        _, site = split_source(source)
    except ValueError:
        site = ""
    if site not in setup.sites:
        raise FloorRefused(
            Code.SOURCE_UNKNOWN,
            f"This session has no source “{source}”. Choose one from the list.",
            {"source": source},
        )
