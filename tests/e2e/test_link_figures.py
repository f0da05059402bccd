"""What a real browser says of its own end reaches the technicians, and its history."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.browser import chromium
from tests.e2e.test_host_truth import host_page
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

SITE = "dien-bien"
#: Tells the page that its camera was unplugged.
UNPLUG = """() => {
  const camera = window.tracks.find(track => track.kind === 'video');
  camera.stop();
  camera.dispatchEvent(new Event('ended'));
}"""


def said(client: Client) -> dict[str, Any]:
    page: dict[str, Any] = client.links.get(SITE, {}).get("page", {})
    return page


def whole(client: Client) -> bool:
    """Return whether two readings have been compared, with camera and sound flowing."""
    page = said(client)
    return bool(
        page.get("encoded_fps", 0) > 5
        and page.get("captured_fps", 0) > 5
        and page.get("microphone_level", 0) > 0
    )


async def test_a_browser_tells_of_its_own_end(server: RunningServer) -> None:
    technician = str(server.invite("technician")["token"])
    async with chromium() as browser, server.socket(technician) as socket:
        page, _ = await host_page(browser, server)
        await page.get_by_test_id("join").click()
        client = await Client.hello(socket)
        await client.until(whole, 30)
        link = client.links[SITE]
        code = link["publisher"].partition("-")[0]
        await expect(page.get_by_test_id("peer-code")).to_contain_text(code)
        assert f"[{code}] connected after" in server.log(), "by what the host reads out"
        assert {"limitation", "encode_ms", "available_kbps", "rtt_ms", "page_lag_ms"} <= set(
            said(client)
        )
        assert (said(client)["camera"], said(client)["microphone"]) == ("live", "live")
        assert link["up"]["level_dbov"] > -60, "what the server hears of the same sound"
        assert link["up"]["layer"] in {"q", "h", "f"}
        await page.evaluate(UNPLUG)
        await client.until(lambda client: said(client).get("camera") == "ended")
        url = f"{server.url}/api/sessions/plenary/history?site={SITE}"
        headers = {"authorization": f"Bearer {technician}"}
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
            past = await answer.json()
    assert max(fps or 0 for fps in past["columns"]["encoded_fps"]) > 5
    assert "joined" in [event["kind"] for event in past["events"]]
