"""The whole story of one request: from a phone and a QR code, over a lost line, to the minutes."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import chromium, frames, heard, open_page, until
from tests.e2e.line import line
from tests.e2e.test_main_job import AUDIBLE, NAME, SILENT
from tests.running import RunningServer

pytestmark = pytest.mark.browser

TITLE = "Phó Giám đốc Sở Thông tin và Truyền thông"
TOPIC = "Chuyển đổi số ở vùng cao, biên giới"


async def scanned(host: Page) -> str:
    """Return what a phone reads off the host's screen."""
    await host.get_by_test_id("qr").click()
    code = host.get_by_test_id("qr-code")
    await expect(code).to_be_visible()
    await until(lambda: code.evaluate("image => image.complete && image.naturalWidth > 0"))
    picture = Image.open(io.BytesIO(await code.screenshot(scale="device")))
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    await host.get_by_test_id("qr-close").click()
    return str(found.text)


async def phone(browser: Browser, url: str) -> Page:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="vi-VN"
    )
    page = await context.new_page()
    await page.goto(url)
    return page


async def test_from_the_phone_to_the_minutes(server: RunningServer) -> None:
    async with chromium() as sending, chromium() as watching, line(server) as wire:
        host = await wire.open_page(sending, server.invite("host", "dien-bien")["url"])
        await host.get_by_test_id("join").click()
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])

        # a delegate scans the code and asks
        delegate = await phone(watching, await scanned(host))
        await delegate.get_by_test_id("request-name").fill(NAME)
        await delegate.get_by_test_id("request-title").fill(TITLE)
        await delegate.get_by_test_id("request-topic").fill(TOPIC)
        await delegate.get_by_test_id("request-send").tap()
        told = delegate.get_by_test_id("main-request")
        await expect(told).to_have_attribute("data-stage", "pending")

        # a moderator accepts, and calls on deck
        row = moderator.get_by_test_id("queue").locator("[data-request]").filter(has_text=NAME)
        await row.get_by_test_id("accept").click()
        await expect(delegate.get_by_test_id("number")).to_have_text("1")
        await expect(host.get_by_test_id("place")).to_contain_text("Quý vị là lượt tiếp theo")
        await row.click()
        await row.get_by_test_id("call").click()

        # the host gets ready; the server finds out by itself what it can
        await expect(host.get_by_test_id("on-deck")).to_be_visible()
        await expect(told).to_have_attribute("data-stage", "deck")
        await host.get_by_test_id("remedy-confirm").click()
        await expect(row).to_have_attribute("data-state", "ready")
        await row.get_by_test_id("grant").click()

        # on air: seen, heard, timed
        air = host.get_by_test_id("on-air")
        await expect(air).to_have_attribute("data-phase", "live")
        await expect(told).to_have_attribute("data-stage", "live")
        await expect(stage.get_by_test_id("lower-third")).to_contain_text(NAME)
        await until(lambda: frames(stage), what="the stage decodes pictures")
        assert await heard(stage) > AUDIBLE

        # the line drops in the middle of the speech: slate, the clock stands
        wire.cut(pages=False)
        # lost lines are not looked for in the first ten seconds of a server
        await expect(air).to_have_attribute("data-phase", "link_lost", timeout=25_000)
        await expect(stage.locator(".slate")).to_be_visible()
        speaking = moderator.get_by_test_id("speaking")
        await expect(speaking).to_have_attribute("data-phase", "link_lost")
        standing = await speaking.get_by_test_id("clock").inner_text()
        assert await heard(stage) < SILENT
        assert await speaking.get_by_test_id("clock").inner_text() == standing

        # it is back with the same grant
        wire.mend()
        await expect(air).to_have_attribute("data-phase", "live")
        await expect(stage.locator(".slate")).to_be_hidden()

        async def sounds() -> bool:
            return await heard(stage, 1.0) > AUDIBLE

        await until(sounds, what="the stage hears Điện Biên again")

        # the speech ends, and everybody hears of it
        await host.get_by_test_id("release").click()
        await host.get_by_test_id("confirm-yes").click()
        await expect(air).to_be_hidden()
        await expect(delegate.locator("main")).to_contain_text("Đã kết thúc")

        # the minutes tell all of it
        async with moderator.context.expect_page() as opened:
            await moderator.get_by_test_id("minutes").click()
        minutes = await opened.value
        speech = minutes.get_by_test_id("speeches").locator("tbody tr")
        await expect(speech).to_have_count(1)
        for words in (NAME, TITLE, TOPIC, "Điện Biên"):
            await expect(speech).to_contain_text(words)
        await expect(speech).to_contain_text(re.compile(r"Mất kết nối \d\d:\d\d:\d\d"))
