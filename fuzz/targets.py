"""What is fuzzed: for each target one input in, nothing out, and an error if a promise is broken.

The promises: only :class:`ProtocolError` ever, and only where it is documented; what was
read and is built again reads the same; tables and results are bounded, whatever came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.errors import Code, ProtocolError
from bridge.media.answer import build_answer, negotiate
from bridge.media.counters import MediaCounters
from bridge.media.mux import MAX_ADDRESSES, Endpoint, Mux
from bridge.media.sdp import MAX_MEDIA, parse_fragment, parse_offer
from bridge.rtp import h264, vp8
from bridge.rtp.audio_level import carries_sound
from bridge.rtp.packet import build_extensions, extension, parse_header
from bridge.rtp.receive import NackTracker, ReceiveStatistics
from bridge.rtp.rtcp import (
    MAX_TOLD,
    Bye,
    Nack,
    RtcpPacket,
    SourceDescription,
    TransportFeedback,
    Unknown,
    parse_compound,
)
from bridge.rtp.twcc import ArrivalLog, parse_feedback
from fuzz import seeds
from fuzz.hall import play

__all__ = ["TARGETS", "Target"]

_LONGEST = 2048  # bytes of a datagram the socket takes
_ONE_BYTE_FORM = 0xBEDE


@dataclass(frozen=True)
class Target:
    """One way in.

    Attributes:
        check: takes an input; raises when a promise is broken.
        seeds: real inputs.
        limit: bytes of an input at most.
        share: of the inputs of a run; what is slow gets fewer.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Sequence[bytes]
    limit: int = _LONGEST
    share: float = 1.0


def rtp(data: bytes) -> None:
    """A header, and every extension it may have."""
    try:
        header = parse_header(data)
    except ProtocolError as error:
        assert error.code is Code.PACKET_MALFORMED
        return
    assert 12 <= header.payload_offset <= header.payload_end <= len(data)
    found = {number: extension(data, header, number) for number in range(1, 16)}
    assert sum(len(value) for value in found.values() if value) <= header.ext_length
    if header.ext_profile == _ONE_BYTE_FORM:
        items = [(number, value) for number, value in found.items() if value]
        again = data[:12] + build_extensions(items)
        again = bytes((0x90 if items else 0x80,)) + again[1:]
        header = parse_header(again)
        assert [(n, extension(again, header, n)) for n, _ in items] == items


def rtcp(data: bytes) -> None:
    """A compound."""
    try:
        packets = parse_compound(data)
    except ProtocolError as error:
        assert error.code is Code.PACKET_MALFORMED
        return
    assert 1 <= len(packets) <= len(data) // 4
    told = sum(len(p.sequences) for p in packets if isinstance(p, Nack))
    told += sum(len(p.deltas) for p in packets if isinstance(p, TransportFeedback))
    assert told <= MAX_TOLD
    for packet in packets:
        if _can_be_built(packet):
            assert _same(parse_compound(packet.to_bytes()), packet)


def _can_be_built(packet: RtcpPacket) -> bool:
    """Return whether the packet can be sent again as it was read."""
    match packet:
        case SourceDescription():
            return all(len(name.encode()) <= 255 for _, name in packet.names)
        case Bye():
            return len(packet.reason.encode()) <= 255
        case Unknown():
            return not len(packet.body) % 4 and 192 <= packet.packet_type <= 223
        case _:
            return True


def _same(packets: list[RtcpPacket], packet: RtcpPacket) -> bool:
    (again,) = packets
    if isinstance(packet, Nack) and isinstance(again, Nack):  # it may have named one twice
        return set(again.sequences) == set(packet.sequences)
    return again == packet


def arrivals(data: bytes) -> None:
    """Transport-wide numbers in any order and at any time, three bytes each."""
    log, now = ArrivalLog(), 1.0
    for at in range(0, len(data) - 2, 3):
        log.record(data[at] << 8 | data[at + 1], now)
        now += data[at + 2] * data[at + 2] / 10_000
        if data[at + 2] & 31 == 31:
            told = [parse_feedback(report) for report in log.feedback(now)]
            assert sum(len(report.deltas) for report in told) <= 2 * 4096


