"""The publisher's line: loss, and too narrow for what its camera could send."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Page

from tests.e2e.browser import until
from tests.network import correlation
from tests.network.forum import Speech, moderator, publish, put_on_air, sent, watch
from tests.network.lab import Lab
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def flowing(page: Page, seconds: float) -> list[int]:
    """Return the heights of the sizes a host's page sends in the next seconds."""
    before = await sent(page)
    await page.wait_for_timeout(1000 * seconds)
    after = await sent(page)
    return sorted(
        int(one["frameHeight"])
        for rid, one in after.items()
        if one["framesSent"] - before.get(rid, {}).get("framesSent", 0) > 2 * seconds
    )


async def test_loss_on_the_uplink(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home = lab.site("home")
    page = await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, None, speech)
        await viewer.watch(6.0)
        home.line.up(loss=0.2)
        await viewer.watch(6.0)
        seen = await viewer.watch(11.0)
        sizes = await flowing(page, 2.0)
    note(
        "20 % loss on the uplink",
        f"viewer {seen.fps:.1f} fps at {seen.height} lines, longest gap "
        f"{seen.longest_gap_ms:.0f} ms, likeness {seen.likeness:.2f}; sent: {sizes} lines",
        "the viewers keep picture and sound",
        seen=seen.figures(),
        sizes=sizes,
    )
    assert seen.fps >= 20
    assert seen.likeness >= correlation.INTELLIGIBLE


async def test_a_narrow_uplink_stops_the_upper_layers(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home = lab.site("home")
    page = await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, None, speech)

        async def all_sizes() -> bool:
            return await flowing(page, 1.0) == [180, 360, 720]

        await until(all_sizes, 30.0, what="three sizes")
        home.line.both(delay_ms=10.0)
        home.line.up(rate_kbps=500.0)
        settling = await viewer.watch(8.0)
        narrow = await viewer.watch(11.0)
        sizes = await flowing(page, 2.0)
        home.line.up(rate_kbps=0.0)
        begin = time.monotonic()
        await until(all_sizes, 60.0, what="three sizes again")
        back_s = time.monotonic() - begin
    note(
        "uplink of 500 kb/s",
        f"sent: {sizes} lines; viewer {narrow.fps:.1f} fps at {narrow.height} lines, longest gap "
        f"{narrow.longest_gap_ms:.0f} ms ({settling.longest_gap_ms:.0f} ms while it settles), "
        f"likeness {narrow.likeness:.2f}; all sizes {back_s:.0f} s after the line is free",
        "upper layers stop by themselves, the viewers keep a picture",
        settling=settling.figures(),
        narrow=narrow.figures(),
        sizes=sizes,
        back_s=round(back_s, 1),
    )
    assert sizes
    assert max(sizes) < 720
    assert narrow.fps >= 15
    assert narrow.longest_gap_ms <= 2000
    assert narrow.likeness >= correlation.INTELLIGIBLE
