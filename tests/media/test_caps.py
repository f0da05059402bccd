"""What the server tells publishers beside loss: caps, and the loss of those who listen."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bridge.media.feedback import MAX_FEC
from bridge.media.server import MediaServer, Routes
from bridge.rtp.rtcp import ReceiverReport, Remb, ReportBlock
from tests.media.client import PUBLISHER, Client, audio, video
from tests.media.conftest import Hall, Observed, identity


def rembs(client: Client) -> list[int]:
    return [packet.bitrate for packet in client.rtcp if isinstance(packet, Remb)]


def fractions(client: Client, ssrc: int) -> list[int]:
    """Return what was said of the loss of one stream."""
    reports = [packet for packet in client.rtcp if isinstance(packet, ReceiverReport)]
    return [b.fraction_lost for report in reports for b in report.reports if b.ssrc == ssrc]


@pytest_asyncio.fixture
async def capped() -> AsyncIterator[Hall]:
    """A hall whose event file has a cap."""
    observed = Observed()
    server = MediaServer(
        host="127.0.0.1", port=0, public_addresses=[], observer=observed, site_kbps=900
    )
    await server.start()
    hall = Hall(server, observed)
    yield hall
    for client in hall.clients:
        await client.close()
    await server.close()


async def test_nobody_is_told_of_a_cap_that_is_not(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await hall.frames(publisher, 1, 2)
    await publisher.until(lambda: any(isinstance(p, ReceiverReport) for p in publisher.rtcp))
    assert rembs(publisher) == []
    assert hall.server.link_samples("plenary")["ha-noi"].cap_kbps == 0


async def test_a_cap_is_told_again_and_again_and_taken_away(hall: Hall) -> None:
    publisher, other = await hall.publisher("ha-noi"), await hall.publisher("dien-bien")
    await hall.frames(publisher, 1, 2)
    hall.server.cap("plenary", "ha-noi", 400)
    await publisher.until(lambda: rembs(publisher)[-2:] == [400_000] * 2)
    assert hall.server.link_samples("plenary")["ha-noi"].cap_kbps == 400
    hall.server.cap("plenary", "ha-noi", 0)
    await publisher.until(lambda: rembs(publisher)[-1] > 50_000_000)
    assert hall.server.link_samples("plenary")["ha-noi"].cap_kbps == 0
    assert rembs(other) == []


async def test_who_comes_later_is_capped_too(hall: Hall) -> None:
    hall.server.cap("plenary", "ha-noi", 400)
    publisher = await hall.publisher("ha-noi")
    await publisher.until(lambda: rembs(publisher) == [400_000])


async def test_the_event_may_cap_all_and_a_technician_one(capped: Hall) -> None:
    publisher, other = await capped.publisher("ha-noi"), await capped.publisher("dien-bien")
    await publisher.until(lambda: rembs(publisher) == [900_000])
    capped.server.cap("plenary", "ha-noi", 2_000)
    await publisher.until(lambda: rembs(publisher)[-1] == 2_000_000)
    await other.until(lambda: len(rembs(other)) > 1)
    assert set(rembs(other)) == {900_000}


async def test_an_encoder_of_sound_hears_of_the_loss_of_listeners(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    listeners = [await hall.viewer(), await hall.viewer()]
    hall.server.apply("plenary", Routes("ha-noi", microphones=("ha-noi",)))
    await hall.sound(publisher, 1, *[b"sound"] * 5)
    await hall.frames(publisher, 1, 2)
    sent = ReportBlock(
        ssrc=0,
        fraction_lost=0,
        cumulative_lost=0,
        highest_sequence=9,
        jitter=0,
        lsr=0,
        dlsr=0,
    )
    for listener, lost in zip(listeners, (10, 30), strict=True):
        await listener.until(lambda listener=listener: bool(audio(listener) and video(listener)))  # type: ignore[misc]
        about = {packet.header.ssrc for packet in (*audio(listener), *video(listener))}
        blocks = tuple(dataclasses.replace(sent, ssrc=one, fraction_lost=lost) for one in about)
        listener.send_rtcp(ReceiverReport(1, blocks))
    sound, picture = [s.ssrc for s in hall.peer(publisher).uplink.sources.values()]
    await publisher.until(lambda: 30 in fractions(publisher, sound))
    assert set(fractions(publisher, picture)) == {0}, "for pictures there are repairs"
    listeners[0].send_rtcp(
        ReceiverReport(
            1,
            tuple(
                dataclasses.replace(sent, ssrc=packet.header.ssrc, fraction_lost=200)
                for packet in audio(listeners[0])[:1]
            ),
        )
    )
    await publisher.until(lambda: MAX_FEC in fractions(publisher, sound))


async def test_a_publisher_that_only_hears_is_capped_without_harm(hall: Hall) -> None:
    hall.server.cap("plenary", "ha-noi", 100)
    silent = await hall.join(Client(PUBLISHER), identity("ha-noi"))
    await asyncio.sleep(0)
    await silent.until(lambda: rembs(silent) == [100_000])
    assert hall.peer(silent).state == "connected"


@pytest.mark.parametrize("site", ["", "nowhere"])
async def test_a_cap_for_nobody_changes_nothing(hall: Hall, site: str) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.cap("plenary", site, 100)
    assert hall.peer(publisher).cap_bps is None
    assert hall.peer(viewer).cap_bps is None
