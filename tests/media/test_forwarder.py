"""The native engine's thread: what it forwards, and that it does so whatever Python does."""

from __future__ import annotations

import asyncio
import gc
import itertools
import socket
import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bridge.media.batch import sockaddr
from bridge.media.engine_native import NativeEngine
from bridge.media.mux import Endpoint
from bridge.media.packets import Packet
from bridge.media.router import Routes
from bridge.media.session import MediaSession
from bridge.media.sink import Sink
from bridge.media.source import Source
from bridge.media.srtp import SrtpPair
from bridge.rtp.packet import parse_header
from bridge.rtp.rtcp import Nack
from tests.media.client import vp8_delta, vp8_key
from tests.media.conftest import Hall
from tests.media.kernel import THREADS
from tests.media.test_engine import H264_CODEC, VP8_CODEC, Net
from tests.media.test_native import DESCRIPTORS, World, play, recorded, worlds
from tests.rtp.reference import build_header

CAMERA_ADDRESS = ("192.0.2.77", 7777)
REPORTER = 77


@dataclass
class Camera:
    """A peer that sends, without a session: what comes of it goes to *world*."""

    world: Relayed
    net: Net = field(default_factory=Net)

    def __post_init__(self) -> None:
        self.endpoint = Endpoint(lambda: None, lambda _: None, lambda _data, _now: True)
        self.endpoint.address = CAMERA_ADDRESS
        self.srtp: SrtpPair | None = self.net.inbound
        self.plain: list[bytes] = []

    def on_plain(self, plain: bytes, _now: float) -> None:
        self.plain.append(plain)

    def on_report(self, compound: bytes, _now: float) -> None:
        self.plain.append(compound)

    def on_taken(
        self, source: Source, packet: Packet, plain: bytes, _size: int, now: float
    ) -> None:
        header = parse_header(plain)
        packet.timestamp, packet.marker = header.timestamp, header.marker << 7
        packet.payload = plain[header.payload_offset : header.payload_end]
        source.took(packet, header.sequence, now)
        self.world.took(source, packet)


@dataclass
class Watcher:
    """A peer that watches one slot, with keys of its own for what it reports."""

    sink: Sink
    net: Net = field(default_factory=Net)
    reports: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.endpoint = self.sink.endpoint
        self.srtp: SrtpPair | None = self.net.inbound

    def on_report(self, compound: bytes, _now: float) -> None:
        self.reports.append(compound)

    def on_plain(self, plain: bytes, _now: float) -> None:
        raise AssertionError(plain)

    def on_taken(self, *_: object) -> None:
        raise AssertionError


