"""A session that is played from random bytes beside a model of it; what can happen is in the test.

One draw of Hypothesis is a whole example, and is taken apart here: its own state machines draw
many times a step, which costs more than twice as much as the commands, and thousands of long
examples are to fit into a test run. Bytes, because Hypothesis draws integers small, which would
choose the first of everything. Zeros are steps in which nothing happens, so that an example that
fails shrinks to those that matter; it is told command by command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import note

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor import FloorPolicy
from bridge.floor.commands import (
    CheckDeadlines,
    ExtendFloor,
    KeepFloor,
    MarkLive,
    PauseFloor,
    PriorityClass,
    ReleaseFloor,
    ReportFlow,
    ReportLink,
    ResumeFloor,
    RevokeFloor,
    WithdrawGrant,
)
from bridge.floor.events import FloorGranted
from bridge.floor.policy import ChairPriority, Contribution, Overtime
from bridge.floor.tables import ROLES
from bridge.history import KEPT, Undo
from bridge.ids import Role
from bridge.show.commands import ReportSlides, ShowCommand
from bridge.state import (
    SessionCommand,
    SessionEvent,
    SessionSetup,
    SessionState,
    decide,
    fold,
    initial,
)
from tests.floor import playbook as say
from tests.model import Model
from tests.playbook import COLLEAGUE, MODERATOR, SYSTEM

SITES = ("ha-noi", "lao-cai", "dien-bien", "ca-mau", "son-la")
CLASSES = (*PriorityClass, PriorityClass.NORMAL, PriorityClass.NORMAL)
NAMES = ("An", "Ân", "Bình", "binh", "Châu", "Dũng", "Hà", "Hạ")
HOSTS = tuple(say.host(site) for site in SITES)
PHONES = (say.phone("dien-bien", "p1"), say.phone("dien-bien", "p2"), say.phone("son-la", "p3"))
POWERLESS = (Actor(role=Role.TECHNICIAN, key="t"), Actor(role=Role.STAGE, key="s"))
MODERATORS = (MODERATOR, COLLEAGUE)
ANYBODY = (*MODERATORS, *HOSTS, *PHONES, *POWERLESS, SYSTEM)
#: Commands that may touch the clock of somebody who has the floor.
ABOUT_TURNS = (
    CheckDeadlines
    | ExtendFloor
    | KeepFloor
    | MarkLive
    | PauseFloor
    | ReleaseFloor
    | ReportFlow
    | ResumeFloor
    | RevokeFloor
    | Undo
    | WithdrawGrant
)
EVENTS = msgspec.json.Decoder(list[SessionEvent])

#: Bytes that say how a session begins and what may happen in it, and those of each step.
BEGINNING, STEP = 17, 5


class Draw:
    """A number taken apart choice by choice; zero always chooses the first."""

    def __init__(self, chance: bytes) -> None:
        self._left = int.from_bytes(chance, "big")

    def below(self, limit: int) -> int:
        self._left, choice = divmod(self._left, limit)
        return choice

    def of(self, options: tuple[Any, ...] | list[Any]) -> Any:
        return options[self.below(len(options))]


Step = Callable[[Any, Draw], None]


def steps(machine: type[Machine]) -> tuple[Step, ...]:
    """Return what *machine* says can happen, in the order of its class."""
    return tuple(step for name, step in vars(machine).items() if not name.startswith("_"))


class Machine:
    """Plays commands, and compares the session with the model after each step.

    Every public method of a subclass is something that can happen.
    """

    def __init__(self, chance: bytes) -> None:
        self.setup: SessionSetup
        self.told: list[tuple[float, Actor, SessionCommand]] = []
        self._prepare(Draw(chance[:8]))
        self._can_happen = self._some_of(steps(type(self)), chance[8:BEGINNING])
        self._chances = chance[BEGINNING:]

    def play(self) -> None:
        """Play the whole example; what was played is noted if it fails."""
        try:
            self.the_state_is_what_the_events_say()
            for start in range(0, len(self._chances), STEP):
                which, *chance = self._chances[start : start + STEP]
                if which:
                    step = self._can_happen[which % len(self._can_happen)]
                    step(self, Draw(bytes(chance)))
                    self.the_state_is_what_the_events_say()
            self.the_log_folds_to_the_same_state()
        except BaseException:
            for at, actor, command in self.told:
                note(f"{at - say.START:g} s, {actor.role} {actor.site} {actor.key}: {command}")
            raise

    @staticmethod
    def _some_of(all_steps: tuple[Step, ...], chance: bytes) -> tuple[Step, ...]:
        """Choose what can happen: without some things, others happen that seldom do."""
        share, one, other = chance[0] % 4, *(int.from_bytes(chance[n : n + 4]) for n in (1, 5))
        mask = (2**32 - 1, one | other, one, one & other)[share]
        return tuple(step for n, step in enumerate(all_steps) if mask >> n & 1) or all_steps

    def _prepare(self, draw: Draw) -> None:
        co_chairs = draw.of((("lao-cai",), ("lao-cai", "son-la")))
        policy = FloorPolicy(
            capacity=1 + draw.below(3 - len(co_chairs)),
            auto_accept=bool(draw.below(2)),
            auto_call=draw.below(3) == 1,
            auto_grant=draw.below(3) == 1,
            several_requests=draw.below(3) == 1,
            chair_priority=draw.of(list(ChairPriority)),
            overtime=draw.of(list(Overtime)),
            contribution=draw.of(list(Contribution)),
            revoke_grace=draw.of((5.0, 0.0)),
        )
        self.setup = SessionSetup(
            id="plenary",
            venue="ha-noi",
            sites=SITES,
            co_chairs=co_chairs,
            items=("khai-mac", "phat-bieu"),
            policy=policy,
        )
        self.state = initial(self.setup)
        self.model = Model(self.setup)
        self.now = say.START
        self.log: list[tuple[Actor, float, bytes]] = []
        for _ in range(draw.below(6)):
            self.somebody_waits(draw)
        for _ in range(draw.below(4)):
            self.somebody_speaks(draw)

    # -- playing a command

    def says(self, actor: Actor, command: SessionCommand) -> list[SessionEvent] | Code:
        """Play *command*; return its events, or the code of its refusal."""
        before = self.state
        self.told.append((self.now, actor, command))
        try:
            events = decide(self.setup, before, actor, command, self.now)
        except FloorRefused as refusal:
            assert refusal.message.endswith(".")
            return refusal.code
        if events:
            self.log.append((actor, self.now, msgspec.json.encode(events)))
            self.state = fold(self.setup, before, actor, events, self.now, len(self.log))
            self.model.follow(events, actor, self.now)
            self.allowed(actor, command, events)
            if not any(isinstance(event, FloorGranted) for event in events):
                self.leaves_alone(before, command)
        return events

    def allowed(self, actor: Actor, command: SessionCommand, events: list[SessionEvent]) -> None:
        """I12: no effect without permission, and it is known who it was."""
        if isinstance(command, ReportSlides):
            assert actor is SYSTEM
        elif isinstance(command, ShowCommand | Undo):
            assert actor in MODERATORS
        else:
            assert actor.role in ROLES[type(command)]
        subject = getattr(events[0], "request", "")
        if actor.role in {Role.HOST, Role.DELEGATE}:
            assert self.model.site[subject] == actor.site
        if actor.role is Role.DELEGATE:
            assert self.model.phone[subject] == actor.key
        actions = self.state.history.actions
        assert len(actions) <= 2 * KEPT
        if actor is not SYSTEM:
            newest = actions[-1]
            assert (newest.actor, newest.rev, newest.at) == (actor, len(self.log), self.now)

    def leaves_alone(self, before: SessionState, command: SessionCommand) -> None:
        """I5: links never change who waits where. I14: who waits touches no running clock.

        Where the rules gave somebody the floor by themselves that was not the command's doing.
        """
        was, now = before.floor, self.state.floor
        if isinstance(command, ReportLink | ReportFlow):
            assert (was.queue, was.pending, was.filed) == (now.queue, now.pending, now.filed)
            assert was.speaking == now.speaking
        if not isinstance(command, ABOUT_TURNS):
            assert [grant for _, grant in was.turns()] == [grant for _, grant in now.turns()]

    def some(self, draw: Draw, *lists: str) -> str:
        """Return a request of *lists*, now and then any one, or one that never was."""
        floor = self.state.floor
        likely = [one for name in lists for one in getattr(floor, name)]
        if not likely or draw.below(8) == 7:
            likely = [*floor.requests, "r0"]
        return str(draw.of(likely))

    # -- so that what a rule needs is there more often than not

    def somebody_waits(self, draw: Draw) -> None:
        """Let a moderator put somebody on the list."""
        name, site, chosen = draw.of(NAMES), draw.of(SITES), draw.of(CLASSES)
        self.says(MODERATOR, say.ask(name, site=site, priority_class=chosen))

    def somebody_speaks(self, draw: Draw) -> str:
        """Return who has the floor, or who gets it now and is heard, "r0" if nobody can."""
        if not self.model.speaking and draw.below(8):
            if not self.state.floor.queue:
                self.somebody_waits(draw)
            for request in self.state.floor.queue[:1]:
                self.says(MODERATOR, say.grant(request))
                self.first_sounds()
                self.now += draw.below(64)
        return self.some(draw, "speaking")

    def somebody_on_deck(self, draw: Draw) -> str:
        """Return who is on deck, or who is called there now, any waiting one if nobody can."""
        if not self.on_deck() and draw.below(8):
            if not self.state.floor.queue:
                self.somebody_waits(draw)
            self.says(MODERATOR, say.call(self.some(draw, "queue")))
        return str(draw.of([*self.on_deck(), self.some(draw, "queue")]))

    def first_sounds(self) -> None:
        """Let everybody who has the floor be heard."""
        for grant in list(self.model.speaking.values()):
            self.says(SYSTEM, say.mark_live(grant))

    def on_deck(self) -> list[str]:
        floor = self.state.floor
        return [request for request in floor.queue if floor.requests[request].deck is not None]

    # -- what must always be true

    def the_state_is_what_the_events_say(self) -> None:
        """I1 to I4, I8, I9."""
        self.model.check(self.state, self.now)

    def the_log_folds_to_the_same_state(self) -> None:
        """I10: the log is read back from its bytes; it is the same to the last of the history."""
        state = initial(self.setup)
        for rev, (actor, at, text) in enumerate(self.log, 1):
            state = fold(self.setup, state, actor, EVENTS.decode(text), at, rev)
        assert state == self.state
