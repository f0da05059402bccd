"""A page of the storm: what ``web/static/js/connection.js`` does, without a browser.

It keeps its view, survives lost connections, resumes with ``hello {rev, instance}``
and sends what is unanswered again under its own ``cmd_id``: on a new connection,
and after a refusal that leaves it unclear whether the command had an effect.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus, WebSocketException

from bridge.commands import Actor
from tests.crash.checker import Answer, Seen
from tests.crash.people import Person
from tests.running import RunningServer, merged

__all__ = ["History", "Page"]

UNCLEAR = frozenset({"store_unavailable"})
"""As in connection.js: the command may have taken effect; send the same id again."""

BUGS = frozenset(
    {"internal", "message_malformed", "field_invalid", "command_unknown", "store_corrupt"}
)
"""Refusals no command of a storm deserves."""

IN_FLIGHT = 3
"""Unanswered commands a page has at most: a crash catches them all."""

MESSAGE_EVERY_S = (0.03, 0.08)
"""Pause between commands; the server takes 20 messages a second of one page."""

RECONNECT_S = (0.02, 0.15)
RESEND_S = (0.1, 0.3)

LATE_S = (0.05, 0.8)
"""When a lost line delivers after all what was under way on it."""


@dataclass
class History:
    """What all pages of a storm were told in a round, and what they were told wrongly.

    Attributes:
        unclear: refusals after which the outcome is not known.
        resent: commands sent again under their own id.
        resumed: connections that went on with patches to the view the page had.
        late: copies that came when the command had been sent again on another connection.
    """

    answers: list[Answer] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unclear: int = 0
    resent: int = 0
    resumed: int = 0
    late: int = 0

    def clear(self) -> None:
        """Begin a new round."""
        self.answers, self.problems = [], []
        self.unclear = self.resent = self.resumed = self.late = 0


@dataclass
class _Sent:
    message: dict[str, Any]
    at: float


class Page:
    """One page with somebody in front of it.

    Args:
        name: for reports.
        actor: whom the server will take it for.
        token: of its join link.
        person: says what to send.
        rng: chance of its own.
        history: shared by all pages.
    """

    def __init__(
        self,
        name: str,
        actor: Actor,
        token: str,
        server: RunningServer,
        person: Person,
        rng: Random,
        history: History,
    ) -> None:
        self.name = name
        self.actor = actor
        self.token = token
        self.view: dict[str, Any] = {}
        self.rev = -1
        self.sending = False
        self.waiting: dict[str, _Sent] = {}
        self._instance = ""
        self._server = server
        self._person = person
        self._rng = rng
        self._history = history
        self._socket: ClientConnection | None = None
        self._outgoing: asyncio.Queue[dict[str, Any]] | None = None
        self._made = 0
        self._greeted = False
        self._late: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """Connected, every command answered, and no copy of one still under way."""
        return self._outgoing is not None and not self.waiting and not self._late

    @property
    def seen(self) -> Seen:
        """What the page shows."""
        return Seen(self.name, (self.actor.role, self.actor.site), self.rev, self.view)

    async def run(self) -> None:
        """Stay connected and send commands until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stay_connected())
            group.create_task(self._work())

    def drop(self) -> None:
        """Lose the line without a word; what was under way on it may arrive much later.

        A TCP connection that stands still goes on where it stood: the server then gets a
        command from the old connection after it has answered it on the new one.
        """
        if self._socket is None:
            return
        self._socket.transport.abort()
        under_way = [sent.message for sent in self.waiting.values()]
        if under_way:
            late = asyncio.create_task(self._deliver_late(under_way))
            self._late.add(late)
            late.add_done_callback(self._late.discard)

    async def _deliver_late(self, messages: list[dict[str, Any]]) -> None:
        """Send copies over a connection as old as the lost one: it ends with the server's run."""
        with contextlib.suppress(OSError, EOFError, WebSocketException):
            async with self._server.socket(self.token) as socket:
                await asyncio.sleep(self._rng.uniform(*LATE_S))
                for message in messages:
                    await socket.send(json.dumps(message))
                for _ in messages:
                    await socket.recv()
                self._history.late += len(messages)

    async def _stay_connected(self) -> None:
        while True:
            try:
                async with self._server.socket(self.token) as socket:
                    await self._converse(socket)
            except InvalidStatus as refusal:
                self._wrong(f"was refused with HTTP {refusal.response.status_code}")
            except (OSError, EOFError, WebSocketException):
                pass  # the server is gone, or the line
            finally:
                self._socket = self._outgoing = None
            await asyncio.sleep(self._rng.uniform(*RECONNECT_S))

    async def _converse(self, socket: ClientConnection) -> None:
        outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        outgoing.put_nowait({"type": "hello", "rev": self.rev, "instance": self._instance})
        for sent in self.waiting.values():
            outgoing.put_nowait(sent.message)
        self._history.resent += len(self.waiting)
        self._socket, self._outgoing, self._greeted = socket, outgoing, False
        writer = asyncio.create_task(_write(socket, outgoing))
        try:
            async for text in socket:
                self._receive(json.loads(text))
        finally:
            writer.cancel()
            await asyncio.wait([writer])

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(*MESSAGE_EVERY_S))
            if self.sending and self.view and len(self.waiting) < IN_FLIGHT:
                wish = self._person(self._rng, self.view, self.rev)
                if wish is not None:
                    self._send(wish)

    def _send(self, wish: dict[str, Any]) -> None:
        self._made += 1
        message = {**wish, "cmd_id": f"{self.name}-{self._made}"}
        self.waiting[message["cmd_id"]] = _Sent(message, time.time())
        if self._outgoing is not None:
            self._outgoing.put_nowait(message)

    def _send_again(self, cmd_id: str, outgoing: asyncio.Queue[dict[str, Any]] | None) -> None:
        """Repeat a command on the connection where its outcome was unclear."""
        if outgoing is not None and outgoing is self._outgoing:  # a newer one has repeated it
            self._history.resent += 1
            outgoing.put_nowait(self.waiting[cmd_id].message)

    def _receive(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "view":
                self.view, self.rev = message["view"], message["rev"]
                self._instance = message["instance"]
                self._greeted = True
            case "patch":
                self._patch(message["rev"], message["patch"])
            case "ack" | "nack":
                self._answered(message)

    def _patch(self, rev: int, patch: dict[str, Any]) -> None:
        if not self._greeted:
            self._history.resumed += 1
        nothing_missed = not self._greeted and rev == self.rev and not patch
        if rev != self.rev + 1 and not nothing_missed:
            self._wrong(f"has revision {self.rev} and got the patch of {rev}")
        self.view, self.rev, self._greeted = merged(self.view, patch), rev, True

    def _answered(self, answer: dict[str, Any]) -> None:
        cmd_id, code = answer["cmd_id"], answer.get("code", "")
        sent = self.waiting.get(cmd_id)
        if sent is None:
            self._wrong(f"got an answer nobody waits for: {answer}")
            return
        if code in UNCLEAR:
            self._history.unclear += 1
            pause_s = self._rng.uniform(*RESEND_S)
            repeat = partial(self._send_again, cmd_id, self._outgoing)
            asyncio.get_running_loop().call_later(pause_s, repeat)
            return
        if code in BUGS:
            self._wrong(f"sent {sent.message} and got {answer}")
        if not code and answer["rev"] > self.rev:
            self._wrong(f"has revision {self.rev} and got {answer}")
        del self.waiting[cmd_id]
        self._history.answers.append(
            Answer(self.actor, sent.message, code, answer["rev"], sent.at, time.time())
        )

    def _wrong(self, what: str) -> None:
        self._history.problems.append(f"{self.name} {what}")


async def _write(socket: ClientConnection, outgoing: asyncio.Queue[dict[str, Any]]) -> None:
    with contextlib.suppress(WebSocketException):
        while True:
            await socket.send(json.dumps(await outgoing.get()))