class Relayed(World):
    """A world whose packets come to the core as datagrams."""

    engine: NativeEngine
    unheard = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.camera = Camera(self)
        self.engine.admit(self.camera)
        for source in self.sources:
            self.engine.adopt(self.camera, source)
            source.keep(0.0)
        self.engine._datagram = self.arrived
        self.watchers = [Watcher(sink) for sink in self.sinks]
        for watcher in self.watchers:
            self.engine.admit(watcher)
            self.engine.expect(watcher, REPORTER)

    def arrived(self, data: bytes, _address: object, at: float) -> None:
        """Take what the core does not know, as the first packet of each source, as a peer does."""
        assert self.camera.srtp is not None
        plain = self.camera.srtp.unprotect(data)
        assert plain is not None
        header = parse_header(plain)
        source = next(source for source in self.sources if source.ssrc == header.ssrc)
        payload = plain[header.payload_offset : header.payload_end]
        marker = header.marker << 7
        packet = source.receive(header.sequence, header.timestamp, marker, payload, at)
        if packet is not None:
            self.took(source, packet)

    def took(self, source: Source, packet: Packet) -> None:
        track = source.track
        if not source.video or (packet.payload and source.is_key(packet.payload)):
            track.elect(source, self.now)
            if track.pending and source.can_start(packet):
                for sink in track.waiting(source, self.now):
                    if not sink.attach(packet, source, self.now):
                        sink.detach(self.now)
        self.engine.forward(source, packet)

    def feed(self, which: int, number: int, payload: bytes) -> None:
        self.now += 0.01
        source = self.sources[which]
        header = build_header(
            source.codec.payload_type,
            bool(number % 3),
            number & 0xFFFF,
            (0xFFFF_F000 + number * 3000) & 0xFFFFFFFF,
            source.ssrc,
            has_ext=False,
        )
        self.datagram(header + payload)
        if number % self.every == 0:
            self.settle()

    def datagram(self, packet: bytes) -> None:
        data = self.camera.net.outbound.protect(packet)
        if data is None:
            self.unheard += 1  # after too far a jump nobody could encrypt it
            return
        self.engine.core.receive(data, sockaddr(CAMERA_ADDRESS, six=False), self.now)

    def datagram_at(self, number: int) -> None:
        """Let a packet of sound come, ten milliseconds after the one before."""
        self.now += 0.01
        source = self.sources[2]
        header = build_header(
            source.codec.payload_type, False, number, number * 960, source.ssrc, has_ext=False
        )
        self.datagram(header + b"sound")

    def asked(self, sink: Sink, sequences: tuple[int, ...]) -> None:
        compound = Nack(REPORTER, sink.ssrc, sequences).to_bytes()
        watcher = self.watchers[self.sinks.index(sink)]
        same = [other for other in self.sinks if other.endpoint.address == sink.endpoint.address]
        if len(same) > 1:
            # Nobody knows where it is: the event loop decrypts its reports.
            self.engine.answer(watcher, compound, self.now)
        else:
            self.report(watcher, compound)
        self.settle()

    def report(self, watcher: Watcher, compound: bytes) -> None:
        """Let a compound come as a datagram."""
        data = watcher.net.outbound.protect_rtcp(compound)
        assert data is not None
        address = watcher.endpoint.address
        assert address is not None
        self.engine.core.receive(data, sockaddr(address, six=False), self.now)

    def settle(self) -> None:
        self.engine.core.settle()
        self.engine.look(self.now)

    def moved(self, sink: Sink) -> None:
        self.engine.moved(sink.endpoint)


def relayed(threads: int = THREADS) -> tuple[World, Relayed]:
    """Return two worlds with the same keys and numbers, one of each kind."""
    python, native = worlds()
    native.engine.close()
    return python, Relayed("native", python.key, python, threads=threads)


def told(world: World) -> tuple[Any, ...]:
    """Return what viewers got, each in its order, and what was counted."""
    sinks = [(sink.packets, sink.octets, sink.bytes, sink.resent) for sink in world.sinks]
    counters = world.counters
    numbers = [(source.highest, source.timestamp, source.arrived) for source in world.sources]
    return (
        sorted(world.by_viewer),
        sinks,
        numbers,
        (counters.packets_out, counters.bytes_out, counters.resent),
    )


