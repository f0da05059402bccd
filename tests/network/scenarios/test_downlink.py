"""The viewer's line becomes narrow, and wide again."""

from __future__ import annotations

import time

import pytest

from tests.e2e.browser import until
from tests.network import correlation
from tests.network.forum import Speech, moderator, publish, put_on_air, watch
from tests.network.lab import Lab
from tests.network.meters import Viewer
from tests.network.record import note

pytestmark = [pytest.mark.browser, pytest.mark.timeout(270)]

FULL = 720
#: A line that just carries the average does not carry key frames; half of this is too little.
ROOM = 1.7
SETTLE_S = 8.0


async def lines(viewer: Viewer) -> int:
    """Return the height of the newest frame, 0 without one in the last second."""
    shown = await viewer.frames(time.time() - 1)
    return shown[-1].height if shown else 0


async def full_picture(viewer: Viewer, timeout_s: float) -> float:
    """Wait for the largest picture; return how long it took."""
    begin = time.monotonic()

    async def full() -> bool:
        return await lines(viewer) == FULL

    await until(full, timeout_s, what=f"{FULL} lines")
    return time.monotonic() - begin


async def sign(viewer: Viewer) -> str:
    """Return the words over the picture."""
    return await viewer.page.get_by_test_id("program-video-sign").inner_text()


async def test_a_narrow_downlink_gets_a_smaller_picture(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    hall = lab.site("hall")
    await publish(lab, server, None, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall, speech)
        await full_picture(viewer, 30.0)
        hall.line.both(delay_ms=10.0)
        await viewer.watch(5.0)
        hall.line.down(rate_kbps=400.0)
        settling = await viewer.watch(SETTLE_S)
        narrow = await viewer.watch(12.0)
        hall.line.down(rate_kbps=0.0)
        recovery_s = await full_picture(viewer, 90.0)
    note(
        "downlink of 400 kb/s",
        f"{narrow.height} lines at {narrow.fps:.0f} fps, longest gap {narrow.longest_gap_ms:.0f} ms"
        f" ({settling.longest_gap_ms:.0f} ms while it settles), likeness {narrow.likeness:.2f}; "
        f"{FULL} lines {recovery_s:.0f} s after the line is free",
        "a lower layer, no gap over 1 s, and back",
        settling=settling.figures(),
        narrow=narrow.figures(),
        recovery_s=round(recovery_s, 1),
    )
    assert 0 < narrow.height < FULL
    assert narrow.longest_gap_ms <= 1000
    assert narrow.likeness >= correlation.INTELLIGIBLE


async def test_a_line_for_sound_only_says_so(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    hall = lab.site("hall")
    await publish(lab, server, None, "dien-bien", speech=speech)
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall, speech)
        await full_picture(viewer, 30.0)
        hall.line.both(delay_ms=10.0)
        hall.line.down(rate_kbps=40.0)
        begin = time.monotonic()
        await until(lambda: sign(viewer), 30.0, what="the sign of sound only")
        sign_s = time.monotonic() - begin
        await viewer.watch(5.0)  # what is still in the queue
        heard = await viewer.watch(11.0)
        hall.line.down(rate_kbps=0.0)
        begin = time.monotonic()

        async def picture() -> bool:
            return not await sign(viewer) and await lines(viewer) > 0

        await until(picture, 90.0, what="the picture comes back")
        back_s = time.monotonic() - begin
    note(
        "downlink of 40 kb/s",
        f"sign after {sign_s:.1f} s, likeness of the sound {heard.likeness:.2f}; "
        f"picture {back_s:.0f} s after the line is free",
        "sound only, said on the page, and back",
        heard=heard.figures(),
        sign_s=round(sign_s, 1),
        back_s=round(back_s, 1),
    )
    assert heard.likeness >= correlation.INTELLIGIBLE


async def test_a_halved_line_gets_a_lower_layer_within_2_s(lab: Lab) -> None:
    server = lab.server()
    hall = lab.site("hall")
    await publish(lab, server, None, "dien-bien")
    async with moderator(server) as chair:
        await put_on_air(chair, "dien-bien")
        viewer = await watch(lab, server, hall)
        await full_picture(viewer, 30.0)
        hall.line.both(delay_ms=10.0)
        flowing = await viewer.watch(10.0)
        assert flowing.height == FULL
        rate = flowing.kbps * ROOM
        hall.line.down(rate_kbps=rate)
        await viewer.watch(6.0)
        before = await lines(viewer)
        halved_at = time.time()
        hall.line.down(rate_kbps=rate / 2)

        async def smaller() -> float:
            shown = [f.at for f in await viewer.frames(halved_at) if f.height < before]
            return shown[0] - halved_at if shown else 0.0

        lower_s = await until(smaller, 15.0, what="a lower layer")
        after = await viewer.watch(8.0)
    note(
        "halved line",
        f"{before} → {after.height} lines after {lower_s:.1f} s, then {after.fps:.0f} fps, "
        f"longest gap {after.longest_gap_ms:.0f} ms ({rate:.0f} → {rate / 2:.0f} kb/s)",
        "a lower layer within 2 s",
        lower_s=round(lower_s, 2),
        before=flowing.figures(),
        after=after.figures(),
    )
    assert before == FULL
    assert lower_s <= 2.0
