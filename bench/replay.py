"""How long a server that starts needs until a long log is its state again.

Written and read in this process, by the parts the server starts with, on the Valkey that
comes with it: read, check, decode, fold, and let the media follow.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.child import Child, answer, messages
from bench.report import Report
from bench.server import EVENT
from bridge.clock import SystemClock, cpu_time, monotonic
from bridge.commands import Actor
from bridge.config import load_event
from bridge.floor.commands import (
    GrantFloor,
    MarkLive,
    MoveRequest,
    ReleaseFloor,
    RequestFloor,
)
from bridge.ids import Role
from bridge.media.server import MediaServer
from bridge.sessions.facts import facts_of, setup_of
from bridge.sessions.runtime import SessionRuntime
from bridge.sessions.session import SYSTEM, Session
from bridge.show.commands import SetPreview
from bridge.state import SessionCommand
from bridge.store.log import Log
from bridge.store.open import open_log
from bridge.tasks import Tasks

TIMES = 5
WAITING = 20  # requests in the list throughout
MODERATOR = Actor(role=Role.MODERATOR, key="bench")


class Nobody:
    """Hears what the media plane tells, and does nothing."""

    def audio_forwarded(self, session: str, site: str) -> None: ...

    def peers_changed(self, session: str) -> None: ...

    def program_switched(self, session: str, site: str) -> None: ...

    def slots_changed(self, session: str, peer: str, /) -> None: ...

    def slate_wanted(self, session: str, site: str) -> None: ...


def speeches(sites: tuple[str, ...]) -> Iterator[tuple[Actor, SessionCommand]]:
    """Yield the commands of a forum without end: request, move, grant, first sound, end."""
    places = itertools.cycle(sites)
    cmd_ids = map(str, itertools.count())
    for n in itertools.count(1):
        site = next(places)
        yield (
            MODERATOR,
            RequestFloor(
                cmd_id=next(cmd_ids),
                site=site,
                name=f"Đại biểu Nguyễn Thị Minh Khai {n}",
                title="Phó Giám đốc Sở Thông tin và Truyền thông",
                topic="Hạ tầng số cho vùng sâu, vùng xa",
            ),
        )
        if n <= WAITING:
            continue
        head, last = n - WAITING, n
        move = MoveRequest(cmd_id=next(cmd_ids), request=f"r{last}", before=f"r{last - 2}")
        yield MODERATOR, move
        back = MoveRequest(cmd_id=next(cmd_ids), request=f"r{last}", after=f"r{last - 1}")
        yield MODERATOR, back
        yield MODERATOR, SetPreview(cmd_id=next(cmd_ids), source=f"camera:{site}")
        yield MODERATOR, GrantFloor(cmd_id=next(cmd_ids), request=f"r{head}", override=True)
        yield SYSTEM, MarkLive(cmd_id=next(cmd_ids), grant=f"g{head}")
        yield MODERATOR, ReleaseFloor(cmd_id=next(cmd_ids), request=f"r{head}")


class Stage:
    """What the server starts a session with.

    Args:
        store: the log.
        media: the media plane.
    """

    def __init__(self, store: Log, media: MediaServer) -> None:
        self._store = store
        self._media = media
        self._event = load_event(EVENT)

    def session(self, tasks: Tasks) -> tuple[Session, SessionRuntime]:
        """Return the session and what lets media and pages follow it, not yet started.

        Args:
            tasks: owner of what runs on when they have.
        """
        event, config, clock = self._event, self._event.sessions[0], SystemClock()
        session = Session(setup_of(event, config), self._store, "bench", clock, tasks)
        facts = facts_of(event, config)
        return session, SessionRuntime(session, facts, self._media, clock, tasks, "bench")


async def measure(folder: Path, commits: int) -> dict[str, float]:
    """Write a log of *commits*, then replay it several times."""
    tasks = Tasks("bench")
    store = await open_log(None, folder, tasks)
    media = MediaServer(host="127.0.0.1", port=0, public_addresses=(), observer=Nobody())
    await media.start()
    try:
        stage = Stage(store.log, media)
        writer, _ = stage.session(tasks)
        script = speeches(writer.setup.sites)
        began = monotonic()
        while writer.rev < commits:
            await writer.submit(*next(script))
        written_s = monotonic() - began
        wall: list[float] = []
        cpu: list[float] = []
        for _ in range(TIMES):
            own = Tasks("replay")
            session, runtime = stage.session(own)
            began, cpu_began = monotonic(), cpu_time()
            await runtime.start()
            wall.append(monotonic() - began)
            cpu.append(cpu_time() - cpu_began)
            await own.close()  # before it looks at the sites, and writes what it sees
            if (session.rev, session.state) != (writer.rev, writer.state):
                raise SystemExit("the replayed state is another one than the written one")
    finally:
        await tasks.close()
        await media.close()
        await store.close()
    return {
        "wall_s": sorted(wall)[TIMES // 2],
        "cpu_s": sorted(cpu)[TIMES // 2],
        "worst_s": max(wall),
        "requests": len(writer.state.floor.requests),
        "written_per_s": commits / written_s,
    }


async def measure_replay(commits: int, report: Report) -> None:
    """Replay a log of *commits* in a process of its own."""
    async with Child("replay", {"commits": commits}) as child:
        result = await child.answer()
    report.figures["replay_s"] = result["wall_s"]
    report.context["replay"] = (
        f"{commits} commits with {result['requests']} requests: {result['cpu_s']:.2f} s of CPU, "
        f"{result['worst_s']:.2f} s at worst of {TIMES}; written at "
        f"{result['written_per_s']:.0f} a second"
    )


async def main() -> None:
    async for command in messages():
        with tempfile.TemporaryDirectory(prefix="diemcau-replay-") as folder:
            answer(await measure(Path(folder), command["commits"]))


if __name__ == "__main__":
    asyncio.run(main())
