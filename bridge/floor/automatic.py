"""What follows by itself from what has just happened. Pure; used by ``decide``.

Suspended speakers go on when the chair has ended; and, where the policy says so,
the next in line is called on deck, and gets the floor when ready.
"""

from __future__ import annotations

from bridge.floor.deck import call
from bridge.floor.events import FloorEvent, FloorResumed
from bridge.floor.evolve import evolve
from bridge.floor.policy import FloorPolicy, FloorSetup
from bridge.floor.state import FloorState
from bridge.floor.tables import ON_DECK, RequestState
from bridge.floor.turns import alone, capacity_left, grant_events

__all__ = ["follow_ups"]


def follow_ups(
    setup: FloorSetup, policy: FloorPolicy, state: FloorState, now: float
) -> list[FloorEvent]:
    """Return what follows by itself in *state*: as many grants as there is room for, one call."""
    events: list[FloorEvent] = []

    def happen(following: list[FloorEvent]) -> bool:
        nonlocal state
        events.extend(following)
        for event in following:
            state = evolve(state, event, now)
        return bool(following)

    happen(_resumed(state))
    while policy.auto_grant and happen(_granted(setup, policy, state, now)):
        pass
    if policy.auto_call:
        happen(_called(policy, state, now))
    return events


def _resumed(state: FloorState) -> list[FloorEvent]:
    """Let those whom the chair suspended go on, once no chair has the floor alone."""
    if alone(state) is not None:
        return []
    return [
        FloorResumed(request=request.id, grant=grant.id)
        for request, grant in state.turns()
        if grant.paused_by
    ]


def _granted(
    setup: FloorSetup, policy: FloorPolicy, state: FloorState, now: float
) -> list[FloorEvent]:
    """Give the floor to the first who is ready, if it is free and one more can be heard."""
    waiting = [state.requests[request] for request in state.queue]
    ready = [one for one in waiting if one.state is RequestState.READY]
    heard = len(state.speaking) < setup.max_capacity
    if not ready or not heard or capacity_left(policy, state) < 1 or alone(state) is not None:
        return []
    return grant_events(policy, state, ready[0], now)


def _called(policy: FloorPolicy, state: FloorState, now: float) -> list[FloorEvent]:
    """Call the first in line if nobody is on deck; who did not get ready waits for a moderator."""
    waiting = [state.requests[request] for request in state.queue]
    if any(one.state in ON_DECK for one in waiting):
        return []
    able = [one for one in waiting if one.state is RequestState.QUEUED and not one.slow]
    return [call(policy, able[0].id, now)] if able else []
