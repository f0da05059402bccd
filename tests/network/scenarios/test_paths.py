"""Lines that let no UDP through, relays that refuse, and addresses that change under a page."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import moving, until
from tests.network.forum import moderator, watch
from tests.network.lab import HUB_ADDRESS, Lab
from tests.network.record import note
from tests.network.scenarios.test_firefox import (
    WATCH,
    browser_at,
    join,
    path_of,
    publishing,
)
from tests.turn_server import TurnServer, turn_server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

#: Refuses what a page was given: credentials of yesterday, or of another server.
SPOILT = """
const ask = window.fetch;
window.fetch = async (address, ...more) => {
  const response = await ask(address, ...more);
  if (!String(address).startsWith("/ice/")) return response;
  const answer = await response.json();
  for (const server of answer.servers) server.credential += "x";
  return new Response(JSON.stringify(answer));
};
"""


@asynccontextmanager
async def relay(lab: Lab, folder: Path) -> AsyncIterator[TurnServer]:
    """Run coturn in the hub, allowed to reach the media server alone."""
    async with turn_server(
        folder / "turn",
        address=HUB_ADDRESS,
        peer=HUB_ADDRESS,
        command=lab.hub.command,
        connect=lab.hub.socket,
    ) as made:
        yield made


async def path_is(page: Page, path: str, timeout_s: float = 40.0) -> None:
    await expect(page.get_by_test_id("path")).to_have_attribute(
        "data-path", path, timeout=timeout_s * 1000
    )


@pytest.mark.parametrize(("ways", "path"), [(("udp", "tcp"), "relay_tcp"), (("tls",), "relay_tls")])
async def test_chromium_behind_a_firewall_comes_in_within_seconds(
    lab: Lab, tmp_path: Path, ways: tuple[str, ...], path: str
) -> None:
    async with relay(lab, tmp_path) as coturn:
        server = lab.server(*coturn.settings(*ways))
        home = lab.site("home")
        home.line.block_udp()
        browser = await lab.browser(home, server, ["--ignore-certificate-errors"])
        page = await lab.page(browser, server, "host", "ha-noi")
        begin = time.monotonic()
        await page.get_by_test_id("join").click()
        await path_is(page, path)
        joined = time.monotonic() - begin
        note(
            f"Chromium, no UDP, {' and '.join(ways)} offered",
            f"joined in {joined:.1f} s by {path}",
            "a few seconds",
            seconds=round(joined, 2),
        )
        hall = await watch(lab, server, None)  # the venue is on program
        assert (await hall.watch(3.0)).fps > 5
        if "udp" not in ways:
            return
        # The firewall is opened: the next change of the network finds the direct way.
        home.line.block_udp(False)
        await page.evaluate("() => window.dispatchEvent(new Event('online'))")
        await path_is(page, "direct")
        # And closed again, with the page on the direct way.
        begin = time.monotonic()
        home.line.block_udp()
        await path_is(page, path)
        await until(lambda: moving(hall.page), 40.0, what="the hall shows the site again")
        found = time.monotonic() - begin
        note(
            "Chromium, UDP blocked while it sends",
            f"by {path} again in {found:.1f} s",
            "a few seconds",
            seconds=round(found, 2),
        )


async def test_firefox_behind_a_firewall_comes_in_within_seconds(lab: Lab, tmp_path: Path) -> None:
    async with relay(lab, tmp_path) as coturn:
        server = lab.server(*coturn.settings("udp", "tcp", "tls"))
        home = lab.site("home")
        home.line.block_udp()
        async with browser_at(home) as host, moderator(server) as chair:
            begin = time.monotonic()
            await join(host, server, "ha-noi")
            await publishing(chair, "ha-noi")
            joined = time.monotonic() - begin
            path = await path_of(host)
            assert path == "relay_tcp"
            assert (await host.evaluate(WATCH, 3000))[0] > 0
        note(
            "Firefox, no UDP",
            f"page opened and picture sent by {path} in {joined:.1f} s",
            "a few seconds",
            seconds=round(joined, 2),
        )


async def test_a_relay_that_refuses_is_named(lab: Lab, tmp_path: Path) -> None:
    async with relay(lab, tmp_path) as coturn:
        server = lab.server(*coturn.settings("tcp"))
        home = lab.site("home")
        home.line.block_udp()
        browser = await lab.browser(home, server)
        page = await lab.page(browser, server, "host", "son-la", script=SPOILT)
        await page.get_by_test_id("join").click()
        notice = page.get_by_test_id("notice-media")
        await expect(notice).to_contain_text("máy chuyển tiếp chưa chấp nhận", timeout=40_000)
        home.line.block_udp(False)
        await path_is(page, "direct")
