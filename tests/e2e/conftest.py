"""A server for a story, browsers that stay, and the rule that no page may throw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e import browser
from tests.running import RunningServer

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests of this folder share one event loop, and with it their browsers."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def browsers() -> AsyncIterator[None]:
    async with browser.browsers():
        yield


class Ahead:
    """Starts the server of the next test while this one runs."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._starter = ThreadPoolExecutor(1)
        self._next = self._starter.submit(self._started)

    def _started(self) -> RunningServer:
        running = RunningServer(self._folders.mktemp("server") / "data")
        running.start()
        return running

    def take(self) -> RunningServer:
        """Return a server nobody has used."""
        ready: Future[RunningServer] = self._next
        self._next = self._starter.submit(self._started)
        return ready.result()

    def close(self) -> None:
        """Stop the one that nobody needs any more."""
        self._next.result().stop()
        self._starter.shutdown()


@pytest.fixture(scope="session")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ahead]:
    servers = Ahead(tmp_path_factory)
    yield servers
    servers.close()


@pytest.fixture
def server(ahead: Ahead) -> Iterator[RunningServer]:
    browser.ERRORS.clear()
    running = ahead.take()
    yield running
    running.stop()
    assert "Traceback" not in running.log(), running.log()
    assert not browser.ERRORS
