"""The moderator's page with a long queue: ``python -m bench.queue``.

Opens it in Chromium with 220 requests and measures its main thread, in CPU time of that
thread, while it stands still and while it is scrolled, without and with colleagues who move
rows 20 times a second. Frame times are wall time: beside a loaded machine they say little.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import CDPSession, Page, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from bench.server import Server, load_average, now
from bridge.ids import Role

REQUESTS = 220
COLLEAGUES = 10  # a page may send 20 messages a second, 40 at once
MOVES_PER_S = 20
MEASURE_S = 6.0
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

#: What Chromium counts of a page's main thread, and what it is called here.
SPENT = {
    "TaskDuration": "busy",
    "ScriptDuration": "of it scripts",
    "RecalcStyleDuration": "styles",
    "LayoutDuration": "layout",
}

#: Counts frames and long tasks, and scrolls the queue up and down if asked to.
WATCH = """async ([seconds, scrolls]) => {
  const box = document.querySelector(".queue .scroll");
  const frames = [], long = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  });
  observer.observe({ type: "longtask" });
  let last = performance.now(), step = 37;
  const end = last + seconds * 1000;
  await new Promise((done) => {
    const frame = () => {
      const time = performance.now();
      frames.push(time - last);
      last = time;
      const before = box.scrollTop;
      if (scrolls) box.scrollTop += step;
      if (scrolls && box.scrollTop === before) step = -step;
      if (time < end) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  observer.disconnect();
  frames.sort((a, b) => a - b);
  const at = (share) => frames[Math.floor((frames.length - 1) * share)];
  return { p50: at(0.5), p99: at(0.99), long: long.length };
}"""


class Colleague:
    """Another moderator's page without a browser: knows the queue, moves rows."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        self.queue: list[str] = []
        self.moved = 0

    async def hello(self) -> None:
        await self._socket.send('{"type":"hello"}')

    async def read(self) -> None:
        async for text in self._socket:
            message = msgspec.json.decode(text)
            view = message.get("view") or message.get("patch") or {}
            self.queue = view.get("queue", self.queue)
            self.moved += message["type"] == "ack"

    async def say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any field of a message
        self._sent += 1
        message = {"type": kind, "cmd_id": f"c{id(self)}-{self._sent}", **fields}
        await self._socket.send(msgspec.json.encode(message).decode())

    async def move(self, at: int) -> None:
        """Put a row behind the next one."""
        at %= len(self.queue) - 1
        await self.say("move_request", request=self.queue[at], after=self.queue[at + 1])


@asynccontextmanager
async def colleagues(server: Server) -> AsyncIterator[list[Colleague]]:
    address = server.url.replace("http", "ws") + "/ws/plenary"
    async with AsyncExitStack() as open_sockets, asyncio.TaskGroup() as tasks:
        found, readers = [], []
        for _ in range(COLLEAGUES):
            headers = {"Authorization": f"Bearer {server.token(Role.MODERATOR)}"}
            socket = connect(address, additional_headers=headers, max_queue=None)
            one = Colleague(await open_sockets.enter_async_context(socket))
            readers.append(tasks.create_task(one.read()))
            await one.hello()
            found.append(one)
        yield found
        for reader in readers:
            reader.cancel()


async def fill(them: list[Colleague], sites: list[str]) -> None:
    for number in range(REQUESTS):
        await them[number % COLLEAGUES].say(
            "request_floor",
            site=sites[number % len(sites)],
            name=f"Đại biểu thứ {number}",
            title="Phó Giám đốc Sở Thông tin và Truyền thông",
            topic="Chuyển đổi số ở vùng cao, biên giới",
        )
    while any(len(one.queue) < REQUESTS for one in them):
        await asyncio.sleep(0.1)


async def spent(devtools: CDPSession) -> dict[str, float]:
    """Return what the page's main thread has spent so far, CPU seconds."""
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    return {one["name"]: one["value"] for one in metrics if one["name"] in SPENT}


async def storm(them: list[Colleague]) -> None:
    number = 0
    while True:
        await them[number % COLLEAGUES].move(number * 37)
        number += 1
        await asyncio.sleep(1 / MOVES_PER_S)


async def measure(
    page: Page, devtools: CDPSession, them: list[Colleague], *, scrolls: bool, moves: bool
) -> str:
    """Return one line of the table."""
    async with asyncio.TaskGroup() as tasks:
        moving = tasks.create_task(storm(them)) if moves else None
        before, moved, began = await spent(devtools), sum(one.moved for one in them), now()
        frames = await page.evaluate(WATCH, [MEASURE_S, scrolls])
        seconds, after = now() - began, await spent(devtools)
        rate = (sum(one.moved for one in them) - moved) / seconds
        if moving is not None:
            moving.cancel()
    shares = {name: (after[name] - before[name]) / seconds * 100 for name in SPENT}
    busy = ", ".join(f"{SPENT[name]} {share:.0f} %" for name, share in shares.items())
    what = f"{'scrolled' if scrolls else 'still'}, {rate:.0f} patches/s"
    return (
        f"{what:24} {busy}; frames p50 {frames['p50']:.0f} ms, p99 {frames['p99']:.0f} ms, "
        f"{frames['long']} long tasks"
    )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "data") as server:
        async with colleagues(server) as them, async_playwright() as playwright:
            await fill(them, list(server.sites))
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1366, "height": 768})
            await page.goto(f"{server.url}/j/{server.token(Role.MODERATOR)}")
            last = page.locator("#accepted [data-request]").nth(REQUESTS - 1)
            await last.wait_for(state="attached")
            devtools = await page.context.new_cdp_session(page)
            await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
            print(f"{REQUESTS} requests, main thread of the page; load {load_average():.1f}")
            for moves in (False, True):
                for scrolls in (False, True):
                    print(await measure(page, devtools, them, scrolls=scrolls, moves=moves))
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
