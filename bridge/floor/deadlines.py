"""What time alone will do to the queue, derived from the state.

No timer is ever stored: a deadline exists while the state says so, and it
carries the grant it belongs to, so an old one cannot touch the next speaker.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.floor.events import (
    DeckFailed,
    DeckTimedOut,
    DropTimedOut,
    FloorEvent,
    FloorRevoked,
    GrantTimedOut,
    RevokeStarted,
)
from bridge.floor.policy import FloorPolicy
from bridge.floor.state import FloorState, Grant, Request
from bridge.floor.tables import RequestState

__all__ = ["Deadline", "deadlines", "due", "next_deadline"]


class Deadline(NamedTuple):
    """At ``at`` (Unix seconds) ``event`` happens, unless the state moves on before."""

    at: float
    event: FloorEvent


def deadlines(policy: FloorPolicy, state: FloorState) -> list[Deadline]:
    """Return all deadlines, earliest first; equal ones in the order of granting, then of rank."""
    found = [_of_turn(policy, request, grant) for request, grant in state.turns()]
    found += [_of_deck(state.requests[request]) for request in state.queue]
    return sorted(filter(None, found), key=lambda deadline: deadline.at)


def _of_turn(policy: FloorPolicy, request: Request, grant: Grant) -> Deadline | None:
    """Return what time will do to a turn at the floor."""
    match request.state:
        case RequestState.ARMING:
            event = GrantTimedOut(request=request.id, grant=grant.id)
            return Deadline(grant.arm_until, event)
        case RequestState.LIVE if grant.cut:
            at = grant.live_since + max(0.0, grant.limit - grant.used)
            cut = RevokeStarted(
                request=request.id, grant=grant.id, ends_at=at + policy.revoke_grace, cut=True
            )
            return Deadline(at, cut)
        case RequestState.LINK_LOST:
            dropped = DropTimedOut(request=request.id, grant=grant.id)
            return Deadline(grant.drop_until, dropped)
        case RequestState.REVOKING:
            revoked = FloorRevoked(request=request.id, grant=grant.id, reason=request.reason)
            return Deadline(grant.ends_at, revoked)
        case _:
            return None


def _of_deck(request: Request) -> Deadline | None:
    """Return what time will do to a speaker on deck who is not ready."""
    deck = request.deck
    if deck is None or request.state is RequestState.READY:
        return None
    if request.state is RequestState.CHECKING and deck.check_until < deck.prep_until:
        failed = DeckFailed(request=request.id, missing=deck.missing, prep_until=deck.prep_until)
        return Deadline(deck.check_until, failed)
    return Deadline(deck.prep_until, DeckTimedOut(request=request.id))


def next_deadline(policy: FloorPolicy, state: FloorState) -> float | None:
    """Return when ``CheckDeadlines`` will next have something to do, ``None`` for never."""
    return min((deadline.at for deadline in deadlines(policy, state)), default=None)


def due(policy: FloorPolicy, state: FloorState, now: float) -> list[FloorEvent]:
    """Return what has become due by *now*, earliest first."""
    return [deadline.event for deadline in deadlines(policy, state) if deadline.at <= now]
