"""GStreamer publishes and plays. Run by ``make interop``: it needs packages that CI does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import until
from tests.interop.programs import gstreamer, own_address
from tests.running import Client, RunningServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    arguments = ("--host", "0.0.0.0", "--public-address", own_address())
    running = RunningServer(tmp_path / "data", arguments=arguments)
    running.start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log(), running.log()


@pytest.mark.parametrize("policy", ["max-bundle", "max-compat"])
async def test_gstreamer_sees_and_hears_gstreamer(server: RunningServer, policy: str) -> None:
    """VP8, because its player asks for that; H.264 is what the next test looks at."""
    token = server.invite("host", "ha-noi")["token"]
    stage = server.invite("stage")["token"]
    whip, whep = f"{server.url}/whip/plenary/ha-noi", f"{server.url}/whep/plenary"
    async with (
        gstreamer("publish", whip, token, "vp8", policy),
        gstreamer("view", whep, stage) as player,
    ):

        async def both() -> bool:
            seen = player.report() or {}
            return bool(seen) and seen["frames"] > 40 and seen["samples"] > 100

        await until(both, 40, what="the player decodes both")


async def test_gstreamer_publishes_h264(server: RunningServer) -> None:
    token = server.invite("host", "ha-noi")["token"]
    async with (
        server.socket(server.invite("moderator")["token"]) as socket,
        gstreamer("publish", f"{server.url}/whip/plenary/ha-noi", token, "h264"),
    ):
        moderator = await Client.hello(socket)
        await moderator.until(lambda c: c.links.get("ha-noi", {}).get("up", {}).get("width"), 40)
        up = moderator.links["ha-noi"]["up"]
        assert (up["width"], up["height"]) == (400, 300)
