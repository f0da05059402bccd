"""Publishers: cameras of drawn content and microphones, all in one process.

The first message says where and as whom each device joins, and how its camera is encoded.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate

from bench.child import answer, messages
from bridge.clock import SystemClock, monotonic
from bridge.simulator.content import VideoFormat, load
from bridge.simulator.media import Device, Endpoint

PACE_S = 0.005


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    form = VideoFormat(**first["form"])
    content = load("Hà Nội", "Điểm cầu trung tâm", form, Path(first["cache"]))
    certificate = RTCCertificate.generateCertificate()
    lost: list[int] = []
    devices = [
        Device(
            content,
            certificate=certificate,
            lines=[],
            clock=monotonic,
            unix=SystemClock().now,
            phase_s=place / form.fps / len(first["join"]),
            on_lost=partial(lost.append, place),
        )
        for place in range(len(first["join"]))
    ]

    async def send() -> None:
        while True:
            for device in devices:
                device.tick(monotonic())
            await asyncio.sleep(PACE_S)

    async with aiohttp.ClientSession() as http:
        for device, where in zip(devices, first["join"], strict=True):
            device.audio.speaking = True
            await device.join(http, Endpoint(where["url"], where["token"]))
        sending = asyncio.create_task(send())
        answer({"joined": len(devices)})
        async for _ in commands:
            answer({"lost": len(lost)})
        sending.cancel()
        for device in devices:
            await device.close(http)


if __name__ == "__main__":
    asyncio.run(main())
