"""Which stream a packet belongs to: mid, rid, announced SSRC, payload type, RTX."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ProtocolError
from bridge.media.answer import negotiate
from bridge.media.counters import MediaCounters
from bridge.media.packets import Packet
from bridge.media.router import FAILOVER_S
from bridge.media.sdp import parse_offer
from bridge.media.source import MAX_SOURCES, Source
from bridge.media.uplink import MAX_REPAIRS, Uplink
from bridge.rtp.packet import parse_header
from tests.media.client import (
    H264,
    LEVEL_ID,
    OPUS,
    URIS,
    VP8_RTX,
    Client,
    offer_text,
    vp8_delta,
    vp8_key,
)
from tests.rtp.reference import build_header

LINES = ("video sendonly", "audio sendonly", "video sendonly")


class Bench:
    def __init__(
        self, *, rids: tuple[str, ...] = (), extra: str = "", uris: Mapping[int, str] = URIS
    ) -> None:
        text = offer_text(LINES, ufrag="u", password="p", rids=rids, uris=uris)
        text = text.replace("a=mid:0\r\n", f"a=mid:0\r\n{extra}")
        self.counters = MediaCounters()
        self.gaps = 0
        sections = negotiate(parse_offer(text), ("main",), publish=True)
        self.uplink = Uplink(sections, self.counters, self._gap)
        self.client = Client(LINES, uris=uris)
        self.client.sock.close()
        self.now = 1.0

    def _gap(self, _source: Source, _now: float) -> None:
        self.gaps += 1

    def take(self, plain: bytes) -> tuple[Source, Packet] | None:
        self.now += 0.01
        return self.uplink.receive(plain, parse_header(plain), self.now)

    def role(self, plain: bytes) -> str:
        found = self.take(plain)
        return found[0].track.role if found else ""


def test_the_mid_extension_says_which_line() -> None:
    bench = Bench()
    packet = bench.client.packet
    assert bench.role(packet(0, 1, 1, vp8_key())) == "camera"
    assert bench.role(packet(1, 1, 1, b"opus")) == "microphone"
    assert bench.role(packet(2, 1, 1, vp8_key())) == "slides"
    assert list(bench.uplink.sources) == [1000, 1001, 1002]
    assert bench.uplink.first_media == 1.01
    assert bench.uplink.last_media == 1.03


def test_feedback_names_a_stream_of_the_sender() -> None:
    """Chromium ignores transport-wide feedback about an SSRC that is not its own."""
    bench = Bench()
    arrivals = bench.uplink.arrivals
    assert arrivals is not None
    for mid in (0, 1):
        bench.take(bench.client.packet(mid, 1, 1, vp8_key(), wide=mid))
        (feedback,) = arrivals.feedback(bench.now)
        assert int.from_bytes(feedback[8:12], "big") in bench.uplink.sources


def test_a_silence_is_remembered() -> None:
    bench = Bench()
    bench.take(bench.client.packet(1, 1, 1, b"opus"))
    bench.now += FAILOVER_S - 0.1
    bench.take(bench.client.packet(1, 2, 2, b"opus"))
    assert bench.uplink.returned == 0.0
    bench.now += FAILOVER_S + 0.1
    bench.take(bench.client.packet(1, 3, 3, b"opus"))
    bench.take(bench.client.packet(1, 4, 4, b"opus"))
    assert bench.uplink.returned == bench.now - 0.01


def sound_at(bench: Bench, role: str = "microphone") -> float:
    return bench.uplink.tracks[role].sound_at


def test_only_packets_with_sound_are_heard() -> None:
    bench = Bench()
    speech, packet = bytes(80), bench.client.packet
    bench.take(packet(1, 1, 1, speech, level=127))
    bench.take(packet(1, 2, 2, speech, level=0x80 | 50))
    assert sound_at(bench) == 0.0
    bench.take(packet(1, 3, 3, speech, level=49))
    heard = bench.now
    assert sound_at(bench) == heard
    bench.take(packet(1, 4, 4, speech, level=127))
    bench.take(packet(0, 1, 1, vp8_key(), level=0))
    assert sound_at(bench) == heard
    assert sound_at(bench, "camera") == 0.0, "pictures make no sound"


def test_without_the_level_its_number_means_nothing_and_the_length_decides() -> None:
    uris = {number: uri for number, uri in URIS.items() if number != LEVEL_ID}
    bench = Bench(uris=uris)
    packet = bench.client.packet
    bench.take(packet(1, 1, 1, b"\xf8\xff\xfe", level=0))
    assert sound_at(bench) == 0.0
    bench.take(packet(1, 2, 2, bytes(80), level=127))
    assert sound_at(bench) == bench.now


@pytest.mark.parametrize(
    ("profile", "body", "sound"),
    [
        (0xBEDE, b"\x40\x31\x10\x1e", True),  # mid, level -30
        (0xBEDE, b"\x40\x31\x10\x7f", False),
        (0x1000, b"\x04\x011\x01\x01\x1e\0\0", True),
        (0x1000, b"\x04\x011\x01\x02\x7f\xff\0", False),
        (0x1000, b"\x04\x011\x01\x00\0\0\0", None),  # empty
        (0x1000, b"\x04\x011\x01\x05\x7f\0\0", None),  # longer than all extensions
        (0xBEDE, b"\x40\x31\x1f\x7f", None),  # the same in the one-byte form
        (0xBEDE, b"\x40\x31\xf0\x7f\x10\x7f\0\0", None),  # after the end mark
        (0x1234, b"\x10\x7f\0\0", None),  # neither form
        (0xBEDE, b"", None),
    ],
)
@pytest.mark.parametrize("length", [80, 2])
def test_a_level_in_either_form_and_a_malformed_one(
    profile: int, body: bytes, sound: bool | None, length: int
) -> None:
    bench = Bench()
    head = build_header(OPUS, True, 1, 960, 1001, True)
    words = (len(body) // 4).to_bytes(2, "big")
    assert bench.role(head + profile.to_bytes(2, "big") + words + body + bytes(length))
    by_length = length == 80
    assert (sound_at(bench) == bench.now) is (by_length if sound is None else sound)


def test_an_announced_ssrc_or_a_payload_type_will_do() -> None:
    bench = Bench(uris={}, extra="a=ssrc:1000 cname:x\r\n")
    packet = bench.client.packet
    assert bench.role(packet(0, 1, 1, vp8_key())) == "camera"
    assert bench.role(packet(1, 1, 1, b"opus")) == "microphone"
    assert bench.role(packet(2, 1, 1, vp8_key())) == "", "two lines have this payload type"
    assert bench.counters.drops == {"rtp_unknown_stream": 1}


def test_a_payload_type_nobody_negotiated_is_dropped() -> None:
    bench = Bench()
    packet = bench.client.packet
    assert bench.role(packet(0, 1, 1, b"x", payload_type=50)) == ""
    assert bench.role(packet(0, 2, 1, vp8_key())) == "camera"
    assert bench.role(packet(0, 3, 1, b"x", payload_type=50)) == ""
    assert bench.counters.drops == {"rtp_unknown_stream": 1, "rtp_unknown_codec": 1}


def test_a_stream_may_change_its_codec() -> None:
    bench = Bench()
    bench.take(bench.client.packet(0, 1, 1, vp8_key()))
    found = bench.take(bench.client.packet(0, 2, 1, b"\x65" + bytes(9), payload_type=H264))
    assert found is not None
    assert found[0].codec.name == "h264"


def test_a_layer_is_known_by_its_rid_and_its_repair_by_the_repaired_one() -> None:
    bench = Bench(rids=("q", "f"))
    packet = bench.client.packet
    assert bench.role(packet(0, 1, 1, vp8_key(), ssrc=21)) == "", "no rid yet"
    for rid, ssrc in (("q", 21), ("f", 22)):
        assert bench.role(packet(0, 2, 1, vp8_key(), ssrc=ssrc, rid=rid)) == "camera"
    assert bench.role(packet(0, 1, 1, vp8_key(), ssrc=23, rid="stranger")) == ""
    bench.take(packet(0, 4, 1, vp8_delta(1), ssrc=22))
    repair = packet(0, 1, 1, b"\0\3" + vp8_delta(2), ssrc=32, rrid="f", payload_type=VP8_RTX)
    found = bench.take(repair)
    assert found is not None
    assert found[0].ssrc == 22
    assert found[1].payload == vp8_delta(2)
    assert bench.take(repair) is None, "once is enough"
    unnamed = packet(0, 1, 1, b"\0\3" + vp8_delta(2), ssrc=33, payload_type=VP8_RTX)
    assert bench.take(unnamed) is None


def test_an_announced_pair_finds_its_stream() -> None:
    bench = Bench(extra="a=ssrc-group:FID 1000 5000\r\n")
    packet = bench.client.packet
    bench.take(packet(0, 1, 1, vp8_key()))
    bench.take(packet(0, 3, 1, vp8_delta(3)))
    assert bench.gaps == 1
    repair = packet(0, 1, 1, b"\0\2" + vp8_delta(2), ssrc=5000, payload_type=VP8_RTX)
    assert bench.role(repair) == "camera"
    probe = packet(0, 2, 1, b"", ssrc=5000, payload_type=VP8_RTX)
    assert bench.take(probe) is None
    assert bench.counters.drops == {}


def test_repairs_and_sources_are_bounded() -> None:
    bench = Bench()
    packet = bench.client.packet
    bench.take(packet(0, 1, 1, vp8_key()))
    for ssrc in range(6000, 6000 + MAX_REPAIRS + 3):
        bench.take(packet(0, 1, 1, b"\0\7" + vp8_delta(2), ssrc=ssrc, payload_type=VP8_RTX))
    assert len(bench.uplink._repairs) <= MAX_REPAIRS
    for ssrc in range(7000, 7000 + MAX_SOURCES + 3):
        bench.take(packet(0, 1, 1, vp8_key(), ssrc=ssrc))
    assert len(bench.uplink.sources) == MAX_SOURCES
    late = packet(0, 2, 1, b"\0\7" + vp8_delta(2), ssrc=6000 + MAX_REPAIRS, payload_type=VP8_RTX)
    assert bench.take(late) is None, "its stream is gone"
    bench.uplink.drop_all(2.0)
    assert bench.uplink.sources == {}


PLAIN = Client(LINES)
PLAIN.sock.close()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 65_535),
            st.binary(max_size=40),
            st.sampled_from([0, 50, H264, OPUS, VP8_RTX]),
            st.integers(0, 20),
        ),
        max_size=40,
    ),
    st.binary(max_size=60),
)
def test_no_packet_hurts(packets: list[tuple[int, int, bytes, int, int]], tail: bytes) -> None:
    bench = Bench()
    for mid, sequence, payload, kind, ssrc in packets:
        found = bench.take(
            PLAIN.packet(mid, sequence, sequence * 3, payload, payload_type=kind, ssrc=ssrc)
        )
        if found is not None and found[0].video:
            found[0].is_key(found[1].payload)
    try:
        parse_header(b"\x90" + tail)
    except ProtocolError:
        return
    bench.take(b"\x90" + tail)
