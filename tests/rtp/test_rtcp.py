"""RTCP compounds: round trips, malformed input, and aiortc as the second opinion."""

from __future__ import annotations

import pytest
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)
from aiortc.rtp import (
    RtcpPacket as TheirPacket,
)
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.rtp.rtcp import (
    MAX_TOLD,
    Bye,
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    TransportFeedback,
    Unknown,
    parse_compound,
)
from tests.rtp.answers import answer

BIT64 = st.integers(0, 2**64 - 1)
BIT32 = st.integers(0, 2**32 - 1)
BIT16 = st.integers(0, 2**16 - 1)
BIT8 = st.integers(0, 255)
WORD_BYTES = st.binary(max_size=40).map(lambda data: data[: len(data) // 4 * 4])

BLOCKS = st.builds(
    ReportBlock, BIT32, BIT8, st.integers(-(2**23), 2**23 - 1), BIT32, BIT32, BIT32, BIT32
)
REPORTS = st.lists(BLOCKS, max_size=31).map(tuple)
NAMES = st.text(st.characters(codec="utf-8"), max_size=60)
DELTAS = st.lists(st.none() | st.integers(-32768, 32767), min_size=1, max_size=60).map(tuple)
PACKETS: st.SearchStrategy[RtcpPacket] = st.one_of(
    st.builds(SenderReport, BIT32, BIT64, BIT32, BIT32, BIT32, REPORTS),
    st.builds(ReceiverReport, BIT32, REPORTS),
    st.builds(SourceDescription, st.lists(st.tuples(BIT32, NAMES), max_size=5).map(tuple)),
    st.builds(Bye, st.lists(BIT32, max_size=31).map(tuple), NAMES),
    st.builds(Nack, BIT32, BIT32, st.lists(BIT16, max_size=20, unique=True).map(sorted).map(tuple)),
    st.builds(Pli, BIT32, BIT32),
    st.builds(Fir, BIT32, st.lists(st.tuples(BIT32, BIT8), max_size=5).map(tuple)),
    st.builds(Remb, st.integers(0, 2**18 - 1), st.lists(BIT32, max_size=9).map(tuple), BIT32),
    st.builds(TransportFeedback, BIT32, BIT32, BIT16, st.integers(0, 2**24 - 1), BIT8, DELTAS),
    st.builds(Unknown, st.sampled_from([204, 207]), st.integers(0, 31), WORD_BYTES),
)


def only(data: bytes) -> RtcpPacket:
    (packet,) = parse_compound(data)
    return packet


def refused(data: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_compound(data)
    assert caught.value.code is Code.PACKET_MALFORMED
    return caught.value.message


@given(st.lists(PACKETS, min_size=1, max_size=5))
@example(
    [
        SenderReport(1, 2, 3, 4, 5, (ReportBlock(1, 255, -1, 2, 3, 4, 5),)),
        ReceiverReport(1, ()),
        SourceDescription(((1, "điểm cầu"), (2, "b"))),
        Bye((1, 2), "hết phiên"),
        Nack(1, 2, (3, 5, 900)),
        Pli(1, 2),
        Fir(1, ((2, 3),)),
        Remb(200_000, (1, 2), 3),
        TransportFeedback(1, 2, 3, 4, 5, (6, None, 700)),
        Unknown(207, 3, b"1234"),
    ]
)
def test_any_compound_reads_back(packets: list[RtcpPacket]) -> None:
    data = b"".join(packet.to_bytes() for packet in packets)
    assert len(data) % 4 == 0
    assert parse_compound(data) == packets
    assert parse_compound(memoryview(data)) == packets


@given(st.binary(max_size=120))
@example(b"\x80\xc9\x00\x00")
def test_any_bytes_give_packets_or_a_protocol_error(data: bytes) -> None:
    result = answer(parse_compound, data)
    assert result is Code.PACKET_MALFORMED or isinstance(result, list)


@given(PACKETS, st.data())
def test_a_damaged_packet_gives_packets_or_a_protocol_error(
    packet: RtcpPacket, data: st.DataObject
) -> None:
    damaged = bytearray(packet.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(BIT8)
    result = answer(parse_compound, bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    assert result is Code.PACKET_MALFORMED or isinstance(result, list)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "header is cut off"),
        ("80c900", "header is cut off"),
        ("00c90001 00000001", "version"),
        ("80c90002 00000001", "packet is cut off"),
        ("a0c90000", "padding"),
        ("a0c90001 00000000", "padding"),
        ("a0c90001 00000005", "padding"),
        ("80c80001 00000001", "sender report is cut off"),
        ("80c90000", "sender is cut off"),
        ("81c90001 00000001", "report block is cut off"),
        ("81ca0000", "sender is cut off"),
        ("81ca0001 00000001", "source description is cut off"),
        ("81ca0002 00000001 01020304", "source description is cut off"),
        ("81ca0002 00000001 01036161", "source description is cut off"),
        ("a1ca0002 00000001 01010103", "source description is cut off"),
        ("82cb0001 00000001", "goodbye is cut off"),
        ("81cb0002 00000001 04616263", "reason is cut off"),
        ("81cd0001 00000001", "feedback is cut off"),
        ("a1cd0003 00000001 00000002 00010001", "negative acknowledgement is cut off"),
        ("81ce0001 00000001", "feedback is cut off"),
        ("84ce0003 00000001 00000000 00000001", "full intra request is cut off"),
        ("8fce0003 00000001 00000000 52454d42", "bitrate estimate is cut off"),
        ("8fce0004 00000001 00000000 52454d42 01000001", "bitrate estimate is cut off"),
        ("8fcd0002 00000001 00000002", "transport feedback"),
    ],
)
def test_a_malformed_packet_is_refused_with_its_reason(data: str, reason: str) -> None:
    assert reason in refused(bytes.fromhex(data))


def test_padding_is_cut_off_before_the_body_is_read() -> None:
    data = bytes.fromhex("a1ce0003 00000001 00000002 00000004")
    assert only(data) == Pli(1, 2)
    nack = bytes.fromhex("a1cd0004 00000001 00000002 00070000 00000004")
    assert only(nack) == Nack(1, 2, (7,))


def test_transport_feedback_with_padding_in_a_compound_is_no_nack() -> None:
    feedback = TransportFeedback(1, 2, 65530, 7, 3, (5, None, 5, 5))
    assert feedback.to_bytes()[0] & 0x20
    pli = Pli(1, 2)
    assert parse_compound(feedback.to_bytes() + pli.to_bytes()) == [feedback, pli]


def test_reports_may_carry_profile_specific_bytes() -> None:
    assert only(bytes.fromhex("80c90002 00000001 deadbeef")) == ReceiverReport(1)


def test_a_goodbye_with_and_without_its_reason() -> None:
    assert Bye((1,)).to_bytes().hex(" ", 4) == "81cb0001 00000001"
    assert only(Bye((1,)).to_bytes()) == Bye((1,))
    assert Bye((1,), "tạm").to_bytes().hex(" ", 4) == "81cb0003 00000001 0574e1ba a16d0000"
    assert only(Bye((1,), "tạm").to_bytes()) == Bye((1,), "tạm")


def test_a_report_block_byte_by_byte() -> None:
    block = ReportBlock(1, 128, -2, 0x0001FFFF, 9, 10, 11)
    assert block.to_bytes().hex(" ", 4) == "00000001 80fffffe 0001ffff 00000009 0000000a 0000000b"


def test_source_descriptions_skip_other_items_and_tolerate_no_name() -> None:
    data = bytes.fromhex("82ca0006 00000001 06017801 03616263 00000000 00000002 00000000")
    assert only(data) == SourceDescription(((1, "abc"), (2, "")))
    assert only(bytes.fromhex("81ca0002 00000001 0101ff00")) == SourceDescription(((1, "�"),))


def test_a_nack_packs_seventeen_numbers_into_a_word_across_the_wrap() -> None:
    sequences = tuple((65530 + i) & 0xFFFF for i in range(17))
    nack = Nack(1, 2, sequences)
    assert nack.to_bytes().hex(" ", 4) == "81cd0003 00000001 00000002 fffaffff"
    assert only(nack.to_bytes()) == nack
    assert Nack(1, 2, (*sequences[:1], *sequences)).to_bytes() == nack.to_bytes()
    two = Nack(1, 2, (*sequences, 11))
    assert len(two.to_bytes()) == len(nack.to_bytes()) + 4
    assert only(two.to_bytes()) == two


@given(st.lists(BIT16, max_size=30))
def test_a_nack_in_any_order_names_the_same_packets(sequences: list[int]) -> None:
    packet = only(Nack(1, 2, tuple(sequences)).to_bytes())
    assert isinstance(packet, Nack)
    assert set(packet.sequences) == set(sequences)


def test_a_bitrate_keeps_18_significant_bits_and_never_grows() -> None:
    packet = only(Remb(2**40 + 12345, (7,)).to_bytes())
    assert packet == Remb(2**40, (7,))
    assert only(Remb(1_500_001, ()).to_bytes()) == Remb(1_500_000, ())


def test_application_feedback_that_is_no_bitrate_stays_unknown() -> None:
    data = bytes.fromhex("8fce0003 00000001 00000000 58585858")
    assert only(data) == Unknown(206, 15, data[4:])
    assert only(bytes.fromhex("83cd0002 00000001 00000002")) == Unknown(
        205, 3, bytes.fromhex("0000000100000002")
    )
    assert only(bytes.fromhex("82ce0002 00000001 00000002")).to_bytes()[0] == 0x82


@pytest.mark.parametrize(
    "packet",
    [
        SenderReport(1, 2, 3, 4, 5, (ReportBlock(1, 0, 0, 0, 0),) * 32),
        ReceiverReport(1, (ReportBlock(1, 0, 0, 0, 0),) * 32),
        SourceDescription(((1, "a"),) * 32),
        Bye((1,) * 32),
    ],
)
def test_more_than_31_parts_do_not_fit(packet: RtcpPacket) -> None:
    with pytest.raises(ValueError, match="32"):
        packet.to_bytes()


def their_info(block: ReportBlock) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=block.ssrc,
        fraction_lost=block.fraction_lost,
        packets_lost=block.cumulative_lost,
        highest_sequence=block.highest_sequence,
        jitter=block.jitter,
        lsr=block.lsr,
        dlsr=block.dlsr,
    )


@given(BIT32, BIT64, REPORTS)
def test_reports_are_those_of_aiortc(ssrc: int, ntp: int, reports: tuple[ReportBlock, ...]) -> None:
    infos = [their_info(block) for block in reports]
    assert ReceiverReport(ssrc, reports).to_bytes() == bytes(RtcpRrPacket(ssrc, infos))
    info = RtcpSenderInfo(ntp_timestamp=ntp, rtp_timestamp=1, packet_count=2, octet_count=3)
    ours = SenderReport(ssrc, ntp, 1, 2, 3, reports).to_bytes()
    assert ours == bytes(RtcpSrPacket(ssrc, info, infos))
    assert TheirPacket.parse(ours) == [RtcpSrPacket(ssrc, info, infos)]


@given(st.lists(BIT32, max_size=31), st.lists(BIT16, min_size=1, max_size=40, unique=True))
def test_goodbye_and_nack_are_those_of_aiortc(ssrcs: list[int], sequences: list[int]) -> None:
    assert Bye(tuple(ssrcs)).to_bytes() == bytes(RtcpByePacket(ssrcs))
    sequences.sort()  # aiortc packs no wrap
    ours = Nack(1, 2, tuple(sequences)).to_bytes()
    assert ours == bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=sequences))
    (theirs,) = TheirPacket.parse(ours)
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert theirs.lost == sequences


