"""What time alone will do to the queue, derived from the state.

No timer is ever stored: a deadline exists while the state says so, and it
carries the grant it belongs to, so an old one cannot touch the next speaker.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.floor.events import FloorRevoked, GrantTimedOut
from bridge.floor.state import FloorState
from bridge.floor.tables import RequestState

__all__ = ["Deadline", "deadlines", "due", "next_deadline"]


class Deadline(NamedTuple):
    """At ``at`` (Unix seconds) ``event`` happens, unless the state moves on before."""

    at: float
    event: GrantTimedOut | FloorRevoked


def deadlines(state: FloorState) -> list[Deadline]:
    """Return all deadlines, earliest first; equal ones in the order of granting."""
    found: list[Deadline] = []
    for request, grant in state.turns():
        if request.state is RequestState.ARMING:
            event = GrantTimedOut(request=request.id, grant=grant.id)
            found.append(Deadline(grant.arm_until, event))
        elif request.state is RequestState.REVOKING:
            revoked = FloorRevoked(request=request.id, grant=grant.id, reason=request.reason)
            found.append(Deadline(grant.ends_at, revoked))
    return sorted(found, key=lambda deadline: deadline.at)


def next_deadline(state: FloorState) -> float | None:
    """Return when ``CheckDeadlines`` will next have something to do, ``None`` for never."""
    return min((deadline.at for deadline in deadlines(state)), default=None)


def due(state: FloorState, now: float) -> list[GrantTimedOut | FloorRevoked]:
    """Return what has become due by *now*, earliest first."""
    return [deadline.event for deadline in deadlines(state) if deadline.at <= now]
