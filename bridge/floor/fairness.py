"""A fair order for those who wait, and why. Only proposed: a moderator applies it or not.

Within each class the next place goes to the site that has spoken least so far,
then to a delegate who has not spoken yet, then to whoever waits longest. Places
already given count as if they had been spoken, so sites take turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from bridge.floor.commands import PriorityClass
from bridge.floor.limits import limit_for
from bridge.floor.names import same_person
from bridge.floor.policy import FloorPolicy
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import ON_DECK

__all__ = ["Place", "Reason", "propose"]


class Reason(StrEnum):
    """Why a request stands where it is proposed."""

    ON_DECK = "on_deck"  # was asked to get ready, keeps its place
    FIRST = "first"  # its site has not spoken yet
    LEAST_TIME = "least_time"  # its site has spoken less than those after it
    NEW_DELEGATE = "new_delegate"  # as much as others, but this delegate has not spoken
    WAITING = "waiting"  # otherwise equal, and waits longest
    SITE_IN_LINE = "site_in_line"  # its site has an earlier place in this line


class Place(msgspec.Struct, frozen=True):
    """One place of the proposed order.

    Attributes:
        request: id.
        reason: what decided.
        seconds: what its site has spoken so far, the running speech counted with its limit.
    """

    request: str
    reason: Reason
    seconds: float


def propose(policy: FloorPolicy, state: FloorState) -> list[Place]:
    """Return the whole queue in the proposed order; the same classes in the same blocks."""
    spoken = _spoken(state)
    places: list[Place] = []
    for priority_class in PriorityClass:
        line = state.of_class(priority_class)
        places += _line(policy, state, line, dict(spoken), spoken)
    return places


def _line(
    policy: FloorPolicy,
    state: FloorState,
    line: list[Request],
    expected: dict[str, float],
    spoken: Mapping[str, float],
) -> list[Place]:
    """Return the proposal for one class; *expected* grows with the places that are given."""
    places: list[Place] = []
    given: set[str] = set()

    def give(request: Request, reason: Reason) -> None:
        places.append(Place(request.id, reason, spoken.get(request.site, 0.0)))
        expected[request.site] = expected.get(request.site, 0.0) + limit_for(policy, state, request)
        given.add(request.site)

    for request in line:
        if request.state in ON_DECK:
            give(request, Reason.ON_DECK)
    known = {request.id: _known(state, request) for request in line}
    rest = [request for request in line if request.state not in ON_DECK]
    while rest:
        ranked = sorted(
            rest,
            key=lambda one: (expected.get(one.site, 0.0), known[one.id], one.requested_at, one.id),
        )
        best, *others = ranked
        rest.remove(best)
        give(best, _reason(best, others, expected, known, given))
    return places


def _reason(
    best: Request,
    others: list[Request],
    expected: Mapping[str, float],
    known: Mapping[str, bool],
    given: set[str],
) -> Reason:
    """Return what put *best* before *others*."""
    if best.site in given:
        return Reason.SITE_IN_LINE
    own = expected.get(best.site, 0.0)
    equals = [one for one in others if expected.get(one.site, 0.0) == own]
    if not own:
        return Reason.FIRST
    if others and not equals:
        return Reason.LEAST_TIME
    if any(known[one.id] for one in equals) and not known[best.id]:
        return Reason.NEW_DELEGATE
    return Reason.WAITING


def _spoken(state: FloorState) -> dict[str, float]:
    """Return the seconds of each site that has spoken or has the floor."""
    seconds = {site: entry.seconds for site, entry in state.ledger.items()}
    for request, grant in state.turns():
        seconds[request.site] = seconds.get(request.site, 0.0) + grant.limit
    for waiting in state.queue:
        request = state.requests[waiting]
        if request.carried:
            seconds[request.site] = seconds.get(request.site, 0.0) + request.carried
    return seconds


def _known(state: FloorState, request: Request) -> bool:
    """Return whether this delegate has spoken before, or speaks now."""
    before = (state.requests[other] for other in (*state.ended, *state.speaking))
    return any(
        one.heard and one.site == request.site and same_person(one.name, request.name)
        for one in before
    )
