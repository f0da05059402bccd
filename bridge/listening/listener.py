"""Asks the listening process; the server's side of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from typing import Final

import msgspec

from bridge.listening.order import Answer, Order, Sound

__all__ = ["Listener"]

log = logging.getLogger(__name__)

# Starting takes a second on a busy machine, listening less.
PATIENCE_S: Final = 30.0
# Each takes a core for a moment, and the cores are the forum's.
AT_ONCE: Final = 2


class Listener:
    """Finds rows of tones in sound that came in; make it inside the event loop."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def hear(self, notes: tuple[int, ...], sounds: Sequence[Sound]) -> Answer:
        """Return what is in *sounds*; nothing if the process fails, which is logged."""
        order = msgspec.json.encode(Order(notes, list(sounds)))
        async with self._places:
            try:
                said = await _ask(order)
                return msgspec.json.decode(said, type=Answer)
            except (OSError, TimeoutError, msgspec.MsgspecError) as error:
                log.warning("the listening process failed: %s", error or type(error).__name__)
                return Answer()


async def _ask(order: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.listening", stdin=PIPE, stdout=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate(order)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return said
