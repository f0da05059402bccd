"""Sources, sinks and the forwarding loop, driven packet by packet without a network."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from bridge.media.answer import CAMERA, MICROPHONE, Codec, Section
from bridge.media.batch import SLOTS, TOGETHER
from bridge.media.counters import MediaCounters
from bridge.media.engine import LONGEST, Engine, packet_bytes, repair_bytes
from bridge.media.engine_native import NativeEngine
from bridge.media.engine_python import PythonEngine
from bridge.media.mux import Endpoint
from bridge.media.packets import Packet
from bridge.media.sdp import Media
from bridge.media.sink import DOUBLED, SEGMENTS, Sink
from bridge.media.source import FORGET_S, KEPT, MAX_SOURCES, SILENCE_S, Source, Track
from bridge.media.srtp import SrtpPair
from bridge.rtp.packet import parse_header
from bridge.rtp.vp8 import parse_descriptor
from tests.media.client import MID_ID, TIME_ID, URIS, vp8_delta, vp8_key
from tests.media.kernel import ENGINES, Kernel, make_engine
from tests.rtp.reference import StreamRewriter, Vp8Rewriter

VP8_CODEC = Codec("vp8", 96, 97, "")
H264_CODEC = Codec("h264", 102, -1, "")
OPUS_CODEC = Codec("opus", 111, -1, "")
PROFILE = Policy.SRTP_PROFILE_AEAD_AES_128_GCM


def session(key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=PROFILE)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)


@dataclass
class Net(Kernel):
    """A socket that only remembers, and what the viewer decrypts of it."""

    plain: list[bytes] = field(default_factory=list)
    key: bytes = field(default_factory=lambda: os.urandom(28))

    def __post_init__(self) -> None:
        self.inbound = SrtpPair(
            session(self.key, Policy.SSRC_ANY_INBOUND), session(bytes(28), Policy.SSRC_ANY_OUTBOUND)
        )
        self.outbound = SrtpPair(
            session(bytes(28), Policy.SSRC_ANY_INBOUND), session(self.key, Policy.SSRC_ANY_OUTBOUND)
        )

    def took(self, data: bytes, name: bytes) -> None:
        super().took(data, name)
        plain = self.inbound.unprotect(data)
        if plain is not None:
            self.plain.append(plain)


def media(kind: str) -> Media:
    return Media(kind, 9, "UDP/TLS/RTP/SAVPF", [], mid="0")


def make_sink(net: Net, *codecs: Codec, mid: bool = True, timed: bool = True) -> Sink:
    extensions = {}
    if mid:
        extensions[URIS[MID_ID]] = MID_ID
    if timed:
        extensions[URIS[TIME_ID]] = TIME_ID
    kind = "audio" if OPUS_CODEC in codecs else "video"
    section = Section(media(kind), "main", "sendonly", codecs, extensions)
    endpoint = Endpoint(lambda: None, lambda _: None, lambda _data, _now: True)
    endpoint.address = ("192.0.2.1", 9)
    sink = Sink(section, endpoint)
    sink.secure(net.outbound)
    return sink


def make_track(role: str = CAMERA) -> Track:
    codecs = (VP8_CODEC,) if role == CAMERA else (OPUS_CODEC,)
    return Track(Section(media("video" if role == CAMERA else "audio"), role, "recvonly", codecs))


@dataclass
class Rig:
    net: Net
    engine: Engine
    counters: MediaCounters
    sink: Sink

    def feed(
        self,
        source: Source,
        sequence: int,
        payload: bytes,
        *,
        timestamp: int | None = None,
        now: float = 0.0,
    ) -> Packet | None:
        """Take one packet as the session does: a key frame starts what waits for it."""
        stamp = sequence * 3000 if timestamp is None else timestamp
        packet = source.receive(sequence & 0xFFFF, stamp & 0xFFFFFFFF, 0x80, payload, now)
        if packet is None:
            return None
        track = source.track
        starts = not source.video or (bool(payload) and source.is_key(payload))
        if starts:
            track.elect(source, now)
            for sink in track.waiting(source, now) if track.pending else ():
                sink.attach(packet, source, now)
        self.engine.forward(source, packet)
        return packet

    def sequences(self) -> list[int]:
        return [parse_header(p).sequence for p in self.net.plain]

    def payloads(self) -> list[bytes]:
        return [p[parse_header(p).payload_offset :] for p in self.net.plain]


@pytest.fixture(params=ENGINES)
def rig(request: pytest.FixtureRequest) -> Rig:
    return make_rig(request.param)


def make_rig(kind: str = ENGINES[-1], **options: bool) -> Rig:
    net, counters = Net(), MediaCounters()
    engine = make_engine(kind, net, counters)
    sink = make_sink(net, VP8_CODEC, H264_CODEC, **options)
    return Rig(net, engine, counters, sink)


def test_a_slot_waits_for_a_key_frame_and_goes_on_after_a_pause(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_delta(1))
    rig.feed(source, 2, vp8_key(2))
    rig.feed(source, 3, vp8_delta(3))
    assert rig.payloads() == [vp8_key(2), vp8_delta(3)]
    rig.sink.follow(None, 1.0)
    assert rig.sink.timestamp_at(1.0) is None
    rig.feed(source, 4, vp8_key(4))
    rig.sink.follow(track, 5.0)
    rig.feed(source, 5, vp8_delta(5))
    rig.feed(source, 6, vp8_key(6), now=5.0)
    first = rig.sequences()[0]
    assert rig.sequences() == [first, first + 1, first + 2]
    times = [parse_header(p).timestamp for p in rig.net.plain]
    assert (times[2] - times[1]) & 0xFFFFFFFF == 5 * 90_000, "time goes on while nothing flows"
    picture = parse_descriptor(rig.payloads()[2])
    assert picture is not None
    assert picture.picture_id == 4, "the picture after 3"


def test_a_switch_taken_back_before_its_key_frame_changes_nothing(rig: Rig) -> None:
    first, second = make_track(), make_track()
    a, b = first.add(1, "", VP8_CODEC, 0.0), second.add(2, "", VP8_CODEC, 0.0)
    rig.sink.follow(first, 0.0)
    rig.feed(a, 1, vp8_key(1))
    rig.sink.follow(second, 0.0)
    rig.sink.follow(first, 0.0)
    assert not first.pending, "no key frame is asked for"
    rig.feed(b, 9, vp8_key(9))
    rig.feed(a, 2, vp8_delta(2))
    assert rig.payloads() == [vp8_key(1), vp8_delta(2)]


def test_late_packets_from_before_the_switch_are_not_forwarded(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_delta(1))
    rig.feed(source, 4, vp8_key(4))
    rig.feed(source, 3, vp8_delta(3))
    rig.feed(source, 6, vp8_delta(6))
    rig.feed(source, 5, vp8_delta(5))
    first = rig.sequences()[0]
    assert [s - first for s in rig.sequences()] == [0, 2, 1]


def test_numbers_go_on_when_the_loss_is_past_repair(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_key(1))
    source.key_wanted = False
    rig.feed(source, 5000, vp8_delta(2))
    assert source.key_wanted
    rig.feed(source, 5001, vp8_key(3))
    rig.feed(source, 1, vp8_delta(9))
    first = rig.sequences()[0]
    assert [s - first for s in rig.sequences()] == [0, 1, 2]


def test_sequence_numbers_wrap(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.last_sequence = 65_533
    rig.sink.follow(track, 0.0)
    for number in range(65_533, 65_540):
        rig.feed(source, number, vp8_key(number & 0x7FFF) if number == 65_533 else vp8_delta(1))
    assert rig.sequences() == [65_534, 65_535, 0, 1, 2, 3, 4]
    assert rig.sink.find(65_535) is not None
    assert rig.sink.find(3) is not None
    assert rig.sink.find(65_533) is None
    assert rig.sink.find(5) is None


def test_seven_bit_picture_ids_become_fifteen_bit_ones(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    for number in range(120, 140):
        flags = bytes((0x90, 0xC0, number & 0x7F, number & 0xFF))
        body = b"\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01" if number == 120 else b"\x11" + bytes(9)
        rig.feed(source, number, flags + body)
    pictures = [parse_descriptor(p) for p in rig.payloads()]
    assert [p.picture_id for p in pictures if p] == list(range(120, 140))
    assert [p.tl0_index for p in pictures if p] == list(range(120, 140))
    assert all(p.wide for p in pictures if p)
    assert rig.payloads()[1][5:] == b"\x11" + bytes(9)


def test_payloads_without_picture_ids_pass_unchanged(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.sink.last_picture = 77
    key = b"\x10\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"
    for number, payload in enumerate((key, b"", b"\x90", b"\x00\x01"), 1):
        rig.feed(source, number, payload)
    assert rig.payloads() == [key, b"", b"\x90", b"\x00\x01"]


@pytest.mark.parametrize(
    ("mid", "timed"), [(True, True), (True, False), (False, True), (False, False)]
)
@pytest.mark.parametrize("kind", ENGINES)
def test_every_layout_of_extensions(kind: str, mid: bool, timed: bool) -> None:
    rig = make_rig(kind, mid=mid, timed=timed)
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_key(1))
    [plain] = rig.net.plain
    header = parse_header(plain)
    assert header.payload_offset == rig.sink.overhead
    assert (header.ext_length > 0) == (mid or timed)
    assert plain[header.payload_offset :] == vp8_key(1)
    assert rig.sink.bytes == len(plain)
    found = rig.sink.find(header.sequence)
    assert found is not None
    segment, packet = found
    assert packet_bytes(rig.sink, segment, packet) == plain
    repair = repair_bytes(rig.sink, segment, packet)
    again = parse_header(repair)
    assert again.ssrc == rig.sink.repair_ssrc
    assert repair[again.payload_offset :] == header.sequence.to_bytes(2, "big") + vp8_key(1)


def test_an_m_line_name_too_long_for_an_extension_is_left_out() -> None:
    section = Section(media("video"), "main", "sendonly", (VP8_CODEC,), {URIS[MID_ID]: MID_ID})
    section.media.mid = "x" * 17
    endpoint = Endpoint(lambda: None, lambda _: None, lambda _data, _now: True)
    assert Sink(section, endpoint).flags == 0x8000


def test_a_full_socket_and_other_errors_are_counted() -> None:
    rig = make_rig("python")
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.net.error = BlockingIOError(errno.EAGAIN, "full")
    rig.feed(source, 1, vp8_key(1))
    first = (rig.sink.last_sequence + 1) & 0xFFFF
    rig.engine.resend(rig.sink, (first,), 0.0)
    assert rig.counters.send_full == 2
    rig.net.error = OSError("unreachable")
    rig.feed(source, 2, vp8_delta(2))
    rig.engine.resend(rig.sink, (first,), 1.0)
    assert rig.counters.drops == {"send_failed": 2}
    rig.feed(source, 3, vp8_delta(3, LONGEST))
    assert rig.counters.drops["too_long_to_forward"] == 1
    rig.sink.srtp = None
    rig.engine.send(rig.sink, b"")
    assert rig.counters.drops["encrypt_failed"] == 1


def test_together_one_by_one_and_natively_the_same_bytes_are_sent() -> None:
    count = SLOTS * 2 + 3
    with ExitStack() as stack:
        sender, *receivers = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            for _ in range(count + 1)
        )
        track, net = make_track(), Net()
        source = track.add(1, "", VP8_CODEC, 0.0)
        packet = source.receive(1, 3000, 0x80, vp8_key(1), 0.0)
        assert packet is not None
        for place, receiver in enumerate(receivers):
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(5)
            sink = make_sink(net, VP8_CODEC, mid=place % 3 > 0, timed=place % 2 > 0)
            sink.endpoint.address = receiver.getsockname()
            sink.last_picture = place % 4 or None
            sink.attach(packet, source, 0.0)
        # one that libsrtp refuses: nothing may be sent in its place
        keyless = Session()
        refused = make_sink(net, VP8_CODEC)
        refused.attach(packet, source, 0.0)
        refused.secure(SrtpPair(keyless, keyless))
        source.sinks.insert(1, source.sinks.pop())
        outcomes = []
        for kind in ("together", "one by one", *ENGINES[1:]):
            counters = MediaCounters()
            engine: Engine
            if kind == NativeEngine.name:
                engine = NativeEngine(sender, counters)
            else:
                together = TOGETHER and kind == "together"
                engine = PythonEngine(sender, counters, together=together)
            engine.forward(source, packet)
            outcomes.append(([r.recv(2048) for r in receivers], counters))
        assert all(outcome == outcomes[0] for outcome in outcomes)
        datagrams, counters = outcomes[0]
        assert counters.packets_out == count
        assert counters.bytes_out == sum(map(len, datagrams)) - 16 * count
        assert counters.drops == {"encrypt_failed": 1}
        sinks = [sink for sink in source.sinks if sink is not refused]
        for sink, datagram in zip(sinks, datagrams, strict=True):
            plain = net.inbound.unprotect(datagram)
            assert plain == packet_bytes(sink, sink.segments[-1], packet)


def test_what_nobody_watches_is_not_kept() -> None:
    rig = make_rig()
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.feed(source, 1, vp8_key(1))
    assert source.kept == []
    rig.sink.follow(track, 0.0)
    rig.feed(source, 2, vp8_key(2))
    assert len(source.kept) == KEPT
    rig.sink.follow(None, 1.0)
    source.forget(1.0 + FORGET_S)
    assert len(source.kept) == KEPT
    source.forget(1.1 + FORGET_S)
    assert source.kept == []
    assert rig.sink.find(rig.sequences()[-1]) is None
    rig.sink.follow(track, 9.0)
    rig.feed(source, 3, vp8_key(3), now=9.0)
    source.forget(99.0)
    assert len(source.kept) == KEPT


def test_old_segments_are_still_resent_after_a_switch(rig: Rig) -> None:
    first, second = make_track(), make_track()
    a, b = first.add(1, "", VP8_CODEC, 0.0), second.add(2, "", VP8_CODEC, 0.0)
    rig.sink.follow(first, 0.0)
    rig.feed(a, 1, vp8_key(1))
    rig.feed(a, 2, vp8_delta(2))
    rig.sink.follow(second, 0.0)
    rig.feed(a, 3, vp8_delta(3))
    rig.feed(b, 700, vp8_key(900))
    rig.feed(a, 4, vp8_delta(4))
    assert len(rig.net.plain) == 4
    for plain in list(rig.net.plain):
        found = rig.sink.find(parse_header(plain).sequence)
        assert found is not None
        assert packet_bytes(rig.sink, *found) == plain


def test_a_source_that_changes_codec_starts_anew_at_a_key_frame(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_key(1))
    source.change_codec(H264_CODEC, 0.0)
    rig.feed(source, 2, b"\x41" + bytes(9))
    rig.feed(source, 3, b"\x65" + bytes(9))
    kinds = [parse_header(p).payload_type for p in rig.net.plain]
    assert kinds == [96, 102]
    assert not rig.sink.attach(Packet(1, 1, 0, b"", b"\0\0\0"), Source(track, 9, "", OPUS_CODEC), 0)


def test_layers_are_chosen_by_size_and_by_silence() -> None:
    track = make_track()
    small, large = track.add(1, "q", VP8_CODEC, 0.0), track.add(2, "f", VP8_CODEC, 0.0)
    rig = make_rig()
    rig.sink.follow(track, 0.0)
    assert track.sought(9.0) == [], "nothing flows"
    rig.feed(small, 1, vp8_key(1, (320, 180)))
    assert rig.sink.source is track.best is small, "the first picture is better than none"
    rig.feed(large, 1, vp8_key(1, (1280, 720)))
    assert rig.sink.source is track.best is large
    rig.feed(small, 2, vp8_key(2, (320, 180)), now=0.1)
    assert rig.sink.source is track.best is large
    track.pending = True
    assert track.sought(0.1) == []
    assert not track.pending, "nobody waits"
    for number in range(3, 7):
        rig.feed(small, number, vp8_delta(number), now=number / 10)
    assert track.layers(0.6) == [small], "the others go on, and this one does not"
    track.pending = True
    assert track.sought(0.6) == [small]
    rig.feed(small, 7, vp8_key(7, (320, 180)), now=0.7)
    assert rig.sink.source is small
    assert track.layers(9.0) == []


def test_a_restarted_layer_takes_the_place_of_the_old_one() -> None:
    track = make_track()
    old, new = track.add(1, "f", VP8_CODEC, 0.0), track.add(2, "f", VP8_CODEC, 0.0)
    rig = make_rig()
    rig.sink.follow(track, 0.0)
    rig.feed(old, 1, vp8_key(1, (1280, 720)))
    rig.feed(new, 1, vp8_key(1, (1280, 720)), now=0.02)
    track.pending = True
    assert track.sought(0.03) == [new]
    rig.feed(new, 2, vp8_key(2, (1280, 720)), now=0.03)
    assert rig.sink.source is new


@pytest.mark.parametrize(
    ("largest", "expected"), [(0, 0), (320 * 180, 0), (640 * 360, 1), (9e9, 2)]
)
def test_a_slot_gets_no_larger_picture_than_it_may(largest: float, expected: int) -> None:
    track, rig = make_track(), make_rig()
    layers = [track.add(number, rid, VP8_CODEC, 0.0) for number, rid in enumerate("qhf")]
    rig.sink.largest = largest
    rig.sink.follow(track, 0.0)
    for _ in range(2):
        for number, source in enumerate(layers):
            rig.feed(source, source.highest + 1, vp8_key(1, (320 << number, 180 << number)))
    assert rig.sink.source is layers[expected]


def test_a_paused_slot_is_left_alone_until_it_goes_on() -> None:
    track, rig = make_track(), make_rig()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.paused = True
    rig.sink.follow(track, 0.0)
    rig.feed(source, 1, vp8_key(1))
    assert rig.sink.source is None
    assert track.sought(0.0) == []
    rig.sink.paused, track.pending = False, True
    assert track.sought(0.0) == [source]
    rig.feed(source, 2, vp8_key(2))
    assert rig.sink.source is source


def test_the_rate_of_a_source_is_measured() -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    for number in range(100):
        source.receive(number, 0, 0x80, bytes(1000), 5 + number / 20)
    assert source.bps == pytest.approx(160_000, rel=0.1)


def test_a_replaced_ssrc_is_followed_and_sources_are_bounded() -> None:
    rig = make_rig()
    track = make_track(MICROPHONE)
    sink = make_sink(rig.net, OPUS_CODEC)
    sink.follow(track, 0.0)
    first = track.add(1, "", OPUS_CODEC, 0.0)
    rig.feed(first, 1, b"a", now=0.0)
    second = track.add(2, "", OPUS_CODEC, 0.0)
    rig.feed(second, 1, b"b", now=0.05)
    assert track.best is first
    rig.feed(second, 2, b"c", now=0.15)
    assert track.best is second
    assert rig.payloads() == [b"a", b"c"]
    for ssrc in range(10, 20):
        track.add(ssrc, "", OPUS_CODEC, 1.0).arrived = 1.0
    assert len(track.sources) == MAX_SOURCES
    assert track.best is None
    assert sink.source is None
    assert track.pending
    assert SILENCE_S > 0.15


Operation = tuple[str, int]
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("key"), st.integers(0, 1)),
        st.tuples(st.just("delta"), st.integers(0, 1)),
        st.tuples(st.just("lose"), st.integers(0, 1)),
        st.tuples(st.just("late"), st.integers(0, 1)),
        st.tuples(st.just("jump"), st.integers(0, 1)),
        st.tuples(st.just("follow"), st.integers(0, 1)),
        st.tuples(st.just("leave"), st.just(0)),
        st.tuples(st.just("resend"), st.integers(0, 40)),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ENGINES), OPERATIONS)
def test_a_number_never_stands_for_two_packets(  # noqa: C901 - one branch per operation
    kind: str,
    operations: list[Operation],
) -> None:
    rig = make_rig(kind)
    tracks = (make_track(), make_track())
    sources = [t.add(i + 1, "", VP8_CODEC, 0.0) for i, t in enumerate(tracks)]
    numbers = [65_500, 10]
    held: list[list[int]] = [[], []]
    rig.sink.follow(tracks[0], 0.0)
    now = 0.0
    for what, which in operations:
        now += 0.01
        if what in {"key", "delta"}:
            number = numbers[which]
            numbers[which] += 1
            payload = vp8_key(number & 0x7FFF) if what == "key" else vp8_delta(number & 0x7FFF)
            rig.feed(sources[which], number, payload, now=now)
        elif what == "lose":
            held[which].append(numbers[which])
            numbers[which] += 1
        elif what == "jump":
            numbers[which] += 700
        elif what == "late" and held[which]:
            number = held[which].pop()
            rig.feed(sources[which], number, vp8_delta(number & 0x7FFF), now=now)
        elif what == "follow":
            rig.sink.follow(tracks[which], now)
        elif what == "leave":
            rig.sink.follow(None, now)
        elif what == "resend" and rig.net.plain:
            plain = rig.net.plain[-1 - which % len(rig.net.plain)]
            header = parse_header(plain)
            found = rig.sink.find(header.sequence)
            if len(rig.sink.segments) < SEGMENTS:
                assert found is not None
            if found is not None:
                assert packet_bytes(rig.sink, *found) == plain
    sequences = rig.sequences()
    assert len(set(sequences)) == len(sequences)
    assert len(rig.net.sent) == len(rig.net.plain), "the viewer's SRTP refused nothing"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ENGINES),
    st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=1, max_size=60),
)
def test_the_same_as_rewriting_slot_by_slot(kind: str, steps: list[tuple[int, bool]]) -> None:
    """The reference follows each slot packet by packet; constants per segment must agree."""
    rig = make_rig(kind)
    tracks = (make_track(), make_track())
    sources = [t.add(i + 1, "", VP8_CODEC, 0.0) for i, t in enumerate(tracks)]
    numbers = [100, 40_000]
    rig.sink.last_sequence, rig.sink.last_timestamp = 499, 7_000
    stream, pictures = StreamRewriter(90_000, 500, 7_000), Vp8Rewriter()
    current, wanted = -1, -1
    expected: list[Any] = []
    now = 1.0
    for which, key in steps:
        now += 0.25
        if key and wanted != which:
            rig.sink.follow(tracks[which], now)
            wanted = which
        number = numbers[which]
        numbers[which] += 1
        payload = vp8_key(number & 0x7FFF) if key else vp8_delta(number & 0x7FFF)
        stamp = int(now * 90_000) + which * 5_000
        if key and which == wanted and current != which:
            stream.switch(number, stamp, now)
            pictures.switch()
            current = which
        if which == current:
            sequence, time = cast("tuple[int, int]", stream.map(number, stamp, now))
            expected.append((sequence, time, bytes(pictures.rewrite(payload))))
        rig.feed(sources[which], number, payload, timestamp=stamp, now=now)
    seen = []
    for plain in rig.net.plain:
        header = parse_header(plain)
        seen.append((header.sequence, header.timestamp, plain[header.payload_offset :]))
    assert seen == expected


def test_what_is_sent_twice_is_found_by_the_viewer_once(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    assert list(rig.sink.to_double()) == []
    for number in range(1, 6):
        rig.feed(source, number, vp8_key(number) if number == 1 else vp8_delta(number))
    rig.engine.repeat(rig.sink, rig.sink.to_double())
    first, again = rig.net.plain[:5], rig.net.plain[5:]
    assert [parse_header(p).payload_type for p in again] == [VP8_CODEC.rtx] * 5
    told = [p[parse_header(p).payload_offset :][:2] for p in again]
    assert told == [p[2:4] for p in first], "RTX names the packets (RFC 4588 4)"
    assert len({parse_header(p).sequence for p in again}) == 5
    assert rig.sink.resent == sum(len(p) for p in again)
    assert list(rig.sink.to_double()) == []
    rig.feed(source, 6, vp8_delta(6))
    assert len(rig.sink.to_double()) == 1


def test_no_more_is_sent_twice_than_a_tick_may_bring(rig: Rig) -> None:
    track = make_track()
    source = track.add(1, "", VP8_CODEC, 0.0)
    rig.sink.follow(track, 0.0)
    for number in range(1, 200):
        rig.feed(source, number, vp8_key(number) if number == 1 else vp8_delta(number))
    assert len(rig.sink.to_double()) == DOUBLED
    rig.sink.detach(1.0)
    rig.sink.forget()
    sent = len(rig.net.plain)
    rig.engine.repeat(rig.sink, range(1, 9))
    assert len(rig.net.plain) == sent


def test_nothing_is_sent_twice_without_rtx() -> None:
    net, counters = Net(), MediaCounters()
    engine = PythonEngine(cast("socket.socket", net), counters, together=False)
    sink = make_sink(net, H264_CODEC)
    rig = Rig(net, engine, counters, sink)
    track = make_track()
    source = track.add(1, "", H264_CODEC, 0.0)
    sink.follow(track, 0.0)
    rig.feed(source, 1, b"\x65" + bytes(9))
    engine.repeat(sink, sink.to_double())
    assert len(net.plain) == 1
