"""What a page is told of the slots it chooses for: whose picture flows, and since when."""

from __future__ import annotations

import asyncio

import pytest

from bridge.ids import Role
from tests.media.client import Client, video
from tests.media.conftest import Hall, identity
from tests.media.kernel import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def technician(hall: Hall) -> Client:
    slots = ("thumb1", "thumb2")
    lines = ("video recvonly",) * 2
    who = identity(role=Role.TECHNICIAN, slots=slots, publish=False)
    return await hall.join(Client(lines), who)


async def test_a_slot_has_its_picture_from_its_first_packet_on(hall: Hall) -> None:
    one, two = await hall.publisher("ha-noi"), await hall.publisher("lao-cai")
    watcher = await technician(hall)
    peer = hall.peer(watcher).id
    await hall.frames(two, 1, 1)
    assert hall.server.watched(peer) == {}
    hall.server.watch(peer, "ha-noi", "thumb1")
    assert hall.server.watched(peer) == {"thumb1": ("ha-noi", None)}
    await hall.frames(one, 1, 2)
    await watcher.until(lambda: len(video(watcher)) == 2)
    first = video(watcher)[0].header.timestamp
    assert hall.server.watched(peer) == {"thumb1": ("ha-noi", first)}

    hall.server.watch(peer, "lao-cai", "thumb1")
    await hall.frames(one, 3, 1, key=False)
    await watcher.until(lambda: len(video(watcher)) == 3)
    assert hall.server.watched(peer) == {"thumb1": ("lao-cai", None)}, "the old picture flows"
    await hall.frames(two, 2, 1)
    await watcher.until(lambda: len(video(watcher)) == 4)
    since = video(watcher)[3].header.timestamp
    assert hall.server.watched(peer) == {"thumb1": ("lao-cai", since)}
    assert since != first

    hall.server.watch(peer, "", "thumb1")
    assert hall.server.watched(peer) == {}
    assert hall.server.watched("unknown") == {}


async def test_the_page_is_told_when_the_picture_is_there(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    watcher = await technician(hall)
    peer = hall.peer(watcher).id
    hall.server.watch(peer, "ha-noi", "thumb2")
    async with asyncio.timeout(5):
        while not hall.observed.adapted:
            await asyncio.sleep(0.01)
    before = len(hall.observed.adapted)
    await hall.frames(publisher, 1, 1)
    async with asyncio.timeout(5):
        while len(hall.observed.adapted) == before:
            await asyncio.sleep(0.01)
    assert hall.observed.adapted[-1] == peer
    [(site, since)] = hall.server.watched(peer).values()
    assert site == "ha-noi"
    await watcher.until(lambda: len(video(watcher, "1")) == 1)
    assert since == video(watcher, "1")[0].header.timestamp
