"""The client's address changes: unnoticed (a NAT rebinds) and noticed (another network)."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.network.forum import Speech, moderator, publish, put_on_air, watch
from tests.network.lab import HubServer, Lab, Site
from tests.network.meters import Viewer
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

RESUME_S = 1.0
#: The page notices a change, restarts ICE over a new connection, and checks the new path.
NOTICED_S = 10.0


async def validated(server: HubServer, before: float, timeout_s: float = 15.0) -> float:
    """Wait until a peer has moved to a new address; return when, Unix seconds."""
    end = time.monotonic() + timeout_s
    while await server.metric("media_address_changes_total") <= before:
        assert time.monotonic() < end, "no peer moved"
        await asyncio.sleep(0.02)
    return time.time()


async def rebound(server: HubServer, viewer: Viewer, place: Site) -> tuple[float, float]:
    """Rebind a NAT; return seconds from that to the valid path, and from there to a picture."""
    before = await server.metric("media_address_changes_total")
    begin = time.time()
    place.line.rebind()
    valid = await validated(server, before)
    shown = await viewer.moving_after(valid)
    return valid - begin, shown - valid


async def test_a_nat_rebinds(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home, hall = lab.site("home"), lab.site("hall")
    await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall)
        await viewer.watch(5.0)
        found = {}
        for name, place in (("site", home), ("hall", hall)):
            taken = found[name] = [await rebound(server, viewer, place) for _ in range(3)]
            note(
                f"NAT of the {name} rebinds",
                f"path valid after {max(v for v, _ in taken):.2f} s, picture then after "
                f"{max(p for _, p in taken):.2f} s (worst of {len(taken)})",
                f"picture {RESUME_S:.0f} s after the path is valid",
                taken=[(round(v, 2), round(p, 2)) for v, p in taken],
            )
    for taken in found.values():
        assert all(picture <= RESUME_S for _, picture in taken), found


async def test_a_browser_changes_its_network(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home, hall = lab.site("home"), lab.site("hall")
    await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall)
        await viewer.watch(5.0)
        found = {}
        for name, place in (("hall", hall), ("site", home)):
            async with viewer.window() as seen:
                await viewer.page.wait_for_timeout(500)
                place.line.move()
                await viewer.page.wait_for_timeout(1000 * NOTICED_S)
            after = await viewer.watch(5.0)
            found[name] = (seen, after)
            note(
                f"network of the {name} changes",
                f"picture after {seen.longest_gap_ms / 1000:.1f} s, then {after.fps:.0f} fps",
                f"within {NOTICED_S:.0f} s by itself",
                during=seen.figures(),
                after=after.figures(),
            )
    for seen, after in found.values():
        assert seen.longest_gap_ms < 1000 * NOTICED_S, found
        assert after.fps >= 20, found
