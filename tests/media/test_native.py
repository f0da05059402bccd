"""The native engine against the Python one: the same datagrams, the same counts."""

from __future__ import annotations

import errno
import gc
import os
import socket
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy

from bridge.media._engine import _native
from bridge.media.answer import CAMERA, MICROPHONE, Codec
from bridge.media.batch import SLOTS
from bridge.media.counters import MediaCounters
from bridge.media.engine import LONGEST, Engine
from bridge.media.engine_native import NativeEngine
from bridge.media.packets import Packet
from bridge.media.sink import Sink
from bridge.media.source import Source, Track
from bridge.media.srtp import SrtpPair, protect_address
from bridge.rtp.packet import parse_header
from bridge.rtp.rtcp import Nack, parse_compound
from bridge.simulator.content import VideoFormat, encode
from tests.media.client import vp8_delta, vp8_key
from tests.media.kernel import THREADS, make_engine
from tests.media.test_engine import (
    H264_CODEC,
    OPUS_CODEC,
    VP8_CODEC,
    Net,
    make_sink,
    make_track,
    session,
)

BOTH = ("python", "native")
UDP_GRO = 104  # linux/udp.h
#: Every layout of the VP8 payload descriptor that encoders make (RFC 7741 4.2), and broken ones.
DESCRIPTORS = ("none", "short", "long", "short+tl0", "long+tl0", "long+tl0+tid", "cut", "empty")


