"""Decides which simulated site asks for, gives up or ends its turn, and when.

Pure: *now* and what the sites see go in, intentions come out. A newcomer sees the
first requests within half a minute; after that a site asks now and then, and never
while the list is long or closed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Ask", "Cancel", "Confirm", "Director", "Intention", "Outlook", "OwnRequest", "Release"]

FIRST_ASK_S = 5.0  # after the first site is connected
OPENING_ASKS = 3
OPENING_GAP_S = (8.0, 13.0)  # so the third request comes 21-31 s after the start
LATER_GAP_S = (45.0, 100.0)
LONGEST_LIST = 7  # requests waiting or pending; with one more under way the list stays at 8
SPEECH_S = (20.0, 60.0)
CONFIRM_S = (2.0, 6.0)  # until the host of a site on deck has looked and listened
CANCEL_CHANCE = 0.12  # of a moment to ask, one of the own waiting requests is withdrawn instead
CANCEL_AGE_S = 120.0
REPEAT_AFTER_S = 30.0  # a command without effect (no connection, a refusal) is tried again then


@dataclass(frozen=True)
class OwnRequest:
    """A request of a site as its host sees it.

    Attributes:
        status: pending, accepted, granted or an ended state.
        live: the clock of its speech runs.
        on_deck: it was asked to get ready, and has not said that it hears the program.
    """

    id: str
    status: str
    live: bool = False
    on_deck: bool = False


@dataclass(frozen=True)
class Outlook:
    """What one site knows of the session.

    Attributes:
        may_ask: connected with floor and media, and not the venue.
        list_open: requests are taken.
        waiting: accepted requests of all sites.
        requests: its own.
    """

    site: str
    may_ask: bool
    list_open: bool
    waiting: int
    requests: tuple[OwnRequest, ...]


@dataclass(frozen=True)
class Ask:
    """Ask for the floor."""

    site: str


@dataclass(frozen=True)
class Cancel:
    """Withdraw a request that has waited long."""

    site: str
    request: str


@dataclass(frozen=True)
class Release:
    """End the speech."""

    site: str
    request: str


@dataclass(frozen=True)
class Confirm:
    """Say that the program is seen and heard."""

    site: str
    request: str


Intention = Ask | Cancel | Release | Confirm


@dataclass
class Director:
    """Chance and memory behind the decisions.

    Args:
        rng: source of chance.
        asks: False for sites that only send media and never ask.
    """

    rng: random.Random
    asks: bool = True
    _asked: int = 0
    _next_ask: float | None = None
    _asked_at: dict[str, float] = field(default_factory=dict)
    _seen_at: dict[str, float] = field(default_factory=dict)
    _ends_at: dict[str, float] = field(default_factory=dict)
    _confirms_at: dict[str, float] = field(default_factory=dict)
    _acted_at: dict[str, float] = field(default_factory=dict)

    def decide(self, now: float, sites: Sequence[Outlook]) -> list[Intention]:
        """Return what the sites do now.

        Args:
            now: seconds, monotonic.
            sites: every simulated site; order does not matter.
        """
        intentions = [*self._releases(now, sites), *self._confirms(now, sites)]
        if self.asks and any(site.may_ask for site in sites):
            if self._next_ask is None:
                self._next_ask = now + FIRST_ASK_S
            elif now >= self._next_ask:
                intentions += self._ask(now, sites)
        return intentions

    def _releases(self, now: float, sites: Iterable[Outlook]) -> Iterable[Intention]:
        live = {
            request.id: site.site
            for site in sites
            for request in site.requests
            if request.status == "granted" and request.live
        }
        for ended in self._ends_at.keys() - live.keys():
            del self._ends_at[ended]
        for request, site in live.items():
            ends_at = self._ends_at.setdefault(request, now + self.rng.uniform(*SPEECH_S))
            if now >= ends_at and self._may_act(request, now):
                yield Release(site, request)

    def _confirms(self, now: float, sites: Iterable[Outlook]) -> Iterable[Intention]:
        called = {
            request.id: site.site for site in sites for request in site.requests if request.on_deck
        }
        for gone in self._confirms_at.keys() - called.keys():
            del self._confirms_at[gone]
        for request, site in called.items():
            at = self._confirms_at.setdefault(request, now + self.rng.uniform(*CONFIRM_S))
            if now >= at and self._may_act(request, now):
                yield Confirm(site, request)

    def _may_act(self, request: str, now: float) -> bool:
        """Tell whether to act on *request*, at most once in ``REPEAT_AFTER_S``."""
        if now - self._acted_at.get(request, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            return False
        self._acted_at[request] = now
        return True

    def _ask(self, now: float, sites: Sequence[Outlook]) -> list[Intention]:
        waiting = {
            request.id: site.site
            for site in sites
            for request in site.requests
            if request.status in ("pending", "accepted")
        }
        self._seen_at = {request: self._seen_at.get(request, now) for request in waiting}
        old = [request for request, since in self._seen_at.items() if now - since >= CANCEL_AGE_S]
        gap = OPENING_GAP_S if self._asked < OPENING_ASKS - 1 else LATER_GAP_S
        self._next_ask = now + self.rng.uniform(*gap)
        if old and self.rng.random() < CANCEL_CHANCE and self._may_act(old[0], now):
            return [Cancel(waiting[old[0]], old[0])]
        pending = sum(request.status == "pending" for site in sites for request in site.requests)
        if max((site.waiting for site in sites), default=0) + pending > LONGEST_LIST - 1:
            return []
        free = [site for site in sites if self._is_free(site, now)]
        if not free:
            return []
        fewest = min(self._asked_at.get(site.site, -1.0) for site in free)
        eager = [site for site in free if self._asked_at.get(site.site, -1.0) == fewest]
        chosen = self.rng.choice(eager).site
        self._asked_at[chosen] = now
        self._asked += 1
        return [Ask(chosen)]

    def _is_free(self, site: Outlook, now: float) -> bool:
        busy = any(item.status in ("pending", "accepted", "granted") for item in site.requests)
        recent = now - self._asked_at.get(site.site, -REPEAT_AFTER_S) < REPEAT_AFTER_S
        return site.may_ask and site.list_open and not busy and not recent
