"""A whole media server with a publisher and a viewer, for datagrams as they are after decryption.

Everything is real but the keys: encryption is left out, so that an input reaches what lies
behind it, and time is the input's.
"""

from __future__ import annotations

import asyncio
from typing import Final

from pylibsrtp import Policy, Session

from bridge.ids import Role
from bridge.media.mux import MAX_SSRCS
from bridge.media.server import MediaServer, Peer, Routes
from bridge.media.source import KEPT, MAX_SOURCES
from bridge.media.srtp import SrtpPair
from bridge.media.uplink import MAX_REPAIRS
from fuzz import seeds
from tests.media.conftest import Observed, identity

__all__ = ["play"]

_KEY = bytes(range(30))  # and salt, of the default profile
_MOST_SENT = 400
"""RTCP datagrams that one datagram of 2 kB, or one tick, may be answered with."""
_ADDRESSES: Final = {"publisher": ("192.0.2.1", 1), "viewer": ("192.0.2.2", 2)}


class _Open(SrtpPair):
    """Keys that leave out what comes in; what goes out is encrypted, and goes nowhere."""

    def __init__(self) -> None:
        outbound = Policy(key=_KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND)
        inbound = Policy(key=_KEY, ssrc_type=Policy.SSRC_ANY_INBOUND)
        super().__init__(Session(inbound), Session(outbound))

    def unprotect(self, data: bytes) -> bytes | None:
        return data

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        return data


class Hall:
    """The server, and what it sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.server = MediaServer(
            host="127.0.0.1", port=0, public_addresses=[], observer=Observed()
        )

    async def open(self) -> None:
        await self.server.start()
        self.server._shared.send = lambda data, _address: self.sent.append(data)
        self.server._mux._send = lambda data, _address: self.sent.append(data)

    async def join(self, who: str, *, publish: bool) -> Peer:
        site, role = ("hanoi", Role.HOST) if publish else ("", Role.STAGE)
        of = identity(site, role=role, client=who, token=who)
        peer, _ = self.server.connect(seeds.PUBLISHES if publish else seeds.VIEWS, of)

        async def handshake() -> SrtpPair:
            return _Open()

        peer._dtls.handshake = handshake  # type: ignore[method-assign]
        check = seeds.check(peer.endpoint.ufrag, peer.endpoint.password)
        self.server._mux.receive(check, _ADDRESSES[who], 0.0)
        await asyncio.wait_for(peer.established.wait(), 5)
        return peer


async def _visit(data: bytes) -> None:
    """Let a publisher and a viewer come, send the datagrams in *data*, and go.

    Before each datagram stand two bytes: who sends it and how much later, and its length.
    """
    hall = Hall()
    await hall.open()
    try:
        publisher = await hall.join("publisher", publish=True)
        viewer = await hall.join("viewer", publish=False)
        hall.server.apply("plenary", Routes(program="hanoi", microphones=("hanoi",)))
        now, at = 1.0, 0
        while at + 2 <= len(data):
            how, length = data[at] >> 3, (data[at] & 7) << 8 | data[at + 1]
            host, port = _ADDRESSES["viewer" if how & 1 else "publisher"]
            now += (0.0, 0.02, 0.1, 2.0)[how >> 3 & 3]
            del hall.sent[:]
            address = (host, port + (how >> 1 & 3))
            hall.server._mux.receive(data[at + 2 : at + 2 + length], address, now)
            await asyncio.sleep(0)
            for peer in (publisher, viewer):
                if hall.server._feedback is not None and peer.srtp is not None:
                    hall.server._feedback.tick(peer, now)
            assert len(hall.sent) <= _MOST_SENT
            at += 2 + length
        for peer in (publisher, viewer):
            _check_bounds(peer)
    finally:
        await hall.server.close()


def _check_bounds(peer: Peer) -> None:
    assert len(peer.endpoint.ssrcs) <= MAX_SSRCS
    assert len(peer.uplink._repairs) <= MAX_REPAIRS
    assert len(peer.uplink.sources) <= MAX_SOURCES * len(peer.uplink.tracks)
    for track in peer.uplink.tracks.values():
        assert len(track.sources) <= MAX_SOURCES
        for source in track.sources.values():
            assert len(source.kept) in {0, KEPT}


_LOOP = asyncio.new_event_loop()


def play(data: bytes) -> None:
    """Play one visit."""
    _LOOP.run_until_complete(_visit(data))
