"""A crowd of viewers (:mod:`bench.viewer`) in a process of its own, at the parent's command.

The first message says where they join: ``url`` and ``token`` of a WHEP endpoint, or
``janus``, the address of a Janus.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from yarl import URL

from bench.child import answer, messages
from bench.delay import Frame, delays_ms
from bench.drain import Drain
from bench.janus import Janus
from bench.viewer import FIGURES, Signalling, Viewer
from bridge.simulator.media import Endpoint, JoinRefused, exchange, leave, receiving
from bridge.simulator.sdp import build_offer
from bridge.tasks import Tasks

REPORT_INTERVAL_S = 2.0
#: Between two looks at the sockets: the kernel keeps what comes meanwhile, and its time.
BEAT_S = 0.02
MOST = 1024
#: Viewers that join at the same time.
AT_ONCE = 8


class Whep:
    """An offer over HTTP, and its answer."""

    def __init__(self, endpoint: Endpoint, http: aiohttp.ClientSession) -> None:
        self._endpoint = endpoint
        self._http = http

    async def join(self, viewer: Viewer) -> None:
        lines = receiving(video=1, audio=1, first_mid=0)
        offer = build_offer(lines, session_id=secrets.randbits(60), **viewer.credentials)
        text, viewer.left = await exchange(self._http, self._endpoint, offer)
        await viewer.connect(text)

    async def leave(self, viewer: Viewer) -> None:
        if isinstance(viewer.left, URL):
            await leave(self._http, self._endpoint, viewer.left)


class Crowd:
    """All viewers of this process, and the figures of those who have left."""

    def __init__(self, signalling: Signalling) -> None:
        self._signalling = signalling
        self._certificate = RTCCertificate.generateCertificate()
        self._drain = Drain(MOST)
        self._viewers: list[Viewer] = []
        self._gone: Counter[str] = Counter()

    async def join(self, count: int) -> dict[str, int]:
        """Let *count* viewers join, a few at a time; return how many there are and failed."""
        before = len(self._viewers)
        for first in range(0, count, AT_ONCE):
            few = min(AT_ONCE, count - first)
            await asyncio.gather(*(self._join_one() for _ in range(few)))
        joined = len(self._viewers)
        return {"joined": joined, "failed": before + count - joined}

    async def _join_one(self) -> None:
        viewer = Viewer(self._certificate, self._drain)
        try:
            await self._signalling.join(viewer)
        except (ConnectionError, JoinRefused, aiohttp.ClientError):
            await self._signalling.leave(viewer)
            await viewer.close()
        else:
            self._viewers.append(viewer)

    async def leave(self, count: int, *, silently: bool) -> dict[str, int]:
        """Let the *count* oldest viewers leave; return how many are left."""
        going, self._viewers = self._viewers[:count], self._viewers[count:]
        self._gone += self._sum(going)
        for viewer in going:
            if silently:
                viewer.vanish()
            else:
                viewer.stop_counting()
                await self._signalling.leave(viewer)
                await viewer.close()
        return {"joined": len(self._viewers)}

    @staticmethod
    def _sum(viewers: list[Viewer]) -> Counter[str]:
        total: Counter[str] = Counter()
        for viewer in viewers:
            total.update(viewer.figures())
        return total

    def count(self) -> dict[str, int]:
        """Return the figures of all who were ever here."""
        self.read()
        nothing = dict.fromkeys(FIGURES, 0)
        return {**nothing, **(self._sum(self._viewers) + self._gone)}

    def note_marks(self, *, wanted: bool) -> dict[str, int]:
        """Note when pictures arrive, or no more."""
        self.read()
        self._drain.note_marks(wanted)
        return {}

    def delays(
        self, frames: list[list[int]], of: list[list[int]] | None = None
    ) -> dict[str, list[float]]:
        """Return the delays in ms of those *frames*, or *of* these, that all viewers got."""
        self.read()
        sent = [Frame(*frame) for frame in frames]
        chosen = None if of is None else [Frame(*frame) for frame in of]
        return {"delays": delays_ms(sent, self._drain.marks, len(self._viewers), chosen)}

    def read(self) -> None:
        """Empty all sockets; let the viewers see to what is not RTP."""
        self._drain.read()

    async def beat(self) -> None:
        """Read, for ever."""
        while True:
            self.read()
            await asyncio.sleep(BEAT_S)

    async def report(self) -> None:
        """Send receiver reports, for ever."""
        while True:
            for viewer in list(self._viewers):
                viewer.report()
                await asyncio.sleep(REPORT_INTERVAL_S / len(self._viewers or (0,)))
            await asyncio.sleep(0.01)


async def run(crowd: Crowd, commands: AsyncIterator[dict[str, Any]]) -> None:
    """Do what the parent says, until it ends."""
    tasks = Tasks("viewers")
    tasks.start("beat", crowd.beat())
    tasks.start("report", crowd.report())
    async for command in commands:
        match command["do"]:
            case "join":
                answer(await crowd.join(command["count"]))
            case "leave" | "vanish" as how:
                answer(await crowd.leave(command["count"], silently=how == "vanish"))
            case "count":
                answer(crowd.count())
            case "mark":
                answer(crowd.note_marks(wanted=command["wanted"]))
            case "delays":
                answer(crowd.delays(command["frames"], command.get("of")))
    await crowd.leave(MOST, silently=False)
    await tasks.close()


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    if "janus" in first:
        async with Janus(first["janus"]) as janus:
            await run(Crowd(janus), commands)
    else:
        async with aiohttp.ClientSession() as http:
            endpoint = Endpoint(first["url"], first["token"])
            await run(Crowd(Whep(endpoint, http)), commands)


if __name__ == "__main__":
    asyncio.run(main())
