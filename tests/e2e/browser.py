"""Real Chromium with a fake camera and microphone, and what a test asks of a page."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
#: How long a page may take on a busy machine; a condition that holds ends the wait at once.
expect.set_options(timeout=15_000)
OUTPUT = Path(__file__).parents[1] / "_output"
KEEP_PICTURES = "DIEMCAU_PICTURES" in os.environ
SIZES = {"": (1366, 768), "-1920": (1920, 1080), "-phone": (390, 844)}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--use-fake-device-for-media-stream=fps=30",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter",
]

#: Keeps every peer connection of a page where a test can ask it for statistics.
SPY = """
window.peerConnections = [];
window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args) {
    const made = new target(...args);
    window.peerConnections.push(made);
    return made;
  },
});
"""

STATS = """async () => {
  const found = [];
  for (const pc of window.peerConnections)
    if (pc.connectionState === "connected")
      for (const entry of (await pc.getStats()).values()) found.push(entry);
  return found;
}"""


class Browsers:
    """Chromium processes that outlive the test that started them.

    Playwright's objects belong to the event loop they were made in: tests that share it share them.
    """

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._idle: dict[tuple[str, ...], list[Browser]] = {}

    @asynccontextmanager
    async def one(self, *flags: str) -> AsyncIterator[Browser]:
        """Give a Chromium with *flags* that nobody else uses now, without any page.

        Nobody inherits that of a test that failed.
        """
        idle = self._idle.setdefault(flags, [])
        browser = idle.pop() if idle else await self._launch(flags)
        try:
            yield browser
            for context in browser.contexts:
                await context.close()
        except BaseException:
            await browser.close()
            raise
        idle.append(browser)

    async def _launch(self, flags: tuple[str, ...]) -> Browser:
        return await self._playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, *flags],
            headless=True,
            ignore_default_args=["--mute-audio"],
        )

    async def close(self) -> None:
        """End those that are idle."""
        for browser in [one for idle in self._idle.values() for one in idle]:
            await browser.close()


@asynccontextmanager
async def browsers() -> AsyncIterator[None]:
    """Keep every :func:`chromium` of the tests in this block for those after it."""
    loop = asyncio.get_running_loop()
    async with async_playwright() as playwright:
        KEPT[loop] = Browsers(playwright)
        try:
            yield
        finally:
            await KEPT.pop(loop).close()


#: By event loop; a test with one of its own starts its own, too.
KEPT: dict[asyncio.AbstractEventLoop, Browsers] = {}


@asynccontextmanager
async def chromium(
    *, autoplay: bool = True, fake_permission: bool = True, flags: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Give a Chromium of one's own; its pages are closed afterwards.

    Args:
        autoplay: sound may start without a click, as after somebody used the page for a while.
        fake_permission: camera and microphone are allowed without asking; else they are refused.
        flags: additional ones of Chromium's.
    """
    flags = [*flags]
    if autoplay:
        flags.append("--autoplay-policy=no-user-gesture-required")
    if fake_permission:
        flags.append("--use-fake-ui-for-media-stream")
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        if loop not in KEPT:
            await stack.enter_async_context(browsers())
        yield await stack.enter_async_context(KEPT[loop].one(*flags))


async def open_page(
    browser: Browser, url: str, *, width: int = 1366, height: int = 768, lang: str = "vi"
) -> Page:
    """Open *url* in a context of its own (own cookies); script errors fail the test."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", reduced_motion="reduce"
    )
    if lang != "vi":
        await context.add_cookies([{"name": "lang", "value": lang, "url": url}])
    page = await context.new_page()
    await page.add_init_script(SPY)
    page.on("pageerror", lambda error: ERRORS.append(f"{page.url}: {error}"))
    await page.goto(url)
    return page


#: Script errors of all pages of the running test; the fixture looks at it.
ERRORS: list[str] = []


async def until(
    condition: Callable[[], Awaitable[Any]], timeout_s: float = 20.0, *, what: str = ""
) -> Any:
    """Wait until *condition* gives something true, and return it."""
    end = time.monotonic() + timeout_s
    while True:
        value = await condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {timeout_s} s: {what or condition}"
        await asyncio.sleep(0.1)


async def inbound(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return the inbound RTP statistics of one kind."""
    stats = await page.evaluate(STATS)
    return [s for s in stats if s["type"] == "inbound-rtp" and s["kind"] == kind]


async def audio_energy(page: Page) -> float:
    """Return the energy of all sound received so far."""
    return float(sum(s.get("totalAudioEnergy", 0.0) for s in await inbound(page, "audio")))


async def frames(page: Page) -> int:
    """Return how many pictures were decoded so far."""
    return int(sum(s.get("framesDecoded", 0) for s in await inbound(page, "video")))


async def moving(page: Page) -> bool:
    """Return whether a camera's picture comes, not a slate: that has one or two frames a second."""
    return any(s.get("framesPerSecond", 0.0) > 2 for s in await inbound(page, "video"))


async def heard(page: Page, seconds: float = 1.5) -> float:
    """Return the sound energy received in the next *seconds*."""
    before = await audio_energy(page)
    await asyncio.sleep(seconds)
    return await audio_energy(page) - before


async def picture_size(page: Page, testid: str = "program-video") -> list[int]:
    """Return width and height of the picture a video element shows."""
    size: list[int] = await page.get_by_test_id(testid).evaluate(
        "v => [v.videoWidth, v.videoHeight]"
    )
    return size


async def shoot(page: Page, name: str) -> None:
    """Look at the page in every size; nothing may stick out at the side.

    Pictures are kept by ``make screenshots``: they cost more than the test.
    """
    OUTPUT.mkdir(exist_ok=True)
    for suffix, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        if KEEP_PICTURES:
            await page.wait_for_timeout(400)  # videos and fonts take their new size
            await page.screenshot(path=OUTPUT / f"{name}{suffix}.png")
        overhang = await page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overhang <= 0, f"{name}{suffix} scrolls sideways by {overhang} px"
    await page.set_viewport_size({"width": 1366, "height": 768})
