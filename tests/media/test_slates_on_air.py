"""Slates over real UDP: a lost picture is replaced, and comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from PIL import Image

from bridge.ids import Role
from bridge.media.server import Routes
from bridge.media.source import SILENCE_S
from bridge.rtp import h264, vp8
from bridge.rtp.rtcp import Nack, Pli
from tests.media.client import (
    H264,
    PUBLISHER,
    VIEWER,
    VP8_RTX,
    Client,
    Received,
    audio,
    video,
    vp8_delta,
    vp8_key,
)
from tests.media.conftest import Hall, identity
from tests.slates.pictures import annex_b, decoded, shows, still

DIEN_BIEN, SON_LA = "Điện Biên", "Sơn La"
NAMES = {"dien-bien": DIEN_BIEN, "son-la": SON_LA}
ON_AIR = Routes("dien-bien", "", ("dien-bien",))
WAIT_S = 40.0


def put(hall: Hall, *sites: str) -> None:
    """Give the server the slates of *sites*."""
    for site in sites:
        hall.server.put_slate("plenary", site, still(NAMES[site]))


def of_slate(packets: Sequence[Received]) -> list[Received]:
    """Return the packets that are not of the test's cameras: theirs have 15 or 65 bytes."""
    return [r for r in packets if len(r.payload) > 100]


def frames(packets: Sequence[Received]) -> list[bytes]:
    """Return whole VP8 pictures, in the order of their numbers."""
    data: dict[int, bytes] = {}
    ended: set[int] = set()
    for received in sorted(packets, key=lambda r: r.header.sequence):
        found = vp8.parse_descriptor(received.payload)
        assert found is not None
        assert found.picture_id is not None
        number = found.picture_id
        data[number] = data.get(number, b"") + received.payload[found.size :]
        if received.header.marker:
            ended.add(number)
    return [data[number] for number in sorted(ended)]


def pictures(client: Client, mid: str = "0") -> list[Image.Image]:
    """Return what a decoder shows of the slates that came."""
    return decoded("vp8", *frames(of_slate(video(client, mid))))


def sees(client: Client, site: str, mid: str = "0") -> Callable[[], bool]:
    """Return a condition: the newest picture is the slate of *site*."""
    others = [name for code, name in NAMES.items() if code != site]

    def condition() -> bool:
        seen = pictures(client, mid)
        return bool(seen) and shows(seen[-1], NAMES[site], others)

    return condition


async def until_slate(client: Client, site: str, mid: str = "0") -> None:
    """Wait for a whole slate, then decode it."""
    await client.until(lambda: len(frames(of_slate(video(client, mid)))) > 0, WAIT_S)
    assert sees(client, site, mid)()


