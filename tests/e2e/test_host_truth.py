"""What a host page says of itself must be true: who is heard, what is on, what is sent."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import chromium, heard, open_page, until
from tests.e2e.test_main_job import NAME, SILENT, ask, join
from tests.running import ROOT, Client, RunningServer, environment

pytestmark = pytest.mark.browser

#: Keeps the tracks the page was given, and can let the page wait for them.
DEVICES = """
window.tracks = [];
window.allow = new Promise(resolve => { window.answer = resolve; });
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async wanted => {
  if (window.asking) await window.allow;
  const stream = await ask(wanted);
  window.tracks.push(...stream.getTracks());
  return stream;
};
"""
LIVE = "() => window.tracks.filter(track => track.readyState === 'live').map(track => track.kind)"
SENT = """() => window.peerConnections
  .filter(pc => pc.connectionState !== 'closed')
  .flatMap(pc => pc.getSenders()).filter(sender => sender.track).length"""


async def host_page(
    browser: Browser, server: RunningServer, *, site: str = "dien-bien", asking: bool = False
) -> tuple[Page, str]:
    """Open a host page whose devices a test can watch; return it and its token."""
    invitation = server.invite("host", site)
    page = await open_page(browser, "about:blank")
    await page.add_init_script(f"{DEVICES} window.asking = {str(asking).lower()};")
    await page.goto(invitation["url"])
    return page, invitation["token"]


async def speak(page: Page, moderator: Client) -> None:
    """Ask for the floor and get it."""
    await ask(page, NAME)
    await moderator.until(lambda client: client.view["pending"])
    [request] = moderator.view["pending"]
    await moderator.command("accept_request", request=request)
    await moderator.command("grant_floor", request=request, override=True)
    await expect(page.get_by_test_id("release")).to_be_visible()


def withdraw(server: RunningServer, token: str) -> None:
    """Withdraw a link with the command line."""
    subprocess.run(
        [sys.executable, "-m", "bridge", "revoke", token, "--data", str(server.data)],
        check=True, capture_output=True, cwd=ROOT, env=environment(),
    )  # fmt: skip


async def test_a_withdrawn_link_turns_everything_off(server: RunningServer) -> None:
    async with chromium() as browser:
        page, token = await host_page(browser, server)
        await page.get_by_test_id("join").click()

        async def sending() -> bool:
            return bool(await page.evaluate(SENT) == 2)

        await until(sending, what="camera and microphone are sent")
        withdraw(server, token)
        await expect(page.get_by_test_id("error")).to_be_visible(timeout=15_000)

        async def off() -> bool:
            return [await page.evaluate(LIVE), await page.evaluate(SENT)] == [[], 0]

        await until(off, what="camera, microphone and connection are closed")


async def test_who_follows_only_is_never_sent(server: RunningServer) -> None:
    async with chromium() as browser:
        page, _ = await host_page(browser, server, asking=True)
        await page.get_by_test_id("join-watch").click()
        await expect(page.get_by_test_id("request-floor")).to_be_visible()
        await page.evaluate("() => window.answer()")

        async def given() -> bool:
            return bool(await page.evaluate("() => window.tracks.length"))

        await until(given, what="the browser hands out what was asked for")
        await page.evaluate("() => navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        await page.wait_for_timeout(500)
        assert await page.evaluate(LIVE) == []
        assert await page.evaluate(SENT) == 0


async def test_the_tally_says_who_is_really_heard(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        stage = await open_page(browser, server.invite("stage")["url"])
        page, _ = await host_page(browser, server)
        await page.get_by_test_id("join").click()
        await expect(page.get_by_test_id("tally")).to_have_attribute("data-tally", "nobody")
        await speak(page, moderator)
        band = page.get_by_test_id("on-air").locator(".band")
        await expect(band).to_have_attribute("data-tally", "both", timeout=15_000)

        await page.get_by_test_id("mute").click()
        await expect(band).to_have_attribute("data-why", "muted")
        await expect(band).to_contain_text("micro đang tắt")

        async def silence() -> bool:
            return await heard(stage) < SILENT

        await until(silence, what="nobody hears a muted microphone")
        await page.get_by_test_id("mute").click()
        await expect(band).to_have_attribute("data-tally", "both")

        second = await open_page(browser, server.invite("host", "dien-bien")["url"])
        await second.get_by_test_id("join").click()
        await second.get_by_test_id("publish-here").click(timeout=15_000)
        await expect(band).to_have_attribute("data-tally", "other", timeout=15_000)
        other = second.get_by_test_id("on-air").locator(".band")
        await expect(other).to_have_attribute("data-tally", "both", timeout=15_000)

        server.kill()
        await expect(band).to_have_attribute("data-tally", "unknown", timeout=15_000)


async def test_a_speech_without_a_microphone_offers_one(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        page, _ = await host_page(browser, server)
        await page.get_by_test_id("select-microphone").select_option("none")
        await page.get_by_test_id("join").click()
        await speak(page, moderator)
        band = page.get_by_test_id("on-air").locator(".band")
        await expect(band).to_have_attribute("data-why", "no_microphone")
        await page.get_by_test_id("devices").click()
        choice = page.locator("#dialog-devices").get_by_test_id("select-microphone")
        await choice.select_option(index=0)
        await page.get_by_test_id("devices-close").click()
        await expect(band).to_have_attribute("data-tally", "both", timeout=15_000)


async def test_a_list_that_closes_changes_no_request(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        page = await join(browser, server, "dien-bien")
        await page.get_by_test_id("request-floor").click()
        await page.get_by_test_id("request-name").fill(NAME)
        await moderator.command("set_list", state="closed")
        await expect(page.get_by_test_id("closed-note")).to_be_visible()
        await page.get_by_test_id("request-send").click()
        await expect(page.get_by_test_id("error")).to_be_visible()
        assert moderator.view["pending"] == []
        await page.get_by_test_id("as-point-of-order").click()
        await expect(page.get_by_test_id("request-class")).to_have_value("point_of_order")
        await page.get_by_test_id("request-send").click()
        await moderator.until(lambda client: client.view["pending"])
        [request] = moderator.view["pending"]
        assert moderator.view["requests"][request]["priority_class"] == "point_of_order"


async def test_take_airs_only_what_was_seen(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        other = await Client.hello(socket)
        await other.command("set_preview", source="camera:son-la")
        page = await open_page(browser, server.invite("moderator")["url"])
        await expect(page.get_by_test_id("take")).to_be_enabled()
        await page.get_by_test_id("take").click()
        await other.until(lambda client: client.view["program"]["source"] == "camera:son-la")
        refused = await other.command("take", preview="camera:hue")
        assert refused["code"] == "preview_changed"
