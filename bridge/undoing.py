"""Which commands take back what somebody has just done. Pure; used by ``history``.

Worked out when it was done, from the state before: later nobody knows where a
request stood. Undoing is a new commit of ordinary commands; nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bridge.commands import Event
from bridge.floor import FloorCommand, FloorEvent, FloorPolicy, FloorState
from bridge.floor.commands import (
    AcceptRequest,
    CallOnDeck,
    CancelRequest,
    CorrectTime,
    EditRequest,
    ExtendFloor,
    FileRequest,
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
from bridge.floor.policy import PolicyChange
from bridge.floor.state import Request
from bridge.floor.tables import ON_DECK, RequestState
from bridge.show import ShowCommand, ShowEvent, ShowState
from bridge.show.commands import RestorePreview, RestoreProgram, StartItem
from bridge.show.events import (
    InsetTaken,
    ItemStarted,
    LayoutTaken,
    PreviewInsetSet,
    PreviewLayoutSet,
    PreviewSet,
    ProgramTaken,
    SlidesStarted,
    SlidesStopped,
)

__all__ = ["Part", "inverse"]

#: Id of the commands inside an undo; the undo itself has the sender's.
PART = "undo"

#: What changes the preview, and nothing that is on air.
PreviewEvent = PreviewSet | PreviewInsetSet | PreviewLayoutSet

#: What an undo is made of.
Part = FloorCommand | ShowCommand | RestoreProgram | RestorePreview


def inverse(  # noqa: PLR0911 - one short case for each event
    floor: FloorState,
    policy: FloorPolicy,
    show: ShowState,
    first: FloorEvent | ShowEvent,
    events: Sequence[Event],
) -> tuple[Part, ...]:
    """Return the commands that take *events* back, as far as that is possible.

    Args:
        floor: the queue before.
        policy: the rules in force then.
        show: program, preview and agenda then.
        first: what was done.
        events: all of its commit, *first* too.
    """
    if isinstance(first, ShowEvent):
        return _only(_inverse_of_show(show, first, swapped=_swapped(events)))
    alike = [event for event in events if type(event) is type(first)]
    match first:
        case RequestCancelled():
            cancelled = [event.request for event in alike if isinstance(event, RequestCancelled)]
            return tuple(_back(floor, one, alone=len(cancelled) == 1) for one in cancelled)
        case RequestMoved() if len(alike) > 1:
            return (RestoreOrder(cmd_id=PART, order=floor.queue),)
        case FloorGranted():
            ended = [event.request for event in events if isinstance(event, FloorReleased)]
            return _ungrant(floor, floor.requests[first.request], ended)
        case CalledOnDeck():
            # Instead of somebody whose link was bad: that one comes back on deck.
            left = [event.request for event in events if isinstance(event, DeckLeft)]
            back = [CallOnDeck(cmd_id=PART, request=one) for one in left]
            return (ReturnToQueue(cmd_id=PART, request=first.request), *back)
        case RequestUnaccepted() | RequestFiled():
            place = _place(floor, floor.requests[first.request])
            return (*_only(_inverse_of_request(floor, first)), *place)
        case ListOpened() | ListClosed() | ListSuspended():
            return (SetList(cmd_id=PART, state=ListState(floor.list_state)),)
        case PolicyChanged():
            change = PolicyChange.between(first.policy, policy)
            return (SetPolicy(cmd_id=PART, change=change),)
        case FloorRequested():
            return (CancelRequest(cmd_id=PART, request=first.request),)
        case _:
            return _only(_inverse_of_request(floor, first))


def _only(part: Part | None) -> tuple[Part, ...]:
    return () if part is None else (part,)


def _swapped(events: Sequence[Event]) -> bool:
    return any(isinstance(event, PreviewEvent) for event in events)


def _ungrant(floor: FloorState, before: Request, ended: Sequence[str]) -> tuple[Part, ...]:
    """Return how a grant is taken back: the place, the deck, and whom the chair has sent off."""
    parts: list[Part] = [WithdrawGrant(cmd_id=PART, request=before.id), *_place(floor, before)]
    if before.state in ON_DECK:
        parts.append(CallOnDeck(cmd_id=PART, request=before.id))
    # The last one that comes back at the head is the first.
    again = [ReaddRequest(cmd_id=PART, request=one, at_head=True) for one in reversed(ended)]
    return (*parts, *again)


def _inverse_of_show(show: ShowState, event: ShowEvent, *, swapped: bool) -> Part | None:
    """Return the command that takes back *event*, unless there was nothing before it."""
    match event:
        case ProgramTaken() | InsetTaken() | LayoutTaken():
            preview = show.preview.scene if swapped else None
            scene, home = show.program.scene, show.home_scene
            return RestoreProgram(cmd_id=PART, scene=scene, home=home, preview=preview)
        case PreviewSet() | PreviewInsetSet() | PreviewLayoutSet():
            before = show.preview.scene
            return RestorePreview(cmd_id=PART, scene=before) if before.main else None
        case ItemStarted():
            return StartItem(cmd_id=PART, item=show.item) if show.item else None
        case SlidesStarted() | SlidesStopped():
            return None  # the server saw it; nobody did it
        case _:
            assert_never(event)


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
            return _place(floor, before)[0]
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


def _place(floor: FloorState, before: Request) -> tuple[MoveRequest, ...]:
    """Return the move to where a request stood, none if it was alone in its class, or nowhere."""
    line = [one.id for one in floor.of_class(before.priority_class)]
    if before.id not in line or len(line) == 1:
        return ()
    place = line.index(before.id)
    if place + 1 < len(line):
        return (MoveRequest(cmd_id=PART, request=before.id, before=line[place + 1]),)
    return (MoveRequest(cmd_id=PART, request=before.id, after=line[place - 1]),)
