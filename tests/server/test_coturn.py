"""Real coturn, with the configuration we ship: it believes our credentials and reaches only us."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aioice import stun, turn

from bridge.server.turn import IceServer, Turn
from tests.turn_server import SECRET, TurnServer, turn_server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def coturn(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TurnServer]:
    folder: Path = tmp_path_factory.mktemp("coturn")
    async with turn_server(folder) as made:
        yield made


pytestmark = pytest.mark.asyncio(loop_scope="module")


class Received(asyncio.DatagramProtocol):
    """Keeps what came through the relay."""

    def __init__(self) -> None:
        self.first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002
        if not self.first.done():
            self.first.set_result(data)


def credentials(*, secret: str = SECRET, ttl_s: int = 600) -> IceServer:
    return Turn(["turn:t"], secret, ttl_s, time.time).servers("k1").servers[0]


async def through(
    server: TurnServer, way: str, known: IceServer
) -> tuple[turn.TurnTransport, Received]:
    transport, protocol = await turn.create_turn_endpoint(
        Received,
        server_addr=(server.address, server.tls_port if way == "tls" else server.port),
        username=known.username,
        password=known.credential,
        transport="udp" if way == "udp" else "tcp",
        ssl=False,
    )
    return transport, protocol


@pytest.mark.parametrize("way", ["udp", "tcp"])
async def test_our_credentials_reach_the_media_port(coturn: TurnServer, way: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
        media.bind(("127.0.0.1", 0))
        media.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, received = await through(coturn, way, credentials())
        transport.sendto(b"there", media.getsockname())
        async with asyncio.timeout(10):
            data, relayed = await loop.sock_recvfrom(media, 100)
            assert data == b"there"
            await loop.sock_sendto(media, b"and back", relayed)
            assert await received.first == b"and back"
        transport.close()


async def refusal(server: TurnServer, known: IceServer) -> int:
    with pytest.raises(stun.TransactionFailed) as refused:
        await through(server, "udp", known)
    code: int = refused.value.response.attributes["ERROR-CODE"][0]
    return code


async def test_expired_and_forged_credentials_are_refused(coturn: TurnServer) -> None:
    assert await refusal(coturn, credentials(ttl_s=-1)) == 401
    assert await refusal(coturn, credentials(secret="another secret, guessed")) == 401


async def test_nobody_reaches_anything_else_through_it(coturn: TurnServer) -> None:
    """An open relay would be a door into the network behind the firewall."""
    transport, _ = await through(coturn, "udp", credentials())
    protocol = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
    for peer in ("192.168.1.1", "10.0.0.1", "203.0.113.9", "224.0.0.1"):
        with pytest.raises(stun.TransactionFailed) as refused:
            await protocol.channel_bind(0x4FFF, (peer, 80))
        assert refused.value.response.attributes["ERROR-CODE"][0] == 403
    transport.close()
