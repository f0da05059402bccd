"""What one peer may take of a running server: streams, slots, places (``docs/limits.md``)."""

from __future__ import annotations

import asyncio

import pytest

import bridge.media.peers
from bridge.ids import Role
from bridge.media.answer import MAX_AUDIO_SLOTS
from bridge.media.mux import MAX_SSRCS
from bridge.media.server import Routes
from tests.media.client import PUBLISHER, VIEWER, Client, vp8_delta
from tests.media.conftest import Hall, identity


async def test_libsrtp_keeps_the_state_of_so_many_streams_and_no_more(hall: Hall) -> None:
    client = await hall.publisher("hanoi")
    await hall.frames(client, 1, 3)
    for ssrc in range(5000, 5000 + 2 * MAX_SSRCS):  # of no m-line at all
        client.send_rtp(client.packet(9 % 2, 1, 1, b"x", ssrc=ssrc, payload_type=35))
    async with asyncio.timeout(5):
        while hall.server.counters().drops.get("peer_streams", 0) < MAX_SSRCS + 1:
            await asyncio.sleep(0.001)
    assert len(hall.peer(client).endpoint.ssrcs) == MAX_SSRCS
    before = hall.server.counters().packets_in
    client.send_rtp(client.packet(0, 4, 4 * 3000, vp8_delta(4)))
    async with asyncio.timeout(5):
        while hall.server.counters().packets_in == before:
            await asyncio.sleep(0.001)


async def test_a_viewer_has_as_many_audio_slots_as_a_page_can_use(hall: Hall) -> None:
    client = Client(("video recvonly", *["audio recvonly"] * (MAX_AUDIO_SLOTS + 4)))
    await hall.join(client, identity(role=Role.STAGE))
    assert len(hall.peer(client).sinks) == 1 + MAX_AUDIO_SLOTS
    assert client.answer.count("\r\na=sendonly") == 1 + MAX_AUDIO_SLOTS
    assert client.answer.count("\r\na=inactive") == 4


async def test_packets_of_a_camera_that_has_gone_are_not_kept(hall: Hall) -> None:
    camera, viewer = await hall.publisher("hanoi"), await hall.viewer()
    hall.server.apply("plenary", Routes(program="hanoi"))
    await hall.frames(camera, 1, 5)
    (segment,) = hall.peer(viewer).sinks["main"].segments
    assert all(segment.source.packet_at(number) for number in range(1, 6))
    await hall.server.disconnect(hall.peer(camera).id)
    assert not any(segment.source.packet_at(number) for number in range(1, 6))


async def test_of_offers_that_nobody_follows_the_oldest_gives_way(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge.media.peers, "MAX_WAITING", 3)
    connected = await hall.viewer()
    offers = [Client(VIEWER) for _ in range(5)]
    hall.clients += offers
    peers = [hall.server.connect(c.offer, identity(role=Role.STAGE))[0] for c in offers]
    assert [peer.state for peer in peers] == ["closed", "closed", "new", "new", "new"]
    assert hall.peer(connected).state == "connected"
    assert hall.server.counters().peers == 4


async def test_a_peer_forgets_what_only_negotiation_reads(hall: Hall) -> None:
    client = Client(PUBLISHER)
    hall.clients.append(client)
    peer, answer = hall.server.connect(client.offer, identity("hanoi"))
    for track in peer.uplink.tracks.values():
        media = track.section.media
        assert (media.codecs, media.fmtp, media.extensions) == ({}, {}, {})
    again = peer.restart(client.offer.replace(client.ufrag, "other"))
    assert [line for line in again.split("\r\n") if line.startswith(("m=", "a=rtpmap"))] == [
        line for line in answer.split("\r\n") if line.startswith(("m=", "a=rtpmap"))
    ]
