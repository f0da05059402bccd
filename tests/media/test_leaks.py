"""Devices come and go, in every way they can, and nothing of them stays.

Each way is gone 30 times, with ``LEAK_JOINS`` as often as that says (``make leaks``: 500, which
are 3,500 joins). What is
counted: tasks, open files, entries of all tables, objects by type, the memory that Python
allocated, and that of the C library, where OpenSSL and libsrtp would leak.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import gc
import itertools
import os
import tracemalloc
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

import bridge.media.dtls
import bridge.media.peer
from bridge.ids import Role
from bridge.media.dtls import DtlsConnection
from bridge.media.server import MediaServer, Peer, PeerIdentity, Routes
from bridge.media.sink import shared
from bridge.rtp.rtcp import ReceiverReport
from tests.media.client import CERTIFICATE, PUBLISHER, VIEWER, Client, vp8_delta, vp8_key
from tests.media.conftest import Observed, identity

JOINS = int(os.environ.get("LEAK_JOINS", "30"))
#: How many come at a time.
TOGETHER = 10
#: Python's bytes that a join may leave: addresses in the kernel's form, of which 4,096 are kept.
BYTES_PER_JOIN = 400
#: Bytes that differ between any two looks.
NOISE = 120_000
#: Bytes that OpenSSL and libsrtp may leave of a join; libsrtp holds 11 kB of a peer that lives.
NATIVE_PER_JOIN = 2_000


@dataclass
class Place:
    """A server with a camera on program and one viewer, who both stay."""

    server: MediaServer
    camera: Client
    viewer: Client
    born: Callable[[Peer], None] = field(default=lambda _: None)
    number: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def join(self, client: Client, who: PeerIdentity) -> Peer:
        peers: list[Peer] = []

        async def signal(offer: str) -> str:
            peer, answer = self.server.connect(offer, who)
            peers.append(peer)
            self.born(peer)
            return answer

        await client.connect(signal)
        await peers[0].established.wait()
        return peers[0]

    async def ended(self, *peers: Peer) -> None:
        """Wait until the server has forgotten *peers*."""
        async with asyncio.timeout(20):
            while any(self.server.peer(peer.id) is not None for peer in peers):
                await asyncio.sleep(0.005)


async def leaves(place: Place) -> None:
    """A viewer says goodbye over HTTP."""
    client = Client(VIEWER)
    peer = await place.join(client, identity(role=Role.STAGE))
    client.send_rtcp(ReceiverReport(1))
    await place.server.disconnect(peer.id)
    await client.close()


async def closes(place: Place) -> None:
    """A viewer's DTLS says goodbye."""
    client = Client(VIEWER)
    peer = await place.join(client, identity(role=Role.STAGE))
    await client.close()
    await place.ended(peer)


async def vanishes(place: Place) -> None:
    """A viewer is switched off, and missed half a minute later."""
    client = Client(VIEWER)
    peer = await place.join(client, identity(role=Role.STAGE))
    asyncio.get_running_loop().remove_reader(client.sock.fileno())
    peer.endpoint.heard -= 100
    await place.ended(peer)
    await client.close()


async def reloads(place: Place) -> None:
    """A host's page publishes, is put on program, and is loaded anew."""
    number = next(place.number) % TOGETHER
    site = f"site{number}"
    peers = []
    clients = [Client(PUBLISHER), Client(PUBLISHER)]
    for client in clients:
        peers.append(await place.join(client, identity(site, client=f"tab{number}")))
        place.server.apply("plenary", Routes(program=site, microphones=(site,)))
        for sequence in range(1, 6):
            payload = vp8_key(sequence) if sequence == 1 else vp8_delta(sequence)
            client.send_rtp(client.packet(0, sequence, sequence * 3000, payload))
            client.send_rtp(client.packet(1, sequence, sequence * 960, b"opus"))
        async with asyncio.timeout(20):
            while not peers[-1].uplink.sources:
                await asyncio.sleep(0.005)
    await place.ended(peers[0])
    await place.server.disconnect(peers[1].id)
    for client in clients:
        await client.close()


async def never_comes(place: Place) -> None:
    """An offer, and no packet follows."""
    client = Client(VIEWER)
    peer, _ = place.server.connect(client.offer, identity(role=Role.STAGE))
    client.sock.close()
    await place.ended(peer)


async def dies_in_the_handshake(place: Place) -> None:
    """A ClientHello, and no answer to what the server says to it."""
    client = Client(VIEWER)
    peer, answer = place.server.connect(client.offer, identity(role=Role.STAGE))
    client.take_answer(answer)
    hello = asyncio.Event()

    def send(data: bytes) -> None:
        if not hello.is_set():
            client.send_raw(data)
            hello.set()

    client.send_check()
    fingerprint = answer.split("a=fingerprint:sha-256 ")[1].split("\r\n")[0]
    dtls = DtlsConnection(
        CERTIFICATE,
        send,
        active=True,
        fingerprints=[("sha-256", fingerprint)],
        on_closed=lambda: None,
    )
    handshake = asyncio.get_running_loop().create_task(dtls.handshake())
    await hello.wait()
    handshake.cancel()
    await asyncio.gather(handshake, return_exceptions=True)
    await dtls.close()
    client.sock.close()
    await place.ended(peer)


