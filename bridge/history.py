"""Who did what last, and how it is undone. Pure; part of the session's state.

Kept for the newest actions of people: enough for a clear word when two moderators
meet, and for taking back one's own last step. Undoing is a new entry of the log that
compensates; nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict, replace

from bridge.commands import Actor, Command, Event
from bridge.floor import FloorEvent, FloorState
from bridge.floor.commands import (
    AcceptRequest,
    CallOnDeck,
    CancelRequest,
    CorrectTime,
    EditRequest,
    ExtendFloor,
    FileRequest,
    FloorCommand,
    GrantFloor,
    KeepFloor,
    ListState,
    MoveRequest,
    PauseFloor,
    ReaddRequest,
    RestoreOrder,
    ResumeFloor,
    ReturnToQueue,
    RevokeFloor,
    SetList,
    SetPolicy,
    UnacceptRequest,
    UnfileRequest,
    WithdrawGrant,
)
from bridge.floor.events import (
    CalledOnDeck,
    DeckLeft,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantWithdrawn,
    ListClosed,
    ListOpened,
    ListSuspended,
    PolicyChanged,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestMoved,
    RequestUnaccepted,
    RequestUnfiled,
    RevokeStarted,
    RevokeStopped,
    TimeCorrected,
)
from bridge.floor.policy import FloorPolicy, PolicyChange
from bridge.floor.state import Request
from bridge.floor.tables import RequestState
from bridge.ids import Role
from bridge.show import ShowEvent, ShowState
from bridge.show.commands import RestoreProgram, SetPreview, ShowCommand, StartItem
from bridge.show.events import ItemStarted, PreviewSet, ProgramTaken

__all__ = [
    "KEPT",
    "Action",
    "ActionUndone",
    "History",
    "Part",
    "Undo",
    "about",
    "last_of",
    "overtaken",
    "record",
]

#: Actions of moderators that are remembered, and as many of everybody else: a hall full of
#: phones must not push out what a moderator wants to take back.
KEPT = 60
#: Id of the commands inside an undo; the undo itself has the sender's.
PART = "undo"


#: What an undo is made of.
Part = FloorCommand | ShowCommand | RestoreProgram


class Undo(Command, frozen=True, kw_only=True, tag="undo"):
    """Take back one's own last action.

    Attributes:
        rev: the revision of the action that is meant, so that a second click takes back nothing
            more; 0 for the newest that can be taken back.
    """

    rev: Annotated[int, Meta(ge=0)] = 0


class ActionUndone(Event, frozen=True, kw_only=True, tag="action_undone"):
    """What follows in this commit takes back the commit of revision *rev*."""

    rev: int


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One commit of a person.

    Attributes:
        rev: its revision. at: Unix seconds.
        actor: who it was.
        deed: tag of the event that says what was done.
        request: the request it was about, empty for none.
        matter: what else it was about: two actions meet if they change the same matter of the
            same things.
        touched: those things: requests, or names of rules; empty if the matter is but one.
        undo: commands that take it back, empty if nothing does.
        undone: it was taken back.
    """

    rev: int
    at: float
    actor: Actor
    deed: str
    request: str = ""
    matter: str = ""
    touched: tuple[str, ...] = ()
    undo: tuple[Part, ...] = ()
    undone: bool = False


class History(msgspec.Struct, frozen=True):
    """The newest actions of people, oldest first; at most :data:`KEPT` of each kind."""

    actions: tuple[Action, ...] = ()


def record(
    history: History,
    floor: tuple[FloorState, FloorPolicy],
    show: ShowState,
    actor: Actor,
    events: Sequence[FloorEvent | ShowEvent | ActionUndone],
    at: float,
    rev: int,
) -> History:
    """Return *history* with a commit in it; what the server did by itself is left out.

    *floor* is the queue and the rules in force, *show* the show, before the commit of *rev*
    at *at* (Unix seconds); the first of its *events* says what it was about.
    """
    if actor.role is Role.SYSTEM or not events:
        return history
    first = events[0]
    actions = history.actions
    if isinstance(first, ActionUndone):
        actions = tuple(
            replace(one, undone=True) if one.rev == first.rev else one for one in actions
        )
        meant = (one for one in history.actions if one.rev == first.rev)
        nothing = Action(rev=rev, at=at, actor=actor, deed="")
        action = replace(
            next(meant, nothing), rev=rev, at=at, actor=actor, deed=_tag(first), undo=()
        )
    else:
        action = Action(
            rev=rev,
            at=at,
            actor=actor,
            deed=_tag(first),
            request=getattr(first, "request", ""),
            matter=_MATTERS.get(type(first), _tag(first)),
            touched=_touched(floor[1], first, events),
            undo=_inverse(*floor, show, first, events),
        )
    return History(_newest((*actions, action)))


