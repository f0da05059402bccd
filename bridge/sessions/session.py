"""One running session: append to the log, then evolve, then tell the listeners.

The order is the promise of the whole product: nothing is heard, shown or
acknowledged before the log has it. Any number of servers may run the same
session on one store; each follows the log and folds what the others append.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from bridge.clock import Clock
from bridge.commands import Actor
from bridge.errors import Code, FloorRefused, StoreConflict, StoreUnavailable
from bridge.floor.commands import CheckDeadlines
from bridge.ids import Role
from bridge.state import (
    SessionCommand,
    SessionEvent,
    SessionSetup,
    SessionState,
    decide,
    fold,
    initial,
    next_deadline,
)
from bridge.store.commit import GENESIS, Commit, following
from bridge.store.log import Log
from bridge.tasks import Tasks

__all__ = ["SYSTEM", "Listener", "Session", "log_name"]

log = logging.getLogger(__name__)

SYSTEM = Actor(role=Role.SYSTEM)

#: A command that loses this many races in a row meets a broken store, not busy colleagues.
MAX_ATTEMPTS = 50
#: How long to wait before trying the log again when it could not be reached.
STORE_RETRY_S = 0.5
#: Answers without effect that are remembered, for a copy of the command that comes late. A
#: connection that stands still is ended by its heartbeat after half a minute: 30 a second.
KEPT_ANSWERS = 1000

_events_decoder = msgspec.json.Decoder(list[SessionEvent])


class Listener(Protocol):
    """Told of what happened, in order, after it is durable; must neither block nor raise."""

    def committed(self, session: Session, events: Sequence[SessionEvent]) -> None:
        """The session moved to ``session.rev`` because of *events*."""

    def saving_changed(self, session: Session) -> None:
        """``session.saving`` changed: the log cannot be reached, or can again."""


def log_name(event: str, session: str) -> str:
    """Return the name of a session's log; events may share a store."""
    return f"{event}/{session}"


