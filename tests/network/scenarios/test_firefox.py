"""Firefox ESR as provincial sites have it: host and stage, on lines that change under it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tests.e2e.browser import KEEP_PICTURES, OUTPUT
from tests.network.firefox import Firefox, firefox
from tests.network.forum import moderator, publish, put_on_air, watch
from tests.network.lab import HUB_ADDRESS, HubServer, Lab, Site
from tests.network.line import Line
from tests.network.record import note
from tests.running import Client

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

#: How long each change is watched; what has not come back by then does not come by itself.
WATCH_S = 12.0
BAR = "goes on by itself, with the same peer"
#: Watches the program's picture for so many milliseconds: how many frames came, and the longest
#: time without one, ms. Firefox counts no decoded frames of a stream.
WATCH = """
const video = document.querySelector("[data-testid=program-video]");
const begin = performance.now();
let [frames, at, longest] = [0, begin, 0];
const seen = () => {
  frames += 1;
  longest = Math.max(longest, performance.now() - at);
  at = performance.now();
  video.requestVideoFrameCallback(seen);
};
video?.requestVideoFrameCallback(seen);
await new Promise((resolve) => setTimeout(resolve, given[0]));
return [frames, Math.round(Math.max(longest, performance.now() - at))];
"""
#: A slate has one or two frames a second, a camera many.
MOVING = f"const seen = async () => {{ {WATCH} }}; return (await seen())[0] > 5;"
ONLINE = "setTimeout(() => window.dispatchEvent(new Event('online')), 1000);"
#: What sticks out at the side, in pixels.
OVERHANG = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;"


@asynccontextmanager
async def browser_at(place: Site, **preferences: bool | int | str) -> AsyncIterator[Firefox]:
    """Start Firefox on the line of *place*."""
    network = place.network
    async with firefox(
        preferences, secure=HUB_ADDRESS, command=network.command, connect=network.socket
    ) as browser:
        yield browser


async def join(browser: Firefox, server: HubServer, site: str) -> None:
    """Join as the host of *site* with the camera and microphone that Firefox makes up."""
    await browser.goto(f"{server.url}/j/{server.invite('host', site)['token']}")
    await browser.until("return document.querySelector('[data-testid=own-video]')?.videoWidth > 0;")
    await browser.click("join")
    await browser.until("return !!document.querySelector('[data-testid=request-floor]');")


async def path_of(host: Firefox) -> str | None:
    """Wait until the host's page says which way its packets take, and return that."""
    await host.until("return !!document.querySelector('[data-testid=path]');")
    return await host.attribute("path", "data-path")


async def publishing(client: Client, site: str) -> str:
    """Wait until the site's picture comes to the server; return the peer that sends it."""

    def comes(page: Client) -> bool:
        return bool(page.links.get(site, {}).get("up", {}).get("fps", 0) > 5)

    try:
        await client.until(comes, 30)
    except TimeoutError:
        raise AssertionError(client.links.get(site)) from None
    return str(client.links[site]["publisher"])


def measured(client: Client) -> bool:
    """Return whether Firefox has told of its own end what it can."""
    page = client.links.get("dien-bien", {}).get("page", {})
    return bool(page.get("encoded_fps", 0) > 5 and page["camera"] == page["microphone"] == "live")


async def changes(
    line: Line, restart: Callable[[], Awaitable[object]], watch_it: Callable[[], Awaitable[float]]
) -> dict[str, float]:
    """Change the line in three ways; return the longest gap of the picture for each, in ms.

    Args:
        line: the browser's.
        restart: lets the page restart ICE a second later: the computer's network is back.
        watch_it: watches the picture for :data:`WATCH_S`.
    """

    async def watched(change: Callable[[], object]) -> float:
        watching = asyncio.ensure_future(watch_it())
        await asyncio.sleep(1)
        await asyncio.to_thread(change)
        return await watching

    # The router has forgotten the binding, and nothing tells the browser.
    gaps = {"rebind": await watched(line.rebind)}
    await restart()
    gaps["ICE restart"] = await watch_it()
    # Another address of the device: all sockets of the browser are dead.
    gaps["new address"] = await watched(line.move)
    return gaps


def told(gaps: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:.0f} ms" for name, ms in gaps.items())


async def test_firefox_sends_on_a_line_that_changes(lab: Lab) -> None:
    server = lab.server()
    home = lab.site("home")
    async with browser_at(home) as host, moderator(server) as chair:
        await join(host, server, "dien-bien")
        peer = await publishing(chair, "dien-bien")
        assert await path_of(host) == "direct"
        await chair.until(measured, 15)
        await put_on_air(chair, "dien-bien")
        hall = await watch(lab, server, None)

        async def longest() -> float:
            # After 1.5 s a slate stands in for the site: longer gaps are not seen here.
            return (await hall.watch(WATCH_S)).longest_gap_ms

        gaps = await changes(home.line, partial(host.evaluate, ONLINE), longest)
        note("Firefox sends, its line changes", told(gaps), BAR, **gaps)
        assert (await hall.watch(2.0)).fps > 5, gaps
        assert await publishing(chair, "dien-bien") == peer, gaps
        assert await host.evaluate(OVERHANG) <= 0
        if KEEP_PICTURES:
            await host.screenshot(OUTPUT / "firefox-host.png")


async def test_firefox_views_on_a_line_that_changes(lab: Lab) -> None:
    server = lab.server()
    hall = lab.site("hall")
    await publish(lab, server, None, "dien-bien")
    async with browser_at(hall) as stage, moderator(server) as chair:
        await publishing(chair, "dien-bien")
        await put_on_air(chair, "dien-bien")
        await stage.goto(f"{server.url}/j/{server.invite('stage')['token']}")
        await stage.until(MOVING, 1000, timeout_s=40, what="the stage shows the site")

        async def longest() -> float:
            return float((await stage.evaluate(WATCH, WATCH_S * 1000))[1])

        gaps = await changes(hall.line, partial(stage.evaluate, ONLINE), longest)
        note("Firefox views, its line changes", told(gaps), BAR, **gaps)
        assert await stage.evaluate(MOVING, 1000), gaps
        assert await stage.evaluate(OVERHANG) <= 0
        if KEEP_PICTURES:
            await stage.screenshot(OUTPUT / "firefox-stage.png")
