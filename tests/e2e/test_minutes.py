"""The minutes in a real browser: read, printed, taken home as a workbook."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from tests.e2e import browser as browsers
from tests.e2e.browser import OUTPUT, chromium, open_page, shoot
from tests.e2e.test_pages import violations
from tests.minutes.forum import morning, put
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.pages]

#: A4 at 96 pixels an inch.
A4 = (794, 1123)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that finds the log of a whole morning."""
    browsers.ERRORS.clear()
    running = RunningServer(tmp_path / "data")
    await put(running.data, morning().entries)
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.stop)
    assert "Traceback" not in running.log(), running.log()
    assert not browsers.ERRORS


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page; nothing may stick out at the side."""
    OUTPUT.mkdir(exist_ok=True)
    await page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)
    overhang = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, f"{name} scrolls sideways by {overhang} px"


async def test_the_minutes_are_read_printed_and_taken_home(
    server: RunningServer, tmp_path: Path
) -> None:
    async with chromium() as browser:
        page = await open_page(browser, server.invite("moderator")["url"])
        key = re.search(r"k=(\w+)", page.url)
        assert key is not None
        await page.goto(f"{server.url}/minutes?k={key[1]}")
        await expect(page.get_by_test_id("minutes")).to_contain_text("Lò Thị Minh Nguyệt")
        assert await violations(page) == []
        await shoot(page, "minutes")
        await keep(page, "minutes-whole")
        await page.set_viewport_size({"width": 390, "height": 844})
        await keep(page, "minutes-whole-phone")
        await page.set_viewport_size({"width": 1366, "height": 768})

        # the print button waits for its script, and prints
        await page.evaluate("() => { window.print = () => { document.title = 'printed'; }; }")
        await page.get_by_role("button", name="In biên bản").click()
        await expect(page).to_have_title("printed")

        async with page.expect_download() as download:
            await page.get_by_test_id("xlsx").click()
        file = await download.value
        assert re.fullmatch(r"thoi-gian-phat-bieu-plenary-[\d-]{10}\.xlsx", file.suggested_filename)
        await file.save_as(tmp_path / "ledger.xlsx")
        book = load_workbook(tmp_path / "ledger.xlsx")
        assert book["Đại biểu"]["B2"].value == "Huỳnh Tấn Lộc"

        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_test_id("minutes")).to_contain_text("SOCIALIST REPUBLIC")
        assert await violations(page) == []
        await keep(page, "minutes-en")
        await page.get_by_role("link", name="Tiếng Việt").click()
        await page.get_by_test_id("back").click()
        await expect(page).to_have_url(re.compile(r"/moderator\?k="))


async def test_the_minutes_on_paper(server: RunningServer) -> None:
    async with chromium() as browser:
        page = await open_page(browser, server.invite("moderator")["url"])
        await page.goto(page.url.replace("/moderator", "/minutes"))
        await expect(page.get_by_role("button", name="In biên bản")).to_be_visible()
        await page.emulate_media(media="print", reduced_motion="reduce")
        await page.set_viewport_size({"width": A4[0], "height": A4[1]})
        await expect(page.get_by_role("button", name="In biên bản")).to_be_hidden()
        await expect(page.get_by_test_id("draft")).to_be_hidden()
        await keep(page, "minutes-a4")
        pdf = await page.pdf(prefer_css_page_size=True)
        (OUTPUT / "minutes.pdf").write_bytes(pdf)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        assert len(boxes) > 1
        for width, height in boxes:  # A4 in points
            assert float(width) == pytest.approx(595, abs=1)
            assert float(height) == pytest.approx(842, abs=1)


async def test_nobody_else_gets_the_minutes(server: RunningServer) -> None:
    async with chromium() as browser:
        page = await open_page(browser, server.invite("host", "dien-bien")["url"])
        await page.goto(page.url.replace("/host", "/minutes"))
        await expect(page.get_by_test_id("error-page")).to_be_visible()
        assert await violations(page) == []
