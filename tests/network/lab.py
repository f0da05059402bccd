"""The network lab: a hub with the server, sites on lines of their own, browsers anywhere.

::

    site "son-la" ── line ──┐
                            hub: server, coturn, and whoever has a perfect line
    site "hall"   ── line ──┘

Everything lives in network namespaces of this test alone, carried by processes that end with it.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Page, Playwright, async_playwright
from websockets.asyncio.client import connect

from tests.e2e import browser as e2e
from tests.network.line import Line
from tests.network.namespaces import Namespace, NotPermitted
from tests.running import EVENT, RunningServer

__all__ = ["HUB_ADDRESS", "HubServer", "Lab", "NotPermitted", "Site", "network_lab"]

HUB_ADDRESS = "10.77.0.1"


@dataclass
class Site:
    """A place with one line to the hub."""

    name: str
    network: Namespace
    line: Line


class HubServer(RunningServer):
    """The server in the hub; commands and pages reach it at the hub's address."""

    def __init__(self, hub: Namespace, data: Path, *arguments: str, event: Path = EVENT) -> None:
        super().__init__(data, event, ("--host", HUB_ADDRESS, *arguments))
        self._hub = hub

    @property
    def url(self) -> str:
        return f"http://{HUB_ADDRESS}:{self.port}"

    def command(self) -> list[str]:
        return self._hub.command(*super().command())

    def socket(self, token: str, session: str = "plenary") -> connect:
        """Return a websocket connection from within the hub, to open with ``async with``."""
        channel = self._hub.socket(socket.SOCK_STREAM)
        channel.connect((HUB_ADDRESS, self.port))
        channel.setblocking(False)
        return connect(
            f"ws://{HUB_ADDRESS}:{self.port}/ws/{session}",
            additional_headers={"Authorization": f"Bearer {token}"},
            sock=channel,
            max_queue=None,
        )

    def http(self, token: str = "") -> aiohttp.ClientSession:
        """Return an HTTP client in the hub."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connector = aiohttp.TCPConnector(
            socket_factory=lambda info: self._hub.socket(info[1]), force_close=True
        )
        return aiohttp.ClientSession(self.url, headers=headers, connector=connector)

    async def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels, without the prefix ``diemcau_``."""
        async with self.http() as client, client.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        found = [line for line in lines if re.match(rf"diemcau_{name}(\{{| )", line)]
        assert found, name
        return sum(float(line.split()[-1]) for line in found)


class Lab:
    """Use it with :func:`network_lab`."""

    def __init__(self, folder: Path, playwright: Playwright, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._playwright = playwright
        self._stack = stack
        self.hub = self._namespace()
        self.hub.run("ip", "addr", "add", f"{HUB_ADDRESS}/32", "dev", "lo")
        # Browsers ask the kernel which address leads to the world.
        self.hub.run("ip", "route", "add", "default", "dev", "lo", "src", HUB_ADDRESS)
        self.sites: dict[str, Site] = {}
        self._browsers = 0

    def _namespace(self) -> Namespace:
        made = Namespace()
        self._stack.callback(made.close)
        return made

    def site(self, name: str) -> Site:
        """Add a place with a perfect line; make the line worse by its methods."""
        network = self._namespace()
        line = Line(len(self.sites) + 1, network, self.hub, HUB_ADDRESS)
        self._stack.callback(line.close)
        made = self.sites[name] = Site(name, network, line)
        return made

    def server(self, *arguments: str, event: Path = EVENT) -> HubServer:
        """Start a server in the hub; its script errors and tracebacks fail the test at the end."""
        running = HubServer(self.hub, self._folder / "data", *arguments, event=event)
        running.start()
        self._stack.callback(_stopped_cleanly, running)
        return running

    async def browser(
        self, place: Site | None, server: HubServer, flags: Sequence[str] = ()
    ) -> Browser:
        """Start Chromium at *place*, None for the hub; its pages may use camera and microphone.

        Args:
            place: whose line all of its connections use.
            server: which counts as secure, although it is asked by plain HTTP.
            flags: additional ones.
        """
        network = place.network if place is not None else self.hub
        self._browsers += 1
        wrapper = self._folder / f"chromium-{self._browsers}"
        words = " ".join(network.command(e2e.CHROMIUM))
        wrapper.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="ascii")
        wrapper.chmod(0o700)
        made = await self._playwright.chromium.launch(
            executable_path=wrapper,
            args=[
                *e2e.FLAGS,
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-ui-for-media-stream",
                f"--unsafely-treat-insecure-origin-as-secure={server.url}",
                *flags,
            ],
            headless=True,
            ignore_default_args=["--mute-audio"],
            env={**os.environ},
        )
        self._stack.push_async_callback(made.close)
        return made

    async def page(
        self, browser: Browser, server: HubServer, role: str, site: str = "", script: str = ""
    ) -> Page:
        """Open the page of *role*; *script* runs before the page's own."""
        page = await e2e.open_page(browser, "about:blank")
        await page.add_init_script(script)
        token = server.invite(role, site)["token"]
        await page.goto(f"{server.url}/j/{token}", timeout=60_000)
        return page


def _stopped_cleanly(server: HubServer) -> None:
    server.stop()
    assert "Traceback" not in server.log(), server.log()


@asynccontextmanager
async def network_lab(folder: Path) -> AsyncIterator[Lab]:
    """Give an empty lab, and take everything in it away afterwards, whatever happened.

    Args:
        folder: for the server's data and logs.

    Raises:
        NotPermitted: it says what is missing.
    """
    e2e.ERRORS.clear()
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        yield Lab(folder, playwright, stack)
        await asyncio.sleep(0)
    assert not e2e.ERRORS
