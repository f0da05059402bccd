"""Deciding turns at the floor: who gets it, keeps it, loses it. Pure; used by ``decide``."""

from __future__ import annotations

from bridge.floor import refusals
from bridge.floor.commands import GrantFloor, MarkLive, PriorityClass, ReportFlow
from bridge.floor.events import (
    FloorEvent,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRevoked,
    GrantWentLive,
    GrantWithdrawn,
    LinkLost,
    LinkReturned,
    RevokeStarted,
)
from bridge.floor.limits import limit_for
from bridge.floor.policy import ChairPriority, FloorPolicy, Overtime
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import RequestState

__all__ = [
    "capacity_left",
    "extend",
    "grant",
    "grant_events",
    "mark_live",
    "report_flow",
    "revoke",
]


def capacity_left(policy: FloorPolicy, state: FloorState) -> int:
    """Return how many more may be given the floor; the chair's class is not counted."""
    return policy.capacity - len(_ordinary(state))


def _ordinary(state: FloorState) -> list[Request]:
    chair = PriorityClass.CHAIR
    return [one for one, _ in state.turns() if one.priority_class is not chair]


def grant(
    policy: FloorPolicy, state: FloorState, request: Request, command: GrantFloor, now: float
) -> list[FloorEvent]:
    """Give the floor if there is room for one more speaker, and the site is ready or overridden."""
    holders = _ordinary(state)
    if request.priority_class is not PriorityClass.CHAIR and len(holders) >= policy.capacity:
        raise refusals.floor_busy(holders[0])
    if request.state is not RequestState.READY and not command.override:
        raise refusals.not_ready(request)
    return grant_events(policy, state, request, now)


def grant_events(
    policy: FloorPolicy, state: FloorState, request: Request, now: float
) -> list[FloorEvent]:
    """Return the grant of *request*, and what it does to others if it is the chair's."""
    chair = request.priority_class is PriorityClass.CHAIR
    priority = policy.chair_priority if chair else ChairPriority.BESIDE
    granted = FloorGranted(
        request=request.id,
        grant=f"g{state.grants_made + 1}",
        limit=limit_for(policy, state, request),
        warning=policy.warning,
        arm_until=now + policy.arm_timeout,
        used=request.carried,
        cut=policy.overtime is Overtime.CUT and not chair,
        suspends=priority is ChairPriority.SUSPEND,
        missing=request.deck.missing if request.deck else (),
    )
    others = _ordinary(state) if priority is not ChairPriority.BESIDE else []
    return [granted, *(event for one in others for event in _yield(one, granted, priority))]


def _yield(holder: Request, chair: FloorGranted, priority: ChairPriority) -> list[FloorEvent]:
    """Return how *holder* makes room for the chair."""
    own = holder.turn.id
    if holder.state is RequestState.ARMING:
        return [GrantWithdrawn(request=holder.id, grant=own)]
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


def extend(request: Request, seconds: float, now: float) -> list[FloorEvent]:
    """Change the limit. Taking more than is left means "time is up now", never "overdue"."""
    turn = request.turn
    limit = max(turn.limit + seconds, min(turn.limit, turn.used_at(now)))
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
            back = LinkReturned(request=request.id, grant=own.id)
            chair = [other.id for _, other in state.turns() if other.suspends]
            if not chair:
                return [back]
            # The chair took the floor meanwhile: back, but suspended like everybody else.
            return [back, FloorPaused(request=request.id, grant=own.id, chair=chair[0])]
    return []
