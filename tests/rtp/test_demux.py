"""RFC 7983 and RFC 5761, over the whole range of both bytes."""

from __future__ import annotations

import pytest
from aiortc.rtp import is_rtcp
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.demux import Kind, classify


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (0, Kind.STUN),
        (3, Kind.STUN),
        (4, Kind.UNKNOWN),
        (16, Kind.UNKNOWN),  # ZRTP
        (19, Kind.UNKNOWN),
        (20, Kind.DTLS),
        (63, Kind.DTLS),
        (64, Kind.UNKNOWN),  # TURN channel
        (127, Kind.UNKNOWN),
        (128, Kind.RTP),
        (191, Kind.RTP),
        (192, Kind.UNKNOWN),
        (255, Kind.UNKNOWN),
    ],
)
def test_the_first_byte_decides(first: int, kind: Kind) -> None:
    assert classify(bytes((first, 0))) is kind
    assert classify(memoryview(bytes((first, 0)))) is kind


@pytest.mark.parametrize(
    ("second", "kind"),
    [(191, Kind.RTP), (192, Kind.RTCP), (200, Kind.RTCP), (223, Kind.RTCP), (224, Kind.RTP)],
)
def test_the_second_byte_parts_rtp_from_rtcp(second: int, kind: Kind) -> None:
    assert classify(bytes((0x80, second))) is kind


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x00"])
def test_too_short_for_anything_is_unknown(data: bytes) -> None:
    assert classify(data) is Kind.UNKNOWN


@given(st.binary())
def test_any_bytes_have_a_kind_and_aiortc_agrees_on_its_rtcp(data: bytes) -> None:
    kind = classify(data)
    if kind is Kind.RTP:
        assert not is_rtcp(data)
