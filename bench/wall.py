"""The technician's wall with a whole forum: ``python -m bench.wall``.

Opens it in Chromium with made-up links of all sites, one message a second, and measures its main
thread, in CPU time of that thread, and all of Chromium's processes, while it stands still and
while it is scrolled, as tiles and as a map. Frame times are wall time: beside a loaded machine
they say little.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from playwright.async_api import CDPSession, Page, async_playwright

from bench.queue import CHROMIUM, FLAGS, SPENT, WATCH, spent
from bench.server import Server, load_average, now
from bench.wall_links import feed
from bridge.ids import Role

MEASURE_S = 10.0
SETTLE_S = 3.0
SIZES = ((1366, 768), (1920, 1080), (3840, 2160))


async def chromium_s(browser: CDPSession) -> float:
    """Return CPU seconds that all processes of the browser have used, painting among them."""
    processes = (await browser.send("SystemInfo.getProcessInfo"))["processInfo"]
    return float(sum(one["cpuTime"] for one in processes))


async def measure(page: Page, devtools: CDPSession, browser: CDPSession, *, scrolls: bool) -> str:
    """Return one line of the table."""
    before, all_before, began = await spent(devtools), await chromium_s(browser), now()
    watch = WATCH.replace(".queue .scroll", ".wall")
    if scrolls:
        frames = await page.evaluate(watch, [MEASURE_S, True])
        took = f"frames p50 {frames['p50']:.1f} ms, p99 {frames['p99']:.1f} ms"
    else:  # counting frames costs a frame each
        await asyncio.sleep(MEASURE_S)
        took = ""
    elapsed, after = now() - began, await spent(devtools)
    everything = (await chromium_s(browser) - all_before) / elapsed * 100
    shares = ", ".join(
        f"{words} {(after[name] - before[name]) / elapsed * 100:.1f} %"
        for name, words in SPENT.items()
    )
    return f"{shares}; all of Chromium {everything:.0f} %  {took}"


async def look(page: Page, browser: CDPSession, url: str, size: tuple[int, int]) -> None:
    """Measure one size of window."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.goto(url)
    await page.locator(".tile").first.wait_for()
    pictures = page.get_by_test_id("pictures")
    if await pictures.get_attribute("aria-pressed") == "true":
        await pictures.click()  # decoding is not the wall's cost
    tiles = await page.locator(".tile").count()
    print(f"{size[0]} x {size[1]}, {tiles} sites, load {load_average():.1f}")
    await asyncio.sleep(SETTLE_S)
    print("  tiles, still    ", await measure(page, devtools, browser, scrolls=False))
    print("  tiles, scrolled ", await measure(page, devtools, browser, scrolls=True))
    await page.get_by_test_id("layout-map").click()
    await asyncio.sleep(1)
    print("  map             ", await measure(page, devtools, browser, scrolls=False))


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as folder:
        data = Path(folder) / "data"
        with Server(data) as server:
            url = f"{server.url}/j/{server.token(Role.TECHNICIAN)}"
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                processes = await browser.new_browser_cdp_session()
                for width, height in SIZES:
                    page = await browser.new_page(viewport={"width": width, "height": height})
                    await page.add_init_script(feed(server.sites, time.time()))
                    await look(page, processes, url, (width, height))
                    await page.close()
                await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
