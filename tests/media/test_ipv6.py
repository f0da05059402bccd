"""A server and its peers over IPv6: the answer names it, checks, keys and media come by it."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from bridge.ids import Role
from bridge.media.server import MediaServer, Routes
from tests.media.client import PUBLISHER, VIEWER, VP8, Client
from tests.media.conftest import Hall, Observed, identity


@dataclass
class SixClient(Client):
    """The test's client on an IPv6 socket."""

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("::1", 0))
        return sock


async def test_pictures_travel_over_ipv6() -> None:
    observed = Observed()
    server = MediaServer(host="::1", port=0, public_addresses=["::1"], observer=observed)
    await server.start()
    hall = Hall(server, observed)
    try:
        site = await hall.join(SixClient(PUBLISHER), identity("dien-bien"))
        assert "c=IN IP6 ::1\r\n" in site.answer
        assert f" ::1 {server.port} typ host\r\n" in site.answer
        viewer = await hall.join(SixClient(VIEWER), identity(role=Role.STAGE, publish=False))
        server.apply("plenary", Routes("dien-bien", "", ()))
        await hall.frames(site, 1, 5)
        await viewer.until(lambda: sum(r.header.payload_type == VP8 for r in viewer.rtp) == 5)
    finally:
        await server.close()
        for client in hall.clients:
            await client.close()
