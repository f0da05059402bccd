"""The invariants of the floor, on whatever sequence of commands Hypothesis can think of.

Numbers I1 to I14 are those of the design; I5, I6 and I11 need connections, ids
and views, which live above this layer.
"""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor.commands import (
    AcceptRequest,
    CancelRequest,
    CheckDeadlines,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    GrantFloor,
    ListState,
    MarkLive,
    MoveRequest,
    PauseFloor,
    PriorityClass,
    ReleaseFloor,
    RequestFloor,
    ResumeFloor,
    RevokeFloor,
    SetList,
)
from bridge.floor.events import (
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    RequestAccepted,
    RequestCancelled,
    RequestMoved,
)
from bridge.floor.state import Request
from bridge.floor.tables import LISTS, RequestState, Status
from bridge.ids import Role, camera
from bridge.show.commands import SetPreview, Take
from bridge.show.events import TakenBy
from bridge.state import (
    FloorPolicy,
    SessionCommand,
    SessionEvent,
    SessionSetup,
    decide,
    evolve,
    initial,
    next_deadline,
    routes,
)

SITES = ("ha-noi", "dien-bien", "lao-cai")
EXEMPT = {"ha-noi", "lao-cai"}
MODERATOR = Actor(role=Role.MODERATOR, key="m")
SYSTEM = Actor(role=Role.SYSTEM)
POWERLESS = [Actor(role=Role.TECHNICIAN), Actor(role=Role.STAGE)]
START = 1_000_000.0
EVENTS = msgspec.json.Decoder(list[SessionEvent])

sites = st.sampled_from(SITES)
classes = st.sampled_from(PriorityClass)
names = st.sampled_from(["An", "Ân", "Bình", "binh", "Châu", "Dũng", "Én", "Giang", "Hà", "Hạ"])
#: Chooses one of the requests (or grants) there are at that moment.
picks = st.integers(0, 59)
ABOUT_TURNS = (
    GrantFloor
    | MarkLive
    | ReleaseFloor
    | RevokeFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
    | CheckDeadlines
)
anybody = st.sampled_from(
    [MODERATOR, SYSTEM, *POWERLESS, *(Actor(role=Role.HOST, site=site) for site in SITES)]
)


