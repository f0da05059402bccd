"""Two pictures at once: a camera and slides of one site, each in its slot, each on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from bridge.ids import Role, camera, slate, slides
from bridge.media.router import Routes, Shown, Viewer, plan_video
from bridge.media.slides import LATE_S, STILL_S, slides_flow
from bridge.media.source import SILENCE_S
from bridge.rtp.rtcp import Pli
from tests.media.client import Client, video, vp8_delta, vp8_key
from tests.media.conftest import Hall, identity

LECTURER = ("video sendonly", "audio sendonly", "video sendonly")
STAGE = ("video recvonly", "video recvonly", "audio recvonly")
CAMERA_MID, SLIDES_MID = 0, 2
#: What the frames of each are filled with, so that a viewer's packets say whose they are.
SIZES = {CAMERA_MID: 40, SLIDES_MID: 90}
LECTURE = Routes(program_slides="dien-bien", inset=camera("dien-bien"))


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        ("main", Shown("dien-bien", slides=True)),
        ("inset", Shown("lao-cai", slate=True)),
        ("preview", Shown("ha-noi", slides=True)),
        ("preview_inset", Shown("ha-noi")),
        ("monitor", Shown("son-la")),
        ("other", Shown()),
    ],
)
def test_what_each_slot_shows(slot: str, shown: Shown) -> None:
    routes = Routes(
        program_slides="dien-bien",
        inset=slate("lao-cai"),
        preview_slides="ha-noi",
        preview_inset=camera("ha-noi"),
    )
    assert plan_video(routes, Viewer(Role.MODERATOR, "", {"monitor": "son-la"}), slot) == shown
    seen = shown if slot in {"main", "inset"} else Shown()
    assert plan_video(routes, Viewer(Role.HOST, "dien-bien", {"monitor": "son-la"}), slot) == seen
    assert plan_video(Routes("ha-noi"), Viewer(Role.STAGE, ""), "inset") == Shown()


def test_slides_may_be_a_second_picture() -> None:
    routes = Routes("ha-noi", inset=slides("ha-noi"))
    assert plan_video(routes, Viewer(Role.STAGE, ""), "inset") == Shown("ha-noi", slides=True)


class Lecturer:
    """A site that sends a camera and slides, and goes on until it is told not to."""

    def __init__(self, hall: Hall, client: Client) -> None:
        self.hall = hall
        self.client = client
        self.numbers: dict[int, Iterator[int]] = {mid: count(1) for mid in SIZES}

    async def sends(self, *mids: int, key: bool = True) -> None:
        """Send one frame of each, and let them be taken."""
        for mid in mids:
            number = next(self.numbers[mid])
            make = vp8_key if key else vp8_delta
            payload = make(number, fill=SIZES[mid])
            self.client.send_rtp(self.client.packet(mid, number, number * 3000, payload))
        await self.hall.settle()

    def asked(self, mid: int) -> int:
        """Return how many key frames were asked for."""
        return sum(isinstance(p, Pli) and p.media == 1000 + mid for p in self.client.rtcp)


async def lecturer(hall: Hall) -> Lecturer:
    return Lecturer(hall, await hall.join(Client(LECTURER), identity("dien-bien")))


async def stage(hall: Hall) -> Client:
    return await hall.join(Client(STAGE), identity(slots=("main", "inset"), role=Role.STAGE))


def came(client: Client, mid: str) -> list[int]:
    """Return which of the lecturer's pictures came in a slot, in order; each once in a row."""
    kinds = [SLIDES_MID if len(r.payload) > 80 else CAMERA_MID for r in video(client, mid)]
    return [kind for n, kind in enumerate(kinds) if n == 0 or kinds[n - 1] != kind]


async def test_slides_and_camera_flow_side_by_side(hall: Hall) -> None:
    site, viewer = await lecturer(hall), await stage(hall)
    hall.server.apply("plenary", LECTURE)
    await site.sends(SLIDES_MID, CAMERA_MID)
    await site.sends(CAMERA_MID, SLIDES_MID, key=False)
    await viewer.until(lambda: len(video(viewer, "0")) == len(video(viewer, "1")) == 2)
    assert (came(viewer, "0"), came(viewer, "1")) == ([SLIDES_MID], [CAMERA_MID])


