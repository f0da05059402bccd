"""How peers begin and end: handshakes that fail, pages that go, limits, withdrawn links."""

from __future__ import annotations

import asyncio

import pytest

from bridge.errors import Code, MediaError
from bridge.ids import Role
from bridge.media import dtls, peer, peers
from bridge.media.peer_id import code_of
from tests.media.client import VIEWER, Client, offer_text
from tests.media.conftest import Hall, identity


async def test_the_same_tab_replaces_its_old_peer_at_once(hall: Hall) -> None:
    old = await hall.join(Client(VIEWER), identity(client="tab", publish=False))
    new = await hall.join(Client(VIEWER), identity(client="tab", publish=False))
    assert hall.server.peer(hall.peer(old).id) is None
    assert hall.server.peer(hall.peer(new).id) is hall.peer(new)
    assert hall.server.counters().peers == 1
    await asyncio.wait_for(old.closed.wait(), 5)


async def test_a_forged_fingerprint_never_connects(hall: Hall) -> None:
    viewer = Client(VIEWER)
    hall.clients.append(viewer)

    async def signal(offer: str) -> str:
        forged = offer.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 00:")
        found, answer = hall.server.connect(forged, identity(publish=False))
        hall.peers[id(viewer)] = found
        return answer

    with pytest.raises(MediaError, match="certificate"):
        await viewer.connect(signal)
    while hall.server.peer(hall.peer(viewer).id) is not None:
        await asyncio.sleep(0.005)
    assert hall.peer(viewer).state == "closed"
    assert not hall.peer(viewer).established.is_set()


async def test_peers_that_never_check_or_never_shake_hands_are_closed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "CHECK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.05)
    silent = Client(VIEWER)
    mute = Client(VIEWER)
    hall.clients += [silent, mute]
    hall.server.connect(silent.offer, identity(publish=False))
    found, answer = hall.server.connect(mute.offer, identity(publish=False))
    mute.take_answer(answer)
    asyncio.get_running_loop().add_reader(mute.sock.fileno(), mute._readable)
    await mute.check()
    while hall.server.counters().peers:
        await asyncio.sleep(0.005)
    assert found.state == "closed"


async def test_a_peer_whose_handshake_breaks_is_closed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_self: object) -> None:
        raise ValueError("a bug in cryptography")

    monkeypatch.setattr(dtls.DtlsConnection, "handshake", broken)
    viewer = Client(VIEWER)
    hall.clients.append(viewer)
    found, answer = hall.server.connect(viewer.offer, identity(publish=False))
    viewer.take_answer(answer)
    asyncio.get_running_loop().add_reader(viewer.sock.fileno(), viewer._readable)
    await viewer.check()
    async with asyncio.timeout(5):
        while hall.server.counters().peers:
            await asyncio.sleep(0.005)
    assert found.state == "closed"
    failed = next(one for one in caplog.records if one.levelname == "ERROR")
    assert vars(failed)["peer"] == code_of(found.id)
    assert "a bug in cryptography" in caplog.text


async def test_a_peer_that_stays_half_made_is_closed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "ESTABLISH_S", 0.05)
    client = Client(VIEWER)
    hall.clients.append(client)
    found, _ = hall.server.connect(client.offer, identity(publish=False))
    async with asyncio.timeout(5):
        while hall.server.counters().peers:
            await asyncio.sleep(0.005)
    assert found.state == "closed"


async def test_peers_gone_without_a_word_are_closed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = await hall.viewer()
    monkeypatch.setattr(peers, "GONE_S", 0.05)
    while hall.server.counters().peers:
        await asyncio.sleep(0.005)
    assert hall.server.peer(hall.peer(viewer).id) is None


async def test_closing_the_page_ends_the_peer(hall: Hall) -> None:
    viewer = await hall.viewer()
    assert viewer.dtls is not None
    await viewer.dtls.close()
    while hall.server.counters().peers:
        await asyncio.sleep(0.005)
    await hall.server.disconnect(hall.peer(viewer).id)


def offer() -> str:
    """Return the offer of a viewer that never comes."""
    return offer_text(VIEWER, ufrag="u", password="p")


async def test_too_many_peers_of_one_site_and_of_all(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MAX_PEERS_PER_SITE", 1)
    hall.server.connect(offer(), identity("ha-noi", client="tab"))
    hall.server.connect(offer(), identity("ha-noi", client="tab"))
    with pytest.raises(MediaError) as refused:
        hall.server.connect(offer(), identity("ha-noi", client="other"))
    assert refused.value.code is Code.TOO_MANY_PEERS
    monkeypatch.setattr(peers, "MAX_PEERS", 1)
    with pytest.raises(MediaError):
        hall.server.connect(offer(), identity("dien-bien"))


async def test_too_many_peers_of_one_token(hall: Hall) -> None:
    moderator = identity(role=Role.MODERATOR, token="moderator")
    for _ in range(peers.MAX_PEERS_PER_TOKEN):
        hall.server.connect(offer(), moderator)
    with pytest.raises(MediaError) as refused:
        hall.server.connect(offer(), moderator)
    assert refused.value.code is Code.TOO_MANY_PEERS
    hall.server.connect(offer(), identity(role=Role.MODERATOR, token="another"))


async def test_viewers_of_a_stage_token_leave_room_for_those_who_work(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MAX_PEERS", 20)
    monkeypatch.setattr(peers, "RESERVED_PEERS", 2)
    stage = identity(role=Role.STAGE, token="stage")
    for _ in range(18):  # one shared token: its limit is not that of a person's
        hall.server.connect(offer(), stage)
    with pytest.raises(MediaError) as refused:
        hall.server.connect(offer(), stage)
    assert refused.value.code is Code.TOO_MANY_PEERS
    hall.server.connect(offer(), identity("ha-noi"))
    hall.server.connect(offer(), identity(role=Role.TECHNICIAN))
    with pytest.raises(MediaError):
        hall.server.connect(offer(), identity(role=Role.MODERATOR))


async def test_peers_of_a_withdrawn_link_are_ended(hall: Hall) -> None:
    revoked = await hall.join(Client(VIEWER), identity(role=Role.STAGE, token="revoked"))
    kept = await hall.join(Client(VIEWER), identity(role=Role.STAGE, token="kept"))
    half = hall.server.connect(offer(), identity(role=Role.STAGE, token="revoked"))[0]
    assert kept.srtp is not None
    assert hall.server.end_where(lambda who: who.token_key == "revoked") == 2
    assert hall.server.end_where(lambda who: who.token_key == "revoked") == 0
    await asyncio.wait_for(revoked.closed.wait(), 5)
    assert half.state == hall.peer(revoked).state == "closed"
    assert hall.server.peer(hall.peer(kept).id) is hall.peer(kept)
    assert hall.server.counters().peers == 1
    assert not kept.closed.is_set()
