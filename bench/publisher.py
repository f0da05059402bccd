"""Publishers: cameras of drawn content and microphones, all in one process.

The first message says where and as whom each device joins, and how its camera is encoded;
with ``hold`` nothing is sent until the parent says ``go``. The time of each picture's last
packet is noted.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate

from bench.child import answer, messages
from bench.delay import Frame
from bench.janus import Janus
from bench.viewer import OneCipher
from bridge.clock import SystemClock, monotonic
from bridge.simulator.content import Content, VideoFormat, load
from bridge.simulator.media import Device, Endpoint
from bridge.simulator.sdp import VP8, VP8_RTX
from bridge.tasks import Tasks

PACE_S = 0.005
Lost = Callable[[], None]
_MOST_FRAMES = 10_000  # noted and not yet asked for


class NotingTransport(OneCipher):
    """Counts packets, and notes the last one of each picture, before the system call."""

    def __init__(self, certificate: RTCCertificate, device: Device, on_lost: Lost) -> None:
        super().__init__(certificate, device, on_lost)
        self.packets = 0
        self.frames: deque[Frame] = deque(maxlen=_MOST_FRAMES)

    def send_rtp(self, packet: bytes) -> None:
        """Note, protect and send."""
        self.packets += packet[1] & 0x7F != VP8_RTX  # repairs come on top
        if packet[1] == 0x80 | VP8:
            timestamp = int.from_bytes(packet[4:8])
            self.frames.append(Frame(time.time_ns(), timestamp, len(packet)))
        super().send_rtp(packet)

    def sent(self) -> dict[str, Any]:
        """Return what was sent since the last time."""
        noted = {"packets": self.packets, "frames": list(self.frames)}
        self.packets = 0
        self.frames.clear()
        return noted


def camera(
    content: Content, certificate: RTCCertificate, place: int, phase_s: float, lost: list[int]
) -> Device:
    """Return the device at *place*, which notes in *lost* when its connection is gone."""
    device = Device(
        content,
        certificate=certificate,
        lines=[],
        clock=monotonic,
        unix=SystemClock().now,
        phase_s=phase_s,
        on_lost=partial(lost.append, place),
    )
    device.transport = NotingTransport(certificate, device, partial(lost.append, place))
    device.audio.speaking = True
    return device


async def send(devices: list[Device]) -> None:
    """Send what is due, for ever."""
    while True:
        for device in devices:
            device.tick(monotonic())
        await asyncio.sleep(PACE_S)


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    form = VideoFormat(**first["form"])
    content = load("Hà Nội", "Điểm cầu trung tâm", form, Path(first["cache"]))
    certificate = RTCCertificate.generateCertificate()
    where: list[dict[str, str]] = first["join"]
    lost: list[int] = []
    apart = 1 / form.fps / len(where)
    devices = [
        camera(content, certificate, place, place * apart, lost) for place in range(len(where))
    ]
    tasks = Tasks("publisher")
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        for device, place in zip(devices, where, strict=True):
            if "janus" in place:
                janus = await stack.enter_async_context(Janus(place["janus"]))
                await janus.publish(device)
            else:
                await device.join(http, Endpoint(place["url"], place["token"]))
        if not first.get("hold"):
            tasks.start("send", send(devices))
        answer({"joined": len(devices)})
        async for command in commands:
            match command.get("do"):
                case "go":
                    tasks.start("send", send(devices))
                    answer({})
                case "sent":
                    noted = devices[0].transport
                    assert isinstance(noted, NotingTransport)
                    answer(noted.sent())
                case _:
                    answer({"lost": len(lost)})
        await tasks.close()
        for device in devices:
            await device.close(http)


if __name__ == "__main__":
    asyncio.run(main())
