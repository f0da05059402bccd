"""A model of a session that is too simple to be wrong; it only ever reads the events.

It knows lists and sums: who stands where, who is forwarded, when a clock ran. Where the
state of the session says something else, one of the two is wrong. Numbers I1 to I14 are
the invariants of the design.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bridge.commands import Actor
from bridge.floor import FloorPolicy, FloorState
from bridge.floor.commands import PriorityClass
from bridge.floor.deadlines import deadlines
from bridge.floor.events import (
    DropTimedOut,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    GrantWithdrawn,
    LinkLost,
    LinkReturned,
    PolicyChanged,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestFiled,
    RequestMoved,
    RequestUnaccepted,
    RequestUnfiled,
    RevokeStarted,
    RevokeStopped,
    TimeCorrected,
)
from bridge.floor.state import Request
from bridge.floor.tables import LISTS, RequestState
from bridge.ids import Role, camera, slate
from bridge.show.scene import Layout, Slot
from bridge.state import MAX_MICROPHONES, SessionEvent, SessionSetup, SessionState, routes

__all__ = ["Model"]

CHAIR, REPLY = PriorityClass.CHAIR, PriorityClass.REPLY
#: Open requests of one phone.
OF_PHONE = 3
#: A turn in one of these is over at a time that is known.
TIMED = {RequestState.ARMING, RequestState.LINK_LOST, RequestState.REVOKING}
#: What may happen to ordinary speakers while the chair has the floor alone.
ASIDE = {RequestState.PAUSED, RequestState.LINK_LOST, RequestState.REVOKING}


class Model:
    """What the events of one session have said so far."""

    def __init__(self, setup: SessionSetup) -> None:
        self.setup = setup
        self.exempt = {setup.venue, *setup.co_chairs}
        self.policy: FloorPolicy = setup.policy
        self.site: dict[str, str] = {}
        self.phone: dict[str, str] = {}
        self.kind: dict[str, PriorityClass] = {}
        self.pending: list[str] = []
        self.filed: list[str] = []
        self.order: dict[PriorityClass, list[str]] = {each: [] for each in PriorityClass}
        self.ended: dict[str, Request | None] = {}
        self.grants: list[str] = []
        self.speaking: dict[str, str] = {}  # request to its grant, first granted first
        self.forwarded: set[str] = set()
        self.since: dict[str, float] = {}  # running clocks
        self.ends: dict[str, float] = {}
        self.turn: defaultdict[str, float] = defaultdict(float)  # seconds of this turn
        self.spoken: dict[str, float] = {}  # seconds of turns that have ended, if heard
        self.heard: set[str] = set()
        self.reply_to: dict[str, str] = {}  # what replies answer
        self.corrected: dict[str, float] = {}

    # -- what happened

    def follow(self, events: Sequence[SessionEvent], actor: Actor, now: float) -> None:
        """Take over the events of one commit."""
        for event in events:
            if isinstance(event, FloorRequested):
                self._requested(event, actor)
            elif isinstance(event, PolicyChanged):
                self.policy = event.policy
            elif isinstance(event, FloorGranted):
                self._granted(event)
            elif hasattr(event, "grant"):
                self._turned(event, now)
            else:
                self._waited(event)

    def _requested(self, event: FloorRequested, actor: Actor) -> None:
        self.site[event.request] = event.site
        self.kind[event.request] = event.priority_class
        self.pending.append(event.request)
        if event.priority_class is REPLY:
            # A reply answers a speech. One that comes back may answer what was lost as it began.
            repeats = self.reply_to.get(event.readd_of) == event.reply_to
            assert repeats or event.reply_to in self.heard
            self.reply_to[event.request] = event.reply_to
        if actor.role is Role.DELEGATE:
            mine = [one for one, key in self.phone.items() if key == actor.key]
            assert sum(one not in self.ended for one in mine) < OF_PHONE
        self.phone[event.request] = event.by

    def _waited(self, event: SessionEvent) -> None:
        """Move a request that has not the floor from list to list."""
        match event:
            case RequestAccepted():
                self.pending.remove(event.request)
                self._line(event.request).append(event.request)
            case RequestUnaccepted():
                self._line(event.request).remove(event.request)
                self.pending.append(event.request)
            case RequestFiled():
                self._home(event.request).remove(event.request)
                self.kind[event.request] = PriorityClass.WRITTEN
                self.filed.append(event.request)
            case RequestUnfiled():
                assert event.priority_class is not REPLY or event.reply_to in self.heard
                self.filed.remove(event.request)
                self.kind[event.request] = event.priority_class
                self._line(event.request).append(event.request)
            case RequestMoved():
                line = self._line(event.request)
                line.remove(event.request)
                offset = 0 if event.before else 1
                line.insert(line.index(event.before or event.after) + offset, event.request)
            case RequestDenied() | RequestCancelled():
                self._home(event.request).remove(event.request)
                self.ended[event.request] = None
            case TimeCorrected():
                self.corrected[event.request] = event.seconds
                self.ended[event.request] = None
            case _:
                pass

    def _line(self, request: str) -> list[str]:
        return self.order[self.kind[request]]

    def _home(self, request: str) -> list[str]:
        for place in (self.pending, self.filed, self._line(request)):
            if request in place:
                return place
        raise AssertionError(request)

    def _granted(self, event: FloorGranted) -> None:
        """I1, I8: room for one more, by a grant that never was before."""
        assert event.grant not in self.grants
        if self.kind[event.request] is not CHAIR:
            assert self.ordinary() < self.policy.capacity
        self.grants.append(event.grant)
        self._line(event.request).remove(event.request)
        self.speaking[event.request] = event.grant
        self.forwarded.add(event.request)
        assert event.used == self.spoken.get(event.request, 0.0)
        self.turn[event.grant] = event.used

    def ordinary(self) -> int:
        """Return how many have the floor, the chair's class not counted."""
        return sum(self.kind[request] is not CHAIR for request in self.speaking)

    def _turned(self, event: SessionEvent, now: float) -> None:
        """Start and stop the clock of a turn; I8: of the grant the request has now."""
        request, grant = getattr(event, "request", ""), getattr(event, "grant", "")
        assert self.speaking[request] == grant
        match event:
            case GrantWentLive() | LinkReturned() | FloorResumed():
                assert grant not in self.since
                self.since[grant] = now
                self.heard.add(request)
                self.forwarded.add(request)
            case LinkLost() | FloorPaused():
                self._stop(grant, now)
                if isinstance(event, FloorPaused):
                    self.forwarded.remove(request)
            case RevokeStarted():
                self.ends[grant] = event.ends_at
            case RevokeStopped():
                del self.ends[grant]
            case GrantTimedOut() | GrantWithdrawn() | DropTimedOut():
                if isinstance(event, DropTimedOut) and not self.turn[grant]:
                    self.heard.discard(request)  # lost as it began: nothing was spoken
                self._line(request).insert(0, request)
                self._over(request, grant, now)
            case FloorReleased() | FloorRevoked():
                self.ended[request] = None
                self._over(request, grant, now)
            case _:
                pass

    def _stop(self, grant: str, now: float) -> None:
        until = min(now, self.ends.get(grant, now))
        self.turn[grant] += max(0.0, until - self.since.pop(grant))

    def _over(self, request: str, grant: str, now: float) -> None:
        if grant in self.since:
            self._stop(grant, now)
        del self.speaking[request]
        self.forwarded.discard(request)
        if request in self.heard:
            self.spoken[request] = self.turn[grant]

    # -- what must always be true

    def check(self, state: SessionState, now: float) -> None:
        """Compare *state* with what the events have said."""
        self._check_lists(state.floor)
        self._check_clocks(state.floor, now)
        self._check_chair(state.floor)
        self._check_routes(state)

    def _check_lists(self, floor: FloorState) -> None:
        """I3, I4: every request in the one list of its state, the queue dense and in blocks."""
        assert list(floor.queue) == [one for line in self.order.values() for one in line]
        assert list(floor.pending) == self.pending
        assert list(floor.filed) == self.filed
        assert list(floor.speaking) == list(self.speaking)
        assert floor.ended == tuple(self.ended)
        assert len(floor.requests) == floor.requests_made == len(self.site)
        for name in ("pending", "queue", "filed", "speaking"):
            for request in getattr(floor, name):
                assert LISTS[floor.requests[request].state] == name
        for request, before in self.ended.items():
            after = floor.requests[request]
            if before is None:
                assert LISTS[after.state] == "ended"
                self.ended[request] = after
            else:
                assert after is before

    def _check_clocks(self, floor: FloorState, now: float) -> None:
        """I9, and that nothing which must end by itself has no deadline."""
        timed = 0
        for request, grant in floor.turns():
            assert bool(grant.live_since) is (grant.id in self.since)
            assert bool(grant.drop_until) is (request.state is RequestState.LINK_LOST)
            assert bool(grant.ends_at) is (request.state is RequestState.REVOKING)
            running = now - self.since[grant.id] if grant.id in self.since else 0.0
            if not grant.ends_at:
                assert grant.used_at(now) == self.turn[grant.id] + running >= 0
            timed += request.state in TIMED or (request.state is RequestState.LIVE and grant.cut)
        for waiting in floor.queue:
            request = floor.requests[waiting]
            timed += request.deck is not None and request.state is not RequestState.READY
        assert len(deadlines(self.policy, floor)) == timed
        sites: defaultdict[str, float] = defaultdict(float)
        counts: defaultdict[str, int] = defaultdict(int)
        for one in self.spoken.keys() | self.corrected.keys():
            seconds = self.corrected.get(one, self.spoken.get(one, 0.0))
            sites[self.site[one]] += seconds
            counts[self.site[one]] += seconds > 0 or self._is_speech(floor, one)
        for site in self.setup.sites:
            known = floor.spoken(site)
            assert (known.seconds, known.speeches) == (sites[site], counts[site])

    def _is_speech(self, floor: FloorState, request: str) -> bool:
        """Return whether a speech of no seconds is one: only if it has ended."""
        return request in self.spoken and LISTS[floor.requests[request].state] == "ended"

    def _check_chair(self, floor: FloorState) -> None:
        """While the chair has the floor alone nobody else has it; after that nobody is caught."""
        turns = floor.turns()
        alone = any(grant.suspends for _, grant in turns)
        for request, grant in turns:
            if alone and request.priority_class is not CHAIR:
                assert request.state in ASIDE
            if grant.paused_by:
                assert alone
                assert request.state is RequestState.PAUSED
                assert request.priority_class is not CHAIR

    def _check_routes(self, state: SessionState) -> None:
        """I2; and what is on program by the floor is a speaker, or the moderators' choice."""
        route = routes(self.setup, state)
        heard = {self.site[request] for request in self.forwarded}
        assert set(route.microphones) == self.exempt | heard
        assert len(set(route.microphones)) == len(route.microphones) <= MAX_MICROPHONES
        scene, home = state.show.program.scene, state.show.home_scene
        pictures = {camera(site) for site in heard} | {slate(site) for site in heard}
        for slot in Slot:
            if state.show.program.by_floor(slot):
                assert scene.at(slot) in {*pictures, home.at(slot)}
            else:
                assert scene.at(slot) == home.at(slot)
        if scene.layout is Layout.SINGLE:
            assert not scene.inset
            assert not home.inset
        if not route.inset:
            return
        assert route.inset != (camera(route.program) if route.program else "")
        assert not route.program_slides or route.program_slides in state.show.slides
