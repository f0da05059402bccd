"""The technician's wall as it is used: a whole forum on it, by keys, as a map, with pictures."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bench.wall_links import feed
from bridge.config import load_event
from tests.e2e.browser import chromium, shoot, until
from tests.e2e.test_pages import violations
from tests.running import EVENT, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.pages]

SITES = [site.code for site in load_event(EVENT).sites]


@asynccontextmanager
async def wall(server: RunningServer) -> AsyncIterator[Page]:
    """The page with made-up links of all sites."""
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="vi-VN", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.add_init_script(feed(SITES, time.time()))
        await page.goto(server.invite("technician")["url"])
        await expect(page.locator(".tile")).to_have_count(len(SITES))
        await expect(page.get_by_test_id("alerts")).to_be_visible()
        yield page


async def said(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return what the page has told the server."""
    messages: list[dict[str, Any]] = await page.evaluate("() => window.said")
    return [message for message in messages if message["type"] == kind]


async def site_with_focus(page: Page) -> str:
    """Return the site of the tile or of the place on the map that has the focus."""
    found = await page.evaluate(
        "() => document.activeElement.closest('[data-site]')?.dataset.site ?? ''"
    )
    return str(found)


async def test_a_whole_forum_by_keys_alone(server: RunningServer) -> None:
    async with wall(server) as page:
        gone = page.locator(".tile[data-site=ha-giang]")
        await expect(gone).to_have_attribute("data-state", "lost")
        await expect(gone.locator(".word")).to_contain_text("Mất kết nối")
        assert await violations(page) == []

        # found without diacritics; a tile takes an alert on, with a note
        await page.get_by_test_id("find-site").fill("ha giang")
        await expect(page.locator(".tile")).to_have_count(1)
        await page.keyboard.press("Tab")  # layout
        for _ in range(8):
            if await site_with_focus(page):
                break
            await page.keyboard.press("Tab")
        assert await site_with_focus(page) == "ha-giang"
        await page.keyboard.press("Shift+A")
        await expect(page.get_by_test_id("alert-note")).to_be_focused()
        await page.keyboard.type("đang đổi cáp")
        await page.keyboard.press("Enter")
        await expect(page.locator(".alert[data-site=ha-giang] .what")).to_be_focused()
        await page.locator(".tile .open").focus()
        await page.keyboard.press("a")
        acknowledged = await said(page, "acknowledge")
        assert [one["note"] for one in acknowledged] == ["đang đổi cáp", ""]
        assert {one["alert"] for one in acknowledged} == {"a-ha-giang"}

        # marked one by one and by range; the headings of the regions are in between
        await page.get_by_test_id("find-site").fill("")
        await page.get_by_test_id("region").select_option("*")
        await expect(page.locator(".region")).to_have_count(6)
        await page.locator(".tile .open").first.focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Shift+ArrowRight")
        await page.keyboard.press("Shift+ArrowRight")
        await expect(page.locator(".tile.marked")).to_have_count(3)
        await expect(page.locator(".tile .pick input:checked")).to_have_count(3)
        await shoot(page, "wall-regions")
        await page.keyboard.press("Escape")
        await expect(page.locator(".tile.marked")).to_have_count(0)

        await page.get_by_test_id("filter-alerts").click()
        await expect(page.locator(".tile")).to_have_count(
            await page.get_by_test_id("alert").count()
        )


async def test_the_same_forum_as_a_map(server: RunningServer) -> None:
    async with wall(server) as page:
        await page.get_by_test_id("layout-map").click()
        places = page.locator(".place")
        await expect(places).to_have_count(len(SITES))
        names = page.locator(".names text")
        await expect(names.filter(has_text="Hà Giang")).to_have_count(1)
        assert await names.count() < len(SITES), "only what matters is named where it is crowded"
        assert await violations(page) == []

        await page.locator(".place[tabindex='0']").focus()
        first = await site_with_focus(page)
        await page.keyboard.press("ArrowRight")
        second = await site_with_focus(page)
        assert second != first
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("panel")).to_have_attribute("data-site", second)
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("panel")).to_have_count(0)
        assert await site_with_focus(page) == second

        await page.get_by_test_id("region").select_option("central-highlands")
        await expect(places).to_have_count(5)
        await expect(names).to_have_count(5)
        await shoot(page, "wall-map")


CLEAR = (
    "() => [...document.querySelectorAll('.thumb.on')].map(e => e.closest('.tile').dataset.site)"
)

#: Connected sites whose tile is in sight and has neither a moving nor a still picture.
WITHOUT = """() => {
  const { top, bottom } = document.querySelector('.wall').getBoundingClientRect();
  return [...document.querySelectorAll('.tile:has(.thumb)')].filter(tile => {
    const box = tile.getBoundingClientRect();
    return box.bottom > top && box.top < bottom && !tile.querySelector('.thumb.on, .thumb.kept');
  }).map(tile => tile.dataset.site);
}"""


async def test_pictures_of_the_tiles_in_sight(server: RunningServer) -> None:
    async with wall(server) as page:
        await page.get_by_test_id("pictures").click()

        async def clear() -> list[str]:
            sites: list[str] = await page.evaluate(CLEAR)
            return sites

        # Nobody sends a camera: each site's slate stands in, drawn with its name.
        async def all_in_slots() -> bool:
            return len(await clear()) >= 10

        await until(all_in_slots, what="a screenful of pictures")
        before = set(await clear())

        # More tiles than slots: all others have a picture in turn, and it says how old it is.
        await page.set_viewport_size({"width": 1366, "height": 1080})

        async def all_have_one() -> bool:
            return bool(await page.evaluate(WITHOUT) == [])

        await until(all_have_one, what="a picture on each tile in sight")
        assert len(await clear()) <= 16
        await expect(page.locator(".thumb.kept .age").first).to_have_text(re.compile(r"^−\d+ s$"))
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.get_by_test_id("find-site").fill("ca mau")

        async def only_one() -> bool:
            return await clear() == ["ca-mau"]

        await until(only_one, what="the picture of the one tile that is left")
        watches = await said(page, "watch")
        assert len(watches) >= len(before), "each slot was asked for"
        assert {one["slot"] for one in watches if one.get("slot")} <= {
            f"thumb{n}" for n in range(1, 17)
        }
        await page.get_by_test_id("pictures").click()
        await expect(page.locator(".thumb")).to_have_count(0)
