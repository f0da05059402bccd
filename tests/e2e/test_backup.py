"""A site's second line in real browsers: the main one is cut in a speech, the phone goes on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import chromium, moving, open_page, shoot, until
from tests.e2e.line import line
from tests.e2e.test_host_truth import speak
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

#: Keeps the longest time between two pictures of the program, ms.
WATCH = """() => {
  const video = document.querySelector("[data-testid=program-video]");
  let last = performance.now();
  window.longest = 0;
  const look = () => {
    window.longest = Math.max(window.longest, performance.now() - last);
    last = performance.now();
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}"""
DARK = "which is shown"
BITRATE = """() => window.peerConnections.at(-1).getSenders()
  .find(sender => sender.track?.kind === "video").getParameters().encodings
  .reduce((sum, layer) => sum + (layer.active ? layer.maxBitrate : 0), 0)"""


async def second_device(browser: Browser, host: Page) -> Page:
    """Open the backup page of *host*'s site, by the link in the code that host shows."""
    await host.get_by_test_id("backup").click()
    url = await host.get_by_test_id("backup-sheet").get_attribute("data-url")
    await expect(host.get_by_test_id("qr-code")).to_be_visible()
    await shoot(host, "backup-code")
    await host.get_by_test_id("qr-close").click()
    assert url is not None
    page = await open_page(browser, url, width=390, height=844)
    await expect(page.get_by_test_id("start")).to_be_enabled()
    return page


async def stage_of(page: Page, stage: str) -> None:
    """Wait until a backup page says that it is at *stage*."""
    await expect(page.get_by_test_id("backup")).to_have_attribute("data-stage", stage)


def used(moderator: Client) -> str:
    """Return the rank of the device Điện Biên is seen by; "" for none."""
    link = moderator.links.get("dien-bien", {})
    lines: list[dict[str, Any]] = link.get("lines", [])
    return next((d.get("rank", "main") for d in lines if d["peer"] == link.get("publisher")), "")


def main_sends(moderator: Client) -> bool:
    """Return whether media comes from the main device, used or not."""
    lines = moderator.links["dien-bien"].get("lines", [])
    return any("rank" not in device and device.get("sending") for device in lines)


async def test_the_phone_goes_on_when_the_line_is_cut(server: RunningServer) -> None:
    async with (
        chromium() as sending,
        chromium() as watching,
        line(server) as wire,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        stage = await open_page(watching, server.invite("stage")["url"])
        host = await wire.open_page(sending, server.invite("host", "dien-bien")["url"])
        await host.get_by_test_id("join").click()
        device = await second_device(sending, host)
        await shoot(device, "backup-check")
        assert await violations(device) == []
        await device.get_by_test_id("start").click()
        await stage_of(device, "waiting")
        await expect(host.get_by_test_id("backup")).to_have_attribute("data-state", "ready")
        waiting = await device.evaluate(BITRATE)
        await shoot(device, "backup-waiting")
        await shoot(host, "backup-host-ready")
        await speak(host, moderator)
        await until(lambda: moving(stage), what="the stage sees the main line")
        await moderator.until(lambda client: used(client) == "main")

        dark = server.log().count(DARK)
        await stage.evaluate(WATCH)
        wire.cut()
        await stage_of(device, "air")
        await until(lambda: moving(stage), what="the stage sees the backup line")
        longest = await stage.evaluate("() => window.longest")
        print(f"\nfrom the last picture of the main line to the backup's: {longest:.0f} ms")
        await moderator.until(lambda client: used(client) == "backup")
        assert server.log().count(DARK) == dark, "no slate stood in"
        assert "link_lost" not in server.log()
        [request] = moderator.view["speaking"]
        grant = moderator.view["requests"][request]["grant"]
        assert grant["phase"] == "live"
        await shoot(device, "backup-air")
        assert await violations(device) == []
        assert await device.evaluate(BITRATE) > waiting, "a phone that waits sends less"

        wire.mend()
        await moderator.until(main_sends, timeout_s=40)
        await expect(host.get_by_test_id("notice-on-backup")).to_be_visible()
        await stage_of(device, "air")
        assert used(moderator) == "backup", "nothing goes back by itself"
        assert moderator.view["requests"][request]["grant"]["id"] == grant["id"]
        await shoot(host, "backup-host-used")
        await control_room(watching, server)
        await moderator.until(lambda client: used(client) == "backup")

        await host.get_by_test_id("publish-here").click()
        await stage_of(device, "waiting")
        await moderator.until(lambda client: used(client) == "main")
        await device.get_by_test_id("use").click()
        await stage_of(device, "air")
        await device.get_by_test_id("give-back").click()
        await stage_of(device, "waiting")
        assert moderator.view["requests"][request]["grant"]["id"] == grant["id"]


async def control_room(browser: Browser, server: RunningServer) -> None:
    """Technician and moderator see the backup line, and may choose."""
    technician = await open_page(browser, server.invite("technician")["url"])
    await technician.locator(".tile[data-site=dien-bien]").click()
    lines = technician.get_by_test_id("line")
    await expect(lines).to_have_count(2)
    await expect(technician.get_by_test_id("taken")).to_contain_text("Tự chuyển")
    await shoot(technician, "backup-technician")
    main, backup = (
        technician.locator(f"[data-testid=line][data-rank={rank}]") for rank in ("main", "backup")
    )
    await main.get_by_test_id("use-line").click()
    await expect(main).to_have_attribute("data-used", "true")
    await expect(technician.get_by_test_id("taken")).to_contain_text("Kỹ thuật")
    await backup.get_by_test_id("use-line").click()
    await expect(backup).to_have_attribute("data-used", "true")

    moderator = await open_page(browser, server.invite("moderator")["url"])
    await expect(moderator.get_by_test_id("on-backup")).to_be_visible()
    await moderator.get_by_test_id("menu-more").click()
    await expect(moderator.get_by_test_id("to-main-dien-bien")).to_be_enabled()
    await shoot(moderator, "backup-moderator")