class Floor(RuleBasedStateMachine):
    """A session beside a model of it that is too simple to be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.log: list[tuple[float, bytes]] = []
        self.order: dict[PriorityClass, list[str]] = {each: [] for each in PriorityClass}
        self.went_live: dict[str, float] = {}
        self.used: dict[str, float] = {}
        self.paused: set[str] = set()
        self.spoken = dict.fromkeys(SITES, 0.0)
        self.ended: dict[str, Request] = {}
        self.grants: list[str] = []

    @initialize(
        capacity=st.integers(1, 3), auto_accept=st.booleans(), grace=st.sampled_from([0.0, 5.0])
    )
    def prepare(self, capacity: int, auto_accept: bool, grace: float) -> None:
        policy = FloorPolicy(capacity=capacity, auto_accept=auto_accept, revoke_grace=grace)
        self.setup = SessionSetup(
            id="plenary", venue="ha-noi", sites=SITES, co_chairs=("lao-cai",), policy=policy
        )
        self.state = initial(self.setup)

    def says(self, actor: Actor, command: SessionCommand) -> list[SessionEvent] | Code:
        """Play *command*; return its events, or the code of its refusal."""
        before = self.state
        try:
            events = decide(self.setup, self.state, actor, command, self.now)
        except FloorRefused as refusal:
            assert self.state == before
            return refusal.code
        if events:
            self.log.append((self.now, msgspec.json.encode(events)))
        for event in events:
            self.state = evolve(self.state, event, self.now)
            self.follow(event)
        if not isinstance(command, ABOUT_TURNS):
            # I14: nothing that happens to waiting requests touches a running clock.
            assert self.state.floor.turns() == before.floor.turns()
        return events

    def follow(self, event: SessionEvent) -> None:
        """Do to the model what *event* says."""
        self.follow_clock(event)
        match event:
            case RequestAccepted():
                self.line(event.request).append(event.request)
            case RequestCancelled() if event.request in self.line(event.request):
                self.line(event.request).remove(event.request)
            case RequestMoved():
                line = self.line(event.request)
                line.remove(event.request)
                offset = 0 if event.before else 1
                line.insert(line.index(event.before or event.after) + offset, event.request)
            case FloorGranted():
                self.line(event.request).remove(event.request)
                assert event.grant not in self.grants
                self.grants.append(event.grant)
            case GrantTimedOut():
                self.line(event.request).insert(0, event.request)
            case _:
                pass

    def follow_clock(self, event: SessionEvent) -> None:
        """Count the seconds *event* begins or ends."""
        match event:
            case GrantWentLive():
                assert event.grant not in self.went_live
                self.went_live[event.grant] = self.now
                self.used[event.grant] = 0.0
            case FloorPaused():
                self.paused.add(event.grant)
                self.used[event.grant] += self.now - self.went_live[event.grant]
            case FloorResumed():
                self.paused.remove(event.grant)
                self.went_live[event.grant] = self.now
            case FloorReleased() | FloorRevoked():
                request = self.state.floor.requests[event.request]
                until = min(self.now, request.turn.ends_at or self.now)
                if event.grant not in self.paused:
                    since = self.went_live.get(event.grant, self.now)
                    self.used[event.grant] = self.used.get(event.grant, 0.0) + until - since
                self.spoken[request.site] += self.used[event.grant]
            case _:
                pass

    def line(self, request: str) -> list[str]:
        return self.order[self.state.floor.requests[request].priority_class]

    def pick(self, number: int, *lists: str) -> str:
        """Return an id from *lists*, now and then any id, or one that never was."""
        likely: list[str] = []
        for name in lists:
            likely += getattr(self.state.floor, name)
        if not likely or number % 6 == 0:
            likely = [*self.state.floor.requests, "r0"]
        return likely[number % len(likely)]

    # -- what people do

    @rule(site=sites, name=names, priority_class=classes)
    def a_host_asks(self, site: str, name: str, priority_class: PriorityClass) -> None:
        actor = Actor(role=Role.HOST, site=site)
        command = RequestFloor(cmd_id="c", name=name, priority_class=priority_class)
        outcome = self.says(actor, command)
        if isinstance(outcome, Code):
            refused_by_list = (
                self.state.floor.list_state is ListState.CLOSED
                and priority_class is not PriorityClass.POINT_OF_ORDER
            )
            expected = Code.LIST_CLOSED if refused_by_list else Code.DUPLICATE_REQUEST
            chair = priority_class is PriorityClass.CHAIR
            assert outcome is (Code.ROLE_FORBIDDEN if chair else expected)

    @rule(site=sites, name=names, priority_class=classes)
    def a_moderator_asks(self, site: str, name: str, priority_class: PriorityClass) -> None:
        outcome = self.says(
            MODERATOR,
            RequestFloor(cmd_id="c", name=name, site=site, priority_class=priority_class),
        )
        assert outcome is Code.DUPLICATE_REQUEST or len(outcome) == 2

    @rule(number=picks)
    def accept(self, number: int) -> None:
        request = self.pick(number, "pending")
        self.says(MODERATOR, AcceptRequest(cmd_id="c", request=request))

    @rule(number=picks)
    def deny(self, number: int) -> None:
        request = self.pick(number, "pending")
        self.says(MODERATOR, DenyRequest(cmd_id="c", request=request))

    @rule(number=picks, actor=anybody)
    def cancel(self, number: int, actor: Actor) -> None:
        request = self.pick(number, "pending", "queue", "filed")
        self.says(actor, CancelRequest(cmd_id="c", request=request))

    @rule(number=picks, anchor=picks, before=st.booleans())
    def move(self, number: int, anchor: int, before: bool) -> None:
        target = self.pick(anchor, "queue")
        command = MoveRequest(
            cmd_id="c",
            request=self.pick(number, "queue"),
            before=target if before else "",
            after="" if before else target,
        )
        self.says(MODERATOR, command)

    @rule(number=picks)
    def grant(self, number: int) -> None:
        request = self.pick(number, "queue")
        self.says(MODERATOR, GrantFloor(cmd_id="c", request=request, override=True))

    @rule()
    def call_the_next(self) -> None:
        for request in self.state.floor.queue[:1]:
            chair = self.state.floor.requests[request].priority_class is PriorityClass.CHAIR
            free = chair or self.taken() < self.setup.policy.capacity
            outcome = self.says(MODERATOR, GrantFloor(cmd_id="c", request=request, override=True))
            assert (outcome is not Code.FLOOR_BUSY) is free

    @rule()
    def two_moderators_grant_at_once(self) -> None:
        """I7: at most the capacity wins; who loses hears that the floor is busy."""
        free = self.setup.policy.capacity - self.taken()
        outcomes = [
            self.says(MODERATOR, GrantFloor(cmd_id="c", request=request, override=True))
            for request in self.state.floor.queue[:2]
            if self.state.floor.requests[request].priority_class is not PriorityClass.CHAIR
        ]
        won = [outcome for outcome in outcomes if not isinstance(outcome, Code)]
        assert len(won) == min(free, len(outcomes))
        assert all(o is Code.FLOOR_BUSY for o in outcomes if isinstance(o, Code))

    @rule(seconds=st.integers(1, 500))
    def the_speech_is_given(self, seconds: int) -> None:
        """The ordinary course of things, so that long histories are reached often."""
        for request in self.state.floor.queue[:1]:
            self.says(MODERATOR, GrantFloor(cmd_id="c", request=request, override=True))
            self.first_sound_of_all_speakers()
            self.now += seconds
            self.says(MODERATOR, ReleaseFloor(cmd_id="c", request=request))

    @rule(number=picks, actor=anybody)
    def release(self, number: int, actor: Actor) -> None:
        request = self.pick(number, "speaking")
        self.says(actor, ReleaseFloor(cmd_id="c", request=request))

    @rule(number=picks)
    def revoke(self, number: int) -> None:
        request = self.pick(number, "speaking")
        self.says(MODERATOR, RevokeFloor(cmd_id="c", request=request))

    @rule(number=picks, seconds=st.sampled_from([-3600, -60, 0, 60, 3600]))
    def extend(self, number: int, seconds: int) -> None:
        request = self.pick(number, "speaking")
        outcome = self.says(MODERATOR, ExtendFloor(cmd_id="c", request=request, seconds=seconds))
        for event in [] if isinstance(outcome, Code) else outcome:
            assert isinstance(event, FloorExtended)
            assert event.limit >= self.state.floor.requests[request].turn.used_at(self.now) or (
                seconds > 0
            )

    @rule(number=picks, actor=anybody, name=names)
    def edit(self, number: int, actor: Actor, name: str) -> None:
        request = self.pick(number, "pending", "queue", "filed")
        queue = self.state.floor.queue
        self.says(actor, EditRequest(cmd_id="c", request=request, name=name))
        assert self.state.floor.queue == queue

    @rule(number=picks)
    def pause(self, number: int) -> None:
        request = self.pick(number, "speaking")
        self.says(MODERATOR, PauseFloor(cmd_id="c", request=request))

    @rule(number=picks)
    def resume(self, number: int) -> None:
        request = self.pick(number, "speaking")
        self.says(MODERATOR, ResumeFloor(cmd_id="c", request=request))

    @rule(state=st.sampled_from(ListState))
    def set_list(self, state: ListState) -> None:
        self.says(MODERATOR, SetList(cmd_id="c", state=state))
        assert self.state.floor.list_state is state

    @rule(site=sites)
    def take(self, site: str) -> None:
        self.says(MODERATOR, Take(cmd_id="c", source=camera(site)))
        assert self.state.show.program.source == camera(site)

    @rule(site=sites)
    def set_preview(self, site: str) -> None:
        self.says(MODERATOR, SetPreview(cmd_id="c", source=camera(site)))

    @rule()
    def swap(self) -> None:
        before = self.state.show
        outcome = self.says(MODERATOR, Take(cmd_id="c"))
        if before.preview.source:
            assert self.state.show.program.source == before.preview.source
        else:
            assert outcome is Code.SOURCE_UNKNOWN

    @rule(number=picks, actor=st.sampled_from(POWERLESS))
    def the_powerless_try(self, number: int, actor: Actor) -> None:
        """I12: no effect without permission."""
        request = self.pick(number, "pending", "queue", "speaking")
        commands: list[SessionCommand] = [
            AcceptRequest(cmd_id="c", request=request),
            GrantFloor(cmd_id="c", request=request, override=True),
            RevokeFloor(cmd_id="c", request=request),
            MarkLive(cmd_id="c", grant=f"g{number}"),
            Take(cmd_id="c", source=camera("dien-bien")),
        ]
        for command in commands:
            assert self.says(actor, command) is Code.ROLE_FORBIDDEN

    # -- what time and media do

    @rule(seconds=st.sampled_from([0.0, 0.25, 4.0, 5.0, 30.0, 600.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def deadlines_are_checked(self) -> None:
        deadline = next_deadline(self.setup, self.state)
        outcome = self.says(SYSTEM, CheckDeadlines(cmd_id="c"))
        assert bool(outcome) is (deadline is not None and deadline <= self.now)
        after = next_deadline(self.setup, self.state)
        assert after is None or after > self.now
        assert self.says(SYSTEM, CheckDeadlines(cmd_id="c")) == []

    @rule()
    def first_sound_of_all_speakers(self) -> None:
        for _, grant in self.state.floor.turns():
            self.says(SYSTEM, MarkLive(cmd_id="c", grant=grant.id))

    @rule(number=picks)
    def sound_of_some_grant(self, number: int) -> None:
        """I8: an observation of an old grant changes nothing."""
        grant = self.grants[number % len(self.grants)] if self.grants else "g0"
        arming = [
            each.id
            for request, each in self.state.floor.turns()
            if request.state is RequestState.ARMING
        ]
        outcome = self.says(SYSTEM, MarkLive(cmd_id="c", grant=grant))
        assert bool(outcome) is (grant in arming)

    # -- what must always be true

    def taken(self) -> int:
        turns = self.state.floor.turns()
        return sum(request.priority_class is not PriorityClass.CHAIR for request, _ in turns)

    @invariant()
    def capacity_is_kept(self) -> None:
        """I1."""
        assert self.taken() <= self.setup.policy.capacity

    @invariant()
    def heard_are_those_who_have_the_floor_and_the_exempt(self) -> None:
        """I2; and what is on program by the floor is a speaker, or the moderators' choice."""
        turns = [
            (request, grant)
            for request, grant in self.state.floor.turns()
            if request.state is not RequestState.PAUSED
        ]
        route = routes(self.setup, self.state)
        assert set(route.microphones) == EXEMPT | {request.site for request, _ in turns}
        assert len(set(route.microphones)) == len(route.microphones)
        show = self.state.show
        if show.program.by is TakenBy.FLOOR:
            speakers = {camera(request.site) for request, _ in turns}
            assert show.program.source in {*speakers, show.home}
        else:
            assert show.program.source == show.home

    @invariant()
    def ended_requests_never_change(self) -> None:
        """I3."""
        floor = self.state.floor
        for request, ended in self.ended.items():
            assert floor.requests[request] is ended
        assert floor.ended[: len(self.ended)] == tuple(self.ended)
        self.ended = {request: floor.requests[request] for request in floor.ended}

    @invariant()
    def every_request_stands_in_the_one_list_of_its_state(self) -> None:
        floor = self.state.floor
        for name in set(LISTS.values()):
            expected = sorted(r.id for r in floor.requests.values() if LISTS[r.state] == name)
            assert sorted(getattr(floor, name)) == expected
        assert len(floor.requests) == floor.requests_made
        assert len(self.grants) == floor.grants_made

    @invariant()
    def the_queue_is_as_the_moderators_left_it(self) -> None:
        """I4 and I13: dense, ordered by class, within a class nobody is overtaken unasked."""
        expected = [request for line in self.order.values() for request in line]
        assert list(self.state.floor.queue) == expected

    @invariant()
    def speaking_time_is_the_sum_of_the_live_intervals(self) -> None:
        """I9."""
        for site in SITES:
            assert self.state.floor.spoken(site).seconds == self.spoken[site] >= 0
        for request, grant in self.state.floor.turns():
            assert request.status is Status.GRANTED
            standing = {RequestState.ARMING, RequestState.PAUSED}
            assert bool(grant.live_since) is (request.state not in standing)
            assert bool(grant.ends_at) is (request.state is RequestState.REVOKING)
            assert grant.used_at(self.now) >= 0

    def teardown(self) -> None:
        """I10: the log, read back from its bytes, folds to the same state."""
        if not hasattr(self, "setup"):
            return
        state = initial(self.setup)
        for at, text in self.log:
            for event in EVENTS.decode(text):
                state = evolve(state, event, at)
        assert state == self.state


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