#: As in test_native.py, without what cannot happen to a slot that a thread has.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("key"), st.integers(0, 2), st.sampled_from(DESCRIPTORS)),
        st.tuples(st.just("delta"), st.integers(0, 2), st.sampled_from(DESCRIPTORS)),
        st.tuples(st.just("lose"), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("late"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("jump"), st.integers(0, 1), st.sampled_from((700, 30_000, 65_000))),
        st.tuples(st.just("follow"), st.integers(0, 5), st.integers(0, 2)),
        st.tuples(st.just("leave"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 5), st.integers(1, 65_535)),
        st.tuples(st.just("resend"), st.integers(0, 5), st.integers(0, 30)),
        st.tuples(st.just("codec"), st.integers(0, 1), st.just(0)),
        st.tuples(
            st.just("ask"),
            st.integers(0, 5),
            st.lists(st.integers(-2, 20), min_size=1, max_size=30, unique=True),
        ),
        st.tuples(st.just("wait"), st.just(0), st.sampled_from((0.01, 0.04, 3.0))),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@example(
    [
        *(("key", 0, "short"), ("codec", 0, 0), ("key", 0, "none")),
        *(("codec", 0, 0), ("key", 0, "short")),
    ]
)
@given(STEPS)
def test_the_thread_sends_the_same_bytes_as_the_python_engine(
    steps: list[tuple[str, int, Any]],
) -> None:
    python, native = relayed()
    play(python, steps)
    play(native, steps)
    assume(not native.unheard)
    assert told(native) == told(python)


def test_a_recorded_camera_and_its_sound_come_out_alike() -> None:
    python, native = relayed()
    packets = list(recorded(3))
    for world in (python, native):
        play(world, [])
        for which, number, payload in packets:
            world.feed(which, number, payload)
            if number % 40 == 0:
                world.sinks[1].detach(world.now)
                world.tracks[0].pending = True
    assert told(native) == told(python)
    assert not native.unheard
    assert len(native.net.sent) > 300
    assert len(native.net.plain) == len(native.net.sent), "viewers can read all of it"


def test_a_picture_leaves_with_its_last_packet_as_one_message() -> None:
    _, world = relayed()
    play(world, [("key", 0, "long+tl0")])
    world.settle()
    before = len(world.net.messages)
    world.every = 1 << 30
    world.feed(0, 65_502, vp8_delta(1) + bytes(1000))  # a multiple of 3: without marker
    world.feed(0, 65_503, vp8_delta(1) + bytes(1000))
    world.settle()
    assert world.net.messages[before:] == [2, 2, 2], "two packets to each of three viewers"


def test_a_slot_that_comes_late_gets_everything_from_the_key_frame_on() -> None:
    _, world = relayed()
    play(world, [])
    world.feed(0, 65_499, vp8_delta(65_499))
    world.every = 1 << 30
    sink = world.sinks[0]
    for number in range(65_500, 65_520):
        world.feed(0, number, vp8_key(number) if number == 65_505 else vp8_delta(number))
    world.engine.core.settle()
    assert world.net.sent == []
    world.settle()  # only now the event loop hears of the key frame
    numbers = sorted(
        (parse_header(plain).sequence - sink.segments[0].sequence) & 0xFFFF
        for plain in world.net.plain
        if parse_header(plain).ssrc == sink.ssrc
    )
    assert numbers == list(range(7, 22)), "of 21 packets those from the seventh on"


def test_what_follows_the_first_packet_is_not_numbered_before_it() -> None:
    _, world = relayed()
    play(world, [])
    sink, source = world.sinks[0], world.sources[0]
    world.every = 1 << 30
    for number in (65_501, 65_502):
        world.feed(0, number, vp8_delta(number))  # while the event loop has the first one
    first = source.receive(65_500, 0, 0x80, vp8_key(1), world.now)
    assert first is not None
    world.took(source, first)
    world.feed(0, 65_503, vp8_delta(4))  # nor what follows those
    world.settle()
    world.feed(0, 65_504, vp8_delta(5))
    world.engine.core.settle()
    numbers = [(sequence - sink.segments[0].sequence) & 0xFFFF for sequence in came(world, sink)]
    assert numbers == [1, 2, 3, 4, 5], "the last one by the thread"


def test_a_slot_begins_with_the_packet_it_is_attached_at() -> None:
    """Though it came by the event loop, and others have passed it on their way."""
    _, world = relayed()
    play(world, [("delta", 0, "long")])
    source, sink = world.sources[0], world.sinks[0]
    key = source.receive(65_501, 3000, 0x80, vp8_key(2), world.now)
    assert key is not None
    world.every = 1 << 30
    world.feed(0, 65_502, vp8_delta(3))
    world.engine.core.settle()
    world.took(source, key)
    world.settle()
    numbers = [(sequence - sink.segments[0].sequence) & 0xFFFF for sequence in came(world, sink)]
    assert numbers == [2, 3], "each once, and in order"


def came(world: World, sink: Sink) -> list[int]:
    """Return the sequence numbers that a viewer got, in their order."""
    headers = map(parse_header, world.net.plain)
    return [header.sequence for header in headers if header.ssrc == sink.ssrc]


def test_packets_of_another_payload_type_are_left_to_the_event_loop() -> None:
    _, world = relayed()
    source = world.sources[0]
    assert source.codec is VP8_CODEC
    world.feed(0, 4, vp8_delta(4))
    header = build_header(H264_CODEC.payload_type, True, 5, 0, source.ssrc, has_ext=False)
    world.datagram(header + b"\x65picture")
    world.settle()
    assert world.camera.plain == [header + b"\x65picture"]
    assert source.highest == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x80\x60" + bytes(9),
        b"\x80\x60" + bytes(2000),
        b"\x00\x01" + bytes(30),
        bytes((22,)) + bytes(40),
        b"\x80\xc8" + bytes(40),
    ],
)
def test_what_is_no_packet_of_a_known_stream_is_passed_on_as_it_came(data: bytes) -> None:
    _, world = relayed()
    seen: list[tuple[bytes, Any, float]] = []
    world.engine._datagram = lambda *came: seen.append(came)
    world.engine.core.receive(data, sockaddr(CAMERA_ADDRESS, six=False), 3.5)
    world.settle()
    assert seen == [(data, CAMERA_ADDRESS, 3.5)]


