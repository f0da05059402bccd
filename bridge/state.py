"""The state of one session: the speaker queue and the show together, one log, one order.

Here the two meet: the program follows the floor, and what is heard follows from
both. Pure, like the packages it composes::

    events = decide(setup, state, actor, command, now)
    state = evolve(state, event, at)         # for each event, at = the commit's time = now
    next_deadline(setup, state)              # when to send CheckDeadlines
    routes(setup, state)                     # what the media plane forwards
"""

from __future__ import annotations

import msgspec

from bridge import floor, show
from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor import FloorCommand, FloorEvent, FloorPolicy, FloorSetup, FloorState
from bridge.floor.events import FloorGranted, FloorPaused, FloorResumed, GrantEnded
from bridge.floor.tables import RequestState
from bridge.ids import SourceKind, split_source
from bridge.show import ShowCommand, ShowEvent, ShowSetup, ShowState

__all__ = [
    "MAX_MICROPHONES",
    "FloorPolicy",
    "Routes",
    "SessionCommand",
    "SessionEvent",
    "SessionSetup",
    "SessionState",
    "decide",
    "evolve",
    "initial",
    "next_deadline",
    "routes",
]

#: Audio slots of a page: venue, co-chairs and speakers share them.
MAX_MICROPHONES = 4

SessionCommand = FloorCommand | ShowCommand
SessionEvent = FloorEvent | ShowEvent


class SessionSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What the event file says of a session; never in the log.

    Attributes:
        id: session id.
        venue: code of the central site, one of ``sites``.
        sites: all site codes, the venue included.
        co_chairs: sites whose microphones are open without a grant, as the venue's is.
        items: agenda item ids in their planned order.
        policy: rules of the floor.
    """

    id: str
    venue: str
    sites: tuple[str, ...]
    co_chairs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    policy: FloorPolicy = FloorPolicy()

    @property
    def floor(self) -> FloorSetup:
        """The part the speaker queue needs."""
        return FloorSetup(sites=self.sites, policy=self.policy)

    @property
    def show(self) -> ShowSetup:
        """The part the show needs."""
        return ShowSetup(sites=self.sites, items=self.items)


class SessionState(msgspec.Struct, frozen=True):
    """A session at one revision."""

    floor: FloorState
    show: ShowState


class Routes(msgspec.Struct, frozen=True, kw_only=True):
    """What the media plane forwards, by site code.

    Attributes:
        program: whose camera everybody sees.
        preview: whose camera is on the preview slots, empty for none.
        microphones: whose sound is forwarded: speakers in the order they were given the
            floor, then the venue, then co-chairs; no site twice. A viewer with fewer audio
            slots hears the first of them.
    """

    program: str
    preview: str
    microphones: tuple[str, ...]


def initial(setup: SessionSetup) -> SessionState:
    """Return the session before its first commit: list open, venue on program."""
    return SessionState(FloorState(), show.initial(setup.venue))


def decide(
    setup: SessionSetup, state: SessionState, actor: Actor, command: SessionCommand, now: float
) -> list[SessionEvent]:
    """Return what *command* of *actor* makes happen at *now*, in order; often one event.

    The caller appends them as one commit with ``at = now`` before it evolves.

    Raises:
        FloorRefused: the rules do not allow it; nothing happened.
    """
    if isinstance(command, ShowCommand):
        return [*show.decide(setup.show, state.show, actor, command)]
    events: list[SessionEvent] = []
    for event in floor.decide(setup.floor, state.floor, actor, command, now):
        state = evolve(state, event, now)
        followed = _program_follows(state, event)
        for consequence in followed:
            state = evolve(state, consequence, now)
        events += [event, *followed]
    if any(isinstance(event, FloorGranted | FloorResumed) for event in events):
        _require_microphone(setup, state)
    return events


def _require_microphone(setup: SessionSetup, state: SessionState) -> None:
    """Refuse a grant, or a resumed one, that nobody could hear.

    Capacity keeps ordinary grants below the limit; the chair's class has none.
    """
    microphones = routes(setup, state).microphones
    if len(microphones) > MAX_MICROPHONES:
        raise FloorRefused(
            Code.MICROPHONES_FULL,
            f"{MAX_MICROPHONES} microphones are open already, more cannot be heard. "
            "End a speech first.",
            {"limit": MAX_MICROPHONES},
        )


def _program_follows(state: SessionState, event: FloorEvent) -> list[ShowEvent]:
    """Return what *event*, already in *state*, means for the program."""
    if isinstance(event, FloorGranted | FloorResumed):
        return show.follow_grant(state.show, state.floor.requests[event.request].site)
    if isinstance(event, GrantEnded | FloorPaused):
        site = state.floor.requests[event.request].site
        return show.follow_grant_end(state.show, site, _speaking(state))
    return []


def evolve(state: SessionState, event: SessionEvent, at: float) -> SessionState:
    """Return the session after *event* of a commit at *at* (Unix seconds)."""
    if isinstance(event, ShowEvent):
        return SessionState(state.floor, show.evolve(state.show, event, at))
    return SessionState(floor.evolve(state.floor, event, at), state.show)


def next_deadline(_setup: SessionSetup, state: SessionState) -> float | None:
    """Return when (Unix seconds) ``CheckDeadlines`` is next needed, ``None`` for never."""
    return floor.next_deadline(state.floor)


def routes(setup: SessionSetup, state: SessionState) -> Routes:
    """Return what is forwarded; nothing else in the system decides that."""
    open_microphones = (*_speaking(state), setup.venue, *setup.co_chairs)
    return Routes(
        program=_site_of(state.show.program.source),
        preview=_site_of(state.show.preview.source),
        microphones=tuple(dict.fromkeys(open_microphones)),
    )


def _speaking(state: SessionState) -> tuple[str, ...]:
    """Return the sites whose speeches are forwarded: all that have the floor and do not pause."""
    turns = state.floor.turns()
    return tuple(one.site for one, _ in turns if one.state is not RequestState.PAUSED)


def _site_of(source: str) -> str:
    if not source:
        return ""
    kind, name = split_source(source)
    return name if kind is SourceKind.CAMERA else ""
