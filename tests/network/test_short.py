"""One forum whose lines lose packets, stop for a moment and change their address.

The long scenarios say how well it goes; this one that it goes on at all.
"""

from __future__ import annotations

import time

import pytest

from tests.network import correlation
from tests.network.forum import Speech, moderator, publish, put_on_air, watch
from tests.network.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_picture_and_sound_survive_bad_lines(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    home, hall = lab.site("home"), lab.site("hall")
    await publish(lab, server, home, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall, speech)
        for place in (home, hall):
            place.line.both(loss=0.05)
        lossy = await viewer.watch(6.0)
        for place in (home, hall):
            place.line.both(loss=0.0)
        assert lossy.lost > 0
        assert lossy.repaired > 0
        assert lossy.likeness > correlation.HEARD

        hall.line.outage(200)
        await viewer.moving_after(time.time() + 0.2)
        for place in (home, hall):
            place.line.rebind()
            await viewer.moving_after(time.time() + 0.3)
