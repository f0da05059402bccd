"""A slate as media, tick by tick without a network: what is due, when, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from bridge.media.answer import CAMERA
from bridge.media.counters import MediaCounters
from bridge.media.feedback import KEY_THROTTLE_S, TICK_S
from bridge.media.pictures import Pictures
from bridge.media.router import Shown
from bridge.media.sink import Sink
from bridge.media.slate import MAX_PAYLOAD, PACKETS_PER_TICK, REPEAT_S, Slate
from bridge.media.source import FORGET_S, SILENCE_S, Track
from bridge.media.uplink import Uplink
from bridge.rtp import vp8
from bridge.rtp.packet import parse_header
from bridge.slates.still import Still
from tests.media.client import vp8_delta, vp8_key
from tests.media.test_engine import (
    H264_CODEC,
    VP8_CODEC,
    Net,
    Rig,
    make_rig,
    make_sink,
    make_track,
)

KEY = bytes(range(256)) * 20  # five packets
STILL = Still(
    vp8=KEY, h264=(((b"\x67sps", b"\x68pps", b"\x65" + KEY)), ((b"\x67sps", b"\x65other")))
)
PACKETS = -(-len(KEY) // (MAX_PAYLOAD - 6))


class Clock:
    """Ticks of a slate whose packets go to a rig's engine, as ``MediaSession.tick`` lets them."""

    def __init__(self, rig: Rig, slate: Slate) -> None:
        self.rig = rig
        self.slate = slate
        self.now = 100.0
        self.forwarded = 0
        self.began: list[float] = []

    def tick(self, seconds: float = TICK_S) -> None:
        """Let *seconds* pass, in ticks."""
        for _ in range(round(seconds / TICK_S)):
            packets = 0
            for source, packet, starts in self.slate.due(self.now):
                if starts:
                    self.began.append(self.now)
                    for sink in source.track.subscribers if source.track.pending else ():
                        if sink.source is not source:
                            sink.attach(packet, source, self.now)
                    source.track.pending = False
                self.rig.engine.forward(source, packet)
                packets += 1
            assert packets <= PACKETS_PER_TICK * 2
            self.forwarded += packets
            self.now += TICK_S

    def watch(self, sink: Sink) -> Track:
        track = self.slate.track_for(sink)
        assert track is not None
        sink.follow(track, self.now)
        return track


@pytest.fixture
def rig() -> Rig:
    return make_rig()


@pytest.fixture
def clock(rig: Rig) -> Clock:
    return Clock(rig, Slate(STILL))


