"""Lines that stop for a moment."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.network.forum import Speech, moderator, publish, put_on_air, watch
from tests.network.lab import Lab
from tests.network.meters import Window
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

#: An uplink's rate and a lost key frame take some time; nobody should have to act.
BACK_S = 5.0


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
            ends = time.time() + 2
            place.line.outage(2000)
            await asyncio.sleep(2)
            back = long[name] = await viewer.moving_after(ends, 20.0) - ends
            after = await viewer.watch(6.0)
            note(
                f"2 s outage of {name} line",
                f"picture {back:.1f} s after it, then {after.fps:.0f} fps, longest gap "
                f"{after.longest_gap_ms:.0f} ms",
                "recovers",
                back_s=round(back, 2),
                after=after.figures(),
            )
            assert after.fps >= 20
    for windows in short.values():
        assert all(seen.longest_gap_ms <= 1000 for seen in windows), short
    assert all(back <= BACK_S for back in long.values()), long
