"""Has slates made in the background, and hands them out when they are needed.

Owns the order of work: what somebody needs now comes first, then what a session may need.
Whatever fails here costs the slate and nothing else: viewers then keep the last picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from bridge.slates.order import Done, Order
from bridge.slates.still import Card, Still, path_of, read
from bridge.tasks import Tasks

__all__ = ["SlateMaker"]

log = logging.getLogger(__name__)

#: A still takes 0.1 s; a machine that needs this long has other worries.
PATIENCE_S: Final = 60.0

Place = tuple[str, str]
"""Session and site."""


class SlateMaker:
    """The slates of one server.

    Args:
        cards: session → site → what its slate says.
        cache: folder for the stills.
        deliver: called with session, site and the still that was wanted.
        tasks: runs the work.
    """

    def __init__(
        self,
        cards: Mapping[str, Mapping[str, Card]],
        cache: Path,
        deliver: Callable[[str, str, Still], None],
        tasks: Tasks,
    ) -> None:
        self._cards = cards
        self._cache = cache
        self._deliver = deliver
        self._tasks = tasks
        self._to_do: deque[Place] = deque()
        self._wanted: set[Place] = set()
        self._begun: set[str] = set()
        self._work: asyncio.Task[None] | None = None

    def make(self, session: str) -> None:
        """Begin to make the slates of *session* that are not there; once is enough."""
        if session not in self._begun:
            self._begun.add(session)
            self._to_do.extend((session, site) for site in self._cards.get(session, ()))
            self._go_on()

    def want(self, session: str, site: str) -> None:
        """Deliver this slate as soon as it can be had; an unknown site has none."""
        if site in self._cards.get(session, ()):
            self._wanted.add((session, site))
            self._to_do.appendleft((session, site))
            self._go_on()

    def _go_on(self) -> None:
        if self._work is None or self._work.done():
            self._work = self._tasks.start("slates", self._run())

    async def _run(self) -> None:
        press = _Press()
        try:
            while self._to_do:
                await self._one(press, self._to_do.popleft())
        except OSError as error:
            log.warning("slates cannot be made, the last picture stays instead: %s", error)
            self._to_do.clear()
            self._wanted.clear()
        finally:
            await press.close()

    async def _one(self, press: _Press, place: Place) -> None:
        session, site = place
        card = self._cards[session][site]
        path = path_of(card, self._cache)
        still = await asyncio.to_thread(read, path)
        if still is None:
            await press.make(Order(card=card, path=str(path)))
            still = await asyncio.to_thread(read, path)
        if place in self._wanted and still is not None:
            self._wanted.discard(place)
            self._deliver(session, site, still)


class _Press:
    """The process that draws and encodes: started when it is needed, ended when it is not.

    It keeps no memory of the server's, and the server none of its.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def make(self, order: Order) -> None:
        """Carry out *order*.

        Raises:
            OSError: it could not be done; the next one will not do better.
        """
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bridge.slates", stdin=PIPE, stdout=PIPE
            )
        process = self._process
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            line = await process.stdout.readline()
        if not line:
            raise ChildProcessError(f"the process that makes them ended: {await process.wait()}")
        error = msgspec.json.decode(line, type=Done).error
        if error:
            raise OSError(error)

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
