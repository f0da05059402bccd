"""The next state after an event. Pure, total over every log ``decide`` can write.

Nothing is decided here: which state follows is read from ``tables.TRANSITIONS``.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from bridge.floor.commands import ListState, PriorityClass
from bridge.floor.events import (
    CalledOnDeck,
    DeckFailed,
    DeckLeft,
    DeckPassed,
    DeckProgressed,
    DeckTimedOut,
    DropTimedOut,
    FloorEvent,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    GrantWithdrawn,
    HoldEnded,
    LinkLost,
    LinkReturned,
    ListClosed,
    ListOpened,
    ListSuspended,
    PolicyChanged,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestHeld,
    RequestMoved,
    RequestUnaccepted,
    RequestUnfiled,
    ReturnConfirmed,
    RevokeStarted,
    RevokeStopped,
    TimeCorrected,
)
from bridge.floor.state import Deck, FloorState, Grant, Request, Spoken
from bridge.floor.tables import INITIAL, LISTS, ON_DECK, RANK, TRANSITIONS

__all__ = ["evolve"]


_AboutRequest = (
    CalledOnDeck
    | DeckFailed
    | DeckLeft
    | DeckPassed
    | DeckProgressed
    | DeckTimedOut
    | DropTimedOut
    | FloorExtended
    | FloorGranted
    | FloorPaused
    | FloorReleased
    | FloorResumed
    | FloorRevoked
    | GrantTimedOut
    | GrantWentLive
    | GrantWithdrawn
    | HoldEnded
    | LinkLost
    | LinkReturned
    | RequestAccepted
    | RequestCancelled
    | RequestDenied
    | RequestEdited
    | RequestFiled
    | RequestHeld
    | RequestMoved
    | RequestUnaccepted
    | RequestUnfiled
    | ReturnConfirmed
    | RevokeStarted
    | RevokeStopped
    | TimeCorrected
)

_Turn = (
    FloorGranted
    | GrantWentLive
    | GrantTimedOut
    | GrantWithdrawn
    | LinkLost
    | LinkReturned
    | DropTimedOut
    | FloorPaused
    | FloorResumed
    | FloorExtended
    | FloorReleased
    | RevokeStarted
    | RevokeStopped
    | FloorRevoked
)
#: These put the request at the head of its class, the others that join the queue at the end.
_AT_HEAD = GrantTimedOut | GrantWithdrawn | DropTimedOut


def evolve(  # noqa: C901, PLR0911, PLR0912 - one short case for each event
    state: FloorState, event: FloorEvent, at: float
) -> FloorState:
    """Return the queue after *event*.

    Args:
        state: the queue before; unchanged.
        event: what happened, as ``decide`` gave it for this very state.
        at: Unix seconds of the commit.

    Raises:
        LookupError: the event cannot follow on this state: the log is not one of ours.
    """
    match event:
        case ListOpened():
            return replace(state, list_state=ListState.OPEN)
        case ListClosed():
            return replace(state, list_state=ListState.CLOSED)
        case ListSuspended():
            return replace(state, list_state=ListState.SUSPENDED)
        case PolicyChanged():
            return replace(state, policy=event.policy)
        case FloorRequested():
            return _requested(state, event, at)
        case RequestDenied() | RequestCancelled():
            return _step(state, event, reason=event.reason)
        case RequestEdited():
            return _step(state, event, name=event.name, title=event.title, topic=event.topic)
        case RequestFiled():
            return _step(state, event, priority_class=PriorityClass.WRITTEN)
        case RequestUnfiled():
            spoken = {"priority_class": event.priority_class, "reply_to": event.reply_to}
            return _step(state, event, **spoken)
        case RequestMoved():
            return _moved(_step(state, event), event)
        case TimeCorrected():
            return _step(state, event, corrected=event.seconds)
        case (
            RequestAccepted()
            | RequestUnaccepted()
            | RequestHeld()
            | HoldEnded()
            | CalledOnDeck()
            | DeckProgressed()
            | DeckPassed()
            | DeckFailed()
            | ReturnConfirmed()
            | DeckLeft()
            | DeckTimedOut()
        ):
            return _step(state, event, **_on_deck(state.requests[event.request], event, at))
        case _:
            return _turned(state, event, at)


def _on_deck(  # noqa: PLR0911
    request: Request, event: _AboutRequest, at: float
) -> dict[str, object]:
    """Return what *event* changes about what is known of a speaker on deck."""
    match event:
        case CalledOnDeck():
            deck = Deck(called_at=at, check_until=event.check_until, prep_until=event.prep_until)
            return {"deck": deck}
        case DeckProgressed():
            return {"deck": replace(request.checks, missing=event.missing)}
        case DeckPassed():
            return {"deck": replace(request.checks, missing=())}
        case DeckFailed():
            deck = replace(request.checks, missing=event.missing, prep_until=event.prep_until)
            return {"deck": deck}
        case ReturnConfirmed():
            return {"deck": replace(request.checks, returned=True)}
        case DeckLeft() | DeckTimedOut():
            return {"slow": request.slow + 1}
        case _:
            return {}


def _turned(  # noqa: C901, PLR0911, PLR0912 - one short case for each event
    state: FloorState, event: _Turn, at: float
) -> FloorState:
    """Return the queue after something happened to a turn at the floor."""
    match event:
        case FloorGranted():
            granted = _step(state, event, grant=_new_grant(event, at), slow=0)
            return replace(granted, grants_made=state.grants_made + 1)
        case GrantWentLive():
            grant = replace(_turn(state, event), live_at=at, live_since=at)
            return _step(state, event, grant=grant)
        case GrantTimedOut() | GrantWithdrawn():
            # Who made room for the chair is still next; else nothing may call the same one again.
            to_blame = not (isinstance(event, GrantWithdrawn) and event.chair)
            slow = state.requests[event.request].slow + to_blame
            return _step(state, event, grant=None, slow=slow)
        case LinkLost():
            grant = replace(_stopped(state, event, at), drop_until=event.drop_until)
            return _step(state, event, grant=grant)
        case LinkReturned():
            grant = replace(_turn(state, event), live_since=at, drop_until=0.0)
            return _step(state, event, grant=grant)
        case DropTimedOut():
            grant = _turn(state, event)
            return _step(state, event, grant=None, carried=grant.used, carried_limit=grant.limit)
        case FloorPaused():
            grant = replace(_stopped(state, event, at), paused_by=event.chair)
            return _step(state, event, grant=grant)
        case FloorResumed():
            grant = replace(_turn(state, event), live_since=at, paused_by="")
            return _step(state, event, grant=grant)
        case FloorExtended():
            return _step(state, event, grant=replace(_turn(state, event), limit=event.limit))
        case RevokeStarted():
            grant = replace(_turn(state, event), ends_at=event.ends_at)
            return _step(state, event, grant=grant, reason=event.reason)
        case RevokeStopped():
            # Only a moderator stops a revocation: the time limit is no reason to start it again.
            grant = replace(_turn(state, event), ends_at=0.0, cut=False)
            return _step(state, event, grant=grant, reason="")
        case FloorReleased():
            return _step(state, event, grant=_stopped(state, event, at))
        case FloorRevoked():
            grant = _stopped(state, event, at)
            return _step(state, event, grant=grant, reason=event.reason)
        case _:
            assert_never(event)


def _requested(state: FloorState, event: FloorRequested, at: float) -> FloorState:
    request = Request(
        id=event.request,
        site=event.site,
        name=event.name,
        title=event.title,
        topic=event.topic,
        priority_class=event.priority_class,
        requested_at=at,
        state=INITIAL,
        reply_to=event.reply_to,
        readd_of=event.readd_of,
        by=event.by,
    )
    return replace(
        state,
        requests={**state.requests, request.id: request},
        pending=(*state.pending, request.id),
        requests_made=state.requests_made + 1,
    )


def _step(state: FloorState, event: _AboutRequest, **changes: object) -> FloorState:
    """Let the request take its transition, with *changes* to its fields, and change lists.

    What it has spoken more, or less by a correction, goes into its site's ledger.
    """
    before = state.requests[event.request]
    new_state = TRANSITIONS[before.state][type(event)]
    if new_state not in ON_DECK:
        changes["deck"] = None
    after = replace(before, state=new_state, **changes)
    stepped = replace(state, requests={**state.requests, after.id: after})
    if (before.counted, before.is_speech) != (after.counted, after.is_speech):
        spoken = state.spoken(after.site)
        spoken = Spoken(
            spoken.seconds + after.counted - before.counted,
            spoken.speeches + after.is_speech - before.is_speech,
        )
        stepped = replace(stepped, ledger={**state.ledger, after.site: spoken})
    old, new = LISTS[before.state], LISTS[after.state]
    if old == new:
        return stepped
    left = tuple(other for other in getattr(state, old) if other != after.id)
    if new == "queue":
        joined = _enqueued(state, after, at_head=isinstance(event, _AT_HEAD))
    else:
        joined = (*getattr(state, new), after.id)
    return replace(stepped, **{old: left, new: joined})


def _enqueued(state: FloorState, request: Request, *, at_head: bool) -> tuple[str, ...]:
    """Return the queue with *request* at the end, or the head, of its class."""
    rank = RANK[request.priority_class]
    ranks = [RANK[state.requests[other].priority_class] for other in state.queue]
    index = sum(other < rank if at_head else other <= rank for other in ranks)
    return (*state.queue[:index], request.id, *state.queue[index:])


def _moved(state: FloorState, event: RequestMoved) -> FloorState:
    queue = [other for other in state.queue if other != event.request]
    index = queue.index(event.before) if event.before else queue.index(event.after) + 1
    return replace(state, queue=(*queue[:index], event.request, *queue[index:]))


def _new_grant(event: FloorGranted, at: float) -> Grant:
    return Grant(
        id=event.grant,
        granted_at=at,
        limit=event.limit,
        warning=event.warning,
        arm_until=event.arm_until,
        used=event.used,
        cut=event.cut,
        suspends=event.suspends,
        overridden=event.missing,
    )


def _turn(state: FloorState, event: _AboutRequest) -> Grant:
    return state.requests[event.request].turn


def _stopped(state: FloorState, event: _AboutRequest, at: float) -> Grant:
    """Return the grant with its clock stopped."""
    grant = _turn(state, event)
    return replace(grant, used=grant.used_at(at), live_since=0.0)
