"""A site whose firewall lets no UDP through comes in by a real coturn, and all see which way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import chromium, moving, open_page, until
from tests.running import Client, RunningServer
from tests.turn_server import turn_server

pytestmark = pytest.mark.browser

#: Leaves a page one way only, and nothing direct: what a firewall does to it.
ONE_WAY = """
window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, [configuration]) {
    const wanted = { udp: /=udp$/, tcp: /^turn:.*=tcp$/, tls: /^turns:/ }[%r];
    const iceServers = configuration.iceServers.map((server) => ({
      ...server,
      urls: server.urls.filter((url) => wanted.test(url)),
    }));
    return new target({ ...configuration, iceServers, iceTransportPolicy: "relay" });
  },
});
"""
SITES = ("ha-noi", "dien-bien")
UNCHECKED = "--ignore-certificate-errors"  # the test's certificate is signed by nobody


async def open_by(browser: Browser, url: str, way: str) -> Page:
    page = await open_page(browser, "about:blank")
    await page.add_init_script(ONE_WAY % way)
    await page.goto(url)
    return page


async def path_of(page: Page) -> str:
    return str(await page.get_by_test_id("path").get_attribute("data-path"))


async def test_a_site_behind_a_firewall_comes_in_by_every_way(tmp_path: Path) -> None:
    async with turn_server(tmp_path / "turn") as coturn, chromium(flags=[UNCHECKED]) as browser:
        server = RunningServer(tmp_path / "data", arguments=coturn.settings("udp", "tcp", "tls"))
        server.start()
        try:
            async with server.socket(server.invite("technician")["token"]) as socket:
                technician = await Client.hello(socket)
                venue = await open_by(browser, server.invite("host", "ha-noi")["url"], "tls")
                await venue.get_by_test_id("join").click()
                other = await open_by(browser, server.invite("host", "dien-bien")["url"], "udp")
                await other.get_by_test_id("join-watch").click()
                stage = await open_by(browser, server.invite("stage")["url"], "tcp")
                for page in (other, stage):
                    await until(partial(moving, page), what="the venue's picture")
                assert await path_of(venue) == "relay_tls"
                assert await path_of(other) == "relay_udp"
                await expect(other.get_by_test_id("path")).to_contain_text("máy chuyển tiếp (UDP)")

                await technician.until(
                    lambda client: (
                        [client.links.get(site, {}).get("path") for site in SITES]
                        == ["relay_tls", "relay_udp"]
                    )
                )
        finally:
            server.stop()
        assert "Traceback" not in server.log()
        assert "a-secret" not in server.log()
