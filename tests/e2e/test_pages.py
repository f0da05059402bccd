"""What people under stress meet: refusals, a second device, keys alone, another language."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import chromium, moving, open_page, picture_size, shoot, until
from tests.e2e.test_main_job import NAME, ask, grant, join
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page by WCAG 2.2 AA."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(
        "async rules => (await axe.run({runOnly: rules})).violations", RULES
    )
    return [f"{page.url}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


async def test_no_page_shuts_anybody_out(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        await moderator.command("request_floor", name="Ông Một", site="son-la")
        await moderator.command("request_floor", name="Bà Hai", site="lai-chau")
        checking = await open_page(browser, server.invite("host", "dien-bien")["url"])
        await expect(checking.get_by_test_id("join")).to_be_visible()
        found = await violations(checking)
        host = await join(browser, server, "dien-bien")
        found += await violations(host)
        await host.get_by_test_id("request-floor").click()
        found += await violations(host)
        await host.get_by_test_id("request-close").click()
        await moderator.command("grant_floor", request=moderator.view["queue"][0], override=True)
        for role, something in (
            ("moderator", "speaking"),
            ("technician", "wall"),
            ("stage", "lower-third"),
        ):
            page = await open_page(browser, server.invite(role)["url"])
            await expect(page.get_by_test_id(something)).to_be_visible()
            found += await violations(page)
        wrong = await open_page(browser, f"{server.url}/j/wrong", lang="en")
        await expect(wrong.get_by_test_id("error-page")).to_contain_text("This join link")
        found += await violations(wrong)
        assert found == []


async def test_keyboard_alone_runs_the_queue(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        other = await Client.hello(socket)
        for name in ("Ông Một", "Bà Hai"):
            await other.command("request_floor", name=name, site="son-la")
        page = await open_page(browser, server.invite("moderator")["url"])
        rows = page.get_by_test_id("queue").locator("[data-request]")
        await expect(rows).to_have_count(2)
        for _ in range(16):  # lists are one stop each, so it is never far
            await page.keyboard.press("Tab")
            if await page.evaluate("() => !!document.activeElement.closest('[data-request]')"):
                break
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Alt+ArrowUp")
        await other.until(
            lambda client: (
                [client.view["requests"][r]["name"] for r in client.view["queue"]]
                == ["Bà Hai", "Ông Một"]
            )
        )
        await page.keyboard.press("g")
        await expect(page.get_by_test_id("grant-override")).to_be_focused()
        await page.keyboard.press("Enter")
        await other.until(lambda client: client.view["speaking"])
        assert other.view["requests"][other.view["speaking"][0]]["name"] == "Bà Hai"


async def test_a_second_device_of_a_site_waits_until_it_is_asked(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        first = await join(browser, server, "dien-bien")
        await moderator.until(lambda page: page.links.get("dien-bien", {}).get("publisher"))
        publisher = moderator.links["dien-bien"]["publisher"]
        second = await join(browser, server, "dien-bien")
        await moderator.until(lambda page: page.links["dien-bien"].get("devices") == 2)
        await expect(second.get_by_test_id("publish-here")).to_be_visible(timeout=15_000)
        assert moderator.links["dien-bien"]["publisher"] == publisher
        await second.get_by_test_id("publish-here").click()
        await moderator.until(
            lambda page: page.links["dien-bien"].get("publisher") not in {"", publisher}
        )
        await expect(first.get_by_test_id("publish-here")).to_be_visible()
        await second.close()
        await moderator.until(
            lambda page: page.links["dien-bien"].get("publisher") == publisher, 40
        )


async def test_refused_camera_and_microphone_are_explained(server: RunningServer) -> None:
    async with chromium(fake_permission=False) as browser:
        page = await open_page(browser, server.invite("host", "dien-bien")["url"])
        await expect(page.get_by_test_id("problem-camera")).to_be_visible(timeout=15_000)
        await page.get_by_test_id("join").click()  # watching is still possible
        await expect(page.get_by_test_id("request-floor")).to_be_visible(timeout=15_000)


async def test_a_browser_that_keeps_quiet_gets_a_button(server: RunningServer) -> None:
    async with chromium() as sending, chromium(autoplay=False) as watching:
        host = await join(sending, server, "dien-bien")
        stage = await open_page(watching, server.invite("stage")["url"])
        moderator = await open_page(watching, server.invite("moderator")["url"])
        await ask(host, NAME)
        await grant(moderator, NAME)
        await until(lambda: moving(stage), what="pictures play without a click")
        await expect(stage.get_by_test_id("start-sound")).to_be_visible(timeout=15_000)
        await stage.get_by_test_id("start-sound").click()
        await expect(stage.get_by_test_id("start-sound")).to_be_hidden()
        playing = "() => [...document.querySelectorAll('audio')].some(a => !a.paused && !a.muted)"
        assert await stage.evaluate(playing)


async def shows_slate(page: Page) -> bool:
    return await picture_size(page) == [1280, 720]


async def test_self_signed_tls(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", arguments=("--tls-self-signed",))
    server.start()
    try:
        url = server.invite("stage")["url"]
        assert url.startswith("https://127.0.0.1:")
        async with chromium() as browser:
            context = await browser.new_context(ignore_https_errors=True)
            page = await context.new_page()
            await page.goto(url)
            await until(lambda: shows_slate(page), 60, what="the venue has no camera yet")
            secure = [c["secure"] for c in await context.cookies() if c["name"].startswith("dc_")]
            assert secure == [True]
        certificate = server.data / "tls" / "certificate.pem"
        trusted = ssl.create_default_context(cafile=str(certificate))
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"https://127.0.0.1:{server.port}/healthz", ssl=trusted) as response,
        ):
            assert response.status == 200
    finally:
        assert server.stop() == 0


async def test_a_name_is_corrected_by_site_and_moderator(server: RunningServer) -> None:
    async with chromium() as browser:
        host = await join(browser, server, "dien-bien")
        moderator = await open_page(browser, server.invite("moderator")["url"])
        await ask(host, "Lo Thi Minh Nguyet")
        row = moderator.get_by_test_id("queue").locator("[data-request]")
        await expect(row).to_contain_text("Lo Thi Minh Nguyet")

        await host.get_by_test_id("correct-request").click()
        await expect(host.get_by_test_id("request-name")).to_have_value("Lo Thi Minh Nguyet")
        await shoot(host, "host-edit")
        await host.get_by_test_id("request-name").fill(NAME)
        await host.get_by_test_id("request-send").click()
        await expect(row).to_contain_text(NAME)

        await row.click()
        await shoot(moderator, "moderator-row")
        await row.get_by_test_id("edit").click()
        await expect(moderator.get_by_test_id("add-name")).to_have_value(NAME)
        await moderator.get_by_test_id("add-topic").fill("Trường học số ở vùng cao")
        await moderator.get_by_test_id("dialog-send").click()
        await expect(host.locator("[data-request]")).to_contain_text("Trường học số ở vùng cao")
        await host.get_by_test_id("request-floor").click()  # a new one begins empty
        await expect(host.get_by_test_id("request-name")).to_have_value("")
