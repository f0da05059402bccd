"""A speaker with slides, in real browsers: shared, arranged by the moderator, seen, ended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import chromium, open_page, shoot, until
from tests.e2e.test_main_job import join
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

NAME = "Lò Thị Minh Nguyệt"
FRAMES = "v => v.getVideoPlaybackQuality().totalVideoFrames"


async def shows(page: Page, layout: str) -> None:
    """Wait until the page shows its program so."""
    await expect(page.get_by_test_id("layout").first).to_have_attribute("data-layout", layout)


async def moves(page: Page, *videos: str) -> None:
    """Wait until each of these videos presents new pictures."""
    for video in videos:
        element = page.get_by_test_id(video)
        before = await element.evaluate(FRAMES)

        async def newer() -> bool:
            return bool(await element.evaluate(FRAMES) > before + 3)  # noqa: B023 - awaited here

        await until(newer, what=f"{video} moves")


async def speak(page: Client, site: str) -> None:
    """Give *site* the floor, without its checks."""
    await page.command("request_floor", name=NAME, title="Phó Giám đốc Sở", site=site)
    await page.until(lambda one: one.view["queue"])
    await page.command("grant_floor", request=page.view["queue"][0], override=True)


async def frames_of(page: Page, video: str) -> dict[str, Any]:
    """Return what the browser knows of the stream that a video shows."""
    found: dict[str, Any] = await page.get_by_test_id(video).evaluate(
        """async v => {
          const id = v.srcObject.getTracks()[0].id;
          for (const pc of window.peerConnections)
            for (const entry of (await pc.getStats()).values())
              if (entry.type === "inbound-rtp" && entry.trackIdentifier === id)
                return {decoded: entry.framesDecoded, lost: entry.packetsLost,
                        keys: entry.keyFramesDecoded};
        }"""
    )
    return found


async def test_a_speaker_shares_slides(server: RunningServer) -> None:
    async with (
        chromium() as sending,
        chromium() as watching,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        colleague = await Client.hello(socket)
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])
        host = await join(sending, server, "dien-bien")
        await expect(moderator.get_by_test_id("slides-dien-bien")).to_be_hidden()
        await host.get_by_test_id("slides-start").click()
        await expect(host.get_by_test_id("slides")).to_have_attribute("data-state", "ready")
        await expect(moderator.get_by_test_id("slides-dien-bien")).to_be_visible()
        await shoot(host, "slides-host-ready")
        await speak(colleague, "dien-bien")
        await moves(stage, "program-video")

        # One key proposes the slides beside their speaker; TAKE airs what was seen.
        await moderator.get_by_test_id("queue").click()
        await moderator.keyboard.press("2")
        await expect(moderator.get_by_test_id("slot-main")).to_contain_text("trình chiếu")
        await moves(moderator, "preview-video", "preview-inset-video")
        await moderator.keyboard.press("F2")
        await shows(stage, "inset")
        await moves(stage, "program-video", "inset-video")
        await shows(host, "inset")
        await expect(host.get_by_test_id("slides")).to_have_attribute("data-state", "on_air")
        await expect(host.get_by_test_id("release")).to_be_in_viewport()  # nothing pushes it out
        for page, name in ((stage, "stage"), (host, "host"), (moderator, "moderator")):
            await shoot(page, f"slides-{name}-inset")

        # One slot is switched, and the other goes on.
        before = await frames_of(stage, "program-video")
        await colleague.command("take", source="slate:dien-bien", slot="inset")
        await expect(stage.get_by_test_id("slate")).to_be_visible()
        await moves(stage, "program-video")
        after = await frames_of(stage, "program-video")
        assert (after["keys"], after["lost"]) == (before["keys"], before["lost"])
        await colleague.command("take", source="camera:dien-bien", slot="inset")
        await expect(stage.get_by_test_id("slate")).to_be_hidden()
        await moves(stage, "inset-video")

        await moderator.get_by_test_id("layout-single").click()
        await moderator.get_by_test_id("layout-side_by_side").click()
        await moderator.get_by_test_id("slot-inset").click()
        await moderator.get_by_test_id("source-ha-noi").click()
        await expect(moderator.get_by_test_id("slot-inset")).to_contain_text("Hà Nội")
        await shoot(moderator, "slides-moderator-side")
        await colleague.command(
            "take",
            source="slides:dien-bien",
            layout="side_by_side",
            inset="camera:dien-bien",
        )
        await shows(stage, "side_by_side")
        await moves(stage, "program-video", "inset-video")
        await shoot(stage, "slides-stage-side")

        # The slides end: the speaker has the screen. They come back by themselves.
        await host.get_by_test_id("slides-stop").click()
        await expect(host.get_by_test_id("slides")).to_be_hidden()
        await shows(stage, "single")
        await moves(stage, "program-video")
        await expect(moderator.get_by_test_id("slides-dien-bien")).to_be_visible()  # chosen
        await host.get_by_test_id("slides-start").click()
        await shows(stage, "side_by_side")
        await moves(stage, "program-video", "inset-video")
        # As when somebody ends it with the browser's own bar.
        await host.evaluate(
            """() => {
              for (const pc of window.peerConnections)
                for (const {track} of pc.getSenders())
                  if (track?.contentHint === "text") {
                    track.stop();
                    track.dispatchEvent(new Event("ended"));
                  }
            }"""
        )
        await expect(host.get_by_test_id("slides-start")).to_be_visible()
        await shows(stage, "single")
