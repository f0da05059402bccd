"""What the server observes of a site: connected, flowing, sound, key frames; over real UDP."""

from __future__ import annotations

import asyncio

from bridge.clock import monotonic
from bridge.ids import Role
from bridge.media import peer
from bridge.media.feedback import KEY_THROTTLE_S
from bridge.media.router import RETURN_S
from bridge.media.server import Routes, Signal
from bridge.media.signals import FLOWING_S, read_signals
from bridge.rtp.rtcp import Pli
from tests.media.client import LEVEL_ID, PUBLISHER, URIS, VIEWER, Client, vp8_delta, vp8_key
from tests.media.conftest import Hall, identity

SPEECH = bytes(80)


def signal(hall: Hall, site: str = "ha-noi") -> Signal:
    return hall.server.signals("plenary")[site]


def later(hall: Hall, seconds: float) -> Signal:
    """Return what would be seen if nothing came for *seconds* from now."""
    known = hall.server._sessions["plenary"]
    return read_signals(known.peers.values(), known.publishers, monotonic() + seconds)["ha-noi"]


async def speak(
    hall: Hall, client: Client, first: int, *, level: int | None, payload: bytes = SPEECH
) -> None:
    """Send five packets of audio."""
    for number in range(first, first + 5):
        client.send_rtp(client.packet(1, number, number * 960, payload, level=level))
    await hall.settle()


def key_frames_asked(client: Client) -> int:
    return sum(isinstance(packet, Pli) for packet in client.rtcp)


async def test_sites_with_a_device_have_a_signal_and_no_others(hall: Hall) -> None:
    assert hall.server.signals("plenary") == {}
    assert hall.server._sessions == {}, "looking makes nothing"
    await hall.viewer("dien-bien", role=Role.HOST)
    publisher = await hall.publisher("ha-noi")
    assert hall.server.signals("plenary") == {"ha-noi": Signal(connected=True)}
    await hall.server.disconnect(hall.peer(publisher).id)
    assert hall.server.signals("plenary") == {}


async def test_a_device_that_is_not_connected_yet(hall: Hall) -> None:
    early = Client(PUBLISHER)
    hall.clients.append(early)
    hall.server.connect(early.offer, identity("ha-noi"))
    assert signal(hall) == Signal()


