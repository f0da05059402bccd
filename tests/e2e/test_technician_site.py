"""One link's past: charts, tables, and the whole wall at an earlier moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e import browser
from tests.e2e.browser import chromium, open_page, shoot, until
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

#: Pixels of the first chart's lines, so that an empty one is not taken for a drawn one.
DRAWN = """() => [...document.querySelectorAll('.plot canvas')].map(canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 === 3 && value > 0);
})"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    browser.ERRORS.clear()
    running = RunningServer(tmp_path / "data", arguments=("--simulate", "1"))
    running.start()
    yield running
    running.stop()
    assert "Traceback" not in running.log(), running.log()
    assert not browser.ERRORS


async def measured(page: Page) -> str:
    """Wait until a link has a score, and return its site."""
    tile = page.locator('.tile[data-state="up"]').first
    await expect(tile).to_be_visible(timeout=30_000)
    return str(await tile.get_attribute("data-site"))


async def drawn(page: Page) -> bool:
    lines: list[bool] = await page.evaluate(DRAWN)
    return len(lines) == 10 and all(lines)


async def test_a_link_is_looked_at_and_the_wall_goes_back(server: RunningServer) -> None:
    async with (
        chromium() as chrome,
        server.socket(server.invite("technician", "", "--name", "Minh Tuấn")["token"]) as socket,
    ):
        other = await Client.hello(socket)
        page = await open_page(chrome, server.invite("technician")["url"])
        site = await measured(page)
        await other.command("site_action", site=site, action="layer", value="q")
        await page.locator(f'.tile[data-site="{site}"] .open').click()
        await until(lambda: drawn(page), what="ten charts with lines")
        await expect(page.get_by_test_id("verdict")).not_to_be_empty()

        # what happened is in words, once the history has told of it
        await page.get_by_test_id("tables").locator("summary").click()
        events = page.get_by_test_id("events-table")
        await expect(events).to_contain_text("Vào điểm cầu")
        await expect(events).to_contain_text("Kỹ thuật: cỡ hình gửi tới (Minh Tuấn)")
        await expect(page.get_by_test_id("causes-table").locator("tbody tr")).not_to_have_count(0)

        # the keys zoom, move the cursor and pin it; nothing can be done to a site of the past
        charts = page.get_by_test_id("charts")
        await charts.focus()
        await page.keyboard.press("+")
        await expect(page.get_by_test_id("range-600")).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("0")
        await expect(page.get_by_test_id("range-600")).to_have_attribute("aria-pressed", "true")
        await page.keyboard.press("Shift+ArrowLeft")
        await page.keyboard.press("Shift+ArrowLeft")
        await expect(page.get_by_test_id("charts-when")).to_contain_text("Con trỏ")
        await page.keyboard.press("Enter")
        said = page.get_by_test_id("time-said")
        await expect(said).to_contain_text(re.compile(r"Đang xem lại \d\d:\d\d:\d\d"))
        await expect(page.get_by_test_id("cap")).to_be_disabled()
        before = await page.get_by_test_id("time-cursor").input_value()
        await page.get_by_test_id("time-cursor").focus()
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_test_id("time-cursor")).to_have_value(str(int(before) - 1))

        found = await violations(page)
        await page.get_by_test_id("panel-wide").click()
        await expect(page.get_by_test_id("wall")).to_be_hidden()
        await until(lambda: drawn(page), what="the charts over the whole wall")
        found += await violations(page)
        await shoot(page, "technician-site")
        assert found == []

        # back to now with one key, and only then is the panel closed
        await page.keyboard.press("Escape")
        await expect(said).to_be_hidden()
        await expect(page.get_by_test_id("cap")).to_be_enabled()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("panel")).to_have_count(0)
        await expect(page.get_by_test_id("wall")).to_be_visible()
