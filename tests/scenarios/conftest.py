"""Sessions on a real log, with a clock the test moves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bridge.sessions.session import Session
from bridge.state import FloorPolicy, SessionEvent, SessionSetup
from bridge.store.open import Store, open_log
from bridge.tasks import Tasks

SETUP = SessionSetup(
    id="plenary",
    venue="ha-noi",
    sites=("ha-noi", "dien-bien", "son-la"),
    policy=FloorPolicy(revoke_grace=5.0, arm_timeout=30.0),
)


class Clock:
    """A clock that stands until it is moved; whoever sleeps on it is told."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time


class Witness:
    """Remembers what a session told its listeners."""

    def __init__(self) -> None:
        self.events: list[SessionEvent] = []
        self.saving: list[bool] = []

    def committed(self, session: Session, events: Sequence[SessionEvent]) -> None:
        del session
        self.events += events

    def saving_changed(self, session: Session) -> None:
        self.saving.append(session.saving)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="dc-")).resolve()
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owner = Tasks("test")
    yield owner
    await owner.close()


@pytest.fixture
async def store(directory: Path, tasks: Tasks) -> AsyncIterator[Store]:
    opened = await open_log(None, directory, tasks)
    yield opened
    await tasks.close()  # followers first
    await opened.close()


@pytest.fixture
def make(store: Store, clock: Clock, tasks: Tasks) -> Callable[[], Session]:
    """Make another server's view of the same session."""
    return lambda: Session(SETUP, store.log, "test/plenary", clock, tasks)