Life = Callable[[Place], Awaitable[None]]
LIVES: tuple[Life, ...] = (
    leaves,
    closes,
    vanishes,
    reloads,
    never_comes,
    dies_in_the_handshake,
)
#: What the server waits for in vain, and how long here, so that 2,000 do not take an hour.
PATIENCE = {
    never_comes: (bridge.media.peer, "CHECK_TIMEOUT_S", 0.2),
    dies_in_the_handshake: (bridge.media.dtls, "HANDSHAKE_TIMEOUT_S", 0.3),
}


@pytest_asyncio.fixture
async def place() -> AsyncIterator[Place]:
    server = MediaServer(host="127.0.0.1", port=0, public_addresses=[], observer=Observed())
    await server.start()
    place = Place(server, Client(PUBLISHER), Client(VIEWER, keep=False))
    await place.join(place.camera, identity("hanoi", token="standing"))
    await place.join(place.viewer, identity(role=Role.STAGE))
    yield place
    await server.close()
    await place.camera.close()
    await place.viewer.close()


@dataclass(frozen=True)
class Left:
    """What is there at one moment."""

    tasks: int
    files: int
    tables: dict[str, int]
    objects: Counter[type]
    allocated: int


def over(thing: object) -> bool:
    """Return whether *thing* is a cancelled timer or its context.

    asyncio forgets those when they are due, or when more than half of all timers are.
    """
    if isinstance(thing, asyncio.TimerHandle):
        return thing.cancelled()
    return isinstance(thing, contextvars.Context)


def look(place: Place) -> Left:
    shared.cache_clear()  # a thousand and no more: what fills up is not what stays
    for _ in range(3):
        gc.collect()
    allocated = tracemalloc.get_traced_memory()[0]
    session = place.server._sessions["plenary"]
    return Left(
        tasks=len(asyncio.all_tasks()),
        files=len(list(Path("/proc/self/fd").iterdir())),
        tables={
            **place.server.sizes(),
            "peers": len(place.server._peers),
            "of the session": len(session.peers),
            "publishers": len(session.publishers),
        },
        objects=Counter(type(each) for each in gc.get_objects() if not over(each)),
        allocated=allocated,
    )


async def live(place: Place, life: Life, count: int) -> None:
    """Live *count* lives, then wait until all is quiet again."""
    quiet = len(asyncio.all_tasks())
    for begun in range(0, count, TOGETHER):
        for stays in (place.camera, place.viewer):
            stays.send_check()  # or they would be gone after half a minute
        await asyncio.gather(*(life(place) for _ in range(min(TOGETHER, count - begun))))
    place.server.apply("plenary", Routes(program="hanoi"))
    async with asyncio.timeout(20):
        while len(asyncio.all_tasks()) > quiet:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
async def test_nothing_stays_of_who_has_gone(
    place: Place, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    if life in PATIENCE:
        monkeypatch.setattr(*PATIENCE[life])
    tracemalloc.start()
    try:
        await live(place, life, 2 * TOGETHER)  # what is made once: contexts, caches, arenas
        look(place)
        before = look(place)
        await live(place, life, JOINS)
        after = look(place)
    finally:
        tracemalloc.stop()
    assert after.tasks == before.tasks
    assert after.files == before.files
    assert after.tables == before.tables
    more = after.objects - before.objects
    assert {kind: count for kind, count in more.items() if count >= JOINS} == {}
    assert after.allocated - before.allocated < BYTES_PER_JOIN * JOINS + NOISE


class _Heap(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks"),
            *("uordblks", "fordblks", "keepcost"),
        )
    )


def native() -> int:
    """Return the bytes that are allocated of the C library's heap."""
    look_up = ctypes.CDLL(None).mallinfo2
    look_up.restype = _Heap
    return int(look_up().uordblks)


@pytest.mark.parametrize(
    "life", [leaves, closes, vanishes, reloads], ids=lambda life: life.__name__
)
async def test_a_peer_is_freed_when_it_leaves_and_needs_no_collector(
    place: Place, life: Life
) -> None:
    """The collector weighs objects, not bytes: hundreds of peers would wait for it."""
    await live(place, life, 2 * TOGETHER)
    gc.collect()
    gc.disable()
    try:
        before = native()
        peers = weakref.WeakSet[Peer]()
        place.born = peers.add
        await live(place, life, JOINS)
        assert len(peers) < TOGETHER, "the last ones may be in a frame that has just ended"
        assert native() - before < NATIVE_PER_JOIN * JOINS + NOISE
    finally:
        gc.enable()
