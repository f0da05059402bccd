"""A real server in a process of its own, for tests that meet it from outside."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bridge.cli import main
from bridge.clock import SystemClock
from bridge.server.data_directory import DataDirectory
from bridge.server.tokens import Tokens

ROOT = Path(__file__).resolve().parent.parent
#: What servers and simulators have drawn and encoded, for those after them.
CACHE = ROOT / "tests" / "_output" / "cache"
EVENT = ROOT / "config" / "events" / "industry40-2021.toml"


def share_cache(data: Path) -> None:
    """Let what uses *data* take what others have made: 64 slates cost more than most tests."""
    if not (data / "cache").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "cache").symlink_to(CACHE)


_claims: list[socket.socket] = []


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Return a port nobody listens on now; no other test gets it while this process runs.

    A name in the abstract socket space claims it, so that a second run of the tests keeps off too.
    """
    while True:
        port = 12_000 + secrets.randbelow(20_000)  # below those the system gives out by itself
        claim = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            claim.bind(f"\0diemcau-test-port-{port}")
            probe.bind(("127.0.0.1", port))
            _claims.append(claim)
            return port
        claim.close()


@dataclass
class RunningServer:
    """One server process and its data directory; may be killed and started again."""

    data: Path
    event: Path = EVENT
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    media_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    own_cache: bool = False
    process: subprocess.Popen[str] | None = None
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "bridge", "serve",
            "--event", str(self.event),
            "--port", str(self.port),
            "--media-port", str(self.media_port),
            "--data", str(self.data),
            *self.arguments,
        ]  # fmt: skip

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        if not self.own_cache:
            share_cache(self.data)
        log = (self.data.parent / "server.log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env=environment(),
        )
        log.close()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("ready "):
                return
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        """Return what the server wrote to its log so far."""
        return (self.data.parent / "server.log").read_text(encoding="utf-8")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self._reap()

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self._reap()
        self._end_orphan()
        return code

    def _end_orphan(self) -> None:
        """End the Valkey of a server that was killed and not started again."""
        store = (self.data / "valkey").resolve()
        for file in store.glob("*.pid"):
            pid = int(file.read_text())
            with contextlib.suppress(OSError):  # it has ended by itself
                if Path(f"/proc/{pid}/cwd").readlink() == store:
                    os.kill(pid, signal.SIGTERM)

    def _reap(self) -> int:
        assert self.process is not None
        code = self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def valkey_pid(self) -> int:
        """Return the process id of the embedded Valkey."""
        found = list((self.data / "valkey").glob("*.pid"))
        assert len(found) == 1
        return int(found[0].read_text())

    def invite(self, role: str, site: str = "", *arguments: str, session: str = "plenary") -> Any:
        """Make a join link with the command line, in this process; return its JSON."""
        place = ("--site", site) if site else ()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = main([
                "invite", "--role", role, *place, "--session", session,
                "--data", str(self.data), "--json", *arguments,
            ])  # fmt: skip
        assert code == 0
        return json.loads(output.getvalue())

    def tokens(self) -> Tokens:
        """Return what mints this server's tokens, for many at once."""
        directory = DataDirectory(self.data)
        return Tokens(directory.secret(), directory.read_info().event, SystemClock().now)

    def sessions(self) -> list[str]:
        """Return the ids of all sessions."""
        info = json.loads((self.data / "server.json").read_text(encoding="utf-8"))
        return list(info["sessions"])

    def socket(self, token: str, session: str = "plenary") -> connect:
        """Return a websocket connection to open with ``async with``."""
        address = f"ws://127.0.0.1:{self.port}/ws/{session}"
        headers = {"Authorization": f"Bearer {token}"}
        # A test may look elsewhere for a minute; a browser always reads.
        return connect(address, additional_headers=headers, max_queue=None)

    def http(self, token: str = "") -> aiohttp.ClientSession:
        """Return an HTTP client with a bearer token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return aiohttp.ClientSession(self.url, headers=headers)


def environment() -> dict[str, str]:
    """Return an environment without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIEMCAU_")}


class Client:
    """A page without a browser: keeps the view, sends commands, waits for answers."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.view: dict[str, Any] = {}
        self.you: dict[str, Any] = {}
        self.rev = -1
        self.links: dict[str, Any] = {}
        self.saving = True
        self._answers: dict[str, dict[str, Any]] = {}
        self._sent = 0

    @classmethod
    async def hello(cls, socket: ClientConnection, **fields: object) -> Client:
        """Say hello and wait for the view."""
        client = cls(socket)
        await client.tell("hello", **fields)
        while client.rev < 0:
            await client.receive()
        return client

    async def tell(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def receive(self, timeout_s: float = 10.0) -> dict[str, Any]:
        """Take one message in and return it."""
        async with asyncio.timeout(timeout_s):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        match message["type"]:
            case "view":
                self.view, self.you, self.rev = message["view"], message["you"], message["rev"]
            case "patch":
                self.view, self.rev = merged(self.view, message["patch"]), message["rev"]
            case "links":
                self.links = message["sites"]
            case "status":
                self.saving = message["saving"]
            case "ack" | "nack":
                self._answers[message["cmd_id"]] = message
        return message

    async def until_closed(self) -> tuple[int, str]:
        """Read until the server closes; return its close code and reason."""
        try:
            while True:
                await self.receive()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            return closed.rcvd.code, closed.rcvd.reason

    async def command(self, kind: str, **fields: object) -> dict[str, Any]:
        """Send a command and return its ack or nack."""
        self._sent += 1
        cmd_id = str(fields.pop("cmd_id", f"t{id(self)}-{self._sent}"))
        self._answers.pop(cmd_id, None)
        await self.tell(kind, cmd_id=cmd_id, **fields)
        while cmd_id not in self._answers:
            await self.receive()
        return self._answers[cmd_id]

    async def until(self, condition: Any, timeout_s: float = 15.0) -> None:
        """Take messages in until *condition* of this client is true."""
        end = time.monotonic() + timeout_s
        while not condition(self):
            await self.receive(max(0.01, end - time.monotonic()))


def merged(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396), written here again on purpose: the other end."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