def _tag(event: Event) -> str:
    return str(event.__struct_config__.tag)


#: Kinds of events that change one and the same thing.
_MATTERS: dict[type[Event], str] = dict.fromkeys((ListOpened, ListClosed, ListSuspended), "list")


def _touched(
    policy: FloorPolicy,
    first: FloorEvent | ShowEvent,
    events: Sequence[FloorEvent | ShowEvent | ActionUndone],
) -> tuple[str, ...]:
    """Return the requests that *events* do the same to as *first*, or the rules it changes."""
    if isinstance(first, PolicyChanged):
        change = PolicyChange.between(policy, first.policy)
        return tuple(name for name, value in asdict(change).items() if value is not None)
    same = [getattr(event, "request", "") for event in events if type(event) is type(first)]
    return tuple(filter(None, same))


def _newest(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return *actions* without the oldest of the kind the newest is of, if those are too many."""

    def alike(action: Action) -> bool:
        moderators = action.actor.role is Role.MODERATOR
        return moderators is (actions[-1].actor.role is Role.MODERATOR)

    same = [action for action in actions if alike(action)]
    if len(same) <= KEPT:
        return actions
    return tuple(action for action in actions if action is not same[0])


def last_of(history: History, actor: Actor, rev: int = 0) -> Action | None:
    """Return the newest action of *actor* that can be taken back, if it is that of *rev*."""
    for action in reversed(history.actions):
        if action.actor.key == actor.key and action.undo and not action.undone:
            return action if rev in {0, action.rev} else None
    return None


def overtaken(history: History, action: Action) -> Action | None:
    """Return what somebody else did since that taking *action* back would take back, too."""
    whole_order = any(isinstance(part, RestoreOrder) for part in action.undo)
    for later in reversed(history.actions):
        if later.rev <= action.rev:
            break
        if later.actor.key == action.actor.key or later.undone or later.matter != action.matter:
            continue
        if whole_order or not action.touched or set(action.touched) & set(later.touched):
            return later
    return None


def about(history: History, request: str, besides: Actor) -> Action | None:
    """Return what somebody else did last with *request*."""
    for action in reversed(history.actions):
        if request in action.touched and action.actor.key != besides.key:
            return action
    return None


def _inverse(
    floor: FloorState,
    policy: FloorPolicy,
    show: ShowState,
    first: FloorEvent | ShowEvent,
    events: Sequence[FloorEvent | ShowEvent | ActionUndone],
) -> tuple[Part, ...]:
    """Return the commands that take *events* back, as far as that is possible."""
    if isinstance(first, RequestCancelled):
        cancelled = [event.request for event in events if isinstance(event, RequestCancelled)]
        return tuple(_back(floor, request, alone=len(cancelled) == 1) for request in cancelled)
    if isinstance(first, FloorGranted):
        # Whom the chair has sent off comes back as the next one.
        ended = [event.request for event in events if isinstance(event, FloorReleased)]
        again = [ReaddRequest(cmd_id=PART, request=one, at_head=True) for one in reversed(ended)]
        return (WithdrawGrant(cmd_id=PART, request=first.request), *again)
    command: Part | None
    if isinstance(first, RequestMoved) and len(_touched(policy, first, events)) > 1:
        command = RestoreOrder(cmd_id=PART, order=floor.queue)
    elif isinstance(first, ItemStarted | PreviewSet | ProgramTaken):
        command = _inverse_of_show(show, first, events)
    elif isinstance(first, ListOpened | ListClosed | ListSuspended):
        command = SetList(cmd_id=PART, state=ListState(floor.list_state))
    elif isinstance(first, PolicyChanged):
        command = SetPolicy(cmd_id=PART, change=PolicyChange.between(first.policy, policy))
    elif isinstance(first, FloorRequested):
        command = CancelRequest(cmd_id=PART, request=first.request)
    else:
        command = _inverse_of_request(floor, first)
    return (command,) if command is not None else ()


def _inverse_of_show(
    show: ShowState,
    first: ItemStarted | PreviewSet | ProgramTaken,
    events: Sequence[FloorEvent | ShowEvent | ActionUndone],
) -> Part | None:
    match first:
        case ProgramTaken():
            swapped = any(isinstance(event, PreviewSet) for event in events)
            return RestoreProgram(
                cmd_id=PART,
                source=show.program.source,
                home=show.home,
                preview=show.preview.source if swapped else "",
            )
        case PreviewSet():
            source = show.preview.source
            return SetPreview(cmd_id=PART, source=source) if source else None
        case ItemStarted():
            return StartItem(cmd_id=PART, item=show.item) if show.item else None


def _inverse_of_request(  # noqa: C901, PLR0911, PLR0912 - one short case for each event
    floor: FloorState, event: FloorEvent
) -> FloorCommand | None:
    """Return the command that takes back *event* of one request."""
    request = str(getattr(event, "request", ""))
    before = floor.requests[request]
    match event:
        case RequestAccepted():
            return UnacceptRequest(cmd_id=PART, request=request)
        case RequestUnaccepted():
            return AcceptRequest(cmd_id=PART, request=request)
        case RequestFiled():
            return UnfileRequest(
                cmd_id=PART,
                request=request,
                priority_class=before.priority_class,
                pending=before.state is RequestState.PENDING,
            )
        case RequestUnfiled():
            return FileRequest(cmd_id=PART, request=request)
        case RequestDenied():
            return ReaddRequest(cmd_id=PART, request=request, pending=True)
        case RequestEdited():
            return EditRequest(
                cmd_id=PART,
                request=request,
                name=before.name,
                title=before.title,
                topic=before.topic,
            )
        case RequestMoved():
            return _move_back(floor, before)
        case CalledOnDeck():
            return ReturnToQueue(cmd_id=PART, request=request)
        case DeckLeft():
            return CallOnDeck(cmd_id=PART, request=request)
        case GrantWithdrawn():
            return GrantFloor(cmd_id=PART, request=request, override=True)
        case FloorPaused():
            return ResumeFloor(cmd_id=PART, request=request)
        case FloorResumed():
            return PauseFloor(cmd_id=PART, request=request)
        case FloorExtended():
            seconds = round(before.turn.limit - event.limit)
            return ExtendFloor(cmd_id=PART, request=request, seconds=seconds)
        case RevokeStarted():
            return KeepFloor(cmd_id=PART, request=request)
        case RevokeStopped():
            return RevokeFloor(cmd_id=PART, request=request, reason=before.reason)
        case FloorReleased() | FloorRevoked():
            return ReaddRequest(cmd_id=PART, request=request, at_head=True)
        case TimeCorrected():
            return CorrectTime(cmd_id=PART, request=request, seconds=before.counted)
        case _:
            return None


def _back(floor: FloorState, request: str, *, alone: bool) -> ReaddRequest:
    """Return how a cancelled request comes back: to where it stood, or to wait for approval.

    Of several cancelled together each joins the end of its class, in their order.
    """
    if request in floor.pending:
        return ReaddRequest(cmd_id=PART, request=request, pending=True)
    line = [one.id for one in floor.of_class(floor.requests[request].priority_class)]
    behind = line[line.index(request) + 1 :] if request in line and alone else []
    return ReaddRequest(cmd_id=PART, request=request, before=behind[0] if behind else "")


def _move_back(floor: FloorState, before: Request) -> MoveRequest | None:
    """Return the move to where a request stood."""
    line = [one.id for one in floor.of_class(before.priority_class)]
    place = line.index(before.id)
    if place + 1 < len(line):
        return MoveRequest(cmd_id=PART, request=before.id, before=line[place + 1])
    return MoveRequest(cmd_id=PART, request=before.id, after=line[place - 1])
