"""Slates are made by a process of its own, once, and handed out when they are wanted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from bridge.slates.maker import SlateMaker
from bridge.slates.order import Order
from bridge.slates.still import Still, path_of, read
from bridge.tasks import Tasks
from tests.running import ROOT
from tests.slates.pictures import card, decoded, shows

pytestmark = pytest.mark.timeout(240)

CARDS = {
    "plenary": {"dien-bien": card("Điện Biên"), "son-la": card("Sơn La")},
    "thematic": {"dien-bien": card("Điện Biên", session="Phiên chuyên đề")},
}
NAMES = ["Điện Biên", "Sơn La"]


@dataclass
class Office:
    cache: Path
    tasks: Tasks
    delivered: dict[tuple[str, str], Still] = field(default_factory=dict)
    deliveries: int = 0

    def deliver(self, session: str, site: str, still: Still) -> None:
        self.delivered[session, site] = still
        self.deliveries += 1

    def maker(self) -> SlateMaker:
        return SlateMaker(CARDS, self.cache, self.deliver, self.tasks)

    def path(self, session: str, site: str) -> Path:
        return path_of(CARDS[session][site], self.cache)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(120):
            while not condition():
                await asyncio.sleep(0.02)

    async def rest(self) -> None:
        """Wait until nothing is being made."""
        await self.until(lambda: len(self.tasks) == 0)


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    tasks = Tasks("test")
    yield Office(tmp_path / "cache", tasks)
    await tasks.close()


async def test_a_session_is_made_and_one_slate_delivered(office: Office) -> None:
    maker = office.maker()
    maker.make("plenary")
    maker.make("plenary")
    maker.want("plenary", "son-la")
    maker.want("plenary", "nowhere")
    maker.want("other", "son-la")
    await office.rest()
    assert list(office.delivered) == [("plenary", "son-la")]
    assert office.deliveries == 1
    [picture] = decoded("vp8", office.delivered["plenary", "son-la"].vp8)
    assert shows(picture, "Sơn La", ["Điện Biên"])
    assert office.path("plenary", "dien-bien").exists()
    assert not office.path("thematic", "dien-bien").exists(), "nobody is there"


async def test_what_is_wanted_comes_first(office: Office) -> None:
    maker = office.maker()
    maker.make("plenary")
    maker.want("thematic", "dien-bien")
    await office.until(lambda: office.deliveries == 1)
    assert not office.path("plenary", "son-la").exists()
    await office.rest()
    assert office.path("plenary", "son-la").exists()


async def test_what_is_there_is_not_made_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.maker().make("plenary")
    await office.rest()
    monkeypatch.setattr(sys, "executable", "/bin/false")  # a process would fail
    again = office.maker()
    again.make("plenary")
    again.want("plenary", "dien-bien")
    await office.rest()
    assert list(office.delivered) == [("plenary", "dien-bien")]


async def test_a_damaged_file_is_made_again(office: Office) -> None:
    office.maker().make("plenary")
    await office.rest()
    path = office.path("plenary", "dien-bien")
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2] + bytes(len(good) - len(good) // 2))
    office.maker().make("plenary")
    await office.rest()
    assert path.read_bytes() == good


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python"])
async def test_a_process_that_fails_costs_the_slates_and_nothing_else(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    executable: str,
) -> None:
    maker = office.maker()
    monkeypatch.setattr(sys, "executable", executable)
    maker.make("plenary")
    await office.rest()
    assert "slates cannot be made" in caplog.text
    monkeypatch.undo()
    assert sys.executable != executable
    maker.want("plenary", "son-la")  # the next time it is needed
    await office.rest()
    assert list(office.delivered) == [("plenary", "son-la")]


async def test_a_cache_that_cannot_be_written_is_said(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.cache.write_bytes(b"a file, not a folder")
    office.maker().want("plenary", "son-la")
    await office.rest()
    assert "slates cannot be made" in caplog.text
    assert office.deliveries == 0


async def test_the_process_ends_with_the_work_or_with_the_server(office: Office) -> None:
    def children() -> list[str]:
        lists = Path("/proc/self/task").glob("*/children")
        return [pid for one in lists for pid in one.read_text().split()]

    before = set(children())
    office.maker().make("plenary")
    await office.until(lambda: bool(set(children()) - before))
    await office.rest()
    assert set(children()) <= before
    other = SlateMaker(CARDS, office.cache / "other", office.deliver, office.tasks)
    other.make("plenary")
    await office.until(lambda: bool(set(children()) - before))
    await office.tasks.close()
    assert set(children()) <= before
    assert read(office.cache / "other" / "nothing") is None


def test_the_process_ends_without_a_word_when_its_server_was_killed(tmp_path: Path) -> None:
    order = Order(card=card("Điện Biên"), path=str(tmp_path / "one.slate"))
    with subprocess.Popen(
        [sys.executable, "-m", "bridge.slates"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert read(Path(order.path)) is not None
