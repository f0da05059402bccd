"""``make demo`` as a newcomer meets it: a living forum within a minute, on every page and size.

Screenshots go to ``tests/_output``; ``make screenshots`` keeps them for the README.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e import browser
from tests.e2e.browser import chromium, heard, moving, open_page, shoot, until
from tests.e2e.test_main_job import NAME, ask, grant, join
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningServer]:
    browser.ERRORS.clear()
    running = RunningServer(tmp_path / "data", arguments=("--simulate", "6"))
    running.start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log(), running.log()
    assert not browser.ERRORS


@pytest.mark.timeout(240)
async def test_a_newcomer_sees_a_living_forum(demo: RunningServer) -> None:
    async with (
        chromium() as one,
        chromium() as two,
        demo.socket(demo.invite("moderator")["token"]) as socket,
    ):
        watcher = await Client.hello(socket)
        stage = await open_page(two, demo.invite("stage")["url"])
        await until(lambda: moving(stage), 30, what="the venue is on the stage")

        async def sound() -> bool:
            return await heard(stage) > 0.0001

        await until(sound, what="the venue is heard")
        host = await join(one, demo, "dien-bien")
        moderator = await open_page(two, demo.invite("moderator")["url"])
        technician = await open_page(two, demo.invite("technician")["url"])
        await watcher.until(lambda page: page.view["pending"] or page.view["queue"], 60)
        await watcher.until(lambda page: sum(
            1 for link in page.links.values() if link.get("connected")) >= 7, 60)  # fmt: skip
        await ask(host, NAME)
        await watcher.command("set_preview", source="camera:da-nang")
        tile = technician.locator("[data-site=dien-bien]")
        await expect(tile).to_be_visible()
        await shoot(host, "host")
        await shoot(technician, "technician")
        await grant(moderator, NAME)
        await expect(host.get_by_test_id("on-air")).to_be_visible(timeout=20_000)
        await expect(stage.get_by_test_id("lower-third")).to_contain_text("Điện Biên")
        await shoot(moderator, "moderator")
        await shoot(host, "host-on-air")
        await shoot(stage, "stage")
        for page, name in ((moderator, "moderator-en"), (technician, "technician-en")):
            await page.get_by_test_id("lang-en").click()
            await shoot(page, name)
