"""The technician's wall with a whole forum: ``python -m bench.wall [--sizes 1366x768 3840x2160]``.

Opens it in Chromium with made-up links of all sites, one message a second, and measures the CPU
time of its processes (``/proc``) and of its main thread, while it stands still and while it is
scrolled, as tiles, as a map, and with pictures: slates of all sites, of which 16 move. Without a
graphics card painting is software's, in the process that Chromium calls GPU. Frame times are wall
time: beside a loaded machine they say little.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from playwright.async_api import CDPSession, Page, async_playwright

from bench.queue import CHROMIUM, FLAGS, SPENT, WATCH, spent
from bench.server import Server, cpu_s, load_average, now
from bench.wall_links import feed
from bridge.ids import Role

SETTLE_S = 3.0
#: Until each tile has had its turn: the first round of pictures is asked for faster than others.
PICTURES_S = 12.0
SIZES = ("1366x768", "1920x1080", "3840x2160")


async def processes_s(browser: CDPSession) -> dict[str, float]:
    """Return CPU seconds that the processes of the browser have used, by their kind."""
    used: defaultdict[str, float] = defaultdict(float)
    for one in (await browser.send("SystemInfo.getProcessInfo"))["processInfo"]:
        seconds = cpu_s(one["id"])
        kind = {"renderer": "page", "GPU": "painting"}.get(one["type"], "rest")
        used[kind] += seconds
    return used


class Bench:
    """One page of one size.

    Args:
        page: the technician's.
        devtools: of the page.
        browser: its browser's.
        seconds: of each measurement.
    """

    def __init__(
        self, page: Page, devtools: CDPSession, browser: CDPSession, seconds: float
    ) -> None:
        self._page = page
        self._devtools = devtools
        self._browser = browser
        self._seconds = seconds

    async def measure(self, what: str, *, scrolls: bool = False) -> None:
        """Print one line of the table."""
        before, all_before, began = await spent(self._devtools), await self._all(), now()
        frames = ""
        if scrolls:
            script = WATCH.replace(".queue .scroll", ".wall")
            seen = await self._page.evaluate(script, [self._seconds, True])
            frames = f"; frames p50 {seen['p50']:.1f} ms, p99 {seen['p99']:.1f} ms"
        else:  # counting frames costs a frame each
            await asyncio.sleep(self._seconds)
        elapsed, after, all_after = now() - began, await spent(self._devtools), await self._all()
        kinds = ", ".join(
            f"{kind} {(all_after[kind] - all_before.get(kind, 0.0)) / elapsed * 100:.1f} %"
            for kind in ("page", "painting", "rest")
        )
        thread = ", ".join(
            f"{words} {(after[name] - before[name]) / elapsed * 100:.1f} %"
            for name, words in SPENT.items()
        )
        load = f"load {load_average():.1f}"
        print(f"  {what:16} {kinds}; main thread {thread}{frames}; {load}", flush=True)

    async def _all(self) -> dict[str, float]:
        return await processes_s(self._browser)

    async def run(self) -> None:
        """Measure all there is to see."""
        pictures = self._page.get_by_test_id("pictures")
        if await pictures.get_attribute("aria-pressed") == "true":
            await pictures.click()
        await asyncio.sleep(SETTLE_S)
        await self.measure("tiles")
        await self.measure("tiles, scrolled", scrolls=True)
        await self._page.get_by_test_id("layout-map").click()
        await asyncio.sleep(1)
        await self.measure("map")
        await self._page.get_by_test_id("layout-tiles").click()
        await pictures.click()
        await asyncio.sleep(PICTURES_S)
        shown = await self._page.locator(".thumb.on").count()
        still = await self._page.locator(".thumb.kept").count()
        await self.measure(f"{shown} move, {still} not")


async def main(sizes: list[str], seconds: float) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as folder:
        data = Path(folder) / "data"
        with Server(data) as server:
            url = f"{server.url}/j/{server.token(Role.TECHNICIAN)}"
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                processes = await browser.new_browser_cdp_session()
                for size in sizes:
                    width, height = (int(side) for side in size.split("x"))
                    page = await browser.new_page(viewport={"width": width, "height": height})
                    devtools = await page.context.new_cdp_session(page)
                    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
                    await page.add_init_script(feed(server.sites, time.time()))
                    await page.goto(url)
                    await page.locator(".tile").first.wait_for()
                    print(f"{size}, {await page.locator('.tile').count()} sites")
                    await Bench(page, devtools, processes, seconds).run()
                    await page.close()
                await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.wall")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), metavar="WIDTHxHEIGHT")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each measurement (30)")
    options = parser.parse_args()
    asyncio.run(main(options.sizes, options.seconds))
