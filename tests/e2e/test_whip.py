"""FFmpeg publishes as a site over WHIP, and the stage sees and hears it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import imageio_ffmpeg
import pytest

from tests.e2e.browser import chromium, frames, heard, moving, open_page, picture_size, until
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 640, 360


@asynccontextmanager
async def ffmpeg_whip(server: RunningServer, site: str, *video: str) -> AsyncIterator[None]:
    """Publish a test picture and a tone until the block ends."""
    token = server.invite("host", site)["token"]
    process = await asyncio.create_subprocess_exec(
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-hide_banner", "-loglevel", "warning", "-nostdin",
        "-re", "-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate=25",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        *video, "-b:v", "600k", "-g", "50",
        "-c:a", "libopus", "-ac", "2", "-ar", "48000",
        "-f", "whip", "-authorization", token, f"{server.url}/whip/plenary/{site}",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        _, errors = await asyncio.wait_for(process.communicate(), 15)
        print(errors.decode(errors="replace")[-2000:])


H264 = (
    "-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast",
    "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-bf", "0",
)  # fmt: skip


async def test_ffmpeg_is_put_on_program(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
        ffmpeg_whip(server, "ha-noi", *H264),
    ):
        stage = await open_page(browser, server.invite("stage")["url"])
        moderator = await Client.hello(socket)
        await moderator.until(lambda page: page.links.get("ha-noi", {}).get("publisher"))
        await until(lambda: moving(stage), what="the stage decodes FFmpeg's pictures")
        assert await picture_size(stage) == [WIDTH, HEIGHT]
        assert await heard(stage) > 0.001  # the venue's microphone is open from the start
        await moderator.until(lambda page: page.links["ha-noi"].get("up", {}).get("width") == WIDTH)

        await moderator.command("take", source="camera:dien-bien")
        async with ffmpeg_whip(server, "dien-bien", *H264):
            await moderator.until(lambda page: page.links["dien-bien"].get("connected"))
            before = await frames(stage)

            async def goes_on() -> bool:
                return await frames(stage) > before + 20

            await until(goes_on, what="Điện Biên is on program")
        await moderator.until(lambda page: not page.links["dien-bien"].get("connected"), 40)
