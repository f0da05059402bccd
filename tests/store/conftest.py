from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.store.log import Log
from bridge.tasks import Tasks
from tests.store.servers import Server, open_log_on, server_of


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory with a short name: pytest's own are too long for a socket."""
    path = Path(tempfile.mkdtemp(prefix="dc-")).resolve()
    yield path
    for cwd in Path("/proc").glob("[0-9]*/cwd"):  # what a failed test left running here
        with contextlib.suppress(OSError):
            if cwd.readlink().is_relative_to(path):
                os.kill(int(cwd.parent.name), signal.SIGKILL)
    shutil.rmtree(path)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owner = Tasks("test")
    yield owner
    await owner.close()


@pytest.fixture(params=["valkey", "redis"])
async def server(request: pytest.FixtureRequest, directory: Path) -> AsyncIterator[Server]:
    running = server_of(request.param, directory)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def log(server: Server) -> AsyncIterator[Log]:
    opened = open_log_on(server)
    yield opened
    await opened.close()