def losses(data: bytes) -> None:
    """Sequence numbers in any order, four bytes with a time step each."""
    tracker, statistics, now = NackTracker(), ReceiveStatistics(90_000), 1.0
    for at in range(0, len(data) - 3, 4):
        sequence = data[at] << 8 | data[at + 1]
        now += data[at + 2] / 1000
        tracker.received(sequence, now)
        statistics.received(sequence, data[at + 3] << 24 | sequence << 7, now)
        assert tracker.missing <= 500
        if data[at + 3] & 3 == 3:
            due = tracker.due(now)
            assert len(due) <= 250
            assert not due or set(Nack(1, 2, tuple(due)).sequences) == set(due)
            assert len(statistics.report_block(1, now).to_bytes()) == 24


def payloads(data: bytes) -> None:
    """A VP8, H.264 or Opus payload."""
    descriptor = vp8.parse_descriptor(data)
    if descriptor is not None:
        assert 1 <= descriptor.size <= len(data)
        assert descriptor.picture_id_offset + 1 + descriptor.wide <= descriptor.size
    for codec in (vp8, h264):
        size = codec.frame_size(data)
        assert isinstance(codec.is_keyframe(data), bool)
        assert size is None or all(0 <= side <= 0xFFFF for side in size)
    assert isinstance(carries_sound(data[:1], data[1:]), bool)


def datagram(data: bytes) -> None:
    """A datagram at the mux: a check, a handshake, media of anybody."""
    sent: list[bytes] = []
    mux = Mux(lambda answer, _: sent.append(answer), MediaCounters())
    endpoint = Endpoint(lambda: None, lambda _: None, lambda _data, _now: True)
    mux.add(endpoint, 0.0)
    seeds.known(mux, endpoint)
    mux.learn_ssrc(endpoint, seeds.SSRC)
    for port in (1, 2):
        mux.receive(data, ("192.0.2.1", port), 1.0)
    assert len(sent) <= 2
    assert all(len(answer) <= 100 for answer in sent), "no answer is larger than what it answers"
    assert mux.sizes()["addresses"] == len(endpoint.addresses) <= MAX_ADDRESSES


def offer(data: bytes) -> None:
    """An SDP offer, negotiated both ways and answered."""
    try:
        parsed = parse_offer(data.decode(errors="replace"))
        for publish in (True, False):
            sections = negotiate(parsed, ("main", "inset"), publish=publish)
            text = build_answer(sections, seeds.LOCAL)
            assert text.count("\r\nm=") == len(parsed.media) <= MAX_MEDIA
            assert all(line[1:2] == "=" for line in text.split("\r\n")[:-1])
    except ProtocolError as error:
        assert error.code in {Code.SDP_MALFORMED, Code.SDP_UNSUPPORTED}


def fragment(data: bytes) -> None:
    """A trickle-ice-sdpfrag."""
    try:
        ufrag, password = parse_fragment(data.decode(errors="replace"))
    except ProtocolError as error:
        assert error.code is Code.SDP_MALFORMED
    else:
        assert "\n" not in ufrag + password


TARGETS = {
    target.name: target
    for target in (
        Target("rtp", rtp, seeds.rtp()),
        Target("rtcp", rtcp, seeds.rtcp()),
        Target("arrivals", arrivals, seeds.arrivals(), limit=150, share=0.1),
        Target("losses", losses, seeds.losses(), limit=150, share=0.4),
        Target("payloads", payloads, seeds.payloads()),
        Target("datagram", datagram, seeds.datagrams()),
        Target("offer", offer, seeds.offers(), limit=16_384, share=0.4),
        Target("fragment", fragment, seeds.fragments()),
        Target("peer", play, seeds.visits(), limit=4_096, share=0.05),
    )
}
