"""A server and its peers over IPv6: the answer names it, checks, keys and media come by it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from bridge.ids import Role
from bridge.media.server import MediaServer, Routes
from tests.media.client import PUBLISHER, VIEWER, VP8, Client, vp8_delta, vp8_key
from tests.media.conftest import Hall, Observed, identity
from tests.media.kernel import ENGINES


@dataclass
class SixClient(Client):
    """The test's client on an IPv6 socket; of all candidates it can reach that one."""

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("::1", 0))
        return sock

    def send_raw(self, data: bytes) -> None:
        self.sock.sendto(data, ("::1", self.server[1]))


def has(client: Client, count: int) -> bool:
    return len(client.rtp) == count


@asynccontextmanager
async def serving(engine: str, host: str, *addresses: str) -> AsyncIterator[Hall]:
    observed = Observed()
    server = MediaServer(
        host=host, port=0, public_addresses=addresses, observer=observed, engine=engine
    )
    await server.start()
    hall = Hall(server, observed)
    try:
        assert server.engine == engine
        yield hall
    finally:
        await server.close()
        for client in hall.clients:
            await client.close()


async def watch(hall: Hall, site: Client, viewers: list[Client]) -> None:
    """Let pictures of three packets and sound travel to all viewers, unchanged."""
    hall.server.apply("plenary", Routes("dien-bien", "", ("dien-bien",)))
    sent = []
    for number in range(1, 31):
        last = number % 3 == 0
        payload = vp8_delta(number // 3, 1000) if number > 1 else vp8_key(1, fill=1000)
        sent.append(payload)
        site.send_rtp(site.packet(0, number, number // 3 * 3000, payload, marker=last))
    await hall.sound(site, 1, *(b"sound %d" % number for number in range(8)))
    for viewer in viewers:
        await viewer.until(partial(has, viewer, 38))
        pictures = [r.payload for r in viewer.rtp if r.header.payload_type == VP8]
        assert pictures == sent
    assert hall.server.counters().drops == {}


@pytest.mark.parametrize("engine", ENGINES)
async def test_pictures_travel_over_ipv6(engine: str) -> None:
    async with serving(engine, "::1", "::1") as hall:
        site = await hall.join(SixClient(PUBLISHER), identity("dien-bien"))
        assert "c=IN IP6 ::1\r\n" in site.answer
        assert f" ::1 {hall.server.port} typ host\r\n" in site.answer
        viewers = [
            await hall.join(SixClient(VIEWER), identity(role=Role.STAGE, publish=False))
            for _ in range(2)
        ]
        await watch(hall, site, viewers)
        for client in (site, *viewers):
            address = hall.peer(client).endpoint.address
            assert address is not None
            assert address[0] == "::1"
        viewers[0].rebind()
        await viewers[0].check()
        await viewers[0].check()
        site.send_rtp(site.packet(0, 31, 33_000, vp8_key(11)))
        await viewers[0].until(partial(has, viewers[0], 39))


@pytest.mark.parametrize("engine", ENGINES)
async def test_one_port_serves_both_families(engine: str) -> None:
    async with serving(engine, "::", "::1", "127.0.0.1") as hall:
        site, four, six = Client(PUBLISHER), Client(VIEWER), SixClient(VIEWER)
        for client, who in (
            (site, identity("dien-bien")),
            (four, identity(role=Role.STAGE, publish=False)),
            (six, identity(role=Role.STAGE, publish=False)),
        ):
            await hall.join(client, who)
        await watch(hall, site, [four, six])
        families = [hall.peer(client).endpoint.address for client in (four, six)]
        assert [str(address[0]) for address in families if address] == ["::ffff:127.0.0.1", "::1"]
