"""What follows by itself from what has just happened. Pure; used by ``decide``.

Suspended speakers go on when the chair has ended; and, where the policy says so,
the next in line is called on deck, and gets the floor when ready.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.floor.deck import call
from bridge.floor.events import FloorEvent, FloorResumed, GrantEnded
from bridge.floor.policy import FloorPolicy
from bridge.floor.state import FloorState
from bridge.floor.tables import ON_DECK, RequestState
from bridge.floor.turns import capacity_left, grant_events

__all__ = ["follow_ups"]


def follow_ups(
    policy: FloorPolicy, state: FloorState, events: Sequence[FloorEvent], now: float
) -> list[FloorEvent]:
    """Return what *events*, already in *state*, bring about; at most one grant and one call."""
    return [
        *_resumed(state, events),
        *(_granted(policy, state, now) if policy.auto_grant else []),
        *(_called(policy, state, now) if policy.auto_call else []),
    ]


def _resumed(state: FloorState, events: Sequence[FloorEvent]) -> list[FloorEvent]:
    ended = {event.grant for event in events if isinstance(event, GrantEnded)}
    return [
        FloorResumed(request=request.id, grant=grant.id)
        for request, grant in state.turns()
        if request.state is RequestState.PAUSED and grant.paused_by in ended
    ]


def _granted(policy: FloorPolicy, state: FloorState, now: float) -> list[FloorEvent]:
    """Give the floor to the first who is ready, if it is free."""
    waiting = [state.requests[request] for request in state.queue]
    ready = [one for one in waiting if one.state is RequestState.READY]
    if not ready or capacity_left(policy, state) < 1:
        return []
    return grant_events(policy, state, ready[0], now)


def _called(policy: FloorPolicy, state: FloorState, now: float) -> list[FloorEvent]:
    """Call the first in line if nobody is on deck; who did not get ready waits for a moderator."""
    waiting = [state.requests[request] for request in state.queue]
    if any(one.state in ON_DECK for one in waiting):
        return []
    able = [one for one in waiting if one.state is RequestState.QUEUED and not one.slow]
    return [call(policy, able[0].id, now)] if able else []
