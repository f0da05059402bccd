"""Slides of a site reach everybody's view: seen by the server, ended by the page's word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from tests.media.client import Client as Device
from tests.media.client import vp8_key
from tests.running import Client, RunningServer
from tests.server.test_line_messages import received

LECTURER = ("video sendonly", "audio sendonly", "video sendonly")
CAMERA_MID, SLIDES_MID = 0, 2


@contextlib.asynccontextmanager
async def lecturer(server: RunningServer, token: str) -> AsyncIterator[tuple[Device, str]]:
    """Connect a device that can send slides; give it and the id of its peer."""
    device = Device(LECTURER)
    peer = ""

    async def signal(offer: str) -> str:
        nonlocal peer
        headers = {"content-type": "application/sdp"}
        async with (
            server.http(token) as http,
            http.post("/media/plenary", data=offer, headers=headers) as response,
        ):
            assert response.status == HTTPStatus.CREATED, await response.text()
            peer = response.headers["location"].rsplit("/", 1)[-1]
            return await response.text()

    try:
        await device.connect(signal)
        yield device, peer
    finally:
        await device.close()


async def keep_sending(device: Device, mids: set[int]) -> None:
    """Send pictures of *mids*, which may change, for ever."""
    number = 0
    while True:
        number += 1
        for mid in mids:
            device.send_rtp(device.packet(mid, number, number * 3000, vp8_key(number)))
        await asyncio.sleep(0.05)


async def test_slides_begin_with_their_packets_and_end_with_a_word(server: RunningServer) -> None:
    token = str(server.invite("host", "dien-bien")["token"])
    async with (
        lecturer(server, token) as (device, peer),
        server.socket(token) as own,
        server.socket(str(server.invite("moderator")["token"])) as socket,
    ):
        page, moderator = await Client.hello(own), await Client.hello(socket)
        mids = {CAMERA_MID, SLIDES_MID}
        sending = asyncio.create_task(keep_sending(device, mids))
        await moderator.until(lambda one: "dien-bien" in one.view["slides"])
        mids.remove(SLIDES_MID)
        await page.tell("slides_ended", peer=peer)
        await moderator.until(lambda one: "dien-bien" not in one.view["slides"])
        sending.cancel()


async def test_nobody_ends_the_slides_of_others(server: RunningServer) -> None:
    theirs, ours = (str(server.invite("host", site)["token"]) for site in ("lao-cai", "son-la"))
    async with lecturer(server, theirs) as (_, peer), server.socket(ours) as socket:
        client = await Client.hello(socket)
        await client.tell("slides_ended", peer=peer)
        assert (await received(client, "nack"))["code"] == "peer_unknown"
