"""The speaker queue at one revision: immutable, the fold of the log's floor events.

Every request ever made stays in ``requests``; the tuples beside it say who is
where and in which order. ``tables.LISTS`` decides which tuple a state belongs to.
Times are Unix seconds, durations seconds; 0.0 in a time field means "not set".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from bridge.floor.commands import Check, ListState, PriorityClass
from bridge.floor.policy import FloorPolicy
from bridge.floor.tables import LISTS, STATUS, RequestState, Status

__all__ = ["Deck", "FloorState", "Grant", "Request", "Spoken"]


class Deck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a speaker who was asked to get ready.

    Attributes:
        called_at: when the site was asked.
        check_until: when checks that are still missing have failed.
        prep_until: when the request leaves the deck unless it is ready.
        missing: what the server has not seen.
        returned: the site has said that it sees and hears the program.
    """

    called_at: float
    check_until: float
    prep_until: float
    missing: tuple[Check, ...] = tuple(Check)
    returned: bool = False


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn at the floor and its clock.

    Attributes:
        id: ``g1``, ``g2``, ...: a timer of another grant means nothing here.
        granted_at: when the moderator gave the floor.
        limit: seconds allowed; running over is counted, not cut.
        warning: seconds left when the speaker is warned.
        arm_until: when a grant without sound times out.
        live_at: when its first audio was forwarded, 0.0 if none was yet.
        live_since: when the running stretch of speech began, 0.0 while the clock stands.
        used: seconds of finished stretches.
        ends_at: while revoking, when forwarding stops; else 0.0.
        drop_until: while the link is lost, when the floor is free again; else 0.0.
        cut: the floor is taken back when ``limit`` is used.
        suspends: nobody else speaks as long as this grant lasts, the chair's class excepted.
        paused_by: grant of the chair that suspends this one, empty if a moderator paused it.
        overridden: what was missing when a moderator gave the floor all the same.
    """

    id: str
    granted_at: float
    limit: float
    warning: float
    arm_until: float
    live_at: float = 0.0
    live_since: float = 0.0
    used: float = 0.0
    ends_at: float = 0.0
    drop_until: float = 0.0
    cut: bool = False
    suspends: bool = False
    paused_by: str = ""
    overridden: tuple[Check, ...] = ()

    def used_at(self, now: float) -> float:
        """Return the seconds spoken by *now*: never negative, never beyond ``ends_at``."""
        if not self.live_since:
            return self.used
        until = min(now, self.ends_at) if self.ends_at else now
        return self.used + max(0.0, until - self.live_since)


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One floor request.

    Attributes:
        id: ``r1``, ``r2``, ... in the order they were made.
        site: code of the bridge point, the principal of the request.
        name: the beneficiary. title: office held. topic: a line or two for the chair.
        requested_at: when it was made.
        reason: of the denial, cancellation or revocation.
        grant: its turn at the floor; kept when the turn has ended.
        deck: set while it is on deck.
        reply_to: the request whose speech a reply answers.
        readd_of: the ended request this one repeats.
        by: key of the phone it came from, empty for hosts and moderators.
        carried: seconds spoken in a turn that ended because the link dropped.
        carried_limit: seconds allowed in that turn; 0.0 if there was none.
        slow: how often it was taken off deck, or had the floor and gave no sound: nothing
            calls it by itself any more.
        corrected: seconds to count instead of those measured, -1.0 for none.
    """

    id: str
    site: str
    name: str
    title: str
    topic: str
    priority_class: PriorityClass
    requested_at: float
    state: RequestState
    reason: str = ""
    grant: Grant | None = None
    deck: Deck | None = None
    reply_to: str = ""
    readd_of: str = ""
    by: str = ""
    carried: float = 0.0
    carried_limit: float = 0.0
    slow: int = 0
    corrected: float = -1.0

    @property
    def heard(self) -> bool:
        """Whether anything of it was ever forwarded."""
        return self.carried > 0 or (self.grant is not None and self.grant.live_at > 0)

    @property
    def counted(self) -> float:
        """Seconds of its turns that have ended, as they count: what the ledger has of it."""
        if self.corrected >= 0:
            return self.corrected
        return self.grant.used if self.grant is not None and self._over else self.carried

    @property
    def is_speech(self) -> bool:
        """Whether it counts as a speech: a turn of it was heard and has ended, or is said so."""
        return self.corrected > 0 or self.carried > 0 or (self._over and self.heard)

    @property
    def _over(self) -> bool:
        return LISTS[self.state] == "ended"

    @property
    def overtime(self) -> float:
        """Counted seconds beyond its limit."""
        limit = self.grant.limit if self.grant is not None else self.carried_limit
        return max(0.0, self.counted - limit)

    @property
    def status(self) -> Status:
        """BFCP's word for the state."""
        return STATUS[self.state]

    @property
    def checks(self) -> Deck:
        """What is known of a request that is on deck.

        Raises:
            LookupError: it is not.
        """
        if self.deck is None:
            raise LookupError(f"request {self.id} ({self.state}) is not on deck")
        return self.deck

    @property
    def turn(self) -> Grant:
        """The grant of a request that has or had the floor.

        Raises:
            LookupError: it never had.
        """
        if self.grant is None:
            raise LookupError(f"request {self.id} ({self.state}) never had the floor")
        return self.grant


class Spoken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one site has spoken in turns that have ended.

    Attributes:
        seconds: sum of its speaking times.
        speeches: how many went live; a turn without sound is none, and one that goes on after
            its link had dropped is the same.
    """

    seconds: float = 0.0
    speeches: int = 0


class FloorState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """Everything about the queue.

    Attributes:
        list_state: whether hosts may make new requests.
        requests: all requests by id, ended ones too.
        pending: waiting for a moderator, oldest first.
        queue: accepted and waiting to speak, on deck and held ones too; the index is the
            position.
        filed: accepted written-only requests.
        speaking: who has the floor, first granted first.
        ended: everybody else, newest last.
        ledger: what was spoken by site; read it through :meth:`spoken`.
        policy: the rules moderators chose while the session ran, ``None`` for those planned.
        requests_made: how many request ids were given out.
        grants_made: how many grant ids were given out.
    """

    list_state: ListState = ListState.OPEN
    requests: Mapping[str, Request] = {}
    pending: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()
    speaking: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    ledger: Mapping[str, Spoken] = {}
    policy: FloorPolicy | None = None
    requests_made: int = 0
    grants_made: int = 0

    def spoken(self, site: str) -> Spoken:
        """Return what *site* has spoken so far, its running speech not included."""
        return self.ledger.get(site, Spoken())

    @cached_property
    def speeches_by_site(self) -> Mapping[str, Sequence[Request]]:
        """Return what counts as a speech by site, in the order the requests were made."""
        found: dict[str, list[Request]] = {}
        for request in self.requests.values():
            if request.is_speech:
                found.setdefault(request.site, []).append(request)
        return found

    def of_class(self, priority_class: PriorityClass) -> list[Request]:
        """Return the accepted requests of one class in their order."""
        accepted = [self.requests[request] for request in self.queue]
        return [one for one in accepted if one.priority_class is priority_class]

    def turns(self) -> list[tuple[Request, Grant]]:
        """Return who has the floor with their grants, first granted first."""
        holders = [self.requests[request] for request in self.speaking]
        return [(request, request.turn) for request in holders]
