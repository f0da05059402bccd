"""The ways a storm ends processes, always with SIGKILL, and brings the service back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.running import RunningServer

__all__ = ["Kill", "perform"]

STARTING_S = (0.05, 1.0)
"""When a starting server is killed again: from its imports to its first connections."""

RESTARTING_S = (0.0, 0.3)
"""When a restarting Valkey is killed again."""

STORE_BACK_S = 30.0
"""As long as the server itself waits for its Valkey."""


class Kill(StrEnum):
    """What is killed; the server is started again, its Valkey it must start itself."""

    SERVER = "server"
    STORE = "store"
    BOTH = "both"
    SERVER_TWICE = "server, and again while it starts"
    STORE_TWICE = "store, and again while it starts"

    @property
    def ends_server(self) -> bool:
        """Whether the server process itself is killed."""
        return self not in {Kill.STORE, Kill.STORE_TWICE}


async def perform(kill: Kill, server: RunningServer, rng: Random) -> float:
    """Kill, and wait until the server process is there again (its Valkey may not be).

    Returns:
        When the last process was killed, Unix seconds.
    """
    match kill:
        case Kill.SERVER:
            server.kill()
        case Kill.STORE:
            await _kill_store(server)
            return time.time()
        case Kill.BOTH:
            await _kill_store(server)
            server.kill()
        case Kill.SERVER_TWICE:
            server.kill()
            starting = asyncio.create_task(asyncio.to_thread(server.start))
            await asyncio.sleep(rng.uniform(*STARTING_S))
            assert server.process is not None
            server.process.send_signal(signal.SIGKILL)
            with contextlib.suppress(AssertionError):  # it did not get ready, as intended
                await starting
            server.kill()
        case Kill.STORE_TWICE:
            await _kill_store(server)
            await asyncio.sleep(rng.uniform(*RESTARTING_S))
            await _kill_store(server)
            return time.time()
    killed = time.time()
    await asyncio.to_thread(server.start)
    return killed


async def _kill_store(server: RunningServer) -> None:
    """Kill the Valkey that lives on the server's files; wait for one if none does."""
    store = (server.data / "valkey").resolve()
    deadline = time.monotonic() + STORE_BACK_S
    while True:
        assert time.monotonic() < deadline, "the server has not started its Valkey again"
        with contextlib.suppress(OSError, ValueError):  # no pid file yet, or of a dead process
            pid = server.valkey_pid()
            if Path(f"/proc/{pid}/cwd").readlink() == store:
                os.kill(pid, signal.SIGKILL)
                return
        await asyncio.sleep(0.005)
