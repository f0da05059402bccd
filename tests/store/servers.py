"""Real servers for the store's tests: the embedded Valkey and Debian's redis-server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from bridge.clock import monotonic
from bridge.commands import Actor, Event
from bridge.ids import Role
from bridge.store.commit import Commit, following
from bridge.store.connection import Connection, at_socket, at_url
from bridge.store.embedded import EmbeddedValkey
from bridge.store.log import TIMEOUT_S, Log
from bridge.tasks import Tasks

MODERATOR = Actor(role=Role.MODERATOR, name="Nguyễn Thị Hòa", key="k1")


class Noted(Event, frozen=True, kw_only=True, tag="noted"):
    """A stand-in for the events of floor and show, which the store must not know."""

    text: str


def noted(previous: Commit | None, cmd_id: str, text: str = "Đã ghi") -> Commit:
    return following(
        previous, at=1638777600.25, actor=MODERATOR, cmd_id=cmd_id, events=[Noted(text=text)]
    )


def chain(count: int) -> list[Commit]:
    commits: list[Commit] = []
    for number in range(1, count + 1):
        commits.append(noted(commits[-1] if commits else None, f"c{number}"))
    return commits


async def until(condition: Callable[[], bool], deadline_s: float = 10.0) -> None:
    end = monotonic() + deadline_s
    while not condition():
        assert monotonic() < end, "the condition did not come true in time"
        await asyncio.sleep(0.01)


class Server(Protocol):
    """What the tests do to a server, whichever it is."""

    @property
    def pid(self) -> int: ...
    def connect(self) -> Connection: ...
    async def start(self) -> None: ...
    async def kill(self) -> None: ...
    async def revive(self) -> None: ...
    async def stop(self) -> None: ...


def open_log_on(server: Server, timeout_s: float = TIMEOUT_S) -> Log:
    return Log(server.connect, name="test", timeout_s=timeout_s)


class EmbeddedServer:
    """Our Valkey; it comes back by itself."""

    def __init__(self, data_dir: Path) -> None:
        self.tasks = Tasks("test")
        self.valkey = EmbeddedValkey(data_dir, self.tasks)

    @property
    def pid(self) -> int:
        assert self.valkey.pid is not None
        return self.valkey.pid

    def connect(self) -> Connection:
        return at_socket(self.valkey.socket_path)

    async def start(self) -> None:
        await self.valkey.start()

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def revive(self) -> None:
        pass

    async def stop(self) -> None:
        await self.valkey.close()
        await self.tasks.close()


class RedisServer:
    """Debian's redis-server over TCP with a password, as an operator would run it."""

    PASSWORD = "mật-khẩu-thử"

    def __init__(self, directory: Path, *extra: str, aof: bool = True) -> None:
        self.directory = directory
        self.settings = (
            *("--save", "", "--requirepass", self.PASSWORD, "--bind", "127.0.0.1"),
            *("--appendonly", "yes" if aof else "no", "--appendfsync", "always"),
            *("--dir", str(directory), "--logfile", str(directory / "redis.log")),
            *extra,
        )
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def connect(self) -> Connection:
        return at_url(self.url)

    async def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self._process = await asyncio.create_subprocess_exec(
            "/usr/bin/redis-server", "--port", str(self.port), *self.settings,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        log = Log(self.connect, name="test")
        deadline = monotonic() + 10
        while not await log.ping():
            assert monotonic() < deadline, (self.directory / "redis.log").read_text()
            await asyncio.sleep(0.01)
        await log.close()

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def revive(self) -> None:
        await self.start()

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()


def server_of(kind: str, directory: Path) -> Server:
    return partial(EmbeddedServer if kind == "valkey" else RedisServer, directory)()
