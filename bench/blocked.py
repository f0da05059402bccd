"""What viewers see of it when the server's event loop stands still, beside when it does not.

One camera and so many viewers as in :mod:`bench.media`; the loop is stopped for two seconds, again
and again (:mod:`bench.blocking`). Delays are of the pictures that were sent meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.blocking import Block
from bench.child import Child
from bench.delay import Frame
from bench.media import HALL, SETTLE_S, STRAGGLE_S, Unmeasured, bare_sendto_us, measure_joins
from bench.report import percentile
from bench.server import CACHE, Server, load_average

TIMES = 3
APART_S = 1.5  # between two blocks, so that the loop is done with what waited
#: Pictures sent so shortly before the end of a block may be sent by the loop that goes on.
END_NS = 50_000_000


@dataclass(frozen=True)
class Seen:
    """Pictures that were sent in some windows, and their delays to the last viewer, ms."""

    pictures: int
    delays_ms: list[float]

    def __str__(self) -> str:
        if not self.delays_ms:
            return f"none of {self.pictures} pictures could be followed"
        p50, p99 = (percentile(self.delays_ms, share) for share in (0.5, 0.99))
        return (
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {max(self.delays_ms):.1f} ms"
            f" ({len(self.delays_ms)} of {self.pictures} pictures reached everybody)"
        )


async def measure_blocked(engine: str, count: int, folder: Path) -> str:
    """Block the loop of a server with *count* viewers; return what they saw.

    Raises:
        Unmeasured: somebody could not join, or lost the connection.
    """
    with Server(folder, engine, module="bench.blocking") as server:
        camera = {"join": [server.publishing], "form": HALL, "cache": str(CACHE), "hold": True}
        async with (
            Child("viewers", server.viewing) as viewers,
            Child("publisher", camera) as publisher,
        ):
            await measure_joins(server, viewers, count)
            await publisher.answer()
            await publisher.ask({"do": "go"})
            await asyncio.sleep(SETTLE_S)
            await viewers.ask({"do": "mark", "wanted": True})
            before = await viewers.ask({"do": "count"})
            await publisher.ask({"do": "sent"})
            blocks = []
            for _ in range(TIMES):
                await asyncio.sleep(APART_S)
                blocks.append(await server.block())
            await asyncio.sleep(APART_S)
            sent = await publisher.ask({"do": "sent"})
            await asyncio.sleep(STRAGGLE_S)
            after = await viewers.ask({"do": "count"})
            load = load_average()
            frames = [Frame(*frame) for frame in sent["frames"]]
            lines = []
            for name, blocked in (("goes on", False), ("stands still", True)):
                chosen = [frame for frame in frames if _is_in(frame, blocks) is blocked]
                # the others are needed too, to recognise a picture by those around it
                delays = await viewers.ask({"do": "delays", "frames": frames, "of": chosen})
                lines.append(f"  event loop {name:12}: {Seen(len(chosen), delays['delays'])}")
            if after["lost"] or (await publisher.ask({}))["lost"]:
                raise Unmeasured("somebody lost the connection")
    came = after["packets"] + after["dropped"] - before["packets"] - before["dropped"]
    lost = after["expected"] - before["expected"] - came
    length = (blocks[0].ended - blocks[0].begun) / 1e9
    lines.insert(
        0,
        f"{engine}, {count} viewers, event loop blocked {TIMES} times for {length:.1f} s, "
        f"GIL held; load {load:.1f}, bare sendto {bare_sendto_us():.1f} us:",
    )
    lines.append(f"  packets lost: {lost} of {after['expected'] - before['expected']}")
    return "\n".join(lines)


def _is_in(frame: Frame, blocks: Sequence[Block]) -> bool:
    return any(block.begun_unix < frame.at < block.ended_unix - END_NS for block in blocks)