async def test_one_slot_switches_and_the_other_misses_nothing(hall: Hall) -> None:
    site, viewer = await lecturer(hall), await stage(hall)
    other = await hall.publisher("lao-cai")
    hall.server.apply("plenary", LECTURE)
    await site.sends(SLIDES_MID, CAMERA_MID)
    await hall.frames(other, 1, 1)
    routes = Routes(program_slides="dien-bien", inset=camera("lao-cai"))
    hall.server.apply("plenary", routes)
    await site.sends(CAMERA_MID, SLIDES_MID, key=False)
    await hall.frames(other, 2, 2)
    await site.sends(CAMERA_MID, SLIDES_MID, key=False)
    await viewer.until(lambda: len(video(viewer, "0")) == 3 and len(video(viewer, "1")) == 4)
    sequences = [r.header.sequence for r in video(viewer, "0")]
    assert sequences == list(range(sequences[0], sequences[0] + 3))
    assert came(viewer, "0") == [SLIDES_MID]
    # The old picture went on until the key frame of the new one.
    assert [len(r.payload) for r in video(viewer, "1")[:2]] == [
        len(vp8_key(1, fill=SIZES[CAMERA_MID])),
        len(vp8_delta(2, fill=SIZES[CAMERA_MID])),
    ]


async def test_a_player_with_one_picture_sees_the_main_one(hall: Hall) -> None:
    site = await lecturer(hall)
    player = await hall.join(
        Client(("video recvonly", "audio recvonly")), identity(role=Role.STAGE)
    )
    hall.server.apply("plenary", LECTURE)
    await site.sends(SLIDES_MID, CAMERA_MID)
    await player.until(lambda: len(video(player)) == 1)
    assert came(player, "0") == [SLIDES_MID]


async def test_the_camera_stands_in_for_slides_that_end(hall: Hall) -> None:
    site, viewer = await lecturer(hall), await stage(hall)
    hall.server.apply("plenary", Routes(program_slides="dien-bien"))
    await site.sends(SLIDES_MID, CAMERA_MID)
    await viewer.until(lambda: came(viewer, "0") == [SLIDES_MID])
    hall.server.end_slides(hall.peer(site.client).id)
    await site.sends(SLIDES_MID, key=False)  # it was on its way
    while came(viewer, "0") == [SLIDES_MID]:
        await site.sends(CAMERA_MID)
        await asyncio.sleep(0.02)

    # They return by themselves, with a key frame that was asked for.
    asked = site.asked(SLIDES_MID)
    while site.asked(SLIDES_MID) == asked:
        await site.sends(CAMERA_MID, SLIDES_MID, key=False)
        await asyncio.sleep(0.02)
    assert came(viewer, "0") == [SLIDES_MID, CAMERA_MID]
    await site.sends(SLIDES_MID)
    await viewer.until(lambda: came(viewer, "0") == [SLIDES_MID, CAMERA_MID, SLIDES_MID])


async def test_a_still_screen_is_waited_for_as_long_as_its_site_is_there(hall: Hall) -> None:
    site = await lecturer(hall)
    await site.sends(SLIDES_MID, CAMERA_MID)
    uplink = hall.peer(site.client).uplink
    slides_at = uplink.tracks["slides"].sources[1000 + SLIDES_MID].arrived
    assert slides_flow(uplink, slides_at + SILENCE_S)
    assert not slides_flow(uplink, uplink.last_media + SILENCE_S + 0.1), "nothing comes at all"
    uplink.last_media = slides_at + STILL_S
    assert slides_flow(uplink, slides_at + STILL_S - 0.1)
    assert not slides_flow(uplink, slides_at + STILL_S + 0.1)
    uplink.slides_ended = slides_at - LATE_S
    assert not slides_flow(uplink, slides_at)
    uplink.slides_ended -= 0.1
    assert slides_flow(uplink, slides_at)
    assert not slides_flow(None, slides_at)


async def test_slides_that_were_never_shared_are_the_camera_at_once(hall: Hall) -> None:
    site, viewer = await lecturer(hall), await stage(hall)
    hall.server.apply("plenary", Routes(program_slides="dien-bien"))
    await site.sends(CAMERA_MID)
    await viewer.until(lambda: came(viewer, "0") == [CAMERA_MID])


async def test_the_server_sees_when_slides_flow(hall: Hall) -> None:
    site = await lecturer(hall)
    await site.sends(CAMERA_MID)
    assert not hall.server.signals("plenary")["dien-bien"].slides
    await site.sends(SLIDES_MID)
    assert hall.server.signals("plenary")["dien-bien"].slides
    hall.server.end_slides(hall.peer(site.client).id)
    assert not hall.server.signals("plenary")["dien-bien"].slides
    hall.server.end_slides("nobody")
