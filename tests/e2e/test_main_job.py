"""The main job in real browsers: Điện Biên asks, the moderator grants, the stage sees and hears."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import chromium, frames, heard, moving, open_page, picture_size, shoot, until
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

#: Energy of the fake microphone's beeps in 1.5 s is above 0.01; comfort noise is far below.
AUDIBLE = 0.001
SILENT = 0.00005
NAME = "Lò Thị Minh Nguyệt"


@asynccontextmanager
async def two_browsers() -> AsyncIterator[tuple[Browser, Browser]]:
    """One browser that publishes, one that watches."""
    async with chromium() as sending, chromium() as watching:
        yield sending, watching


async def join(browser: Browser, server: RunningServer, site: str) -> Page:
    """Open a host page and join with camera and microphone."""
    page = await open_page(browser, server.invite("host", site)["url"])
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("request-floor")).to_be_visible(timeout=15_000)
    return page


async def ask(page: Page, name: str) -> None:
    """Fill in the request form."""
    await page.get_by_test_id("request-floor").click()
    await page.get_by_test_id("request-name").fill(name)
    await page.get_by_test_id("request-title").fill("Phó Giám đốc Sở Thông tin và Truyền thông")
    await page.get_by_test_id("request-topic").fill("Chuyển đổi số ở vùng cao, biên giới")
    await page.get_by_test_id("request-send").click()


async def grant(moderator: Page, name: str) -> None:
    """Accept and grant the request of *name*, whose site was not called on deck."""
    row = moderator.get_by_test_id("queue").locator("[data-request]").filter(has_text=name)
    if await row.get_attribute("data-status") == "pending":
        await row.get_by_test_id("accept").click()
        await expect(row).to_have_attribute("data-status", "accepted")
    await row.click()
    await row.get_by_test_id("grant").click()
    await row.get_by_test_id("grant-override").click()


async def test_dien_bien_speaks_and_is_revoked(server: RunningServer) -> None:
    async with two_browsers() as (sending, watching):
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])
        host = await join(sending, server, "dien-bien")
        assert await heard(stage) < SILENT
        await ask(host, NAME)
        await expect(
            moderator.get_by_test_id("queue").locator("[data-request]").filter(has_text=NAME)
        ).to_be_visible()

        await grant(moderator, NAME)
        await expect(host.get_by_test_id("on-air")).to_be_visible(timeout=15_000)
        await until(lambda: moving(stage), what="the stage decodes pictures")
        assert (await picture_size(stage))[0] >= 160  # Chromium begins small on a busy machine
        await expect(stage.get_by_test_id("lower-third")).to_contain_text(NAME)
        await expect(stage.get_by_test_id("lower-third")).to_contain_text("Điện Biên")
        assert await heard(stage) > AUDIBLE
        await expect(host.get_by_test_id("clock")).to_have_text(re.compile(r"06:\d\d"))
        assert await heard(host) < SILENT  # nobody hears themself

        await moderator.get_by_test_id("revoke").first.click()
        await moderator.get_by_test_id("revoke-confirm").click()
        await expect(host.get_by_test_id("on-air")).to_be_hidden(timeout=15_000)

        async def stopped() -> bool:
            return await heard(stage, 1.0) < SILENT

        await until(stopped, what="no more sound on the stage")
        live = await host.evaluate(
            "() => window.peerConnections.flatMap(pc => pc.getSenders())"
            ".some(s => s.track?.kind === 'audio' && s.track.enabled"
            " && s.track.readyState === 'live')"
        )
        assert live  # the site's microphone is still open; it is the server that does not forward


async def test_a_reload_keeps_the_place_in_line(server: RunningServer) -> None:
    async with chromium() as browser:
        host = await join(browser, server, "dien-bien")
        async with server.socket(server.invite("moderator")["token"]) as socket:
            other = await Client.hello(socket)
            await other.command("request_floor", name="Ông Trước", site="son-la")
            await ask(host, NAME)
            await other.until(lambda page: page.view["pending"])
            await other.command("accept_request", request=other.view["pending"][0])
            await expect(host.get_by_test_id("place")).to_contain_text("2")
            await host.reload()
            await expect(host.get_by_test_id("place")).to_contain_text("2", timeout=15_000)

            async def publishing() -> bool:
                await other.receive()
                return bool(other.links.get("dien-bien", {}).get("publisher"))

            await until(publishing, what="the reloaded page publishes again by itself")


async def test_two_moderators_grant_at_once(server: RunningServer) -> None:
    async with chromium() as browser:
        pages = [await open_page(browser, server.invite("moderator")["url"]) for _ in range(2)]
        async with server.socket(server.invite("moderator")["token"]) as socket:
            third = await Client.hello(socket)
            for name in ("Ông Một", "Bà Hai"):
                await third.command("request_floor", name=name, site="son-la")
            for page, name in zip(pages, ("Ông Một", "Bà Hai"), strict=True):
                row = page.get_by_test_id("queue").locator("[data-request]").filter(has_text=name)
                await row.click()
                await row.get_by_test_id("grant").click()
                await expect(row.get_by_test_id("grant-override")).to_be_visible()
            await asyncio.gather(
                *(
                    page.get_by_test_id("queue")
                    .locator("[data-request]")
                    .filter(has_text=name)
                    .get_by_test_id("grant-override")
                    .click()
                    for page, name in zip(pages, ("Ông Một", "Bà Hai"), strict=True)
                )
            )
            await third.until(lambda page: page.view["speaking"])
            assert len(third.view["speaking"]) == 1
            winner = third.view["requests"][third.view["speaking"][0]]["name"]
            loser = pages[0] if winner == "Bà Hai" else pages[1]
            await expect(loser.get_by_test_id("toast")).to_contain_text(winner)


async def test_kill_nine_and_everything_is_back(server: RunningServer) -> None:
    async with two_browsers() as (sending, watching):
        host = await join(sending, server, "dien-bien")
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])
        async with server.socket(server.invite("moderator")["token"]) as socket:
            other = await Client.hello(socket)
            await other.command("request_floor", name="Ông Sau", site="son-la")
        await ask(host, NAME)
        await grant(moderator, NAME)
        await until(lambda: moving(stage), what="the stage decodes pictures")
        await expect(stage.get_by_test_id("clock")).to_be_visible()

        server.kill()
        await asyncio.to_thread(server.start)

        await expect(
            moderator.get_by_test_id("queue").locator("[data-request]").filter(has_text="Ông Sau")
        ).to_be_visible()
        await expect(host.get_by_test_id("on-air")).to_be_visible()
        await expect(stage.get_by_test_id("lower-third")).to_contain_text(NAME)
        await expect(stage.get_by_test_id("clock")).to_be_visible()
        before = await frames(stage)

        async def more() -> bool:
            return await frames(stage) > before + 30

        await until(more, 30, what="pictures are back on the stage without a click")
        assert await heard(stage) > AUDIBLE
        async with server.socket(server.invite("moderator")["token"]) as socket:
            view = (await Client.hello(socket)).view
            speech = view["requests"][view["speaking"][0]]
            assert speech["name"] == NAME
            assert speech["grant"]["live_since"] > 0  # the clock ran on, from the same start


async def test_a_paused_speech_is_not_heard_until_it_goes_on(server: RunningServer) -> None:
    async with two_browsers() as (sending, watching):
        host = await join(sending, server, "dien-bien")
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])
        await ask(host, NAME)
        await grant(moderator, NAME)

        async def sounds() -> bool:
            return await heard(stage, 1.0) > AUDIBLE

        async def silent() -> bool:
            return await heard(stage, 1.0) < SILENT

        await until(sounds, what="the stage hears Điện Biên")
        await moderator.get_by_test_id("pause").click()
        await expect(host.get_by_test_id("on-air")).to_have_attribute("data-phase", "paused")
        await until(silent, what="no sound while paused")
        standing, since = await moderator.get_by_test_id("clock").inner_text(), time.monotonic()
        await shoot(host, "host-paused")
        await shoot(moderator, "moderator-paused")
        await asyncio.sleep(max(0.0, since + 1.5 - time.monotonic()))  # a clock that ran shows it
        assert await moderator.get_by_test_id("clock").inner_text() == standing
        await moderator.get_by_test_id("resume").click()
        await expect(host.get_by_test_id("on-air")).to_have_attribute("data-phase", "live")
        await until(sounds, what="the stage hears Điện Biên again")
