"""Two seconds in which the server's event loop stands still, and what viewers see of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.blocking import BLOCKED_S, SIGNAL, Block
from bridge.rtp.rtcp import Nack
from tests.media.client import (
    OPUS,
    PUBLISHER,
    VIEWER,
    VP8,
    VP8_RTX,
    Client,
    Received,
    vp8_delta,
    vp8_key,
)
from tests.running import RunningServer

VIEWERS = 3
BEAT_S = 0.02
KEY_INTERVAL = 50
VENUE = "ha-noi"
MARK = b"blok"  # before the camera's own number, at the end of each payload


@dataclass
class Stoppable(RunningServer):
    """Its event loop can be stopped by a signal."""

    def command(self) -> list[str]:
        python, module, _, *rest = super().command()
        return [python, module, "bench.blocking", *rest]

    async def stop_the_loop(self) -> Block:
        """Let it stand still; return when that was."""
        assert self.process is not None
        self.process.send_signal(SIGNAL)
        return await asyncio.to_thread(self._told)

    def _told(self) -> Block:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("blocked "):
                return Block.parsed(line)
        raise AssertionError("the server has ended")


@dataclass
class Watcher(Client):
    """Remembers when packets came."""

    came: list[tuple[int, Received]] = field(default_factory=list)

    def _take(self, data: bytes) -> None:
        at, before = time.monotonic_ns(), len(self.rtp)
        super()._take(data)
        self.came += [(at, received) for received in self.rtp[before:]]

    def numbers(self, payload_type: int, block: Block | None = None) -> list[int]:
        """Return the numbers that the camera gave to what came, in that block or ever."""
        return [
            int.from_bytes(received.payload[-4:], "big")
            for at, received in self.came
            if received.header.payload_type == payload_type
            and received.payload[-8:-4] == MARK
            and (block is None or block.begun < at < block.ended)
        ]

    def is_served(self) -> bool:
        """Return whether the camera's pictures and sound come."""
        return bool(self.numbers(VP8) and self.numbers(OPUS))

    def is_repaired(self) -> bool:
        """Return whether what was asked for has come."""
        return any(received.header.payload_type == VP8_RTX for received in self.rtp)

    def has(self, payload_type: int, number: int) -> bool:
        """Return whether that packet of the camera has come of late."""
        return number in self.numbers(payload_type)[-9:]

    async def ask_again(self) -> None:
        """Ask for the newest picture again and again, as if it were lost."""
        while True:
            newest = [r for r in self.rtp if r.header.payload_type == VP8]
            if newest:
                self.send_rtcp(Nack(1, self.ssrc(0), (newest[-1].header.sequence,)))
            await asyncio.sleep(5 * BEAT_S)

    def repairs(self, block: Block) -> list[Received]:
        """Return what was sent again in that block."""
        return [
            received
            for at, received in self.came
            if received.header.payload_type == VP8_RTX and block.begun < at < block.ended
        ]

    def original(self, repair: Received) -> Received:
        """Return the packet that *repair* repeats."""
        sequence = int.from_bytes(repair.payload[:2], "big")
        [found] = [
            r for r in self.rtp if r.header.payload_type == VP8 and r.header.sequence == sequence
        ]
        return found

    def sequences(self, payload_type: int) -> list[int]:
        """Return the sequence numbers of all that came, sorted, from the first one's on."""
        found = [r.header.sequence for r in self.rtp if r.header.payload_type == payload_type]
        return sorted((number - found[0]) & 0xFFFF for number in found)


@asynccontextmanager
async def joined(
    server: RunningServer, client: Client, path: str, token: str
) -> AsyncIterator[None]:
    async with server.http(token) as http:

        async def exchange(offer: str) -> str:
            headers = {"Content-Type": "application/sdp"}
            async with http.post(path, data=offer, headers=headers) as response:
                assert response.status == 201, await response.text()
                return await response.text()

        await client.connect(exchange)
        yield
        await client.close()


@dataclass
class Camera:
    """Sends a picture and a packet of sound every 20 ms, until told to stop."""

    client: Client
    times: list[int] = field(default_factory=list)
    ends: bool = False

    async def send(self) -> None:
        while not self.ends:
            number = len(self.times)
            mark = MARK + number.to_bytes(4, "big")
            picture = vp8_delta(number, 900) if number % KEY_INTERVAL else vp8_key(number)
            self.times.append(time.monotonic_ns())
            for mid, step, payload in ((0, 1800, picture), (1, 960, b"sound")):
                packet = self.client.packet(mid, number, number * step, payload + mark)
                self.client.send_rtp(packet)
            await asyncio.sleep(BEAT_S)

    def sent_in(self, block: Block) -> int:
        """Return how many pictures were sent while the event loop stood still."""
        return sum(block.begun < at < block.ended for at in self.times)


async def test_two_seconds_without_an_event_loop_lose_nothing(tmp_path: Path) -> None:
    server = Stoppable(tmp_path / "data", arguments=("--engine", "native"))
    server.start()
    publisher, viewers = Client(PUBLISHER), [Watcher(VIEWER) for _ in range(VIEWERS)]
    try:
        encoder, player = server.invite("host", VENUE), server.invite("stage")
        async with AsyncExitStack() as stack:
            for viewer in viewers:
                place = joined(server, viewer, "/whep/plenary", player["token"])
                await stack.enter_async_context(place)
            place = joined(server, publisher, f"/whip/plenary/{VENUE}", encoder["token"])
            await stack.enter_async_context(place)
            block, camera = await block_while_watched(server, Camera(publisher), viewers)
    finally:
        code = server.stop()
    assert code == 0
    assert "Traceback" not in server.log()
    last = len(camera.times) - 1
    repairs = sum(len(viewer.repairs(block)) for viewer in viewers)
    assert repairs > 3, "asked for and sent while nothing else was done"
    for viewer in viewers:
        for kind in (VP8, OPUS):
            numbers = viewer.numbers(kind)
            assert numbers == list(range(numbers[0], last + 1)), "all, once, and in order"
            sequences = viewer.sequences(kind)
            assert sequences == list(range(len(sequences))), "and nothing else between them"
            during = len(viewer.numbers(kind, block))
            assert during > camera.sent_in(block) // 2 > BLOCKED_S / BEAT_S / 10
        for repair in viewer.repairs(block):
            original = viewer.original(repair)
            assert repair.payload[2:] == original.payload
            assert repair.header.timestamp == original.header.timestamp
            assert repair.header.marker == original.header.marker


async def block_while_watched(
    server: Stoppable, camera: Camera, viewers: list[Watcher]
) -> tuple[Block, Camera]:
    """Let the loop stand still amid the camera's pictures; return when all have come."""
    sending = asyncio.create_task(camera.send())
    for viewer in viewers:
        await viewer.until(viewer.is_served, 30)
    asking = [asyncio.create_task(viewer.ask_again()) for viewer in viewers]
    for viewer in viewers:
        await viewer.until(viewer.is_repaired, 30)
    block = await server.stop_the_loop()
    assert block.ended - block.begun >= BLOCKED_S * 1e9
    end = len(camera.times) + KEY_INTERVAL
    while len(camera.times) < end:
        await asyncio.sleep(BEAT_S)
    camera.ends = True
    await sending
    for task in asking:
        assert not task.done(), task
        task.cancel()
    for viewer in viewers:
        for kind in (VP8, OPUS):
            await viewer.until(partial(viewer.has, kind, end - 1), 30)
    return block, camera
