"""Messages about a page's media: what its line carries, and what a site may send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.media.client import PUBLISHER
from tests.media.client import Client as Device
from tests.running import Client, RunningServer


async def received(client: Client, kind: str) -> dict[str, Any]:
    """Return the next message of *kind*."""
    async with asyncio.timeout(10):
        while (message := await client.receive())["type"] != kind:
            pass
    return message


def joined(server: RunningServer, token: str) -> contextlib.AbstractAsyncContextManager[str]:
    """Connect a device of the token's site; give the id of its peer."""
    return connected(server, token, PUBLISHER, "")


@contextlib.asynccontextmanager
async def connected(
    server: RunningServer,
    token: str,
    lines: tuple[str, ...],
    query: str,
    device: Device | None = None,
) -> AsyncIterator[str]:
    """Connect *device*, or a new one with these m-lines; give the id of its peer."""
    device = device or Device(lines)
    place = ""

    async def signal(offer: str) -> str:
        nonlocal place
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{server.url}/media/plenary{query}",
                data=offer,
                headers={"content-type": "application/sdp", "authorization": f"Bearer {token}"},
            ) as response,
        ):
            assert response.status == 201, await response.text()
            place = response.headers["location"]
            return await response.text()

    try:
        await device.connect(signal)
        yield place.rsplit("/", 1)[-1]
    finally:
        await device.close()


async def test_a_page_hears_what_its_line_carries(server: RunningServer) -> None:
    token = str(server.invite("host", "dien-bien")["token"])
    async with joined(server, token) as peer, server.socket(token) as socket:
        client = await Client.hello(socket)
        await client.tell("joined", peer=peer)
        assert await received(client, "slots") == {"type": "slots", "slots": {}}


async def test_a_page_hears_nothing_of_the_line_of_others(server: RunningServer) -> None:
    theirs, ours = (str(server.invite("host", site)["token"]) for site in ("dien-bien", "lao-cai"))
    async with joined(server, theirs) as peer, server.socket(ours) as socket:
        client = await Client.hello(socket)
        await client.tell("joined", peer=peer)
        assert (await received(client, "nack"))["code"] == "peer_unknown"


async def test_a_technician_limits_a_site_and_all_technicians_see_it(
    server: RunningServer,
) -> None:
    async with (
        joined(server, str(server.invite("host", "dien-bien")["token"])),
        server.socket(str(server.invite("technician")["token"])) as one,
        server.socket(str(server.invite("technician")["token"])) as two,
    ):
        first, second = await Client.hello(one), await Client.hello(two)
        for kbps in (400, 0):
            cap = {"site": "dien-bien", "action": "cap", "value": str(kbps)}
            await first.command("site_action", **cap)
            async with asyncio.timeout(10):
                while True:
                    sites = (await received(second, "links"))["sites"]
                    if sites["dien-bien"].get("cap_kbps", 0) == kbps:
                        break


@pytest.mark.parametrize("slot", ["main", "thumb0", "thumb17", ""])
async def test_slots_nobody_may_choose_for(server: RunningServer, slot: str) -> None:
    async with server.socket(str(server.invite("technician")["token"])) as socket:
        client = await Client.hello(socket)
        await client.tell("watch", peer="p", source="camera:dien-bien", slot=slot)
        assert (await received(client, "nack"))["code"] == "field_invalid"