async def test_sound_is_fresh_while_there_is_a_tone(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    began = monotonic()
    await speak(hall, publisher, 1, level=0x80 | 30)
    seen = signal(hall)
    assert began <= seen.sound_at == seen.audio_at <= monotonic()
    assert seen.flowing
    assert seen.key_frame_at == 0.0


async def test_silence_is_audio_but_no_sound(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await speak(hall, publisher, 1, level=0x80 | 127)
    seen = signal(hall)
    assert seen.flowing
    assert seen.audio_at > 0.0
    assert seen.sound_at == 0.0
    await speak(hall, publisher, 6, level=30)
    heard = signal(hall).sound_at
    await speak(hall, publisher, 11, level=127)
    seen = signal(hall)
    assert seen.sound_at == heard
    assert seen.audio_at > heard


async def test_without_levels_digital_silence_is_known_by_its_length(hall: Hall) -> None:
    uris = {number: uri for number, uri in URIS.items() if number != LEVEL_ID}
    publisher = await hall.join(Client(PUBLISHER, uris=uris), identity("ha-noi"))
    await speak(hall, publisher, 1, level=None, payload=b"\xf8\xff\xfe")
    assert signal(hall).audio_at > 0.0
    assert signal(hall).sound_at == 0.0
    await speak(hall, publisher, 6, level=None)
    assert signal(hall).sound_at == signal(hall).audio_at


async def test_what_stops_is_no_longer_flowing_and_later_not_connected(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    assert not signal(hall).flowing, "connected, but nothing came"
    await hall.frames(publisher, 1, 2)
    assert signal(hall).flowing
    assert signal(hall).audio_at == 0.0
    assert not later(hall, FLOWING_S + 0.01).flowing
    assert later(hall, FLOWING_S + 0.01).connected
    assert not later(hall, peer.CONNECTED_S + 0.01).connected
    async with asyncio.timeout(10):
        while signal(hall).flowing:
            await publisher.check()  # the link lives, but that is no media
            await asyncio.sleep(0.02)
    assert signal(hall).connected
    await speak(hall, publisher, 1, level=127)
    assert signal(hall).flowing, "sound alone will do"


async def test_a_check_keeps_a_silent_device_connected(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    hall.peer(publisher).endpoint.heard -= 2 * peer.CONNECTED_S
    assert not signal(hall).connected
    await publisher.check()
    async with asyncio.timeout(5):
        while not signal(hall).connected:  # the thread may have answered, and tells of it
            await asyncio.sleep(0.005)


async def test_a_key_frame_comes_when_it_is_asked_for_though_nobody_watches(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    hall.server.request_key_frame("plenary", "ha-noi")  # nothing came: there is no one to ask
    publisher.send_rtp(publisher.packet(0, 1, 3000, vp8_delta(1)))
    await hall.settle()
    assert signal(hall).key_frame_at == 0.0
    hall.server.request_key_frame("plenary", "ha-noi")
    await publisher.until(lambda: key_frames_asked(publisher) == 1)
    asked = next(packet for packet in publisher.rtcp if isinstance(packet, Pli))
    assert asked.media == 1000
    before = monotonic()
    publisher.send_rtp(publisher.packet(0, 2, 6000, vp8_key(2)))
    await hall.settle()
    came = signal(hall).key_frame_at
    assert before <= came <= monotonic()
    publisher.send_rtp(publisher.packet(0, 3, 9000, vp8_delta(3)))
    await hall.settle()
    assert signal(hall).key_frame_at == came


async def test_a_lost_request_is_repeated_but_not_at_every_call(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await hall.frames(publisher, 1, 1)
    for _ in range(20):
        hall.server.request_key_frame("plenary", "ha-noi")
    assert hall.server.counters().plis_out == 1
    source = hall.peer(publisher).uplink.sources[1000]
    source.key_asked -= KEY_THROTTLE_S
    hall.server.request_key_frame("plenary", "ha-noi")
    assert hall.server.counters().plis_out == 2


async def test_of_simulcast_the_layer_that_is_forwarded_is_asked(hall: Hall) -> None:
    publisher = await hall.join(Client(PUBLISHER, rids=("q", "f")), identity("ha-noi"))
    for payload in (vp8_delta, vp8_key):
        for rid, ssrc, size in (("q", 21, (320, 180)), ("f", 22, (1280, 720))):
            number = 1 if payload is vp8_delta else 2
            data = vp8_key(2, size) if payload is vp8_key else vp8_delta(1)
            publisher.send_rtp(publisher.packet(0, number, 3000, data, ssrc=ssrc, rid=rid))
        await hall.settle()
        hall.server.request_key_frame("plenary", "ha-noi")
        for source in hall.peer(publisher).uplink.sources.values():
            source.key_asked = -1.0
    await publisher.until(lambda: key_frames_asked(publisher) == 3)
    asked = [packet.media for packet in publisher.rtcp if isinstance(packet, Pli)]
    assert asked == [21, 22, 22], "both before one is chosen, then the large one"


async def test_nobody_is_asked_for_a_site_that_is_not_there(hall: Hall) -> None:
    hall.server.request_key_frame("elsewhere", "ha-noi")
    await hall.join(Client(VIEWER), identity("ha-noi", publish=False))
    hall.server.request_key_frame("plenary", "ha-noi")
    speaker = await hall.join(Client(("audio sendonly",)), identity("dien-bien"))
    speaker.send_rtp(speaker.packet(0, 1, 960, SPEECH, level=30))
    await hall.settle()
    hall.server.request_key_frame("plenary", "dien-bien")
    assert hall.server.counters().plis_out == 0
    assert signal(hall, "dien-bien").key_frame_at == 0.0


async def test_key_frames_of_slides_are_not_the_cameras(hall: Hall) -> None:
    publisher = await hall.join(Client((*PUBLISHER, "video sendonly")), identity("ha-noi"))
    publisher.send_rtp(publisher.packet(2, 1, 3000, vp8_key(1)))
    await hall.settle()
    assert signal(hall).flowing
    assert signal(hall).key_frame_at == 0.0


async def test_the_facts_are_those_of_the_new_publisher(hall: Hall) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("ha-noi")
    await hall.frames(first, 1, 1)
    await speak(hall, first, 1, level=30)
    await speak(hall, second, 1, level=127)
    before = signal(hall)
    assert before.sound_at > 0.0
    assert before.key_frame_at > 0.0
    hall.server.use_device(hall.peer(second).id, Role.HOST)
    after = signal(hall)
    assert after.sound_at == after.key_frame_at == 0.0
    assert after.audio_at > before.audio_at
    await speak(hall, first, 6, level=30)
    assert signal(hall).sound_at == 0.0, "the other device is heard by nobody"
    await hall.server.disconnect(hall.peer(second).id)
    assert signal(hall).sound_at > before.sound_at


async def test_a_site_whose_publisher_went_silent_shows_the_device_that_takes_over(
    hall: Hall,
) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("ha-noi")
    await hall.frames(first, 1, 1)
    numbers = iter(range(1, 10_000))
    async with asyncio.timeout(10 + FLOWING_S + RETURN_S):
        while signal(hall).sound_at == 0.0:
            await speak(hall, second, next(numbers) * 5, level=30)
            await asyncio.sleep(0.02)
    assert signal(hall).flowing
    assert signal(hall).key_frame_at == 0.0


async def test_a_watched_camera_is_observed_as_well(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi", "", ("ha-noi",)))
    await hall.frames(publisher, 1, 3)
    await speak(hall, publisher, 1, level=30)
    seen = signal(hall)
    assert 0.0 < seen.key_frame_at <= seen.sound_at
