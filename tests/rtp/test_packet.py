"""RTP headers and extensions: byte layouts, any input, and aiortc as the second opinion."""

from __future__ import annotations

import pytest
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtpPacket,
    pack_header_extensions,
    unpack_header_extensions,
)
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.rtp.packet import (
    RtpHeader,
    abs_send_time,
    build_extensions,
    extension,
    parse_header,
    seconds_between,
)
from tests.rtp.answers import answer
from tests.rtp.reference import build_header

BIT32 = st.integers(0, 2**32 - 1)
BIT16 = st.integers(0, 2**16 - 1)
ONE_BYTE_ITEMS = st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16))


def refused(data: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_header(data)
    assert caught.value.code is Code.PACKET_MALFORMED
    return caught.value.message


def test_every_field_of_a_packet_with_csrc_extension_and_padding() -> None:
    data = (
        b"\xb2\xe0\x12\x34\x00\x00\x00\x05\xde\xad\xbe\xef"  # V=2 P X CC=2, M, PT 96
        b"\0\0\0\1\0\0\0\2"  # two CSRC
        b"\xbe\xde\0\1\x10\x07\0\0"  # one word of extensions
        b"media\0\0\3"  # payload, padding of 3
    )
    header = parse_header(data)
    assert header == RtpHeader(
        payload_type=96,
        marker=True,
        sequence=0x1234,
        timestamp=5,
        ssrc=0xDEADBEEF,
        payload_offset=28,
        payload_end=33,
        ext_offset=24,
        ext_length=4,
        ext_profile=0xBEDE,
    )
    assert data[header.payload_offset : header.payload_end] == b"media"
    assert parse_header(memoryview(data)) == header
    assert extension(memoryview(data), header, 1) == b"\x07"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "shorter than its header"),
        (b"\x80" + bytes(10), "shorter than its header"),
        (b"\x40" + bytes(11), "version"),
        (b"\x81" + bytes(11), "shorter than its parts"),
        (b"\x90" + bytes(13), "extension header is cut off"),
        (b"\x90" + bytes(11) + b"\xbe\xde\0\1", "shorter than its parts"),
        (b"\xa0" + bytes(12), "zero bytes"),
        (b"\xa0" + bytes(12) + b"\x03", "shorter than its parts"),
    ],
)
def test_a_malformed_header_is_refused(data: bytes, reason: str) -> None:
    assert reason in refused(data)


def test_a_packet_of_padding_alone_has_no_payload() -> None:
    header = parse_header(b"\xa0" + bytes(11) + b"\0\0\0\4")
    assert (header.payload_offset, header.payload_end) == (12, 12)


@given(st.binary(max_size=80), st.integers(0, 255))
@example(b"\x90" + bytes(11) + b"\x10\x0f\0\1" + b"\1\xff\0\0", 1)
def test_any_bytes_give_a_header_or_a_protocol_error(data: bytes, identifier: int) -> None:
    header = answer(parse_header, data)
    if not isinstance(header, RtpHeader):
        assert header is Code.PACKET_MALFORMED
        return
    assert 12 <= header.payload_offset <= header.payload_end <= len(data)
    value = extension(data, header, identifier)
    assert value is None or value in data


@given(st.binary(max_size=60))
def test_headers_agree_with_aiortc(tail: bytes) -> None:
    data = bytes((0x80 | (tail[0] & 0x3F if tail else 0),)) + tail
    # without registered extensions aiortc looks only at the frame of the extension part
    try:
        theirs = RtpPacket.parse(data, HeaderExtensionsMap())
    except ValueError as error:
        if "header extension" in str(error):
            return  # it refuses the packet for a bad element; we ignore the element
        refused(data)
        return
    ours = parse_header(data)
    assert (ours.payload_type, ours.marker, ours.sequence, ours.timestamp, ours.ssrc) == (
        theirs.payload_type,
        bool(theirs.marker),
        theirs.sequence_number,
        theirs.timestamp,
        theirs.ssrc,
    )
    assert data[ours.payload_offset : ours.payload_end] == theirs.payload


