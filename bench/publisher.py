"""The one publisher: the venue's camera at 720p and 1.5 Mb/s, and its microphone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate

from bench.child import answer, messages
from bridge.clock import SystemClock, monotonic
from bridge.simulator.content import VideoFormat, load
from bridge.simulator.media import Device, Endpoint

FORM = VideoFormat(width=1280, height=720, fps=30, kbps=1500, seconds=4, key_interval=4)
PACE_S = 0.005


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    content = load("Hà Nội", "Điểm cầu trung tâm", FORM, Path(first["cache"]))
    lost = asyncio.Event()
    device = Device(
        content,
        certificate=RTCCertificate.generateCertificate(),
        lines=[],
        clock=monotonic,
        unix=SystemClock().now,
        phase_s=0.0,
        on_lost=lost.set,
    )
    device.audio.speaking = True

    async def send() -> None:
        while True:
            device.tick(monotonic())
            await asyncio.sleep(PACE_S)

    async with aiohttp.ClientSession() as http:
        await device.join(http, Endpoint(first["url"], first["token"]))
        sending = asyncio.create_task(send())
        answer({"joined": True})
        async for _ in commands:
            answer({"lost": lost.is_set()})
        sending.cancel()
        await device.close(http)


if __name__ == "__main__":
    asyncio.run(main())