async def test_a_camera_that_stops_is_replaced_and_comes_back(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", ON_AIR)
    await hall.frames(publisher, 1, 3)
    await viewer.until(lambda: len(video(viewer)) == 3)
    assert hall.observed.wanted == ["dien-bien"], "before it is needed"
    put(hall, "dien-bien", "son-la")
    await hall.sound(publisher, 1, b"one")
    await until_slate(viewer, "dien-bien")
    await hall.sound(publisher, 2, b"two", b"three")  # sound goes on under the slate
    await viewer.until(lambda: len(audio(viewer)) == 3)

    # The camera sends again, but its key frame is lost: asked for, not shown, the slate goes on.
    asked = sum(isinstance(p, Pli) for p in publisher.rtcp)
    count = 4
    while sum(isinstance(p, Pli) for p in publisher.rtcp) < asked + 2:
        publisher.send_rtp(publisher.packet(0, count, count * 3000, vp8_delta(count)))
        count += 1
        await asyncio.sleep(0.02)
    await hall.settle()
    before = len(frames(of_slate(video(viewer))))
    while len(frames(of_slate(video(viewer)))) == before:
        publisher.send_rtp(publisher.packet(0, count, count * 3000, vp8_delta(count)))
        count += 1
        await asyncio.sleep(0.02)
    assert [len(r.payload) for r in video(viewer)].count(len(vp8_delta(1))) == 2
    await hall.frames(publisher, count, 3)
    await viewer.until(lambda: video(viewer)[-1].payload[5:] == vp8_delta(1)[5:])

    seen = video(viewer)
    sequences = [r.header.sequence for r in seen]
    assert sequences == list(range(sequences[0], sequences[0] + len(seen))), "no gap"
    assert {r.header.ssrc for r in seen} == {viewer.ssrc(0)}
    steps = [(b.header.timestamp - a.header.timestamp) & 0xFFFFFFFF for a, b in pairwise(seen)]
    assert max(steps) < 90_000 * WAIT_S, "time never goes back"
    descriptors = [vp8.parse_descriptor(r.payload) for r in seen]
    for numbers in (
        [d.picture_id for d in descriptors if d],
        [d.tl0_index for d in descriptors if d],
    ):
        told = list(dict.fromkeys(numbers))
        assert told == list(range(1, len(told) + 1)), "numbers go on over both switches"
    assert len(frames(seen[-3:])) == 3
    assert hall.observed.switched == ["dien-bien"]


async def test_it_comes_back_with_its_very_first_packet_if_that_is_a_key_frame(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", ON_AIR)
    put(hall, "dien-bien")
    await hall.frames(publisher, 1, 1)
    await until_slate(viewer, "dien-bien")
    await hall.frames(publisher, 2, 1)
    await viewer.until(lambda: video(viewer)[-1].payload[5:] == vp8_key(2)[5:])


async def test_a_site_that_never_sent_a_picture_gets_its_slate_at_once(hall: Hall) -> None:
    hall.server.apply("plenary", ON_AIR)
    viewer = await hall.viewer()
    await viewer.until(lambda: hall.observed.wanted == ["dien-bien"])
    put(hall, "dien-bien")
    await until_slate(viewer, "dien-bien")
    publisher = await hall.publisher("dien-bien")
    await hall.sound(publisher, 1, b"a microphone alone is no picture")
    count = len(frames(of_slate(video(viewer))))
    await viewer.until(lambda: len(frames(of_slate(video(viewer)))) > count + 1, WAIT_S)
    await hall.frames(publisher, 1, 2)
    await viewer.until(lambda: video(viewer)[-1].payload[5:] == vp8_delta(2)[5:])


async def test_whoever_comes_late_sees_it(hall: Hall) -> None:
    hall.server.apply("plenary", ON_AIR)
    first = await hall.viewer()
    put(hall, "dien-bien")
    await until_slate(first, "dien-bien")
    late = await hall.viewer()
    await until_slate(late, "dien-bien")
    assert late.ssrc(0) != first.ssrc(0)


async def test_an_h264_viewer_sees_it(hall: Hall) -> None:
    hall.server.apply("plenary", ON_AIR)
    put(hall, "dien-bien")
    viewer = await hall.join(Client(VIEWER, vp8=False), identity(publish=False))
    put(hall, "dien-bien")

    def units() -> list[list[bytes]]:
        """Return the NAL units of each picture, put together again."""
        found: list[list[bytes]] = [[]]
        for received in viewer.rtp:
            if received.header.payload_type != H264:
                continue
            payload = received.payload
            if payload[0] & 31 != 28:
                found[-1].append(payload)
            elif payload[1] & 0x80:
                found[-1].append(bytes((payload[0] & 0xE0 | payload[1] & 31,)) + payload[2:])
            else:
                found[-1][-1] += payload[2:]
            if received.header.marker:
                found.append([])
        return found[:-1]

    await viewer.until(lambda: len(units()) >= 2, WAIT_S)
    assert {r.header.payload_type for r in viewer.rtp} == {H264}
    for picture in units()[:2]:
        assert [unit[0] & 31 for unit in picture] == [7, 8, 5]
        assert h264.frame_size(picture[0]) == (1280, 720)
    seen = decoded("h264", *(annex_b(picture) for picture in units()[:2]))
    assert len(seen) == 2
    assert all(shows(picture, DIEN_BIEN, [SON_LA]) for picture in seen)


async def test_a_slate_on_program_hides_a_camera_that_sends(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("dien-bien"))
    await hall.frames(publisher, 1, 2)
    await viewer.until(lambda: len(video(viewer)) == 2)
    hall.server.apply("plenary", Routes(program_slate="dien-bien"))
    put(hall, "dien-bien")
    await hall.frames(publisher, 3, 5)
    await until_slate(viewer, "dien-bien")
    count = len(video(viewer))
    await hall.frames(publisher, 8, 5)
    await viewer.until(lambda: len(video(viewer)) > count, WAIT_S)
    assert len(video(viewer)) - len(of_slate(video(viewer))) == 2
    hall.server.apply("plenary", Routes(program_slate="son-la"))
    put(hall, "son-la")
    await viewer.until(sees(viewer, "son-la"), WAIT_S)
    hall.server.apply("plenary", Routes("dien-bien"))
    await hall.frames(publisher, 13, 1)
    await viewer.until(lambda: video(viewer)[-1].payload[5:] == vp8_key(13)[5:])
    sequences = [r.header.sequence for r in video(viewer)]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert hall.observed.switched == ["dien-bien", "dien-bien"]


async def test_preview_and_monitor_show_slates_too(hall: Hall) -> None:
    who = identity(role=Role.MODERATOR, slots=("main", "preview", "monitor"), publish=False)
    director = await hall.join(Client(("video recvonly",) * 3), who)
    hall.server.apply("plenary", Routes(preview_slate="son-la"))
    hall.server.watch(hall.peer(director).id, "dien-bien")
    await director.until(lambda: True)
    put(hall, "son-la", "dien-bien")
    await until_slate(director, "son-la", "1")
    await until_slate(director, "dien-bien", "2")
    assert video(director, "0") == []
    hall.server.apply("plenary", Routes(preview="dien-bien"))
    await director.until(sees(director, "dien-bien", "1"), WAIT_S)


async def test_a_slate_not_made_yet_leaves_everything_as_it_was(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", ON_AIR)
    await hall.frames(publisher, 1, 2)
    await viewer.until(lambda: len(video(viewer)) == 2)
    hall.server.apply("plenary", Routes(program_slate="dien-bien"))
    await hall.frames(publisher, 3, 2)
    hall.server.apply("plenary", ON_AIR)
    await hall.frames(publisher, 5, 2)
    await viewer.until(lambda: len(video(viewer)) == 4)
    seen = [r.payload[5:] for r in video(viewer)]
    assert seen == [vp8_key(1)[5:], vp8_delta(1)[5:]] * 2
    hall.server.apply("plenary", Routes(program_slate="dien-bien"))
    put(hall, "dien-bien")
    await until_slate(viewer, "dien-bien")


async def test_what_is_lost_of_a_slate_is_resent(hall: Hall) -> None:
    hall.server.apply("plenary", ON_AIR)
    viewer = await hall.viewer()
    put(hall, "dien-bien")
    await until_slate(viewer, "dien-bien")
    lost = video(viewer)[3]
    viewer.send_rtcp(Nack(1, viewer.ssrc(0), (lost.header.sequence,)))
    await viewer.until(lambda: any(r.header.payload_type == VP8_RTX for r in viewer.rtp))
    repair = next(r for r in viewer.rtp if r.header.payload_type == VP8_RTX)
    assert repair.payload == lost.header.sequence.to_bytes(2, "big") + lost.payload
    assert repair.header.timestamp == lost.header.timestamp


async def test_a_site_whose_page_is_closed_gets_its_slate(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", ON_AIR)
    put(hall, "dien-bien")
    await hall.frames(publisher, 1, 2)
    await viewer.until(lambda: len(video(viewer)) == 2)
    await hall.server.disconnect(hall.peer(publisher).id)
    await until_slate(viewer, "dien-bien")
    again = await hall.publisher("dien-bien")
    await hall.frames(again, 1, 2)
    await viewer.until(lambda: video(viewer)[-1].payload[5:] == vp8_delta(1)[5:])


async def test_everybody_sees_it_even_if_a_newcomer_brings_it_to_light(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = await hall.publisher("dien-bien")
    first = await hall.viewer()
    hall.server.apply("plenary", ON_AIR)
    put(hall, "dien-bien")
    await hall.frames(publisher, 1, 2)
    await first.until(lambda: len(video(first)) == 2)
    with monkeypatch.context() as stopped:
        session = hall.server._sessions["plenary"]
        stopped.setattr(session, "tick", lambda _now: None)
        await asyncio.sleep(SILENCE_S + 0.1)
        second = await hall.viewer()
    await until_slate(second, "dien-bien")
    await until_slate(first, "dien-bien")


async def test_a_slate_says_nothing_of_a_link(hall: Hall) -> None:
    """A still has one frame a second: held against a camera, every link would look bad."""
    host = await hall.join(Client((*PUBLISHER, *VIEWER)), identity("son-la"))
    hall.server.apply("plenary", ON_AIR)
    put(hall, "dien-bien")
    hall.server.link_samples("plenary")
    await host.until(lambda: len(of_slate(video(host, "2"))) > 10, WAIT_S)
    down = hall.server.link_samples("plenary")["son-la"].down
    assert down.packets > 10
    assert (down.width, down.height, down.fps) == (0, 0, 0.0)


async def test_one_session_may_fail_without_stopping_the_others(
    hall: Hall, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.server.apply("plenary", ON_AIR)
    hall.server.apply("broken", ON_AIR)
    await hall.join(Client(VIEWER), identity(publish=False, session="broken"))
    viewer = await hall.viewer()

    def fail(_now: float) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(hall.server._sessions["broken"], "tick", fail)
    put(hall, "dien-bien")
    await until_slate(viewer, "dien-bien")
    assert "the pictures of session broken failed" in caplog.text
