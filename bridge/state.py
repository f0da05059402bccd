"""The state of one session: the speaker queue, the show and what technicians have ordered.

One log, one order. Here they meet: the program follows the floor, and what is heard follows from
both. Pure, like the packages it composes::

    events = decide(setup, state, actor, command, now)
    state = fold(setup, state, actor, events, at, rev)  # at = the commit's time = now
    next_deadline(setup, state)              # when to send CheckDeadlines
    routes(setup, state)                     # what the media plane forwards
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bridge import floor, history, show
from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor import FloorCommand, FloorEvent, FloorPolicy, FloorSetup, FloorState
from bridge.floor.commands import GrantFloor, ResumeFloor
from bridge.floor.events import (
    FloorGranted,
    FloorPaused,
    FloorResumed,
    GrantEnded,
    LinkLost,
    LinkReturned,
)
from bridge.floor.state import Grant, Request
from bridge.floor.tables import RequestState
from bridge.history import Action, ActionUndone, History, Undo
from bridge.ids import Role, SourceKind, camera, slate, split_source
from bridge.link import orders
from bridge.link.orders import Orders, OrderSites, SiteOrdered
from bridge.show import ShowCommand, ShowEvent, ShowSetup, ShowState
from bridge.show.commands import RestorePreview, RestoreProgram
from bridge.undoing import Part

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
    "fold",
    "initial",
    "next_deadline",
    "routes",
    "unseen",
]

#: Audio slots of a page: venue, co-chairs and speakers share them.
MAX_MICROPHONES = 4

SessionCommand = FloorCommand | ShowCommand | Undo | OrderSites
SessionEvent = FloorEvent | ShowEvent | ActionUndone | SiteOrdered


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
        always_open = 1 + len(self.co_chairs)
        return FloorSetup(
            sites=self.sites, policy=self.policy, max_capacity=MAX_MICROPHONES - always_open
        )

    @property
    def show(self) -> ShowSetup:
        """The part the show needs."""
        return ShowSetup(sites=self.sites, items=self.items, venue=self.venue)


class SessionState(msgspec.Struct, frozen=True):
    """A session at one revision."""

    floor: FloorState
    show: ShowState
    history: History = History()
    orders: dict[str, Orders] = {}


class Routes(msgspec.Struct, frozen=True, kw_only=True):
    """What the media plane forwards, by site code.

    Attributes:
        program: whose camera everybody sees.
        preview: whose camera is on the preview slots, empty for none.
        microphones: whose sound is forwarded: speakers in the order they were given the
            floor, then the venue, then co-chairs; no site twice. A viewer with fewer audio
            slots hears the first of them.
        program_slate: whose slate everybody sees instead of a camera, empty for none.
        preview_slate: the same of the preview slots.
        program_slides: whose slides everybody sees instead of a camera, empty for none.
        preview_slides: the same of the preview slots.
        inset, preview_inset: source id of the second picture, empty for none.
        muted: sites whose sound a technician keeps from everybody; none of ``microphones``.
        unseen: sites of which nobody is sent a picture.
        without_pictures: sites that are sent none.
        layers: the largest picture sites may be sent, of those that may not have any.
        caps: what sites may send for their pictures, kilobits per second, where it was ordered.
    """

    program: str
    preview: str
    microphones: tuple[str, ...]
    program_slate: str = ""
    preview_slate: str = ""
    program_slides: str = ""
    preview_slides: str = ""
    inset: str = ""
    preview_inset: str = ""
    muted: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    without_pictures: frozenset[str] = frozenset()
    layers: dict[str, str] = {}
    caps: dict[str, int] = {}


def initial(setup: SessionSetup) -> SessionState:
    """Return the session before its first commit: list open, venue on program."""
    return SessionState(FloorState(), show.initial(setup.venue))


def decide(
    setup: SessionSetup,
    state: SessionState,
    actor: Actor,
    command: SessionCommand,
    now: float,
    weak: Mapping[str, str] = floor.NOTHING_WEAK,
) -> list[SessionEvent]:
    """Return what *command* of *actor* makes happen at *now*, in order; often one event.

    The caller appends them as one commit with ``at = now`` and folds them. *weak* says of which
    sites the link is bad, and why (``link.advice``): who gives them the floor, or takes their
    picture, is told once, and may go on with ``override``.

    Raises:
        FloorRefused: the rules do not allow it; nothing happened. If somebody else was first,
            the details name who (``by``) did what (``deed``) and when (``at``).
    """
    try:
        if isinstance(command, Undo):
            return _undo(setup, state, actor, command, now)
        return _decide(setup, state, actor, command, now, weak)
    except FloorRefused as refusal:
        _name_the_other(state, actor, refusal)
        raise


def _decide(
    setup: SessionSetup,
    state: SessionState,
    actor: Actor,
    command: Part | OrderSites,
    now: float,
    weak: Mapping[str, str] = floor.NOTHING_WEAK,
) -> list[SessionEvent]:
    if isinstance(command, OrderSites):
        return [*orders.decide(setup.sites, state.orders, actor, command)]
    if isinstance(command, RestoreProgram):
        return [*show.restore_program(state.show, command, _pictures(state))]
    if isinstance(command, RestorePreview):
        return [*show.restore_preview(state.show, command.scene)]
    if isinstance(command, ShowCommand):
        return [*show.decide(setup.show, state.show, actor, command, _speaking(state), weak)]
    events: list[SessionEvent] = []
    for event in floor.decide(setup.floor, state.floor, actor, command, now, weak):
        state = evolve(state, event, now)
        followed = _program_follows(state, event)
        for consequence in followed:
            state = evolve(state, consequence, now)
        events += [event, *followed]
    if isinstance(command, GrantFloor | ResumeFloor) and events:
        _require_microphone(setup, state)
    return events


def _undo(
    setup: SessionSetup, state: SessionState, actor: Actor, command: Undo, now: float
) -> list[SessionEvent]:
    """Take back the newest action of *actor* by the commands that compensate it."""
    if actor.role is not Role.MODERATOR:
        raise FloorRefused(
            Code.ROLE_FORBIDDEN,
            "Your role does not allow this. Ask a moderator to do it.",
            {"role": actor.role.value, "command": "undo"},
        )
    action = history.last_of(state.history, actor, command.rev)
    if action is None:
        raise FloorRefused(
            Code.NOTHING_TO_UNDO,
            "There is nothing of yours that could be taken back now.",
        )
    other = history.overtaken(state.history, action)
    if other is not None:
        raise FloorRefused(
            Code.NOTHING_TO_UNDO,
            "Somebody else has changed this since. Look at it before you change it again.",
            {"why": "overtaken", **_deed(other)},
        )
    # What is so already again counts as taken back.
    return [ActionUndone(rev=action.rev), *_compensate(setup, state, actor, action, now)]


#: Refusals of a part that do not stop the rest of an undo.
_LEFT_OUT = frozenset({Code.DUPLICATE_REQUEST, Code.REQUEST_UNKNOWN, Code.MOVE_INVALID})


def _compensate(
    setup: SessionSetup, state: SessionState, actor: Actor, action: Action, now: float
) -> list[SessionEvent]:
    """Return what the parts of an undo make happen.

    Those are left out that are about others who have gone on since: of all that were cleared
    a request that its site has made again, a neighbour in line who has left.
    """
    first, *rest = action.undo
    one_of_many = any(type(part) is type(first) for part in rest)
    events: list[SessionEvent] = []
    for part in action.undo:
        try:
            done = _decide(setup, state, actor, part, now)
        except FloorRefused as refusal:
            if refusal.code not in _LEFT_OUT or (part is first and not one_of_many):
                raise
            continue
        for event in done:
            state = evolve(state, event, now)
        events += done
    return events


def _name_the_other(state: SessionState, actor: Actor, refusal: FloorRefused) -> None:
    """Add to *refusal* who has just acted on the request it is about, if that was not *actor*."""
    if refusal.code is Code.LINK_BAD:
        return  # nobody's deed made it so
    other = history.about(state.history, str(refusal.details.get("request", "")), actor)
    if other is not None:
        refusal.details |= _deed(other)


def _deed(action: Action) -> dict[str, str | int | float]:
    """Return who did what, and when, as a refusal says it."""
    who = action.actor
    return {
        "by": who.name,
        "by_role": who.role.value,
        "by_site": who.site,
        "deed": action.deed,
        "at": action.at,
    }


def _require_microphone(setup: SessionSetup, state: SessionState) -> None:
    """Refuse a grant, or a resumed one, that nobody could hear.

    Capacity keeps ordinary grants below the limit; the chair's class has none. It must fit
    now, and also when the suspended are heard again because those who suspend them have ended.
    """
    now = set(_open_microphones(setup, state))
    turns = state.floor.turns()
    suspended = {one.site for one, grant in turns if grant.paused_by}
    others = {one.site for one, grant in _heard(state) if not grant.suspends}
    later = suspended | others | {setup.venue, *setup.co_chairs} if suspended else now
    if max(len(now), len(later)) > MAX_MICROPHONES:
        raise FloorRefused(
            Code.MICROPHONES_FULL,
            f"{MAX_MICROPHONES} microphones are open already, more cannot be heard. "
            "End a speech first.",
            {"limit": MAX_MICROPHONES},
        )


def _program_follows(state: SessionState, event: FloorEvent) -> list[ShowEvent]:
    """Return what *event*, already in *state*, means for the program."""
    if isinstance(event, FloorGranted | FloorResumed):
        return show.follow_grant(state.show, _site(state, event.request))
    if isinstance(event, LinkLost):
        return show.follow_link_lost(state.show, _site(state, event.request))
    if isinstance(event, LinkReturned):
        return show.follow_link_returned(state.show, _site(state, event.request))
    if isinstance(event, FloorPaused | GrantEnded):
        site = _site(state, event.request)
        return show.follow_grant_end(state.show, site, _pictures(state))
    return []


def _site(state: SessionState, request: str) -> str:
    return state.floor.requests[request].site


def evolve(state: SessionState, event: SessionEvent, at: float) -> SessionState:
    """Return the session after *event* of a commit at *at* (Unix seconds)."""
    if isinstance(event, ActionUndone):
        return state
    if isinstance(event, SiteOrdered):
        return msgspec.structs.replace(state, orders=orders.evolve(state.orders, event))
    if isinstance(event, ShowEvent):
        return msgspec.structs.replace(state, show=show.evolve(state.show, event, at))
    return msgspec.structs.replace(state, floor=floor.evolve(state.floor, event, at))


def fold(
    setup: SessionSetup,
    state: SessionState,
    actor: Actor,
    events: Sequence[SessionEvent],
    at: float,
    rev: int,
) -> SessionState:
    """Return the session after a whole commit: its events, and who did it."""
    policy = floor.policy_of(setup.floor, state.floor)
    told = [event for event in events if not isinstance(event, SiteOrdered)]
    known = history.record(state.history, (state.floor, policy), state.show, actor, told, at, rev)
    for event in events:
        state = evolve(state, event, at)
    return msgspec.structs.replace(state, history=known)


def next_deadline(setup: SessionSetup, state: SessionState) -> float | None:
    """Return when (Unix seconds) ``CheckDeadlines`` is next needed, ``None`` for never."""
    return floor.next_deadline(floor.policy_of(setup.floor, state.floor), state.floor)


def routes(setup: SessionSetup, state: SessionState) -> Routes:
    """Return what is forwarded; nothing else in the system decides that."""
    known, ordered = state.show, state.orders
    muted = frozenset(site for site, one in ordered.items() if one.muted)
    microphones = _open_microphones(setup, state)
    program, preview = (
        show.shown(bus.scene, known.slides) for bus in (known.program, known.preview)
    )
    return Routes(
        program=_site_of(program.main, SourceKind.CAMERA),
        preview=_site_of(preview.main, SourceKind.CAMERA),
        microphones=tuple(site for site in microphones if site not in muted),
        program_slate=_site_of(program.main, SourceKind.SLATE),
        preview_slate=_site_of(preview.main, SourceKind.SLATE),
        program_slides=_site_of(program.main, SourceKind.SLIDES),
        preview_slides=_site_of(preview.main, SourceKind.SLIDES),
        inset=program.inset,
        preview_inset=preview.inset,
        muted=muted,
        unseen=unseen(state),
        without_pictures=frozenset(
            site for site, one in ordered.items() if one.audio_only.receiving
        ),
        layers={site: one.layer.value for site, one in ordered.items() if one.layer},
        caps={site: one.cap_kbps for site, one in ordered.items() if one.cap_kbps is not None},
    )


def unseen(state: SessionState) -> frozenset[str]:
    """Return the sites whose pictures nobody is sent, because a technician wants it so."""
    return frozenset(site for site, one in state.orders.items() if one.audio_only.sending)


def _open_microphones(setup: SessionSetup, state: SessionState) -> tuple[str, ...]:
    """Return whose sound is forwarded unless it is muted, in the order of ``Routes``."""
    return tuple(dict.fromkeys((*_speaking(state), setup.venue, *setup.co_chairs)))


def _speaking(state: SessionState) -> tuple[str, ...]:
    """Return the sites whose speeches are forwarded: all that have the floor and do not pause.

    A speaker whose link is lost is one of them: what arrives again is heard at once.
    """
    return tuple(one.site for one, _ in _heard(state))


def _heard(state: SessionState) -> list[tuple[Request, Grant]]:
    return [turn for turn in state.floor.turns() if turn[0].state is not RequestState.PAUSED]


def _pictures(state: SessionState) -> list[str]:
    """Return what shows each speaker: the camera, or the slate while its link is lost."""
    return [
        slate(one.site) if one.state is RequestState.LINK_LOST else camera(one.site)
        for one, _ in _heard(state)
    ]


def _site_of(source: str, wanted: SourceKind) -> str:
    """Return the site of *source* if it is of this kind, else nothing."""
    if not source:
        return ""
    kind, name = split_source(source)
    return name if kind is wanted else ""
