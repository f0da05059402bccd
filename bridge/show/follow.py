"""How the program follows the floor, and how a take is taken back. Pure.

The floor moves one picture only, the speaker's: with slides shown large it is the second
one, else the main one (``scene.speaker_slot``). It never changes the layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.ids import camera, slate, split_source
from bridge.show.commands import RestoreProgram
from bridge.show.decide import restore_preview
from bridge.show.events import (
    InsetTaken,
    LayoutTaken,
    ProgramTaken,
    ShowEvent,
    TakenBy,
)
from bridge.show.scene import Layout, Scene, Slot, speaker_slot
from bridge.show.state import ShowState

__all__ = [
    "follow_grant",
    "follow_grant_end",
    "follow_link_lost",
    "follow_link_returned",
    "restore_program",
]


def follow_grant(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when *site* is given the floor.

    A speaker who is on program already, in whichever picture, stays there.
    """
    scene = state.program.scene
    if camera(site) in {scene.main, scene.inset}:
        return []
    return [_taken(speaker_slot(scene), camera(site), TakenBy.FLOOR)]


def follow_grant_end(state: ShowState, site: str, speaking: Sequence[str]) -> list[ShowEvent]:
    """Return how the program follows when a grant of *site* has ended.

    If the program still shows the speaker because of the floor, that picture goes to the
    newest of those who still have the floor, else to what a moderator last
    took. A moderator's own choice since then is left alone.

    Args:
        state: program before.
        site: whose grant ended.
        speaking: pictures of those who still have the floor, first granted first.
    """
    scene = state.program.scene
    events: list[ShowEvent] = []
    for slot in Slot:
        here = scene.at(slot)
        if not state.program.by_floor(slot) or here not in {camera(site), slate(site)}:
            continue
        beside = scene.at(Slot.INSET if slot is Slot.MAIN else Slot.MAIN)
        others = [picture for picture in speaking if picture != beside]
        next_one = others[-1] if others else state.home_scene.at(slot)
        if next_one != here:
            events.append(_taken(slot, next_one, TakenBy.FLOOR))
    return events


def follow_link_lost(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when a speaker's link drops: the slate for the picture."""
    scene = state.program.scene
    return [
        _taken(slot, slate(site), TakenBy.FLOOR) for slot in Slot if scene.at(slot) == camera(site)
    ]


def follow_link_returned(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when the speaker is back, if it shows the slate for it."""
    scene = state.program.scene
    return [
        _taken(slot, camera(site), TakenBy.FLOOR)
        for slot in Slot
        if state.program.by_floor(slot) and scene.at(slot) == slate(site)
    ]


def restore_program(
    state: ShowState, before: RestoreProgram, speaking: Sequence[str]
) -> list[ShowEvent]:
    """Return how a take is taken back.

    Whom the floor has put on air since stays there, and whom it had put there before
    comes back if that site still speaks; *speaking* are the pictures of those who do.
    """
    home = before.home
    slot, target = _speaker_then(state, before, speaking)
    wanted = home.put(slot, target)
    events: list[ShowEvent] = []
    if home.layout is not state.program.layout:
        events.append(LayoutTaken(layout=home.layout))
    slots = (Slot.MAIN,) if home.layout is Layout.SINGLE else tuple(Slot)
    now = state.program.scene
    for each in slots:
        if (state.home_scene.at(each), now.at(each)) == (home.at(each), wanted.at(each)):
            continue
        events.append(_taken(each, home.at(each), TakenBy.MODERATOR))
        if wanted.at(each) != home.at(each):
            events.append(_taken(each, wanted.at(each), TakenBy.FLOOR))
    if before.preview is not None and state.preview.scene == before.scene:
        events += restore_preview(state, before.preview)
    return events


def _speaker_then(
    state: ShowState, before: RestoreProgram, speaking: Sequence[str]
) -> tuple[Slot, str]:
    """Return the slot the floor has in the scene that comes back, and what belongs into it."""
    since = _put_by_floor(state.program.scene, state.home_scene)
    was = _put_by_floor(before.scene, before.home)
    slot = was[0] if was else speaker_slot(before.home)
    if since:
        return slot, since[1]
    chosen = before.home.at(slot)
    if not was:
        return slot, chosen
    site = split_source(was[1])[1]
    return slot, next((each for each in speaking if split_source(each)[1] == site), chosen)


def _put_by_floor(scene: Scene, home: Scene) -> tuple[Slot, str] | None:
    """Return what is on program only because of the floor, and where."""
    differing = (slot for slot in Slot if scene.at(slot) != home.at(slot))
    slot = next(differing, None)
    return None if slot is None else (slot, scene.at(slot))


def _taken(slot: Slot, source: str, by: TakenBy) -> ProgramTaken | InsetTaken:
    kind = ProgramTaken if slot is Slot.MAIN else InsetTaken
    return kind(source=source, by=by)
