"""A host behind a line that can be cut, a hall, and a moderator: what tests of states play in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page

from tests.e2e.browser import KEEP_PICTURES, OUTPUT, chromium, open_page, shoot
from tests.e2e.line import Line, line
from tests.e2e.test_main_job import NAME, ask
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer

#: Keeps the frequency of every note the page plays.
NOTES = """
window.notes = [];
window.OscillatorNode = class extends OscillatorNode {
  constructor(context, options) {
    super(context, options);
    window.notes.push(Math.round(options.frequency));
  }
};
"""


@dataclass
class Hall:
    """One site's host page behind a line that can be cut, the stage, and a moderator."""

    server: RunningServer
    line: Line
    host: Page
    stage: Page
    desk: Page
    moderator: Client
    sending: Browser
    watching: Browser

    async def request(self, site: str, name: str, **fields: object) -> str:
        """Put a request into the queue and return its id."""
        known = set(self.moderator.view["requests"])
        await self.command("request_floor", site=site, name=name, **fields)
        [made] = set(self.moderator.view["requests"]) - known
        return str(made)

    async def own_request(self) -> str:
        """Ask for the floor on the host page, accept it, and return its id."""
        await ask(self.host, NAME)
        await self.moderator.until(lambda client: client.view["pending"])
        [made] = self.moderator.view["pending"]
        await self.command("accept_request", request=made)
        return str(made)

    async def command(self, kind: str, **fields: object) -> None:
        answer = await self.moderator.command(kind, **fields)
        assert answer["type"] == "ack", answer

    async def state(self, request: str, *states: str) -> None:
        """Wait until *request* is in one of *states*."""
        await self.moderator.until(
            lambda client: client.view["requests"][request]["state"] in states, 30
        )

    async def keep(self, name: str, *, every_size: bool = False, stage: bool = False) -> None:
        """Keep pictures of the state; nobody may be shut out, nothing may stick out."""
        assert await violations(self.host) == []
        await picture(self.host, f"host-{name}", every_size=every_size)
        await picture(self.desk, f"moderator-{name}")
        if stage:
            assert await violations(self.stage) == []
            await picture(self.stage, f"stage-{name}")


async def picture(page: Page, name: str, *, every_size: bool = False) -> None:
    """Keep a picture of a page as it is, or in every size."""
    if every_size:
        await shoot(page, f"state-{name}")
    elif KEEP_PICTURES:
        OUTPUT.mkdir(exist_ok=True)
        await page.screenshot(path=OUTPUT / f"state-{name}.png")


@asynccontextmanager
async def hall(
    server: RunningServer, *, site: str = "dien-bien", microphone: bool = True, muted: bool = False
) -> AsyncIterator[Hall]:
    """Open all pages; the host has joined, in a browser where only pages in use may sound."""
    async with (
        chromium(autoplay=False) as sending,
        chromium() as watching,
        line(server) as wire,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        script = NOTES + ("sessionStorage.setItem('dc-muted', 'yes');" if muted else "")
        host = await wire.open_page(sending, server.invite("host", site)["url"], script)
        if not microphone:
            await host.get_by_test_id("select-microphone").select_option("none")
        await host.get_by_test_id("join").click()
        yield Hall(
            server=server,
            line=wire,
            host=host,
            stage=await open_page(watching, server.invite("stage")["url"]),
            desk=await open_page(watching, server.invite("moderator")["url"]),
            moderator=await Client.hello(socket),
            sending=sending,
            watching=watching,
        )


def air(page: Page) -> Locator:
    return page.get_by_test_id("on-air")


def row(page: Page, request: str) -> Locator:
    return page.locator(f"[data-request={request}]")