def pictures(payloads: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and data of each whole VP8 picture."""
    data, number = b"", -1
    for payload in payloads:
        found = vp8.parse_descriptor(payload)
        assert found is not None
        assert found.picture_id is not None
        if found.frame_start:
            data, number = b"", found.picture_id
        assert found.picture_id == number
        data += payload[found.size :]
        if len(data) == len(KEY):
            yield number, data


def test_nothing_is_sent_while_nobody_watches(clock: Clock) -> None:
    clock.tick(3)
    assert clock.forwarded == 0
    assert clock.slate.idle


def test_a_picture_at_once_and_then_one_a_second(rig: Rig, clock: Clock) -> None:
    start = clock.now
    clock.watch(rig.sink)
    clock.tick(3 * REPEAT_S - TICK_S)
    assert [round(at - start, 1) for at in clock.began] == [0.0, REPEAT_S, 2 * REPEAT_S]
    assert clock.forwarded == 3 * PACKETS
    seen = list(pictures(rig.payloads()))
    assert [data for _, data in seen] == [KEY] * 3
    numbers = [number for number, _ in seen]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    headers = [parse_header(plain) for plain in rig.net.plain]
    assert [h.marker for h in headers] == ([False] * (PACKETS - 1) + [True]) * 3
    times = [h.timestamp for h in headers]
    assert len({*times[:PACKETS]}) == 1, "a picture has one time"
    assert (times[-1] - times[0]) & 0xFFFFFFFF == pytest.approx(2 * 90_000, abs=90_000 * 4 * TICK_S)
    assert max(len(plain) for plain in rig.net.plain) < 1200


def test_the_numbers_go_on_from_a_camera_and_back(rig: Rig, clock: Clock) -> None:
    camera = make_track()
    source = camera.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(camera, clock.now)
    for number in range(1, 4):
        rig.feed(
            source, number, vp8_key(number) if number == 1 else vp8_delta(number), now=clock.now
        )
    clock.watch(rig.sink)
    assert rig.sink.source is source, "the camera goes on until the slate can start"
    clock.tick(REPEAT_S + 0.5)
    rig.sink.follow(camera, clock.now)
    assert rig.sink.source is not source, "and the slate until the camera's key frame"
    rig.feed(source, 4, vp8_delta(4), now=clock.now)
    clock.tick(REPEAT_S)
    rig.feed(source, 5, vp8_key(5), now=clock.now)
    rig.feed(source, 6, vp8_delta(6), now=clock.now)
    clock.tick(2 * REPEAT_S)
    sequences = rig.sequences()
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert len(sequences) == 3 + 3 * PACKETS + 2, "no delta before the key, no slate after it"
    found = [vp8.parse_descriptor(payload) for payload in rig.payloads()]
    for numbers in ([f.picture_id for f in found if f], [f.tl0_index for f in found if f]):
        assert list(dict.fromkeys(numbers)) == list(range(1, 9)), "three, three, two"
    times = [parse_header(plain).timestamp for plain in rig.net.plain]
    steps = [(b - a) & 0xFFFFFFFF for a, b in pairwise(times)]
    assert max(steps) <= 2 * 90_000, "no jump, neither ahead nor back"


def test_who_lost_a_picture_gets_one_sooner_but_not_without_end(rig: Rig, clock: Clock) -> None:
    clock.watch(rig.sink)
    start = clock.now
    clock.tick(0.1)
    source = rig.sink.source
    assert source is not None
    for _ in range(40):
        source.key_wanted = True
        clock.tick(0.05)
    gaps = [b - a for a, b in pairwise(clock.began)]
    assert gaps == [pytest.approx(KEY_THROTTLE_S, abs=TICK_S + 1e-6)] * len(gaps)
    assert len(gaps) == round((clock.now - start) / KEY_THROTTLE_S)


def test_63_viewers_cost_one_picture_even_if_they_come_one_after_the_other(clock: Clock) -> None:
    nets = [Net() for _ in range(63)]
    sinks = [make_sink(net, VP8_CODEC) for net in nets]
    counters = MediaCounters()
    clock.rig.engine._counters = counters
    for sink in sinks:
        clock.watch(sink)
        clock.tick(0.02)
    clock.tick(2.0)
    seconds = 63 * 0.02 + 2.0
    assert all(sink.source is not None for sink in sinks)
    assert clock.forwarded <= (seconds / KEY_THROTTLE_S + 1) * PACKETS
    before, counted = clock.forwarded, counters.packets_out
    clock.tick(10.0)
    assert clock.forwarded - before == 10 * PACKETS
    assert counters.packets_out - counted == 63 * 10 * PACKETS


def test_everybody_gets_a_codec_of_theirs(clock: Clock) -> None:
    net = Net()
    both, only = make_sink(net, VP8_CODEC, H264_CODEC), make_sink(net, H264_CODEC)
    assert clock.slate.track_for(both) is not clock.slate.track_for(only)
    assert Slate(Still(vp8=KEY)).track_for(only) is None
    # What shows H.264 already goes on in it.
    camera = make_track()
    source = camera.add(1, "", H264_CODEC, 0.0)
    both.follow(camera, 0.0)
    packet = source.receive(1, 0, 0x80, b"\x65idr", 0.0)
    assert packet is not None
    assert both.attach(packet, source, 0.0)
    assert clock.slate.track_for(both) is clock.slate.track_for(only)


def test_h264_pictures_take_turns(rig: Rig, clock: Clock) -> None:
    rig.sink.codecs.pop("vp8")
    clock.watch(rig.sink)
    clock.tick(3 * REPEAT_S - TICK_S)
    starts = [place for place, p in enumerate(rig.payloads()) if p == b"\x67sps"]
    assert len(starts) == 3
    assert rig.payloads()[starts[1] : starts[2]] == [b"\x67sps", b"\x65other"]
    whole = rig.payloads()[: starts[1]]
    assert whole[1] == b"\x68pps"
    assert b"".join(p[2:] for p in whole[2:]) == KEY
    assert {h.payload_type for h in map(parse_header, rig.net.plain)} == {H264_CODEC.payload_type}


def test_what_was_lost_is_resent_and_forgotten_when_nobody_asks_any_more(
    rig: Rig, clock: Clock
) -> None:
    clock.watch(rig.sink)
    clock.tick(0.2)
    lost = rig.sequences()[2]
    rig.engine.resend(rig.sink, (lost,), clock.now)
    repair = rig.payloads()[-1]
    assert repair == lost.to_bytes(2, "big") + rig.payloads()[2]
    rig.sink.follow(None, clock.now)
    clock.tick(FORGET_S - 0.5)
    assert not clock.slate.idle
    clock.tick(1.0)
    assert clock.slate.idle


# --- which sites are dark


class Cameras:
    """Cameras of sites that a test switches on and off."""

    def __init__(self) -> None:
        self.tracks: dict[str, Track] = {}
        self.wanted: list[str] = []
        self.pictures = Pictures(self.uplink, self.wanted.append)

    def uplink(self, site: str) -> Uplink | None:
        """Return what comes of *site*, None if nobody publishes for it."""
        if site not in self.tracks:
            return None
        uplink = Uplink((), MediaCounters(), lambda _source, _now: None)
        uplink.tracks[CAMERA] = self.tracks[site]
        return uplink

    def show(self, *sites: str) -> None:
        self.pictures.show([Shown(site) for site in sites])

    @property
    def dark(self) -> set[str]:
        assert {role for _, role in self.pictures.dark} <= {CAMERA}
        return {site for site, _ in self.pictures.dark}

    def send(self, site: str, now: float, ssrc: int = 1) -> None:
        track = self.tracks.setdefault(site, make_track())
        source = track.sources.get(ssrc) or track.add(ssrc, "", VP8_CODEC, now)
        assert source.receive(source.highest + 1, 0, 0, vp8_delta(1), now) is not None


def test_a_camera_is_dark_after_a_silence_and_light_with_its_first_packet() -> None:
    cameras = Cameras()
    seen = cameras.pictures
    cameras.send("dien-bien", 10.0)
    cameras.show("dien-bien", "")
    assert not seen.look(10.0 + SILENCE_S)
    assert seen.look(10.1 + SILENCE_S)
    assert cameras.dark == {"dien-bien"}
    assert not seen.look(20.0)
    cameras.send("dien-bien", 30.0, ssrc=2)
    assert seen.look(30.0)
    assert cameras.dark == set()


def test_who_was_never_seen_is_dark_at_once_and_who_left_after_the_silence() -> None:
    cameras = Cameras()
    seen = cameras.pictures
    cameras.send("dien-bien", 10.0)
    cameras.show("dien-bien", "son-la")
    seen.look(10.0)
    assert cameras.dark == {"son-la"}
    del cameras.tracks["dien-bien"]  # the page was closed; a reload is back in a moment
    assert not seen.look(11.0)
    cameras.tracks["dien-bien"] = make_track()  # back, but only its microphone
    assert not seen.look(11.4)
    assert seen.look(11.6)
    assert cameras.dark == {"dien-bien", "son-la"}
    cameras.show("lai-chau")
    seen.look(12.0)
    assert cameras.dark == {"lai-chau"}
    cameras.show("dien-bien")
    seen.look(12.0)
    assert cameras.dark == {"dien-bien"}, "it left before it was put on a slot again"


def test_a_still_is_wanted_before_it_is_needed_and_given_back_after() -> None:
    cameras = Cameras()
    seen = cameras.pictures
    sink = make_sink(Net(), VP8_CODEC)
    for _ in range(3):
        cameras.show("dien-bien")
        seen.look(5.0)
    assert cameras.wanted == ["dien-bien"]
    assert seen.choose(Shown("dien-bien", slate=True), sink) is None
    seen.put("dien-bien", STILL)
    track = seen.choose(Shown("dien-bien"), sink)
    assert track is not None
    assert seen.choose(Shown("dien-bien", slate=True), sink) is track
    assert seen.choose(Shown(), sink) is None
    seen.put("dien-bien", STILL)
    assert seen.choose(Shown("dien-bien"), sink) is track, "the first one stays"
    sink.follow(track, 5.0)
    cameras.show("son-la")
    assert list(seen.due(5.0)), "still watched: it goes on"
    sink.follow(None, 5.0)
    list(seen.due(6.0))
    cameras.show("dien-bien", "son-la")
    assert cameras.wanted == ["dien-bien", "son-la", "dien-bien"]


def test_a_dark_camera_without_a_still_is_followed_as_before() -> None:
    cameras = Cameras()
    seen = cameras.pictures
    sink = make_sink(Net(), H264_CODEC)
    cameras.send("dien-bien", 1.0)
    cameras.show("dien-bien")
    seen.look(9.0)
    assert cameras.dark
    assert seen.choose(Shown("dien-bien"), sink) is cameras.tracks["dien-bien"]
    seen.put("dien-bien", Still(vp8=KEY))
    assert seen.choose(Shown("dien-bien"), sink) is cameras.tracks["dien-bien"], "no H.264 in it"
