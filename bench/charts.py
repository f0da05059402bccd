"""The two hours of one link in charts: ``python -m bench.charts``.

A history of two hours is made up and asked for as the server does; Chromium's page gets it in
place of its own. Measured: what the answer costs the server, how long after it the page shows
ten charts, how long another range takes, and what the newest second costs once a second.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
from playwright.async_api import CDPSession, Page, Route, async_playwright

from bench.queue import CHROMIUM, FLAGS, spent
from bench.server import Server, load_average, now
from bench.wall_links import feed, links_at
from bridge.clock import SystemClock
from bridge.ids import Role
from bridge.link.columns import SECONDS
from bridge.link.samples import ServerLoad
from bridge.protocol.messages import LinkView
from bridge.sessions.history import History

MEASURE_S: Final = 10.0
SETTLE_S: Final = 3.0
SIZES: Final = ((1366, 768), (1920, 1080), (3840, 2160))

#: Opens the panel of a site, and says how long its charts took from the answer on, in ms.
OPEN: Final = """async (site) => {
  const ask = window.fetch;
  let told = 0;
  window.fetch = async (...given) => {
    const response = await ask(...given);
    if (told || !String(given[0]).includes("/history?")) return response;
    const text = await response.text();
    told = performance.now();
    return new Response(text, { headers: { "content-type": "application/json" } });
  };
  const shown = () => told && document.querySelectorAll(".plot canvas").length === 10
    && document.querySelector(".causes .run:nth-child(2)");
  document.querySelector(`.tile[data-site="${site}"] .open`).click();
  do await new Promise(requestAnimationFrame); while (!shown());
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  window.fetch = ask;
  return performance.now() - told;
}"""

#: Shows all two hours, and says how long that took, in ms.
ALL: Final = """async () => {
  const began = performance.now();
  document.querySelector('[data-testid="range-7200"]').click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""


def history(sites: tuple[str, ...], site: str) -> bytes:
    """Return the answer about two hours of *site*, and print what it costs the server."""
    past, end = History(sites, SystemClock()), int(time.time())
    at = sites.index(site)
    load = ServerLoad(lag_ms=1.0, drops=0, cpu=0.3)
    for second in range(SECONDS):
        link = links_at(sites[: at + 1], second)[site]
        past.append(end - SECONDS + second, {site: msgspec.convert(link, LinkView)}, load)
        if second % 300 == 0:
            past.mark(site, "action", action="note", by="Minh Tuấn")
    began = now()
    body = msgspec.json.encode(past.view(site, end - SECONDS, end, 1))
    print(f"the server's answer: {(now() - began) * 1000:.0f} ms, {len(body) / 1000:.0f} kB")
    return body


async def busy(devtools: CDPSession) -> float:
    """Return the share of the time the page's main thread is busy, 0-1."""
    before, began = await spent(devtools), now()
    await asyncio.sleep(MEASURE_S)
    after = await spent(devtools)
    return (after["TaskDuration"] - before["TaskDuration"]) / (now() - began)


async def look(page: Page, url: str, site: str, size: tuple[int, int]) -> None:
    """Measure one size of window."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.goto(url)
    await page.locator(".tile").first.wait_for()
    pictures = page.get_by_test_id("pictures")
    if await pictures.get_attribute("aria-pressed") == "true":
        await pictures.click()  # decoding is not the charts' cost
    await asyncio.sleep(SETTLE_S)
    closed = await busy(devtools)
    opened = await page.evaluate(OPEN, site)
    everything = await page.evaluate(ALL)
    drawer = await busy(devtools)
    await page.get_by_test_id("panel-wide").click()
    wide = await busy(devtools)
    print(
        f"{size[0]} x {size[1]}: shown {opened:.0f} ms after the answer, two hours in "
        f"{everything:.0f} ms; main thread {closed:.1%} without, {drawer:.1%} with the charts, "
        f"{wide:.1%} over the whole wall; load {load_average():.1f}"
    )


async def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="diemcau-bench-") as folder,
        Server(Path(folder) / "data") as server,
    ):
        url = f"{server.url}/j/{server.token(Role.TECHNICIAN)}"
        site = server.sites[8]
        body = history(tuple(server.sites), site)

        async def answer(route: Route) -> None:
            await route.fulfill(body=body, content_type="application/json")

        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for width, height in SIZES:
                page = await browser.new_page(viewport={"width": width, "height": height})
                await page.add_init_script(feed(server.sites, time.time()))
                await page.route("**/history?**", answer)
                await look(page, url, site, (width, height))
                await page.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
