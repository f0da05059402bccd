"""By keys alone: a moderator is warned of a bad link before a grant and before a take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest
from playwright.async_api import expect

from tests.e2e.browser import chromium, open_page, shoot
from tests.e2e.test_pages import violations
from tests.media.client import PUBLISHER, vp8_key
from tests.media.client import Client as Device
from tests.running import Client, RunningServer
from tests.server.test_line_messages import connected

pytestmark = [pytest.mark.browser, pytest.mark.pages]

SITE = "dien-bien"
CAMERA = f"camera:{SITE}"
#: More than two presses of one hasty decision lie apart, milliseconds.
DELIBERATE_MS = 700


@asynccontextmanager
async def losing(server: RunningServer, token: str) -> AsyncIterator[None]:
    """Send sound and pictures of the token's site, of which every second packet is lost."""
    device = Device(PUBLISHER)

    async def send() -> None:
        for number in count(1):
            device.send_rtp(device.packet(1, 2 * number, number * 2400, b"sound", level=30))
            device.send_rtp(device.packet(0, 2 * number, number * 4500, vp8_key(number)))
            await asyncio.sleep(0.05)

    async with connected(server, token, PUBLISHER, "", device):
        task = asyncio.create_task(send())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def weak(client: Client) -> bool:
    return 0 < float(client.links.get(SITE, {}).get("score", 0)) < 2.6


async def test_the_following_one_is_at_hand_and_going_on_is_the_same_key(
    server: RunningServer,
) -> None:
    token = str(server.invite("host", SITE)["token"])
    async with (
        chromium() as browser,
        losing(server, token),
        server.socket(token) as site,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        host, other = await Client.hello(site), await Client.hello(socket)
        for each in (SITE, "can-tho"):
            await other.command("request_floor", site=each, name="Ông Một")
        await other.until(lambda client: len(client.view["queue"]) == 2)
        first, second = other.view["queue"]

        async def became(request: str, state: str) -> None:
            await other.until(lambda client: client.view["requests"][request]["state"] == state)

        page = await open_page(browser, server.invite("moderator")["url"])
        press = page.keyboard.press
        row = page.locator(f"[data-request={first}]")
        following = row.get_by_test_id("call-following")
        await other.command("call_on_deck", request=first)
        await host.command("confirm_return", request=first)
        await became(first, "ready")
        await other.until(weak)

        await row.focus()
        await press("g")
        await expect(page.get_by_test_id("grant-override")).to_contain_text("Vẫn mời phát biểu")
        await expect(following).to_be_focused()
        await expect(following).to_contain_text("Gọi Cần Thơ, giữ chỗ")
        await expect(row).not_to_contain_text("vừa thao tác")  # nobody's deed made it so
        await press("Enter")
        await became(second, "checking")
        assert other.view["requests"][first]["state"] == "queued"
        assert other.view["queue"] == [first, second], "the place is kept"

        await other.command("return_to_queue", request=second)
        await other.command("set_preview", source=CAMERA)
        await expect(page.get_by_role("group", name="Hình chuẩn bị: Điện Biên")).to_be_visible()
        await other.until(weak)
        await press("F2")
        toast = page.get_by_test_id("toast")
        await expect(toast).to_have_attribute("data-code", "link_bad")
        await expect(toast.get_by_test_id("call-following")).to_contain_text("Gọi Cần Thơ")
        await shoot(page, "moderator-weak-take")
        assert await violations(page) == []
        await press("w")
        await became(second, "checking")
        await expect(toast).to_be_hidden()
        assert other.view["program"]["source"] != CAMERA

        await press("F2")
        await expect(toast).to_be_visible()
        await page.wait_for_timeout(DELIBERATE_MS)
        await press("F2")
        await other.until(lambda client: client.view["program"]["source"] == CAMERA)

        await press("g")
        await expect(following).to_be_focused()
        await page.wait_for_timeout(DELIBERATE_MS)
        await press("g")
        await other.until(lambda client: client.view["speaking"] == [first])