@given(st.integers(0, 2**60), st.lists(BIT32, max_size=9))
def test_bitrates_are_those_of_aiortc(bitrate: int, ssrcs: list[int]) -> None:
    ours = Remb(bitrate, tuple(ssrcs), 5).to_bytes()
    assert ours == bytes(
        RtcpPsfbPacket(fmt=15, ssrc=5, media_ssrc=0, fci=pack_remb_fci(bitrate, ssrcs))
    )
    assert only(ours) == Remb(*unpack_remb_fci(ours[12:])[:1], tuple(ssrcs), 5)
    assert Pli(5, 6).to_bytes() == bytes(RtcpPsfbPacket(fmt=1, ssrc=5, media_ssrc=6))


@given(BIT32, st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_aiortc_reads_our_names_and_we_read_theirs(ssrc: int, name: str) -> None:
    theirs = RtcpSdesPacket([RtcpSourceInfo(ssrc=ssrc, items=[(1, name.encode())])])
    ours = SourceDescription(((ssrc, name),))
    assert only(bytes(theirs)) == ours
    if ours.to_bytes()[-2:] == b"\0\0":  # aiortc wants two bytes to see the end of the items
        assert TheirPacket.parse(ours.to_bytes()) == [theirs]


def test_one_datagram_cannot_tell_of_more_packets_than_a_receiver_could_miss() -> None:
    one = TransportFeedback(1, 2, 3, 4, 5, (6, *[None] * (MAX_TOLD - 1))).to_bytes()
    assert len(only(one).deltas) == MAX_TOLD  # type: ignore[union-attr]
    assert "more than 8192 packets" in refused(one * 2)
    many = Nack(1, 2, tuple(range(MAX_TOLD - 1))).to_bytes()
    assert len(parse_compound(many + Nack(1, 2, (9,)).to_bytes())) == 2
    assert "more than 8192 packets" in refused(many + Nack(1, 2, (9, 10)).to_bytes())
