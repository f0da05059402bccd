"""FFmpeg publishes as a site over WHIP, and the stage sees and hears it."""

from __future__ import annotations

import pytest

from tests.e2e.browser import chromium, frames, heard, moving, open_page, picture_size, until
from tests.interop.programs import ffmpeg
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 640, 360


async def test_ffmpeg_is_put_on_program(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
        ffmpeg(server, "ha-noi", f"{WIDTH}x{HEIGHT}"),
    ):
        stage = await open_page(browser, server.invite("stage")["url"])
        moderator = await Client.hello(socket)
        await moderator.until(lambda page: page.links.get("ha-noi", {}).get("publisher"))
        await until(lambda: moving(stage), what="the stage decodes FFmpeg's pictures")
        assert await picture_size(stage) == [WIDTH, HEIGHT]
        assert await heard(stage) > 0.001  # the venue's microphone is open from the start
        await moderator.until(lambda page: page.links["ha-noi"].get("up", {}).get("width") == WIDTH)

        await moderator.command("take", source="camera:dien-bien")
        async with ffmpeg(server, "dien-bien", f"{WIDTH}x{HEIGHT}"):
            await moderator.until(lambda page: page.links["dien-bien"].get("connected"))
            before = await frames(stage)

            async def goes_on() -> bool:
                return await frames(stage) > before + 20

            await until(goes_on, what="Điện Biên is on program")
        await moderator.until(lambda page: not page.links["dien-bien"].get("connected"), 40)
