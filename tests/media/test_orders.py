"""What technicians order, on packets: nobody's pictures, no pictures for a site, no larger ones."""

from __future__ import annotations

import asyncio

from bridge.ids import Role, slides
from bridge.media.router import Routes, Shown, Viewer, plan_video
from tests.media.client import PUBLISHER, Client, audio, video, vp8_delta, vp8_key
from tests.media.conftest import Hall, identity
from tests.slates.pictures import still

SMALL, LARGE = 60, 90


def test_a_site_without_pictures_is_shown_nothing_and_others_are() -> None:
    routes = Routes("ha-noi", inset=slides("ha-noi"), without_pictures=frozenset({"dien-bien"}))
    for slot in ("main", "inset"):
        assert plan_video(routes, Viewer(Role.HOST, "dien-bien"), slot) == Shown()
        assert plan_video(routes, Viewer(Role.HOST, "lao-cai"), slot).site == "ha-noi"
        assert plan_video(routes, Viewer(Role.STAGE, ""), slot).site == "ha-noi"


async def test_a_site_that_is_sent_sound_only_hears_on(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    site, stage = await hall.viewer("dien-bien", role=Role.HOST), await hall.viewer()
    on_air = Routes("ha-noi", microphones=("ha-noi",))
    hall.server.apply("plenary", on_air)
    await hall.frames(publisher, 1, 2)
    await site.until(lambda: len(video(site)) == 2)
    without = Routes("ha-noi", microphones=("ha-noi",), without_pictures=frozenset({"dien-bien"}))
    hall.server.apply("plenary", without)
    await hall.frames(publisher, 3, 2)
    await hall.sound(publisher, 1, b"one", b"two")
    await site.until(lambda: len(audio(site)) == 2)
    await stage.until(lambda: len(video(stage)) == 4)
    assert len(video(site)) == 2
    hall.server.apply("plenary", on_air)
    await hall.frames(publisher, 5, 2)
    await site.until(lambda: len(video(site)) == 4)


async def test_nobody_is_sent_the_pictures_of_a_site_whatever_it_sends(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    stage = await hall.viewer()
    hall.server.apply("plenary", Routes("dien-bien", microphones=("dien-bien",)))
    await hall.frames(publisher, 1, 2)
    await stage.until(lambda: len(video(stage)) == 2)
    unseen = Routes("dien-bien", microphones=("dien-bien",), unseen=frozenset({"dien-bien"}))
    hall.server.apply("plenary", unseen)
    await hall.frames(publisher, 3, 3)
    await hall.sound(publisher, 1, b"one")
    await stage.until(lambda: len(audio(stage)) == 1)
    assert len(video(stage)) == 2, "not even before there is a slate"
    hall.server.put_slate("plenary", "dien-bien", still("Điện Biên"))
    await stage.until(lambda: len(video(stage)) > 2)
    assert all(len(one.payload) > 100 for one in video(stage)[2:]), "the slate, no camera"
    await hall.frames(publisher, 6, 2)
    hall.server.apply("plenary", Routes("dien-bien", microphones=("dien-bien",)))
    count = len([one for one in video(stage) if len(one.payload) < 100])
    await hall.frames(publisher, 8, 3)
    await stage.until(
        lambda: len([one for one in video(stage) if len(one.payload) < 100]) >= count + 3
    )


async def test_a_site_is_sent_no_larger_picture_than_a_technician_wants(hall: Hall) -> None:
    publisher = await hall.join(Client(PUBLISHER, rids=("q", "f")), identity("ha-noi"))
    site, stage = await hall.viewer("dien-bien", role=Role.HOST), await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi", layers={"dien-bien": "q"}))
    number = 0

    async def send(*, key: bool = False) -> None:
        nonlocal number
        number += 1
        for rid, ssrc, fill, size in (
            ("q", 21, SMALL, (320, 180)),
            ("f", 22, LARGE, (1280, 720)),
        ):
            payload = vp8_key(number, size, fill) if key else vp8_delta(number, fill)
            publisher.send_rtp(
                publisher.packet(0, ssrc * 100 + number, number * 3000, payload, ssrc=ssrc, rid=rid)
            )
        await hall.settle()

    def large(viewer: Client) -> int:
        return sum(
            len(one.payload) in {len(vp8_key(0, fill=LARGE)), len(vp8_delta(0, LARGE))}
            for one in video(viewer)
        )

    await send(key=True)
    async with asyncio.timeout(10):
        while large(stage) < 3 or len(video(site)) < 3:
            await send()
            await asyncio.sleep(0.02)
    assert large(site) == 0
    hall.server.apply("plenary", Routes("ha-noi"))
    async with asyncio.timeout(20):
        while not large(site):
            await send(key=number % 10 == 0)
            await asyncio.sleep(0.02)
    hall.server.apply("plenary", Routes("ha-noi", layers={"dien-bien": "q"}))
    peer = hall.peer(site)
    async with asyncio.timeout(20):
        while (source := peer.sinks["main"].source) is None or source.rid != "q":
            await send(key=number % 10 == 0)
            await asyncio.sleep(0.02)