def vp8(form: str, number: int, *, key: bool, fill: int) -> bytes:
    """Return a VP8 payload with this form of descriptor."""
    frame = b"\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01" if key else b"\x11"
    short, long = bytes((number & 0x7F,)), (0x8000 | number & 0x7FFF).to_bytes(2, "big")
    tl0 = bytes((number // 2 & 0xFF,))
    descriptor = {
        "none": b"\x10",
        "short": b"\x90\x80" + short,
        "long": b"\x90\x80" + long,
        "short+tl0": b"\x90\xc0" + short + tl0,
        "long+tl0": b"\x90\xc0" + long + tl0,
        "long+tl0+tid": b"\x90\xf0" + long + tl0 + b"\x41",
    }.get(form)
    if descriptor is None:
        return b"\x90\x80" if form == "cut" else b""
    return descriptor + frame + bytes(fill)


@dataclass
class World:
    """One engine with everything that flows through it."""

    kind: str
    key: bytes
    like: World | None = None
    counters: MediaCounters = field(default_factory=MediaCounters)
    now: float = 1.0
    every: int = 1
    threads: int = THREADS

    def __post_init__(self) -> None:
        self.net = Net(key=self.key)
        self.engine: Engine = make_engine(self.kind, self.net, self.counters, self.threads)
        self.tracks = [make_track(), make_track(), make_track(MICROPHONE)]
        self.sources = [
            self.tracks[0].add(1, "", VP8_CODEC, 0.0),
            self.tracks[1].add(2, "", H264_CODEC, 0.0),
            self.tracks[2].add(3, "", OPUS_CODEC, 0.0),
        ]
        video: tuple[Codec, ...] = (VP8_CODEC, H264_CODEC)
        self.sinks = [
            make_sink(self.net, *video),
            make_sink(self.net, *video, mid=False),
            make_sink(self.net, VP8_CODEC, timed=False),
            make_sink(self.net, *video, mid=False, timed=False),
            make_sink(self.net, OPUS_CODEC),
            make_sink(self.net, OPUS_CODEC, timed=False),
        ]
        for place, sink in enumerate(self.sinks):
            sink.endpoint.address = ("192.0.2.1", 1000 + place)
            # Half of them wrap soon, and take the rollover counter of SRTP with them.
            sink.last_sequence = (65_520, 7)[place % 2]
            if self.like is not None:
                other = self.like.sinks[place]
                sink.ssrc, sink.repair_ssrc = other.ssrc, other.repair_ssrc
                sink.last_timestamp = other.last_timestamp
                sink.tally.repair_sequence = other.tally.repair_sequence

    def video_of(self, source: Source, number: int, form: str, *, key: bool, fill: int) -> bytes:
        if source.codec is VP8_CODEC:
            return vp8(form, number, key=key, fill=fill)
        return (b"\x65" if key else b"\x41") + bytes(fill)

    def feed(self, which: int, number: int, payload: bytes) -> None:
        """Take one packet as a session does."""
        self.now += 0.01
        source = self.sources[which]
        timestamp = (0xFFFF_F000 + number * 3000) & 0xFFFFFFFF
        marker = 0x80 if number % 3 else 0
        packet = source.receive(number & 0xFFFF, timestamp, marker, payload, self.now)
        if packet is None:
            return
        track = source.track
        if not source.video or (payload and source.is_key(payload)):
            track.elect(source, self.now)
            for sink in track.waiting(source, self.now) if track.pending else ():
                if not sink.attach(packet, source, self.now):
                    sink.detach(self.now)
        self.engine.forward(source, packet)
        if number % self.every == 0:
            self.engine.flush()

    def asked(self, sink: Sink, sequences: tuple[int, ...]) -> None:
        """Let the viewer ask for packets again."""
        self.engine.resend(sink, sequences, self.now)

    def moved(self, sink: Sink) -> None:
        """Tell whoever wants to know of its new address."""

    @property
    def by_viewer(self) -> list[tuple[bytes, bytes]]:
        """Where each datagram went."""
        return list(zip(self.net.names, self.net.sent, strict=True))

    @property
    def outcome(self) -> tuple[Any, ...]:
        """Everything that can be seen from outside."""
        sinks = [(sink.packets, sink.octets, sink.bytes, sink.resent) for sink in self.sinks]
        return self.net.sent, self.net.names, sinks, self.counters


def worlds() -> tuple[World, World]:
    key = os.urandom(28)
    python = World("python", key)
    return python, World("native", key, python)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("key"), st.integers(0, 2), st.sampled_from(DESCRIPTORS)),
        st.tuples(st.just("delta"), st.integers(0, 2), st.sampled_from(DESCRIPTORS)),
        st.tuples(st.just("lose"), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("late"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("jump"), st.integers(0, 2), st.sampled_from((700, 30_000, 65_000))),
        st.tuples(st.just("follow"), st.integers(0, 5), st.integers(0, 2)),
        st.tuples(st.just("leave"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 5), st.integers(1, 65_535)),
        st.tuples(st.just("vanish"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("resend"), st.integers(0, 5), st.integers(0, 30)),
        st.tuples(st.just("codec"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("release"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("secure"), st.integers(0, 5), st.just(0)),
    ),
    max_size=60,
)


def play(world: World, steps: list[tuple[str, int, Any]]) -> None:  # noqa: C901, PLR0912
    """Let the same happen in any world."""
    numbers, held = [65_500, 10, 65_530], [[0], [0], [0]]
    for place, track in enumerate((0, 0, 0, 1, 2, 2)):
        world.sinks[place].follow(world.tracks[track], world.now)
    for what, which, more in steps:
        sink = world.sinks[which]
        match what:
            case "key" | "delta":
                number = numbers[which]
                numbers[which] += 1
                fill = number * 37 % 1100
                source = world.sources[which]
                world.feed(
                    which,
                    number,
                    world.video_of(source, number, more, key=what == "key", fill=fill),
                )
            case "lose":
                held[which].append(numbers[which])
                numbers[which] += more
            case "late":
                number = held[which].pop() if len(held[which]) > 1 else numbers[which] - 1
                world.feed(which, number, vp8("long", number, key=False, fill=9))
            case "jump":
                numbers[which] += more
            case "follow" if sink.video == (more < 2):
                sink.follow(world.tracks[more], world.now)
            case "leave":
                sink.follow(None, world.now)
            case "move":
                sink.endpoint.address = ("198.51.100.7", more)
                world.moved(sink)
            case "vanish":
                sink.endpoint.address = None
            case "resend":
                world.asked(sink, ((sink.last_sequence + more) & 0xFFFF,))
            case "ask":
                named = tuple((sink.newest - back) & 0xFFFF for back in more)
                # in the order in which a NACK has them
                [nack] = parse_compound(Nack(1, sink.ssrc, named).to_bytes())
                assert isinstance(nack, Nack)
                world.asked(sink, nack.sequences)
            case "wait":
                world.now += more
            case "codec":
                source = world.sources[which]
                other = H264_CODEC if source.codec is VP8_CODEC else VP8_CODEC
                source.change_codec(other, world.now)
            case "release":
                sink.release()
            case "secure":
                sink.secure(world.net.outbound)


@settings(max_examples=150, deadline=None)
@example([("late", 2, 0), ("release", 4, 0), ("jump", 2, 65_000), ("key", 2, "none")])
@given(STEPS)
def test_both_engines_send_the_same_bytes_and_count_alike(
    steps: list[tuple[str, int, Any]],
) -> None:
    python, native = worlds()
    play(python, steps)
    play(native, steps)
    assert native.outcome == python.outcome


@settings(max_examples=80, deadline=None)
@given(STEPS, st.integers(1, 9))
def test_what_was_held_is_the_same_for_each_viewer(
    steps: list[tuple[str, int, Any]], every: int
) -> None:
    python, native = worlds()
    native.engine.holds = True
    native.every = every
    play(python, steps)
    play(native, steps)
    native.engine.flush()
    assert native.outcome[2:] == python.outcome[2:]
    # Resent packets do not wait: they may pass what is held.
    assert sorted(native.by_viewer) == sorted(python.by_viewer)


def recorded(loops: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield source, number and payload of an encoded camera in VP8 packets, and of its sound."""
    content = encode(
        "Điện Biên",
        "Điểm cầu",
        VideoFormat(width=320, height=180, fps=10, kbps=300, seconds=1, key_interval=1),
    )
    number = 65_500
    for turn in range(loops):
        for place, frame in enumerate(content.video.frames):
            picture = turn * len(content.video.frames) + place
            for start in range(0, len(frame), 1000):
                first = b"\x90" if start == 0 else b"\x80"
                descriptor = first + b"\xc0" + bytes((picture & 0x7F, picture & 0xFF))
                yield 0, number, descriptor + frame[start : start + 1000]
                number += 1
        for place, sound in enumerate(content.speech.packets[:50]):
            yield 2, 65_500 + turn * 50 + place, sound


def test_a_recorded_camera_and_its_sound_come_out_alike() -> None:
    python, native = worlds()
    packets = list(recorded(3))
    for world in (python, native):
        play(world, [])
        for which, number, payload in packets:
            world.feed(which, number, payload)
            if number % 40 == 0:
                world.sinks[1].detach(world.now)
                world.tracks[0].pending = True
    assert native.outcome == python.outcome
    assert len(native.net.sent) > 300
    assert len(native.net.plain) == len(native.net.sent), "viewers can read all of it"


def test_the_rollover_counter_is_carried_over_many_wraps() -> None:
    python, native = worlds()
    for world in (python, native):
        play(world, [("key", 2, "empty")])
        for number in range(65_531, 65_531 + 3 * 65_536, 9_000):
            world.feed(2, number, b"sound")
    assert native.outcome == python.outcome
    assert len(native.net.plain) == len(native.net.sent) > 40


@dataclass
class Hall:
    """Many viewers of one camera."""

    engine: Engine
    net: Net
    counters: MediaCounters
    track: Track
    source: Source
    sinks: list[Sink]

    def packet(self, number: int, payload: bytes) -> Packet:
        packet = self.source.receive(number, number * 3000, 0x80, payload, number / 30)
        assert packet is not None
        return packet


def hall(viewers: int, kind: str = "native") -> Hall:
    net, counters, track = Net(), MediaCounters(), make_track(CAMERA)
    source = track.add(1, "", VP8_CODEC, 0.0)
    found = Hall(make_engine(kind, net, counters), net, counters, track, source, [])
    first = found.packet(1, vp8_key(1))
    for place in range(viewers):
        sink = make_sink(net, VP8_CODEC)
        sink.endpoint.address = ("192.0.2.1", 1 + place)
        sink.follow(track, 0.0)
        sink.attach(first, source, 0.0)
        found.sinks.append(sink)
    return found


@pytest.mark.parametrize("kind", BOTH)
def test_more_viewers_than_one_call_takes_and_none_is_always_last(kind: str) -> None:
    viewers = SLOTS + 6
    place = hall(viewers, kind)
    last = []
    for number in range(2, 2 + viewers):
        place.engine.forward(place.source, place.packet(number, vp8_delta(number)))
        assert len({*place.net.names[-viewers:]}) == viewers
        last.append(place.net.names[-1])
    assert len({*last}) == viewers, "each of them was last once"
    assert place.counters.packets_out == viewers * viewers


@pytest.mark.parametrize("kind", BOTH)
def test_packets_from_before_the_switch_are_left_out(kind: str) -> None:
    place = hall(2, kind)
    late, key = place.packet(3, vp8_delta(3)), place.packet(4, vp8_key(4))
    place.sinks[0].attach(key, place.source, 0.1)
    place.engine.forward(place.source, late)
    assert [sink.packets for sink in place.sinks] == [0, 1]
    place.engine.forward(place.source, key)
    assert [sink.packets for sink in place.sinks] == [1, 2]


@pytest.mark.parametrize("kind", BOTH)
def test_nobody_watches_any_more(kind: str) -> None:
    place = hall(1, kind)
    place.sinks[0].follow(None, 0.1)
    place.engine.forward(place.source, place.packet(2, vp8_delta(2)))
    assert place.counters == MediaCounters()


def test_a_full_socket_keeps_the_rest_and_other_errors_are_one_viewers_own() -> None:
    place = hall(10)
    place.net.answers = [3, -errno.ECONNREFUSED, 2, -errno.EAGAIN]
    place.engine.forward(place.source, place.packet(2, vp8_delta(2)))
    assert len(place.net.sent) == 5
    assert place.counters.drops == {"send_failed": 1}
    assert place.counters.packets_out == 10
    place.net.answers = [1, -errno.EAGAIN]
    assert place.engine.flush(), "three still wait"
    assert not place.engine.flush()
    assert len({*place.net.names}) == len(place.net.sent) == 9
    assert place.counters.send_full == 0


def test_pictures_that_have_no_room_are_lost_before_sound() -> None:
    world = World("native", os.urandom(28))
    play(world, [("key", 0, "long"), ("key", 2, "empty")])
    world.net.sent.clear()
    world.net.error = BlockingIOError(errno.EAGAIN, "full")
    number = 65_501
    while not world.counters.send_full:
        world.feed(0, number, vp8("long", number, key=False, fill=1100))
        number += 1
    pictures = sum(sink.packets for sink in world.sinks[:3]) - 3
    assert pictures > 300, "so much may wait"
    for place in range(10):
        world.feed(2, 65_531 + place, b"sound")
    assert sum(sink.packets for sink in world.sinks[4:]) == 22
    for place in range(2000):
        world.feed(2, 65_541 + place, b"sound" * 200)
    assert world.counters.send_full > 3000
    world.net.error = None
    assert not world.engine.flush()
    assert len(world.net.sent) == sum(sink.packets for sink in world.sinks) - 5
    world.feed(0, number, vp8("long", number, key=False, fill=9))
    assert len(world.net.plain) == sum(sink.packets for sink in world.sinks)


def held(viewers: int) -> Hall:
    place = hall(viewers)
    place.engine.holds = True
    return place


def test_what_is_held_leaves_together() -> None:
    place = held(3)
    for number, size in enumerate((500, 500, 200, 500, 700, 700, 700, 700), 2):
        place.engine.forward(place.source, place.packet(number, vp8_delta(number, size)))
    assert place.net.sent == []
    assert not place.engine.flush()
    assert sorted(place.net.messages) == [1] * 3 + [3] * 3 + [4] * 3
    for sink in place.sinks:
        mine = [p for p in place.net.plain if parse_header(p).ssrc == sink.ssrc]
        sequences = [parse_header(p).sequence - sink.sequence for p in mine]
        assert sequences == list(range(2, 10)), "each viewer's in order"
    place.engine.forward(place.source, place.packet(10, vp8_delta(10, 500)))
    place.engine.flush()
    assert place.net.messages[-3:] == [1] * 3, "nothing is added to what has left"


def test_a_viewer_that_moves_gets_what_is_held_where_it_was() -> None:
    place = held(1)
    place.engine.forward(place.source, place.packet(2, vp8_delta(2)))
    place.sinks[0].endpoint.address = ("192.0.2.9", 9)
    place.engine.forward(place.source, place.packet(3, vp8_delta(3)))
    place.sinks[0].follow(None, 0.1)
    place.sinks[0].release()
    place.engine.flush()
    assert [name[4:8] for name in place.net.names] == [bytes((192, 0, 2, n)) for n in (1, 9)]
    assert len(place.net.plain) == 2


@pytest.mark.parametrize("full", [False, True])
def test_where_messages_cannot_be_cut_the_pieces_are_sent_one_by_one(full: bool) -> None:
    place = held(2)
    place.net.cuts = False
    for number in range(2, 6):
        place.engine.forward(place.source, place.packet(number, vp8_delta(number)))
    if full:
        place.net.answers = [0, 1, -errno.ENETUNREACH, -errno.EAGAIN]
        assert place.engine.flush()
        assert len(place.net.sent) == 1
        place.net.answers = [-errno.EAGAIN]
        assert place.engine.flush()
    assert not place.engine.flush()
    assert len(place.net.plain) == (7 if full else 8)
    assert place.counters.drops == ({"send_failed": 1} if full else {})
    assert {*place.net.messages} == {1}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_real_kernel_cuts_messages(host: str) -> None:
    place = held(3)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as stack:
        sender, *receivers = (
            stack.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(4)
        )
        for receiver, sink in zip(receivers, place.sinks, strict=True):
            receiver.bind((host, 0))
            receiver.settimeout(5)
            sink.endpoint.address = receiver.getsockname()
        engine = NativeEngine(sender, place.counters)
        engine.holds = True
        for number, size in enumerate((900, 900, 900, 40, 1100), 2):
            engine.forward(place.source, place.packet(number, vp8_delta(number, size)))
        assert not engine.flush()
        for receiver in receivers:
            plain = [place.net.inbound.unprotect(receiver.recv(2048)) for _ in range(5)]
            assert all(plain)
    assert place.counters.drops == {}
    engine.forward(place.source, place.packet(9, vp8_delta(9)))
    assert not engine.flush(), "a closed socket keeps nothing waiting"
    assert place.counters.drops == {"send_failed": 3}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_real_kernel_takes_a_picture_as_one_message(host: str) -> None:
    place = held(1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_DGRAM) as sender,
        socket.socket(family, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)  # it is given messages uncut
        receiver.bind((host, 0))
        receiver.settimeout(5)
        place.sinks[0].endpoint.address = receiver.getsockname()
        engine = NativeEngine(sender, place.counters)
        engine.holds = True
        for number in range(2, 6):
            engine.forward(place.source, place.packet(number, vp8_delta(number, 900)))
        assert not engine.flush()
        whole, control, _, _ = receiver.recvmsg(65_535, 64)
    [(level, kind, size)] = control
    assert (level, kind) == (socket.IPPROTO_UDP, UDP_GRO)
    each = int.from_bytes(size, sys.byteorder)
    assert len(whole) == 4 * each
    for piece in range(4):
        assert place.net.inbound.unprotect(whole[piece * each : (piece + 1) * each])


def test_a_message_is_never_longer_than_the_kernel_takes() -> None:
    place = held(1)
    for number in range(2, 102):
        place.engine.forward(place.source, place.packet(number, vp8_delta(number, 1500)))
    place.engine.flush()
    assert sum(place.net.messages) == len(place.net.plain) == 100
    assert max(place.net.messages) == 16


def test_keys_and_address_are_followed_at_once() -> None:
    place = hall(1)
    [sink] = place.sinks
    place.engine.forward(place.source, place.packet(2, vp8_delta(2)))
    sink.endpoint.address = ("192.0.2.9", 9)
    place.engine.forward(place.source, place.packet(3, vp8_delta(3)))
    assert place.net.names[0] != place.net.names[1]
    assert place.net.names[1][4:8] == bytes((192, 0, 2, 9))
    other = Net()
    sink.secure(other.outbound)
    place.engine.forward(place.source, place.packet(4, vp8_delta(4)))
    assert len(place.net.plain) == 2
    assert other.inbound.unprotect(place.net.sent[2]) is not None
    assert (sink.packets, sink.octets) == (3, 3 * len(vp8_delta(2)))


@pytest.mark.parametrize("amid", [False, True])
def test_a_viewer_removed_while_packets_are_sent_takes_nothing_with_it(amid: bool) -> None:
    """Once all are made; and *amid* making them, when there is no room for more."""
    place = hall(3)
    place.engine.holds = amid
    keys = os.urandom(28)
    inbound = session(keys, Policy.SSRC_ANY_INBOUND)
    outbound = session(keys, Policy.SSRC_ANY_OUTBOUND)
    gone = weakref.ref(outbound)
    place.sinks[1].secure(SrtpPair(inbound, outbound))
    del inbound, outbound
    lived: list[bool] = []

    def remove() -> None:
        place.net.meanwhile = lambda: None
        leaver = place.sinks.pop(1)
        leaver.follow(None, 0.2)
        leaver.release()
        del leaver
        gc.collect()
        lived.append(gone() is not None)

    place.net.meanwhile = remove
    number = 2
    while not lived:
        place.engine.forward(place.source, place.packet(number, vp8_delta(number, 999)))
        number += 1
    place.engine.flush()
    assert lived == [amid], "what the core points to lives until it is done, and no longer"
    assert len(place.net.sent) == 3 * (number - 2)
    gc.collect()
    assert gone() is None
    place.engine.forward(place.source, place.packet(number, vp8_delta(number)))
    place.engine.flush()
    assert len(place.net.sent) == 3 * (number - 2) + 2


def test_released_keys_are_freed_though_the_slot_lives() -> None:
    place = hall(1)
    [sink] = place.sinks
    pair = SrtpPair(
        session(bytes(28), Policy.SSRC_ANY_INBOUND),
        outbound := session(bytes(28), Policy.SSRC_ANY_OUTBOUND),
    )
    gone = weakref.ref(outbound)
    sink.secure(pair)
    place.engine.forward(place.source, place.packet(2, vp8_delta(2)))
    sink.release()
    del pair, outbound
    gc.collect()
    assert gone() is None
    assert sink.packets == 1
    place.engine.forward(place.source, place.packet(3, vp8_delta(3)))
    assert place.counters.drops == {"encrypt_failed": 1}


def test_one_packet_at_a_time() -> None:
    place = hall(2)
    refused: list[str] = []
    second = place.packet(3, vp8_delta(3))

    def again() -> None:
        try:
            place.engine.forward(place.source, second)
        except RuntimeError as error:
            refused.append(str(error))

    place.net.meanwhile = again
    place.engine.forward(place.source, place.packet(4, vp8_delta(4)))
    place.net.meanwhile = lambda: None
    assert refused == ["one packet at a time"]
    place.engine.forward(place.source, second)
    assert len(place.net.sent) == 4


Change = Callable[[Packet], None]


def setting(name: str, value: object) -> Change:
    return lambda packet: setattr(packet, name, value)


@pytest.mark.parametrize(
    "change",
    [
        setting("picture_at", 1 << 62),
        setting("picture_at", 65),
        setting("tl0_at", 1 << 62),
        setting("tl0_at", 66),
        setting("payload", b""),
        setting("payload", b"\x90"),
    ],
)
def test_picture_numbers_beyond_the_end_are_not_written(change: Change) -> None:
    place = hall(1)
    packet = place.packet(2, vp8_delta(2))
    assert len(packet.payload) == 66
    place.sinks[0].last_picture = 77
    place.sinks[0].detach(0.1)
    place.sinks[0].attach(packet, place.source, 0.1)
    place.engine.forward(place.source, packet)
    assert len(place.net.sent) == 1
    change(packet)
    place.engine.forward(place.source, packet)
    assert len(place.net.sent) == 1
    assert place.counters.drops == {"too_long_to_forward": 1}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (setting("stamp", b"12"), ValueError),
        (setting("stamp", None), TypeError),
        (setting("payload", bytearray(9)), TypeError),
        (setting("number", 1 << 64), OverflowError),
        (setting("number", "1"), TypeError),
        (setting("timestamp", 1 << 32), OverflowError),
        (setting("marker", 256), OverflowError),
        (setting("tl0", -1), OverflowError),
        (setting("picture_at", -1), OverflowError),
    ],
)
def test_what_is_no_packet_is_refused_whole(change: Change, error: type[Exception]) -> None:
    place = hall(1)
    packet = place.packet(2, vp8_delta(2))
    change(packet)
    with pytest.raises(error):
        place.engine.forward(place.source, packet)
    assert place.net.sent == []
    place.engine.forward(place.source, place.packet(3, vp8_delta(3)))
    assert len(place.net.sent) == 1


@pytest.mark.parametrize("size", [LONGEST, LONGEST + 1])
def test_the_longest_packet(size: int) -> None:
    outcomes = []
    for kind in BOTH:
        place = hall(2, kind)
        place.engine.forward(place.source, place.packet(2, vp8_delta(2, size - 6)))
        outcomes.append((len(place.net.plain), place.counters))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == (2 if size == LONGEST else 0)


def constants(**changed: object) -> dict[str, Any]:
    return {
        "segment": None, "srtp": None, "endpoint": None, "address": None, "context": 1,
        "name": bytes(16), "first": 0, "ssrc": 1, "head": 0x8000, "sequence": 0, "timestamp": 0,
        "before": b"", "after": b"", "picture": 0, "tl0": 0,
    } | changed  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"before": bytes(65)}, ValueError),
        ({"after": bytes(1 << 20)}, ValueError),
        ({"before": bytes(5), "after": bytes(57)}, ValueError),
        ({"name": bytes(29)}, ValueError),
        ({"context": 0}, ValueError),
        ({"context": -1}, OverflowError),
        ({"first": 1 << 63}, OverflowError),
        ({"ssrc": 1 << 32}, OverflowError),
        ({"head": 1 << 16}, OverflowError),
        ({"sequence": -1}, OverflowError),
        ({"timestamp": -1}, OverflowError),
        ({"picture": 1 << 16}, OverflowError),
        ({"tl0": 256}, OverflowError),
        ({"name": "192.0.2.1"}, TypeError),
        ({"before": None}, TypeError),
    ],
)
def test_constants_that_do_not_fit_are_refused(
    changed: dict[str, object], error: type[Exception]
) -> None:
    slot = _native.Slot()
    slot.write(**constants(before=bytes(5), after=bytes(56), name=bytes(28)))
    with pytest.raises(error):
        slot.write(**constants(**changed))


def test_the_core_wants_its_functions_and_a_list() -> None:
    with pytest.raises(ValueError, match="encrypt"):
        _native.Fanout(0)
    place = hall(1)
    core = _native.Fanout(protect_address(), place.net.pointer)
    packet = place.packet(2, vp8_delta(2))
    sinks: Any = tuple(place.sinks)
    with pytest.raises(TypeError):
        core.forward(-1, sinks, packet, True, lambda _: None)
    assert core.forward(-1, place.sinks, packet, True, lambda _: None)[2] == 1
    wrong: Any = lambda _: "slot"  # noqa: E731
    with pytest.raises(TypeError):
        core.forward(-1, place.sinks, packet, True, wrong)
    place.sinks[0].tally = _native.Slot(3, 4)
    assert core.forward(-1, place.sinks, packet, True, lambda _: None)[2] == 1, "one never written"
    assert (place.sinks[0].packets, place.sinks[0].octets) == (3, 4)
    assert place.net.sent == []