@given(
    st.integers(0, 127), st.booleans(), BIT16, BIT32, BIT32, ONE_BYTE_ITEMS, st.binary(max_size=40)
)
@example(96, True, 65535, 2**32 - 1, 9, {4: b"0", 3: b"abc"}, b"x")
@example(96, True, 65535, 2**32 - 1, 9, {4: b"abc"}, b"x")
def test_a_built_packet_reads_back(
    payload_type: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
    items: dict[int, bytes],
    payload: bytes,
) -> None:
    extensions = build_extensions(items.items())
    data = (
        build_header(payload_type, marker, sequence, timestamp, ssrc, bool(extensions))
        + extensions
        + payload
    )
    header = parse_header(data)
    assert (header.payload_type, header.marker, header.sequence) == (payload_type, marker, sequence)
    assert (header.timestamp, header.ssrc) == (timestamp, ssrc)
    assert data[header.payload_offset : header.payload_end] == payload
    assert {i: extension(data, header, i) for i in items} == items
    assert all(extension(data, header, i) is None for i in range(1, 15) if i not in items)


@given(ONE_BYTE_ITEMS)
def test_built_extensions_are_those_of_aiortc(items: dict[int, bytes]) -> None:
    profile, value = pack_header_extensions(list(items.items()))
    built = build_extensions(items.items())
    if not items:
        assert built == b""
        return
    assert built[:2] == profile.to_bytes(2, "big")
    assert int.from_bytes(built[2:4], "big") * 4 == len(value)
    assert built[4:] == value
    assert unpack_header_extensions(profile, built[4:]) == list(items.items())


def test_no_elements_make_no_extension_part() -> None:
    assert build_extensions([]) == b""


@pytest.mark.parametrize("item", [(0, b"x"), (15, b"x"), (1, b""), (1, bytes(17))])
def test_extensions_beyond_the_one_byte_form_are_refused(item: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="no one-byte extension"):
        build_extensions([item])


def with_extensions(profile: int, body: bytes) -> bytes:
    words = len(body) // 4
    assert len(body) % 4 == 0
    head = build_header(96, False, 1, 2, 3, True)
    return head + profile.to_bytes(2, "big") + words.to_bytes(2, "big") + body


@pytest.mark.parametrize("profile", [0x1000, 0x1005])
def test_two_byte_elements_with_padding_between_and_empty_values(profile: int) -> None:
    data = with_extensions(profile, b"\0\x05\x00\x14\x03abc\0\0\xff\x01z\0\0\0")
    header = parse_header(data)
    assert extension(data, header, 5) == b""
    assert extension(data, header, 20) == b"abc"
    assert extension(data, header, 255) == b"z"
    assert extension(data, header, 9) is None


def test_an_element_past_the_end_is_not_there() -> None:
    one = with_extensions(0xBEDE, b"\x10\x01\x2fx")
    assert extension(one, parse_header(one), 1) == b"\x01"
    assert extension(one, parse_header(one), 2) is None
    two = with_extensions(0x1000, b"\x01\x00\x02\x09")
    assert extension(two, parse_header(two), 1) == b""
    assert extension(two, parse_header(two), 2) is None


@pytest.mark.parametrize("stop", [b"\xf0\0", b"\x01\0"])
def test_identifiers_15_and_0_with_a_length_end_the_elements(stop: bytes) -> None:
    data = with_extensions(0xBEDE, b"\x10\x07" + stop + b"\x30\x08\0\0")
    header = parse_header(data)
    assert extension(data, header, 1) == b"\x07"
    assert extension(data, header, 3) is None


def test_an_unknown_profile_and_no_extension_have_no_elements() -> None:
    for data in (with_extensions(0xABCD, b"\x10\x07\0\0"), build_header(0, False, 1, 2, 3, False)):
        assert extension(data, parse_header(data), 1) is None


def test_absolute_send_time_counts_18_bits_of_fraction_and_wraps_every_64_seconds() -> None:
    assert abs_send_time(1.5) == bytes((0x06, 0, 0))
    assert abs_send_time(64 * 1000 + 1.5) == abs_send_time(1.5)
    assert abs_send_time(63.9999999) == b"\xff\xff\xff"
    assert seconds_between(abs_send_time(10.0), abs_send_time(10.25)) == 0.25
    assert seconds_between(abs_send_time(63.75), abs_send_time(64.25)) == 0.5
