"""Encoders and players of other people, all in one session: every one seen by every other one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.browser import chromium, open_page, until
from tests.interop.programs import Peer, ffmpeg, film, foreign_site, node
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

Figures = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = RunningServer(tmp_path_factory.mktemp("interop") / "data")
    running.start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log(), running.log()


@pytest_asyncio.fixture
async def moderator(server: RunningServer) -> AsyncIterator[Client]:
    async with server.socket(server.invite("moderator")["token"]) as socket:
        yield await Client.hello(socket)


def whip(server: RunningServer, site: str) -> tuple[str, str]:
    """Return endpoint and token of *site*'s encoder."""
    return f"{server.url}/whip/plenary/{site}", server.invite("host", site)["token"]


def whep(server: RunningServer) -> tuple[str, str]:
    """Return endpoint and token of a player."""
    return f"{server.url}/whep/plenary", server.invite("stage")["token"]


async def visit(browser: Browser, url: str) -> Page:
    page = await open_page(browser, url)
    await page.wait_for_function("() => window.ready")
    return page


async def shown(page: Page, condition: Callable[[Figures], bool], what: str) -> Figures:
    """Wait until the page's figures fulfil *condition*, and return them."""

    async def fulfilled() -> Figures | None:
        figures: Figures = await page.evaluate("figures()")
        return figures if condition(figures) else None

    found: Figures = await until(fulfilled, 40, what=what)
    return found


async def goes_on(page: Page, codec: str, size: list[int], what: str) -> Figures:
    """Wait until a dozen more pictures of *codec* and *size* were decoded."""
    there = await shown(page, lambda f: f["codec"] == codec and f["size"] == size, what)
    return await shown(page, lambda f: f["frames"] > there["frames"] + 12, f"{what} goes on")


async def seen_by(viewers: Peer, width: int) -> None:
    """Wait until every viewer of the process decodes pictures of *width* with sound."""

    async def all_of_them() -> bool:
        report = viewers.report() or []
        return bool(report) and all(v["width"] == width and v["loud"] > 9_600 for v in report)

    await until(all_of_them, 40, what=f"the viewers see {width}: {viewers.report()}")


async def test_one_program_of_h264_and_vp8_from_three_encoders(
    server: RunningServer, moderator: Client, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        page = await visit(browser, await stack.enter_async_context(foreign_site()))
        await stack.enter_async_context(ffmpeg(server, "ha-noi", "640x360"))
        await stack.enter_async_context(
            node("libwebrtc-publisher.mjs", *whip(server, "dien-bien"), "320", "240")
        )
        stream = await film(tmp_path / "obs.h264", "480x270")
        await stack.enter_async_context(node("obs.mjs", *whip(server, "son-la"), str(stream)))

        await page.evaluate("([url, token]) => play(url, token)", whep(server))
        first = await goes_on(page, "video/H264", [640, 360], "FFmpeg")
        assert first["tracks"] == ["audio", "video"], "both in the one MediaStream"

        viewers = await stack.enter_async_context(node("libwebrtc-viewers.mjs", *whep(server), "3"))
        await moderator.command("take", source="camera:dien-bien")
        await goes_on(page, "video/VP8", [320, 240], "libwebrtc")
        await seen_by(viewers, 320)
        assert {s for v in viewers.report() for s in v["streams"]} == {"program"}

        await moderator.command("take", source="camera:son-la")
        await goes_on(page, "video/H264", [480, 270], "OBS's library")
        await moderator.until(lambda c: c.links["son-la"].get("up", {}).get("width") == 480)
        await moderator.command("take", source="camera:ha-noi")
        await goes_on(page, "video/H264", [640, 360], "FFmpeg again")

        # ICE restarts by PATCH: new credentials, new checks, the same pictures.
        await page.evaluate("client.restart()")
        after = await shown(page, lambda f: f["ufrag"] not in {"", first["ufrag"]}, "ICE restarts")
        await shown(page, lambda f: f["frames"] > after["frames"] + 12, "after the restart")
        await page.evaluate("client.stop()")
    await moderator.until(
        lambda c: not any(c.links.get(s, {}).get("connected") for s in ("dien-bien", "son-la")), 40
    )


async def test_a_page_of_another_origin_publishes_and_restarts(
    server: RunningServer, moderator: Client
) -> None:
    async with chromium() as browser, foreign_site() as url:
        page = await visit(browser, url)
        endpoint, token = whip(server, "lai-chau")
        await page.evaluate("args => publish(...args)", [endpoint, token, 320, 240])
        await moderator.until(
            lambda c: c.links.get("lai-chau", {}).get("up", {}).get("width") == 320, 40
        )
        before = await shown(page, lambda f: f["state"] == "connected", "it publishes")
        await page.evaluate("client.restart()")
        after = await shown(page, lambda f: f["ufrag"] not in {"", before["ufrag"]}, "ICE restarts")
        await shown(page, lambda f: f["frames"] > after["frames"] + 12, "it goes on sending")
        await moderator.until(lambda c: c.links["lai-chau"].get("up", {}).get("fps", 0) > 5, 40)
        await page.evaluate("client.stop()")
        await moderator.until(lambda c: not c.links.get("lai-chau", {}).get("connected"), 40)
