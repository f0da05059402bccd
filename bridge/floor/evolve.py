"""The next state after an event. Pure, total over every log ``decide`` can write.

Nothing is decided here: which state follows is read from ``tables.TRANSITIONS``.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from bridge.floor.commands import ListState
from bridge.floor.events import (
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
    ListClosed,
    ListOpened,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestMoved,
    RevokeStarted,
)
from bridge.floor.state import FloorState, Grant, Request, Spoken
from bridge.floor.tables import INITIAL, LISTS, RANK, TRANSITIONS

__all__ = ["evolve"]


_AboutRequest = (
    RequestAccepted
    | RequestFiled
    | RequestDenied
    | RequestCancelled
    | RequestEdited
    | RequestMoved
    | FloorGranted
    | GrantWentLive
    | GrantTimedOut
    | FloorPaused
    | FloorResumed
    | FloorExtended
    | FloorReleased
    | RevokeStarted
    | FloorRevoked
)


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
        case FloorRequested():
            return _requested(state, event, at)
        case RequestAccepted() | RequestFiled():
            return _step(state, event)
        case RequestDenied() | RequestCancelled():
            return _step(state, event, reason=event.reason)
        case RequestEdited():
            return _step(state, event, name=event.name, title=event.title, topic=event.topic)
        case RequestMoved():
            return _moved(_step(state, event), event)
        case FloorGranted():
            granted = _step(state, event, grant=_new_grant(event, at))
            return replace(granted, grants_made=state.grants_made + 1)
        case GrantWentLive():
            grant = replace(_turn(state, event), live_at=at, live_since=at)
            return _step(state, event, grant=grant)
        case GrantTimedOut():
            return _step(state, event, grant=None)
        case FloorPaused():
            return _step(state, event, grant=_stopped(state, event, at))
        case FloorResumed():
            return _step(state, event, grant=replace(_turn(state, event), live_since=at))
        case FloorExtended():
            return _step(state, event, grant=replace(_turn(state, event), limit=event.limit))
        case RevokeStarted():
            grant = replace(_turn(state, event), ends_at=event.ends_at)
            return _step(state, event, grant=grant, reason=event.reason)
        case FloorReleased():
            return _account(_step(state, event, grant=_stopped(state, event, at)), event)
        case FloorRevoked():
            grant = _stopped(state, event, at)
            return _account(_step(state, event, grant=grant, reason=event.reason), event)
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
    )
    return replace(
        state,
        requests={**state.requests, request.id: request},
        pending=(*state.pending, request.id),
        requests_made=state.requests_made + 1,
    )


def _step(state: FloorState, event: _AboutRequest, **changes: object) -> FloorState:
    """Let the request take its transition, with *changes* to its fields, and change lists."""
    before = state.requests[event.request]
    after = replace(before, state=TRANSITIONS[before.state][type(event)], **changes)
    stepped = replace(state, requests={**state.requests, after.id: after})
    old, new = LISTS[before.state], LISTS[after.state]
    if old == new:
        return stepped
    left = tuple(other for other in getattr(state, old) if other != after.id)
    if new == "queue":
        joined = _enqueued(state, after, at_head=isinstance(event, GrantTimedOut))
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
    )


def _turn(state: FloorState, event: _AboutRequest) -> Grant:
    return state.requests[event.request].turn


def _stopped(state: FloorState, event: _AboutRequest, at: float) -> Grant:
    """Return the grant with its clock stopped."""
    grant = _turn(state, event)
    return replace(grant, used=grant.used_at(at), live_since=0.0)


def _account(state: FloorState, event: FloorReleased | FloorRevoked) -> FloorState:
    """Enter a finished speech in its site's ledger, unless nothing of it was heard."""
    request = state.requests[event.request]
    grant = request.turn
    if not grant.live_at:
        return state
    before = state.spoken(request.site)
    spoken = Spoken(before.seconds + grant.used, before.speeches + 1)
    return replace(state, ledger={**state.ledger, request.site: spoken})
