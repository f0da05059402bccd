"""Twenty pages in a storm of commands on one data directory, while its processes are killed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bridge.config import Event, load_event
from bridge.ids import Role
from bridge.sessions.facts import setup_of
from bridge.sessions.session import log_name
from bridge.store.connection import at_socket, command
from bridge.store.directory import StoreDirectory
from bridge.store.log import log_key
from tests.crash import people
from tests.crash.checker import Entry, LogChecker, Seen, diverged, unlike_log
from tests.crash.kills import Kill, perform
from tests.crash.page import History, Page
from tests.crash.voice import Voice
from tests.running import Client, RunningServer

__all__ = ["EVENT", "Figures", "Storm"]

EVENT = Path(__file__).with_name("event.toml")
SESSION = "plenary"

MODERATORS = 6
HOSTS = (
    "dien-bien", "dien-bien", "son-la", "son-la", "lai-chau",
    "cao-bang", "da-nang", "nghe-an", "can-tho", "ca-mau",
)  # fmt: skip
WATCHERS = (Role.TECHNICIAN, Role.TECHNICIAN, Role.STAGE, Role.STAGE)
VOICES = ("dien-bien", "son-la", "can-tho")
"""Sites whose sound arrives; a grant of another one times out."""

BEFORE_S = (0.1, 0.7)
"""When the kill comes, after the storm began."""

AFTER_S = (0.1, 0.4)
"""How long the storm goes on when commands are acknowledged again."""

DROP_EVERY_S = (0.03, 0.25)
"""Pause between lost lines: pages resume on a server that lives on, too."""

PATIENCE_S = 120.0
"""A storm that has not got that far by then hangs."""


@dataclass
class Figures:
    """What happened, for people to read.

    Attributes:
        ready: seconds from the kill until the server says that it is ready.
        outages: seconds from the kill until something new is saved.
        acked: acknowledged commands, by round.
    """

    ready: dict[Kill, list[float]] = field(default_factory=dict)
    outages: dict[Kill, list[float]] = field(default_factory=dict)
    acked: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    commits: int = 0
    dropped: int = 0
    unclear: int = 0
    resent: int = 0
    resumed: int = 0
    late: int = 0
    seconds: float = 0.0


class Storm:
    """Everybody on one running server; :meth:`started` makes it."""

    def __init__(self, server: RunningServer, event: Event, rng: Random) -> None:
        config = event.session(SESSION)
        assert config is not None
        self.server = server
        self.figures = Figures()
        self.checker = LogChecker(setup_of(event, config))
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []
        self._history = History()
        self._tokens = server.tokens()
        self._pages = [self._page(*one) for one in _everybody()]
        self._voices = [
            Voice(server, site, self._tokens.mint(Role.HOST, SESSION, site=site)[0])
            for site in VOICES
        ]
        self._log = log_key(log_name(event.id, SESSION))

    @classmethod
    @asynccontextmanager
    async def started(cls, data: Path, rng: Random) -> AsyncIterator[Storm]:
        """Start the server and bring everybody in; stop it cleanly at the end."""
        server = RunningServer(data, event=EVENT)
        await asyncio.to_thread(server.start)
        try:
            storm = cls(server, load_event(EVENT), rng)
            lives = [page.run() for page in storm._pages]
            lives += [voice.run() for voice in storm._voices]
            storm._tasks = [asyncio.create_task(one) for one in (*lives, storm._lose_lines())]
            try:
                yield storm
            finally:
                for task in storm._tasks:
                    task.cancel()
                await asyncio.wait(storm._tasks)
        finally:
            await asyncio.to_thread(server.stop)

    def _page(self, role: Role, name: str, site: str, person: people.Person) -> Page:
        token, claims = self._tokens.mint(role, SESSION, site=site, name=name)
        rng = Random(self._rng.random())
        return Page(name, claims.actor(), token, self.server, person, rng, self._history)

    async def round(self, kill: Kill) -> list[str]:
        """Let the storm rage, kill, let it rage on and calm down; return what is wrong."""
        began = time.monotonic()
        self._rage(True)
        await asyncio.sleep(self._rng.uniform(*BEFORE_S))
        killed = await perform(kill, self.server, self._rng)
        if kill.ends_server:
            self.figures.ready.setdefault(kill, []).append(time.time() - killed)
            for voice in self._voices:
                voice.join_again()
        newest = max(page.rev for page in self._pages)
        await self._until("nothing is saved", lambda: self._saved_since(killed, newest) > 0)
        outage = self._saved_since(killed, newest) - killed
        self.figures.outages.setdefault(kill, []).append(outage)
        await asyncio.sleep(self._rng.uniform(*AFTER_S))
        self._rage(False)
        await self._until("commands stay unanswered", self._calm)
        problems = await self._check()
        self._count(time.monotonic() - began)
        return problems

    def _rage(self, on: bool) -> None:
        for page in self._pages:
            page.sending = on

    def _saved_since(self, moment: float, rev: int) -> float:
        """Return when a command sent after *moment* was first acknowledged beyond *rev*, or 0."""
        for answer in self._history.answers:
            if answer.sent > moment and answer.rev > rev and not answer.code:
                return answer.at
        return 0.0

    def _calm(self) -> bool:
        return all(page.idle for page in self._pages)

    async def _until(self, otherwise: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert not self._history.problems, "\n".join(self._history.problems)
            for task in self._tasks:
                if task.done():
                    task.result()  # raises what ended it: it should run for ever
            assert time.monotonic() < deadline, f"{otherwise} for {PATIENCE_S:g} s"
            await asyncio.sleep(0.005)

    async def _lose_lines(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(*DROP_EVERY_S))
            page = self._rng.choice(self._pages)
            if page.sending:
                page.drop()
                self.figures.dropped += 1

    async def _check(self) -> list[str]:
        seen, fresh = await self._converged()
        entries = [entry for entry in await self._read() if _rev(entry) <= fresh[0].rev]
        problems = [*self._history.problems, *self.checker.take(entries, self._history.answers)]
        problems += diverged(seen, fresh)
        for one in fresh:
            if one.audience[0] == Role.MODERATOR:
                problems += unlike_log(one.view, self.checker.state)
        return problems

    async def _converged(self) -> tuple[list[Seen], list[Seen]]:
        """Return what pages, and a new page of each audience, see when all are at one revision."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            fresh = [await self._newcomer(page) for page in _one_of_each(self._pages)]
            seen = [page.seen for page in self._pages]
            if len({one.rev for one in (*seen, *fresh)}) == 1 or time.monotonic() > deadline:
                return seen, fresh
            await asyncio.sleep(0.02)  # a deadline was due, or patches are still on their way

    async def _newcomer(self, page: Page) -> Seen:
        async with self.server.socket(page.token) as socket:
            client = await Client.hello(socket)
            return Seen("a new page", page.seen.audience, client.rev, client.view)

    async def _read(self) -> list[Entry]:
        """Return the log from the newest entry checked, straight from the store."""
        client = at_socket(StoreDirectory(self.server.data).socket_in_use())
        try:
            first = f"{max(1, self.checker.rev)}-0"
            found: list[tuple[bytes, dict[bytes, Any]]]
            found = await command(client, "XRANGE", self._log, first, "+")
        finally:
            await client.aclose()
        return [Entry(at.decode(), one[b"c"], one[b"h"].decode()) for at, one in found]

    def _count(self, seconds: float) -> None:
        history, figures = self._history, self.figures
        figures.acked.append(sum(not answer.code for answer in history.answers))
        figures.refused.update(answer.code for answer in history.answers if answer.code)
        figures.commits = self.checker.rev
        figures.unclear += history.unclear
        figures.resent += history.resent
        figures.resumed += history.resumed
        figures.late += history.late
        figures.seconds += seconds
        self._history.clear()


def _everybody() -> Iterator[tuple[Role, str, str, people.Person]]:
    for n in range(MODERATORS):
        yield Role.MODERATOR, f"moderator-{n}", "", people.moderator
    for n, site in enumerate(HOSTS):
        yield Role.HOST, f"host-{n}", site, people.host
    for n, role in enumerate(WATCHERS):
        yield role, f"watcher-{n}", "", people.watcher


def _one_of_each(pages: list[Page]) -> list[Page]:
    return list({page.seen.audience: page for page in pages}.values())


def _rev(entry: Entry) -> int:
    return int(entry.id.partition("-")[0])
