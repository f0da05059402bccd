"""A running media server and clients over loopback UDP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from bridge.ids import Rank, Role
from bridge.media.engine_native import NativeEngine, why_missing
from bridge.media.engines import AUTO
from bridge.media.server import MediaServer, Peer, PeerIdentity
from tests.media.client import PUBLISHER, VIEWER, Client, vp8_delta, vp8_key
from tests.media.kernel import THREADS

# Where there is no compiler there is nothing to hold against the Python engine; test_engines.py
# makes sure that there is one otherwise.
NATIVE = [
    "test_native.py",
    "test_forwarder.py",
    "test_blocked.py",
    "test_repairs.py",
    "test_threads.py",
]
collect_ignore = NATIVE if why_missing() else []


@dataclass
class Observed:
    """What the media plane told its observer."""

    heard: list[str] = field(default_factory=list)
    switched: list[str] = field(default_factory=list)
    changes: int = 0
    wanted: list[str] = field(default_factory=list)
    adapted: list[str] = field(default_factory=list)

    def audio_forwarded(self, _session: str, site: str) -> None:
        self.heard.append(site)

    def peers_changed(self, _session: str) -> None:
        self.changes += 1

    def program_switched(self, _session: str, site: str) -> None:
        self.switched.append(site)

    def slots_changed(self, _session: str, peer: str) -> None:
        self.adapted.append(peer)

    def slate_wanted(self, _session: str, site: str) -> None:
        self.wanted.append(site)


def identity(
    site: str = "",
    *,
    role: Role = Role.HOST,
    client: str = "",
    slots: tuple[str, ...] = ("main",),
    publish: bool | None = None,
    rank: Rank = Rank.MAIN,
    session: str = "plenary",
    token: str = "key",
) -> PeerIdentity:
    return PeerIdentity(
        session=session,
        role=role,
        site=site,
        client=client,
        slots=slots,
        publish=bool(site) if publish is None else publish,
        token_key=token,
        rank=rank,
    )


@dataclass
class Hall:
    """The server under test with everybody connected to it."""

    server: MediaServer
    observed: Observed
    clients: list[Client] = field(default_factory=list)
    peers: dict[int, Peer] = field(default_factory=dict)

    async def join(self, client: Client, who: PeerIdentity) -> Client:
        self.clients.append(client)

        async def signal(offer: str) -> str:
            peer, answer = self.server.connect(offer, who)
            self.peers[id(client)] = peer
            return answer

        await client.connect(signal)
        await self.peer(client).established.wait()
        return client

    def peer(self, client: Client) -> Peer:
        return self.peers[id(client)]

    async def settle(self) -> None:
        """Wait until the server has taken every RTP packet sent to it."""
        async with asyncio.timeout(5):
            while self.server.counters().packets_in < sum(c.sent for c in self.clients):
                await asyncio.sleep(0.001)
            engine = self.server._engine
            while isinstance(engine, NativeEngine) and engine.drain():
                pass  # the thread counts a packet before the event loop hears of it

    async def frames(self, client: Client, first: int, count: int, *, key: bool = True) -> None:
        """Send *count* one-packet video frames, the first a key frame, and let them be taken."""
        for number in range(first, first + count):
            payload = vp8_key(number) if key and number == first else vp8_delta(number)
            client.send_rtp(client.packet(0, number, number * 3000, payload))
        await self.settle()

    async def sound(self, client: Client, first: int, *payloads: bytes) -> None:
        """Send audio packets and let them be taken."""
        for number, payload in enumerate(payloads, first):
            client.send_rtp(client.packet(1, number, number * 960, payload))
        await self.settle()

    async def publisher(self, site: str, *, rank: Rank = Rank.MAIN) -> Client:
        return await self.join(Client(PUBLISHER), identity(site, rank=rank))

    async def viewer(self, site: str = "", *, role: Role = Role.STAGE) -> Client:
        return await self.join(Client(VIEWER), identity(site, role=role, publish=False))


@pytest.fixture
def engine() -> str:
    """Which engine the hall has; files whose tests are about packets ask for each."""
    return os.environ.get("DIEMCAU_ENGINE", AUTO)


@pytest_asyncio.fixture
async def hall(engine: str) -> AsyncIterator[Hall]:
    observed = Observed()
    server = MediaServer(
        host="127.0.0.1",
        port=0,
        public_addresses=[],
        observer=observed,
        engine=engine,
        threads=THREADS,
    )
    await server.start()
    hall = Hall(server, observed)
    yield hall
    await server.close()
    for client in hall.clients:
        await client.close()
