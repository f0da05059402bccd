"""Deciding turns at the floor: who gets it, keeps it, loses it. Pure; used by ``decide``."""

from __future__ import annotations

import math

from bridge.floor import refusals
from bridge.floor.commands import GrantFloor, MarkLive, PriorityClass, ReportFlow
from bridge.floor.events import (
    FloorEvent,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantWentLive,
    GrantWithdrawn,
    LinkLost,
    LinkReturned,
    RevokeStarted,
    RevokeStopped,
)
from bridge.floor.limits import limit_for
from bridge.floor.policy import ChairPriority, FloorPolicy, Overtime
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import RequestState

__all__ = [
    "alone",
    "capacity_left",
    "extend",
    "grant",
    "grant_events",
    "keep",
    "mark_live",
    "report_flow",
    "resume",
    "revoke",
]


def capacity_left(policy: FloorPolicy, state: FloorState) -> int:
    """Return how many more may be given the floor; the chair's class is not counted."""
    return policy.capacity - len(_ordinary(state))


def alone(state: FloorState) -> Request | None:
    """Return who has the floor so that nobody else speaks, the chair's class excepted."""
    return next((one for one, own in state.turns() if own.suspends), None)


def _ordinary(state: FloorState) -> list[Request]:
    return [one for one, _ in state.turns() if not _of_chair(one)]


def _of_chair(request: Request) -> bool:
    return request.priority_class is PriorityClass.CHAIR


def _refuse_beside_chair(state: FloorState, request: Request) -> None:
    chair = alone(state)
    if chair is not None and not _of_chair(request):
        raise refusals.floor_busy(chair)


def grant(
    policy: FloorPolicy,
    state: FloorState,
    request: Request,
    command: GrantFloor,
    now: float,
    link: str = "",
) -> list[FloorEvent]:
    """Give the floor if there is room for one more speaker, and the site is ready or overridden.

    *link* says why its link is bad, if it is; the chair is not asked about that.
    """
    _refuse_beside_chair(state, request)
    holders = _ordinary(state)
    if not _of_chair(request) and len(holders) >= policy.capacity:
        raise refusals.floor_busy(holders[0])
    if request.state is not RequestState.READY and not command.override:
        raise refusals.not_ready(request)
    if link and not command.override and not _of_chair(request):
        raise refusals.link_bad(request, link)
    return grant_events(policy, state, request, now, link)


def grant_events(
    policy: FloorPolicy, state: FloorState, request: Request, now: float, link: str = ""
) -> list[FloorEvent]:
    """Return the grant of *request*, and what it does to others if it is the chair's."""
    chair = _of_chair(request)
    priority = policy.chair_priority if chair else ChairPriority.BESIDE
    granted = FloorGranted(
        request=request.id,
        grant=f"g{state.grants_made + 1}",
        limit=limit_for(policy, state, request),
        warning=policy.warning,
        arm_until=now + policy.arm_timeout,
        used=request.carried,
        cut=policy.overtime is Overtime.CUT and not chair,
        suspends=priority is not ChairPriority.BESIDE,
        missing=request.deck.missing if request.deck else (),
        link=link,
    )
    others = _ordinary(state) if priority is not ChairPriority.BESIDE else []
    return [granted, *(event for one in others for event in _yield(one, granted, priority))]


def _yield(holder: Request, chair: FloorGranted, priority: ChairPriority) -> list[FloorEvent]:
    """Return how *holder* makes room for the chair."""
    own = holder.turn.id
    if holder.state is RequestState.ARMING:
        return [GrantWithdrawn(request=holder.id, grant=own, chair=chair.grant)]
    if priority is ChairPriority.CLEAR:
        return [FloorReleased(request=holder.id, grant=own)]
    if holder.state is RequestState.LIVE:
        return [FloorPaused(request=holder.id, grant=own, chair=chair.grant)]
    return []


def revoke(
    policy: FloorPolicy, request: Request, reason: str, now: float
) -> RevokeStarted | FloorRevoked:
    """Take the floor back: at once if nothing is heard now, else after the grace time."""
    own = request.turn.id
    if request.state is not RequestState.LIVE:
        return FloorRevoked(request=request.id, grant=own, reason=reason)
    ends_at = now + policy.revoke_grace
    return RevokeStarted(request=request.id, grant=own, ends_at=ends_at, reason=reason)


def keep(state: FloorState, request: Request) -> list[FloorEvent]:
    """Let a speaker whose floor is being revoked go on."""
    return _go_on(state, request, RevokeStopped(request=request.id, grant=request.turn.id))


def resume(state: FloorState, request: Request) -> list[FloorEvent]:
    """Let a paused speech go on, unless the chair has the floor alone."""
    _refuse_beside_chair(state, request)
    return [FloorResumed(request=request.id, grant=request.turn.id)]


def _go_on(
    state: FloorState, request: Request, back: RevokeStopped | LinkReturned
) -> list[FloorEvent]:
    """Return *back*; if the chair took the floor meanwhile, suspend like everybody else."""
    chair = alone(state)
    if chair is None or _of_chair(request):
        return [back]
    return [back, FloorPaused(request=request.id, grant=back.grant, chair=chair.turn.id)]


def extend(request: Request, seconds: float, now: float) -> list[FloorEvent]:
    """Change the limit. Taking more than is left means "time is up now", never "overdue"."""
    turn = request.turn
    # In whole seconds, so that the change can be taken back by another one.
    used = float(math.ceil(turn.used_at(now)))
    limit = max(turn.limit + seconds, min(turn.limit, used))
    if limit == turn.limit:
        return []
    return [FloorExtended(request=request.id, grant=turn.id, limit=limit)]


def mark_live(state: FloorState, command: MarkLive) -> list[FloorEvent]:
    """Start the clock of an arming grant; an observation of any other one comes too late."""
    return [
        GrantWentLive(request=request.id, grant=own.id)
        for request, own in state.turns()
        if own.id == command.grant and request.state is RequestState.ARMING
    ]


def report_flow(
    policy: FloorPolicy, state: FloorState, command: ReportFlow, now: float
) -> list[FloorEvent]:
    """Note that a speaker is lost or back; an observation of any other grant comes too late."""
    for request, own in state.turns():
        if own.id != command.grant:
            continue
        if request.state is RequestState.LIVE and not command.flowing:
            until = now + policy.drop_timeout
            return [LinkLost(request=request.id, grant=own.id, drop_until=until)]
        if request.state is RequestState.LINK_LOST and command.flowing:
            return _go_on(state, request, LinkReturned(request=request.id, grant=own.id))
    return []
