"""A fair order for those who wait, and why. Only proposed: a moderator applies it or not.

Within each class the next place goes to the site that has spoken least so far,
then to a delegate who has not spoken yet, then to whoever waits longest. Places
already given count as if they had been spoken, so sites take turns; who is on deck,
and whose speech was interrupted, has been given the first ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple

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

    ON_DECK = "on_deck"  # was asked to get ready, so nobody of its class comes before it
    INTERRUPTED = "interrupted"  # its link dropped in its speech, which goes on
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
    spoken, speakers = _spoken(state), _speakers(state)
    places: list[Place] = []
    for priority_class in PriorityClass:
        line = _Line(policy, state, spoken, speakers)
        places += line.places(state.of_class(priority_class))
    return places


class _Candidate(NamedTuple):
    """The next request of one site; the smallest has the next place."""

    seconds: float  # spoken or promised so far
    known: bool  # this delegate has spoken
    requested_at: float
    place: int  # those brought back together were made at the same time
    request: str


class _Line:
    """Gives the places of one class; what is promised to a site grows with them."""

    def __init__(
        self,
        policy: FloorPolicy,
        state: FloorState,
        spoken: Mapping[str, float],
        speakers: Mapping[str, list[str]],
    ) -> None:
        self._policy = policy
        self._state = state
        self._spoken = spoken
        self._speakers = speakers
        self._promised = dict(spoken)
        self._places: list[Place] = []
        self._given: set[str] = set()

    def places(self, line: Sequence[Request]) -> list[Place]:
        """Return the requests of *line* in the proposed order."""
        waiting: dict[str, list[_Candidate]] = {}
        for place, request in enumerate(line):
            if request.state in ON_DECK:
                self._give(request, Reason.ON_DECK)
            elif request.carried:
                self._give(request, Reason.INTERRUPTED)
            else:
                waiting.setdefault(request.site, []).append(self._candidate(place, request))
        for of_site in waiting.values():
            of_site.sort(reverse=True)
        heads = [self._promised_to(site, of_site.pop()) for site, of_site in waiting.items()]
        heapify(heads)
        while heads:
            best = heappop(heads)
            request = self._state.requests[best.request]
            self._give(request, self._reason(request.site, best, heads[0] if heads else None))
            if waiting[request.site]:
                following = waiting[request.site].pop()
                heappush(heads, self._promised_to(request.site, following))
        return self._places

    def _give(self, request: Request, reason: Reason) -> None:
        spoken = self._spoken.get(request.site, 0.0)
        self._places.append(Place(request.id, reason, spoken))
        limit = limit_for(self._policy, self._state, request)
        promise = max(0.0, limit - request.carried)
        self._promised[request.site] = self._promised.get(request.site, 0.0) + promise
        self._given.add(request.site)

    def _candidate(self, place: int, request: Request) -> _Candidate:
        return _Candidate(0.0, self._known(request), request.requested_at, place, request.id)

    def _promised_to(self, site: str, one: _Candidate) -> _Candidate:
        return one._replace(seconds=self._promised.get(site, 0.0))

    def _known(self, request: Request) -> bool:
        names = self._speakers.get(request.site, ())
        return any(same_person(name, request.name) for name in names)

    def _reason(self, site: str, best: _Candidate, second: _Candidate | None) -> Reason:
        """Return what put *best* of *site* before the next site's."""
        if site in self._given:
            return Reason.SITE_IN_LINE
        if not best.seconds:
            return Reason.FIRST
        if second is not None and second.seconds > best.seconds:
            return Reason.LEAST_TIME
        if second is not None and second.known and not best.known:
            return Reason.NEW_DELEGATE
        return Reason.WAITING


def _spoken(state: FloorState) -> dict[str, float]:
    """Return the seconds of each site that has spoken or has the floor."""
    seconds = {site: entry.seconds for site, entry in state.ledger.items()}
    for request, grant in state.turns():
        promise = max(0.0, grant.limit - request.carried)
        seconds[request.site] = seconds.get(request.site, 0.0) + promise
    return seconds


def _speakers(state: FloorState) -> dict[str, list[str]]:
    """Return who has spoken, or speaks now, by site."""
    names: dict[str, list[str]] = {}
    for request in state.requests.values():
        if request.is_speech or request.heard:
            names.setdefault(request.site, []).append(request.name)
    return names
