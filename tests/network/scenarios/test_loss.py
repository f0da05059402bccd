"""Packets are lost on the way to the server and on the way to the viewer."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.network import correlation
from tests.network.forum import Speech, moderator, publish, put_on_air, sent, watch
from tests.network.lab import Lab
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SECONDS = 11.0
FPS = 25
CASES = (("none", 0.0, 1), ("5 %", 0.05, 1), ("20 %", 0.2, 1), ("5 % in bursts of 4", 0.05, 4))


async def sent_frames(page: Page) -> int:
    """Return how many frames a host's page has sent in the size it sent most of."""
    return max((int(one["framesSent"]) for one in (await sent(page)).values()), default=0)


async def test_loss_both_ways(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home, hall = lab.site("home"), lab.site("hall")
    page = await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall, speech)
        await viewer.watch(5.0)  # the uplink finds its rate
        found = {}
        for name, loss, burst in CASES:
            for place in (home, hall):
                place.line.both(loss=loss, burst=burst)
            await viewer.watch(1.0)
            before = await sent_frames(page)
            seen = found[name] = await viewer.watch(SECONDS)
            sent_fps = (await sent_frames(page) - before) / seen.seconds
            measured = (
                f"{seen.fps:.1f} fps of {sent_fps:.1f} at {seen.height} lines, longest gap "
                f"{seen.longest_gap_ms:.0f} ms, likeness of the sound {seen.likeness:.2f}"
            )
            bar = f">= {FPS} fps, likeness >= {correlation.INTELLIGIBLE}"
            figures = {**seen.figures(), "sent_fps": round(sent_fps, 1)}
            note(f"loss {name}, both lines, both ways", measured, bar, **figures)
    for seen in found.values():
        assert seen.fps >= FPS, found
        assert seen.likeness >= correlation.INTELLIGIBLE, found
