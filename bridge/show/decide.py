"""What a command does to program and run of show now: events, or a refusal. Pure.

Also how the program follows the floor, so that every rule of
what is on air stands in this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.ids import Role, camera, slate, split_source
from bridge.show.commands import RestoreProgram, SetPreview, ShowCommand, StartItem, Take
from bridge.show.events import ItemStarted, PreviewSet, ProgramTaken, ShowEvent, TakenBy
from bridge.show.state import ShowSetup, ShowState

__all__ = [
    "decide",
    "follow_grant",
    "follow_grant_end",
    "follow_link_lost",
    "follow_link_returned",
    "restore_program",
]


def decide(
    setup: ShowSetup, state: ShowState, actor: Actor, command: ShowCommand
) -> list[ShowEvent]:
    """Return what *command* of *actor* makes happen; nothing if it is so already.

    Raises:
        FloorRefused: the rules do not allow it; nothing happened.
    """
    if actor.role is not Role.MODERATOR:
        raise FloorRefused(
            Code.ROLE_FORBIDDEN,
            "Your role does not allow this. Ask a moderator to do it.",
            {"role": actor.role.value, "command": str(command.__struct_config__.tag)},
        )
    match command:
        case SetPreview():
            _require_source(setup, command.source)
            if command.source == state.preview.source:
                return []
            return [PreviewSet(source=command.source)]
        case Take():
            return _take(setup, state, command)
        case StartItem():
            if command.item not in setup.items:
                raise FloorRefused(
                    Code.ITEM_UNKNOWN,
                    f"The agenda has no item “{command.item}”. Choose one from the agenda.",
                    {"item": command.item},
                )
            return [] if command.item == state.item else [ItemStarted(item=command.item)]
        case _:
            assert_never(command)


def _take(setup: ShowSetup, state: ShowState, command: Take) -> list[ShowEvent]:
    """Cut to the source, or swap the buses; what is on air already stays untouched."""
    if command.preview and command.preview != state.preview.source:
        raise FloorRefused(
            Code.PREVIEW_CHANGED,
            "A colleague has just changed the preview. Look at it, then take again.",
            {"source": state.preview.source},
        )
    source = command.source
    chosen = source or state.preview.source
    _require_source(setup, chosen)
    if chosen == state.program.source:
        return []
    taken = ProgramTaken(source=chosen, by=TakenBy.MODERATOR)
    return [taken] if source else [taken, PreviewSet(source=state.program.source)]


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


def follow_grant(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when *site* is given the floor."""
    return _show(state, camera(site))


def follow_grant_end(state: ShowState, site: str, speaking: Sequence[str]) -> list[ShowEvent]:
    """Return how the program follows when a grant of *site* has ended.

    If the program still shows the speaker because of the floor, it goes to the
    newest of those who still have the floor, else to what a moderator last
    took. A moderator's own choice since then is left alone.

    Args:
        state: program before.
        site: whose grant ended.
        speaking: pictures of those who still have the floor, first granted first.
    """
    of_speaker = state.program.source in {camera(site), slate(site)}
    if state.program.by is not TakenBy.FLOOR or not of_speaker:
        return []
    return _show(state, speaking[-1] if speaking else state.home)


def follow_link_lost(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when a speaker's link drops: the slate for the picture."""
    return _show(state, slate(site)) if state.program.source == camera(site) else []


def follow_link_returned(state: ShowState, site: str) -> list[ShowEvent]:
    """Return how the program follows when the speaker is back, if it shows the slate for it."""
    waits = state.program.by is TakenBy.FLOOR and state.program.source == slate(site)
    return _show(state, camera(site)) if waits else []


def restore_program(
    state: ShowState, before: RestoreProgram, speaking: Sequence[str]
) -> list[ShowEvent]:
    """Return how a take is taken back.

    Whom the floor has put on air since stays there, and whom it had put there before
    comes back if that site still speaks; *speaking* are the pictures of those who do.
    """
    by_floor = state.program.by is TakenBy.FLOOR and state.program.source != state.home
    if by_floor:
        target = state.program.source
    else:
        site = split_source(before.source)[1]
        of_site = (picture for picture in speaking if split_source(picture)[1] == site)
        target = before.home if before.source == before.home else next(of_site, before.home)
    events: list[ShowEvent] = []
    if (state.home, state.program.source) != (before.home, target):
        events.append(ProgramTaken(source=before.home))
        if target != before.home:
            events.append(ProgramTaken(source=target, by=TakenBy.FLOOR))
    if before.preview and state.preview.source == before.source:
        events.append(PreviewSet(source=before.preview))
    return events


def _show(state: ShowState, source: str) -> list[ShowEvent]:
    if source == state.program.source:
        return []
    return [ProgramTaken(source=source, by=TakenBy.FLOOR)]