def test_a_forged_packet_of_a_known_stream_is_counted_and_forgotten() -> None:
    _, world = relayed()
    world.feed(0, 4, vp8_delta(4))
    header = build_header(VP8_CODEC.payload_type, True, 5, 0, 1, has_ext=False)
    world.engine.core.receive(header + bytes(60), sockaddr(CAMERA_ADDRESS, six=False), 1.0)
    world.settle()
    assert world.counters.drops == {"srtp_refused": 1}
    assert world.camera.plain == []
    assert world.sources[0].highest == 1


@pytest.fixture
def engine() -> str:
    """Only the native one has a thread; without it this file is not collected."""
    return NativeEngine.name


def test_whoever_has_much_to_hear_yet_knows_that_it_is_behind() -> None:
    _, world = relayed()
    play(world, [])
    for number in range(600):
        world.datagram_at(number)
    behind = [world.engine.look(world.now) for _ in range(4)]
    assert behind == [True, True, False, False], "256 at a time, ten milliseconds each"
    for number in range(600, 900):
        world.datagram_at(number)
    assert not world.engine.look(world.now), "more waits, but it is no older than half a second"


async def test_nobody_is_called_silent_by_who_is_behind(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, looked_after = itertools.count(), asyncio.Event()
    judged: list[int] = []

    def judge(_session: MediaSession, _now: float) -> None:
        judged.append(next(looks))
        looked_after.set()

    await hall.viewer()
    assert hall.server._engine is not None
    monkeypatch.setattr(hall.server._engine, "look", lambda _now: next(looks) < 9)
    monkeypatch.setattr(MediaSession, "supervise", judge)
    monkeypatch.setattr(MediaSession, "tick", judge)
    looked_after.clear()
    judged.clear()
    await asyncio.wait_for(looked_after.wait(), 10)
    assert judged[0] >= 10


def test_what_nobody_holds_any_more_is_collected_as_a_whole() -> None:
    _, world = relayed()
    play(world, [("key", 0, "long+tl0"), ("delta", 0, "long+tl0")])
    world.settle()
    engine = weakref.ref(world.engine)  # peers, streams and slots hold one another in cycles
    del world, _
    gc.collect()
    assert engine() is None


async def test_a_blocked_event_loop_loses_and_delays_nothing(hall: Hall) -> None:
    publisher, viewer = await hall.publisher("ha-noi"), await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 3)
    await viewer.until(lambda: viewer.received == 3)

    count, arrived = 40, 0
    done = threading.Event()

    def watch() -> None:
        """Read what comes while the event loop stands still."""
        nonlocal arrived
        own = socket.socket(fileno=socket.dup(viewer.sock.fileno()))
        own.settimeout(10)
        with own:
            while arrived < count:
                try:
                    data = own.recv(2048)
                except TimeoutError:
                    break
                arrived += 128 <= data[0] <= 191 and not 192 <= data[1] <= 223
        done.set()

    thread = threading.Thread(target=watch)
    thread.start()
    for number in range(4, 4 + count):
        publisher.send_rtp(publisher.packet(0, number, number * 3000, vp8_delta(number)))
        time.sleep(0.02)  # the event loop stands still: nothing else runs on it
    done.wait(10)  # nor does it here
    thread.join()
    assert arrived == count
    await hall.settle()
    assert hall.server.counters().drops == {}