class Session:
    """The authority over one session on this server.

    Args:
        setup: what the event file says of it.
        store: the commit logs.
        key: name of this session's log, from :func:`log_name`.
        clock: Unix time.
        tasks: owner of the follower and of the timer.
    """

    def __init__(
        self, setup: SessionSetup, store: Log, key: str, clock: Clock, tasks: Tasks
    ) -> None:
        self.setup = setup
        self.state: SessionState = initial(setup)
        self.rev = 0
        self.saving = True
        self._head: Commit | None = None
        self._store = store
        self._key = key
        self._clock = clock
        self._tasks = tasks
        self._lock = asyncio.Lock()
        self._effects: dict[tuple[str, str], int] = {}  # (actor key, cmd_id) to its revision
        # Commands that changed nothing, the newest, and what was answered.
        self._without_effect: dict[tuple[str, str], tuple[SessionCommand, int | FloorRefused]] = {}
        self._damaged: StoreUnavailable | None = None  # the log is not the one we folded
        self._unsure = False  # an append may have landed although it failed for us
        self.weak_links: Callable[[], Mapping[str, str]] = dict
        """Why the links of sites are bad, as observed now; whoever observes sets it."""
        self._listeners: list[Listener] = []
        self._deadline_moved = asyncio.Event()

    @property
    def id(self) -> str:
        """Session id."""
        return self.setup.id

    def listen(self, listener: Listener) -> None:
        """Tell *listener* of everything from now on."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Replay the log, then follow it.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        async with self._lock:
            await self._catch_up()
        self._tasks.start(f"follow-{self.id}", self._follow())
        self._tasks.start(f"deadlines-{self.id}", self._keep_deadlines())

    async def commits(self) -> list[Commit]:
        """Return the whole log, read from the store; revision 1 first.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        return await self._store.read(self._key)

    async def submit(self, actor: Actor, command: SessionCommand) -> int:
        """Decide, append, evolve; return the revision at which *command* is in force.

        The same ``cmd_id`` of the same actor has one effect and gets the same answer.

        Raises:
            FloorRefused: the rules do not allow it, or the revision is not the expected one.
            StoreUnavailable: it could not be made durable; nothing happened that anybody saw.
        """
        async with self._lock:
            before = self.rev
            try:
                if self._damaged is not None:
                    raise self._damaged
                if self._unsure:
                    await self._catch_up()
                rev = await self._answer(actor, command)
            except StoreUnavailable as error:
                self._unsure = True
                self._failed(error)
                raise
            if self.rev > before:  # an answer without a commit says nothing about the store
                self._set_saving(True)
            return rev

    async def _answer(self, actor: Actor, command: SessionCommand) -> int:
        """Carry out *command*, or give again the answer it had when it came first.

        A page that lost its line sends a command again on a new one. The old one may
        deliver it too, much later: what was refused, or was so already, must not happen then.
        """
        if actor.role is Role.SYSTEM:  # has no line, and repeats what is not due yet
            return await self._submit(actor, command)
        name = (actor.key, command.cmd_id)
        known, answer = self._without_effect.get(name, (None, 0))
        if known == command and name not in self._effects:
            if isinstance(answer, FloorRefused):
                raise FloorRefused(answer.code, answer.message, answer.details)
            return answer
        try:
            rev = await self._submit(actor, command)
        except FloorRefused as refusal:
            # Not the one raised: its traceback would keep everything it passed through.
            copy = FloorRefused(refusal.code, refusal.message, refusal.details)
            self._remember(name, command, copy)
            raise
        if name not in self._effects:
            self._remember(name, command, rev)
        return rev

    def _remember(
        self, name: tuple[str, str], command: SessionCommand, answer: int | FloorRefused
    ) -> None:
        self._without_effect[name] = (command, answer)
        if len(self._without_effect) > KEPT_ANSWERS:
            del self._without_effect[next(iter(self._without_effect))]

    async def _submit(self, actor: Actor, command: SessionCommand) -> int:
        for _ in range(MAX_ATTEMPTS):
            done = self._effects.get((actor.key, command.cmd_id))
            if done is not None:
                return done
            if command.expected_rev is not None and command.expected_rev != self.rev:
                raise FloorRefused(
                    Code.STALE_REVISION,
                    "Somebody changed the list meanwhile. Look at it again, then repeat.",
                    {"rev": self.rev},
                )
            now = self._clock.now()
            events = decide(self.setup, self.state, actor, command, now, self.weak_links())
            if not events:
                return self.rev
            commit = following(
                self._head, at=now, actor=actor, cmd_id=command.cmd_id, events=events
            )
            try:
                await self._store.append(self._key, commit)
            except StoreConflict:
                await self._catch_up()
                continue
            self._apply(commit, events)
            return self.rev
        raise StoreUnavailable(
            Code.STORE_CONFLICT, "Too many others are writing to this session. Try again."
        )

    async def _catch_up(self) -> None:
        for commit in await self._store.read(self._key, self.rev):
            self._fold(commit)
        self._unsure = False

    def _fold(self, commit: Commit) -> None:
        """Take over a commit read from the log, once."""
        if commit.rev == self.rev + 1:
            if commit.prev_hash != (self._head.hash if self._head else GENESIS):
                raise StoreUnavailable(
                    Code.STORE_CORRUPT,
                    f"Revision {commit.rev} does not follow the one this server has. Stop all "
                    "servers of this event, restore the store from a backup, start again.",
                    {"rev": commit.rev},
                )
            self._apply(commit, _events_decoder.decode(commit.events))

    def _apply(self, commit: Commit, events: Sequence[SessionEvent]) -> None:
        self.state = fold(self.setup, self.state, commit.actor, events, commit.at, commit.rev)
        self.rev = commit.rev
        self._head = commit
        self._effects[commit.actor.key, commit.cmd_id] = commit.rev
        self._deadline_moved.set()
        for listener in self._listeners:
            listener.committed(self, events)

    def _failed(self, error: StoreUnavailable) -> None:
        """Remember that nothing can be saved; a damaged log stays so until a restart."""
        if error.code is Code.STORE_CORRUPT and self._damaged is None:
            log.error("session %s: %s", self.id, error)
            self._damaged = error
        self._set_saving(False)

    def _set_saving(self, saving: bool) -> None:
        if saving is not self.saving:
            self.saving = saving
            for listener in self._listeners:
                listener.saving_changed(self)

    async def _follow(self) -> None:
        """Fold what other servers append."""
        try:
            async for commit in self._store.follow(self._key, self.rev):
                async with self._lock:
                    if commit.rev > self.rev + 1:
                        await self._catch_up()
                    self._fold(commit)
        except StoreUnavailable as error:
            self._failed(error)

    async def _keep_deadlines(self) -> None:
        """Let time itself be a command: submit one whenever a deadline is due."""
        while True:
            self._deadline_moved.clear()
            deadline = next_deadline(self.setup, self.state)
            if deadline is not None and deadline <= self._clock.now():
                await self._check_deadlines()
                continue
            delay = None if deadline is None else deadline - self._clock.now()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._deadline_moved.wait(), delay)

    async def _check_deadlines(self) -> None:
        before = self.rev
        try:
            await self.submit(SYSTEM, CheckDeadlines(cmd_id=f"deadline-{before}"))
        except StoreUnavailable as error:
            log.warning("session %s: deadline not committed yet: %s", self.id, error)
        if self.rev == before:
            await asyncio.sleep(STORE_RETRY_S)

    async def store_answers(self, answers: bool) -> None:
        """Take over whether the log can be reached; told by whoever watches the store.

        Raises:
            StoreUnavailable: it answers, but this session's log cannot be read.
        """
        if answers and not self.saving and self._damaged is None:
            async with self._lock:
                await self._catch_up()
        self._set_saving(answers and self._damaged is None)
