"""A forum in the lab: a site whose camera and microphone are on air, and somebody who watches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.browser import STATS, moving, until
from tests.network import correlation, voice
from tests.network.lab import HubServer, Lab, Site
from tests.network.meters import SCRIPT, Viewer
from tests.running import Client


class Speech:
    """What is said at a site: the file for its microphone, and the curve to compare with."""

    def __init__(self, folder: Path) -> None:
        said = voice.samples()
        self.file = folder / "voice.wav"
        self.curve = correlation.curve(voice.envelope(said), voice.STEP_S)
        voice.write_wav(self.file, said)


@asynccontextmanager
async def moderator(server: HubServer) -> AsyncIterator[Client]:
    """Give a moderator at the hub."""
    async with server.socket(server.invite("moderator")["token"]) as socket:
        yield await Client.hello(socket)


async def publish(
    lab: Lab,
    server: HubServer,
    place: Site | None,
    site: str,
    *,
    speech: Speech | None = None,
    camera: Path | None = None,
) -> Page:
    """Join as the host of *site* from *place* with camera and microphone.

    Args:
        lab: where.
        server: of the forum.
        place: whose line is used, None for the hub.
        site: code in the event.
        speech: for the microphone, instead of beeps.
        camera: a clip, instead of Chromium's own 720p picture.
    """
    flags = []
    if speech is not None:
        flags.append(f"--use-file-for-fake-audio-capture={speech.file}")
    if camera is not None:
        flags.append(f"--use-file-for-fake-video-capture={camera}")
    browser = await lab.browser(place, server, flags)
    page = await lab.page(browser, server, "host", site)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("request-floor")).to_be_visible(timeout=30_000)
    return page


async def put_on_air(chair: Client, site: str) -> None:
    """Grant the floor to a speaker of *site*; picture and sound follow."""
    assert (await chair.command("request_floor", name="Lò Văn Bền", site=site))["type"] == "ack"
    request = chair.view["queue"][-1]  # a moderator's own request needs no approval
    granted = await chair.command("grant_floor", request=request, override=True)
    assert granted["type"] == "ack", granted


async def watch(
    lab: Lab, server: HubServer, place: Site | None, speech: Speech | None = None
) -> Viewer:
    """Open the hall's page at *place* and wait until it shows a camera."""
    browser = await lab.browser(place, server)
    page = await lab.page(browser, server, "stage", script=SCRIPT)
    await until(lambda: moving(page), 40.0, what="the hall shows a camera")
    return Viewer(page, speech.curve if speech is not None else None)


async def sent(page: Page) -> dict[str, dict[str, Any]]:
    """Return the outgoing pictures of a host's page that are not slides, by rid ("" without)."""
    found = [s for s in await page.evaluate(STATS) if s["type"] == "outbound-rtp"]
    return {s.get("rid", ""): s for s in found if s["kind"] == "video" and s.get("frameHeight")}
