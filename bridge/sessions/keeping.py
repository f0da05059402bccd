"""Link history kept longer than a server lives: a minute at a time, and read back at start.

Nothing waits for it and nothing depends on it: a minute that cannot be stored is lost, and
said once.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Protocol

from bridge.clock import Clock
from bridge.errors import StoreUnavailable
from bridge.link.columns import SECONDS
from bridge.sessions.history import MINUTE, History

__all__ = ["HistoryKeeper"]

log = logging.getLogger(__name__)

#: Seconds after the end of a minute before it is stored, so that its last second is there.
SETTLED_S: Final = 2.0
#: Longest wait when the server stops.
FINISH_S: Final = 1.0


class Pieces(Protocol):
    """Where minutes are kept; see ``store.archive``."""

    async def append(self, session: str, piece: bytes) -> None:
        """Keep a minute."""

    async def newest(self, session: str, count: int) -> list[bytes]:
        """Return the newest minutes, the oldest first."""


class HistoryKeeper:
    """Keeps the history of one session.

    Args:
        history: of the session.
        pieces: where its minutes are kept.
        name: the session's name there.
        clock: says when a minute is over.
    """

    def __init__(self, history: History, pieces: Pieces, name: str, clock: Clock) -> None:
        self._history = history
        self._pieces = pieces
        self._name = name
        self._clock = clock
        self._failed = False
        self._next = self._minute()  # the first one not stored

    async def run(self) -> None:
        """Read back what is kept, then store every minute; ends when it is cancelled."""
        await self.restore()
        while True:
            await asyncio.sleep(self._next + MINUTE + SETTLED_S - self._clock.now())
            start = self._next
            self._next = max(start + MINUTE, self._minute() - MINUTE)
            await self.store(start)

    async def finish(self) -> None:
        """Store what is not stored yet, if the store takes it at once; the server stops."""
        try:
            async with asyncio.timeout(FINISH_S):
                for start in range(self._next, int(self._clock.now()) + 1, MINUTE):
                    await self.store(start)
        except TimeoutError:
            log.warning("the last minute of link history was not stored")

    async def restore(self) -> None:
        """Read back the last two hours; unreadable minutes are left out."""
        try:
            pieces = await self._pieces.newest(self._name, SECONDS // MINUTE)
        except StoreUnavailable as error:
            log.warning("link history could not be read back: %s", error)
            return
        for piece in pieces:
            try:
                self._history.load(piece)
            except ValueError as error:
                log.warning("a minute of link history was left out: %s", error)
            await asyncio.sleep(0)

    async def store(self, start: int) -> None:
        """Store the minute from *start* on, Unix seconds, if there was anything."""
        piece = await asyncio.to_thread(self._history.minute, start)
        if piece is None:
            return
        try:
            await self._pieces.append(self._name, piece)
        except StoreUnavailable as error:
            if not self._failed:
                log.warning("link history is not stored for now: %s", error)
            self._failed = True
        else:
            self._failed = False

    def _minute(self) -> int:
        now = int(self._clock.now())
        return now - now % MINUTE
