"""Deciding the order of those who wait. Pure; used by ``decide``."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.floor import refusals
from bridge.floor.commands import ApplyProposal, MoveRequest, PriorityClass, RestoreOrder
from bridge.floor.events import FloorEvent, RequestMoved
from bridge.floor.fairness import propose
from bridge.floor.policy import FloorPolicy
from bridge.floor.state import FloorState, Request

__all__ = ["apply_proposal", "move", "restore_order"]


def move(state: FloorState, request: Request, command: MoveRequest) -> list[FloorEvent]:
    """Move *request* within its class; no events if the request stands there already."""
    if bool(command.before) is bool(command.after):
        raise refusals.move_invalid(
            "target", "Name either the request to move before or the one to move after."
        )
    anchor = state.requests.get(command.before or command.after)
    if anchor is None or anchor.id not in state.queue:
        raise refusals.request_unknown(command.before or command.after)
    if anchor.id == request.id:
        raise refusals.move_invalid(
            "self", "A request cannot move before or after itself. Choose another one."
        )
    if anchor.priority_class is not request.priority_class:
        raise refusals.move_invalid(
            "class",
            "A request can only move among those of its own class. Choose a place there.",
        )
    step = -1 if command.before else 1
    if state.queue.index(request.id) == state.queue.index(anchor.id) + step:
        return []
    return [RequestMoved(request=request.id, before=command.before, after=command.after)]


def apply_proposal(
    policy: FloorPolicy, state: FloorState, command: ApplyProposal
) -> list[FloorEvent]:
    """Bring the queue into the proposed order, if that is still the one the sender saw."""
    order = [place.request for place in propose(policy, state)]
    if command.order != order:
        raise refusals.proposal_changed()
    return _moves(state, order)


def restore_order(state: FloorState, command: RestoreOrder) -> list[FloorEvent]:
    """Bring those of the order that still wait back into it; who came later stays behind them."""
    return _moves(state, command.order)


def _moves(state: FloorState, order: Sequence[str]) -> list[FloorEvent]:
    """Return moves within classes after which those of *order* stand in this order."""
    moves: list[FloorEvent] = []
    for priority_class in PriorityClass:
        line = [request.id for request in state.of_class(priority_class)]
        wanted = [request for request in order if request in line]
        for place, request in enumerate(wanted):
            # The one that must come next is at or behind the first place not yet settled.
            if place == 0:
                first = next(one for one in line if one in wanted)
                if request != first:
                    moves.append(RequestMoved(request=request, before=first))
                    line.remove(request)
                    line.insert(line.index(first), request)
            elif line.index(request) != line.index(wanted[place - 1]) + 1:
                moves.append(RequestMoved(request=request, after=wanted[place - 1]))
                line.remove(request)
                line.insert(line.index(wanted[place - 1]) + 1, request)
    return moves
