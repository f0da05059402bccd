"""Processes that get only some of their turns, as on a machine that is too busy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from tests.network.namespaces import Namespace

__all__ = ["renderers", "starved"]


def renderers(network: Namespace) -> list[int]:
    """Return the processes that run the pages of the browsers in *network*."""
    place = Path(network.path).readlink()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()  # Chromium writes spaces between words
            if b"--type=renderer" in command and (process / "ns" / "net").readlink() == place:
                found.append(int(process.name))
    return found


@asynccontextmanager
async def starved(pids: Collection[int], *, run_s: float, stop_s: float) -> AsyncIterator[None]:
    """Let processes run and stand still by turns as long as the block runs.

    Args:
        pids: the processes; those that end meanwhile are left alone.
        run_s, stop_s: how long they run and stand, seconds.
    """
    turns = asyncio.create_task(_turns(pids, run_s, stop_s))
    try:
        yield
    finally:
        turns.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await turns
        _send(pids, signal.SIGCONT)


async def _turns(pids: Collection[int], run_s: float, stop_s: float) -> None:
    while True:
        _send(pids, signal.SIGSTOP)
        await asyncio.sleep(stop_s)
        _send(pids, signal.SIGCONT)
        await asyncio.sleep(run_s)


def _send(pids: Collection[int], what: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)
