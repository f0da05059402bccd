"""Lines that stop for a moment."""

from __future__ import annotations

import pytest

from tests.network.forum import Speech, moderator, publish, put_on_air, watch
from tests.network.lab import Lab
from tests.network.meters import Window
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_outages(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home, hall = lab.site("home"), lab.site("hall")
    await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall)
        await viewer.watch(5.0)
        short: dict[str, list[Window]] = {}
        for name, place in (("the site's", home), ("the hall's", hall)):
            for _ in range(2):
                async with viewer.window() as seen:
                    await viewer.page.wait_for_timeout(500)
                    place.line.outage(200)
                    await viewer.page.wait_for_timeout(4500)
                short.setdefault(name, []).append(seen)
        for name, windows in short.items():
            gap = max(seen.longest_gap_ms for seen in windows)
            figures = [seen.figures() for seen in windows]
            note(f"200 ms outage of {name} line", f"longest gap {gap:.0f} ms", "1 s", seen=figures)
        long = {}
        for name, place in (("the site's", home), ("the hall's", hall)):
            async with viewer.window() as seen:
                place.line.outage(2000)
                await viewer.page.wait_for_timeout(8000)
            after = long[name] = await viewer.watch(5.0)
            note(
                f"2 s outage of {name} line",
                f"picture {seen.longest_gap_ms - 2000:.0f} ms after it, then {after.fps:.0f} fps",
                "recovers",
                during=seen.figures(),
                after=after.figures(),
            )
            assert seen.longest_gap_ms <= 5000
    for windows in short.values():
        assert all(seen.longest_gap_ms <= 1000 for seen in windows), short
    for after in long.values():
        assert after.fps >= 20, long
        assert after.longest_gap_ms <= 1000, long
