"""VP8 payloads: descriptors against aiortc, real pictures, PictureIDs over switches."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.vp8 import (
    Vp8Descriptor,
    frame_size,
    is_keyframe,
    packetize,
    parse_descriptor,
)
from tests.rtp.reference import Vp8Rewriter

BIT15 = st.integers(0, 2**15 - 1)
BIT8 = st.integers(0, 255)


def wide(picture: int, tl0: int | None = None, data: bytes = b"x") -> bytes:
    descriptor = VpxPayloadDescriptor(1, 0, picture_id=picture & 0x7FFF, tl0picidx=tl0)
    return bytes(descriptor) + data


def narrow(picture: int, data: bytes = b"x") -> bytes:
    return bytes((0x90, 0x80, picture & 0x7F)) + data


def picture(payload: bytes | memoryview) -> int | None:
    descriptor = parse_descriptor(payload)
    assert descriptor is not None
    return descriptor.picture_id


def test_every_field_of_a_descriptor() -> None:
    data = b"\x90\xf0\x81\x02\x09\xa3data"
    assert parse_descriptor(data) == Vp8Descriptor(True, 0x102, True, 2, 9, 6)
    assert parse_descriptor(memoryview(data)) == parse_descriptor(data)
    assert parse_descriptor(b"\x80\x80\x05data") == Vp8Descriptor(False, 5, False, 2, None, 3)
    assert parse_descriptor(b"\x10data") == Vp8Descriptor(True, None, False, 0, None, 1)
    assert parse_descriptor(b"\x11") == Vp8Descriptor(False, None, False, 0, None, 1)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\x80\x40", b"\x80\x20", b"\x80\x10"]
)
def test_a_cut_off_descriptor_is_none(data: bytes) -> None:
    assert parse_descriptor(data) is None
    assert frame_size(data) is None
    assert Vp8Rewriter().rewrite(data) is data


@given(st.binary(max_size=12))
def test_descriptors_agree_with_aiortc_on_any_bytes(data: bytes) -> None:
    ours = parse_descriptor(data)
    try:
        theirs, rest = VpxPayloadDescriptor.parse(data)
    except ValueError:
        assert ours is None
        return
    assert ours is not None
    assert (ours.picture_id, ours.tl0_index) == (theirs.picture_id, theirs.tl0picidx)
    assert data[ours.size :] == rest
    assert isinstance(is_keyframe(data), bool)
    frame_size(data)


@given(st.binary(max_size=16), st.lists(st.binary(max_size=8), max_size=5))
def test_any_payload_is_rewritten_or_passed(first: bytes, others: list[bytes]) -> None:
    rewriter = Vp8Rewriter()
    for data in (first, *others):
        assert len(rewriter.rewrite(data)) in {len(data), len(data) + 1}
        rewriter.switch()


def encode(width: int, height: int) -> list[bytes]:
    context = av.CodecContext.create("libvpx", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, 30)
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frames = []
    for index in range(3):
        frame = av.VideoFrame(width, height, "yuv420p")
        frame.pts = index
        frames += [bytes(packet) for packet in context.encode(frame)]
    return frames + [bytes(packet) for packet in context.encode(None)]


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (16, 8)])
def test_real_pictures_show_their_key_frame_and_size(size: tuple[int, int]) -> None:
    key, *others = encode(*size)
    for head in (b"\x10", b"\x90\xe0\x81\x02\x09\xa3"):
        assert is_keyframe(head + key)
        assert is_keyframe(memoryview(head + key))
        assert frame_size(head + key) == size
        assert not any(is_keyframe(head + frame) for frame in others)
        assert not any(frame_size(head + frame) for frame in others)
    assert not is_keyframe(b"\x00" + key), "not the start of a partition"
    assert not is_keyframe(b"\x11" + key), "not the first partition"
    assert not is_keyframe(b"\x10")
    assert not is_keyframe(b"\x90\x80")
    assert frame_size(b"\x10" + key[:9]) is None
    assert frame_size(b"\x10" + key[:3] + b"\0" + key[4:]) is None


@given(st.binary(min_size=1, max_size=5000), BIT15, BIT8, st.integers(8, 1500))
def test_what_is_put_into_packets_comes_out_again(
    frame: bytes, number: int, tl0: int, limit: int
) -> None:
    payloads = packetize(frame, number + 0x8000, tl0 + 0x100, limit)
    assert max(len(payload) for payload in payloads) <= limit
    parsed = [VpxPayloadDescriptor.parse(payload) for payload in payloads]
    assert b"".join(data for _, data in parsed) == frame
    for place, (descriptor, _) in enumerate(parsed):
        assert descriptor.partition_start == (place == 0)
        assert descriptor.partition_id == 0
        assert descriptor.picture_id == number
        assert descriptor.tl0picidx == tl0
        assert descriptor.tid == (0, 0)
        ours = parse_descriptor(payloads[place])
        assert ours is not None
        assert (ours.picture_id, ours.tl0_index) == (number, tl0)


def test_the_first_source_passes_without_a_copy() -> None:
    rewriter = Vp8Rewriter()
    for index in (0x7FFE, 0x7FFF, 0, 1):
        payload = wide(index, tl0=index & 0xFF)
        assert rewriter.rewrite(payload) is payload
        assert rewriter.rewrite(payload, parse_descriptor(payload)) is payload


def test_a_payload_without_picture_id_passes_without_a_copy() -> None:
    rewriter = Vp8Rewriter()
    for payload in (b"\x10data", b"\x80\x40\x05data"):
        assert rewriter.rewrite(payload) is payload


def test_picture_and_layer_numbers_continue_over_a_switch() -> None:
    rewriter = Vp8Rewriter()
    rewriter.rewrite(wide(0x7FFF, tl0=255))
    rewriter.switch()
    assert rewriter.rewrite(wide(500, tl0=10, data=b"key")) == wide(0, tl0=0, data=b"key")
    assert rewriter.rewrite(memoryview(wide(500, tl0=10))) == wide(0, tl0=0)
    assert rewriter.rewrite(wide(502, tl0=11)) == wide(2, tl0=1)
    assert rewriter.rewrite(wide(501, tl0=10)) == wide(1, tl0=0), "overtaken"
    rewriter.switch()
    assert rewriter.rewrite(wide(7, tl0=7)) == wide(3, tl0=2)


def test_a_source_without_layers_between_two_with() -> None:
    rewriter = Vp8Rewriter()
    rewriter.rewrite(wide(10, tl0=20))
    rewriter.switch()
    assert rewriter.rewrite(wide(100)) == wide(11)
    rewriter.switch()
    assert rewriter.rewrite(wide(200, tl0=77)) == wide(12, tl0=21)


def test_layers_that_appear_later_start_where_they_are() -> None:
    rewriter = Vp8Rewriter()
    rewriter.rewrite(wide(10))
    payload = wide(11, tl0=20)
    assert rewriter.rewrite(payload) is payload


def test_seven_bit_pictures_are_widened_and_counted_across_their_wrap() -> None:
    rewriter = Vp8Rewriter()
    assert rewriter.rewrite(narrow(126)) == wide(126)
    assert [picture(rewriter.rewrite(narrow(index))) for index in range(127, 400)] == list(
        range(127, 400)
    )
    assert picture(rewriter.rewrite(narrow(398))) == 398
    with_layer = b"\x90\xc0\x10\x07x"  # 400 modulo 128, TL0PICIDX 7
    assert rewriter.rewrite(with_layer) == wide(400, tl0=7)


def test_wide_after_narrow_continues() -> None:
    rewriter = Vp8Rewriter()
    rewriter.rewrite(wide(1000))
    rewriter.switch()
    assert rewriter.rewrite(narrow(5)) == wide(1001)
    assert rewriter.rewrite(narrow(6)) == wide(1002)
    rewriter.switch()
    assert rewriter.rewrite(wide(30000)) == wide(1003)


@given(
    st.lists(
        st.tuples(BIT15, BIT8, st.booleans(), st.lists(st.integers(0, 3), max_size=60)),
        min_size=1,
        max_size=6,
    )
)
def test_pictures_step_as_their_source_steps(
    sources: list[tuple[int, int, bool, list[int]]],
) -> None:
    rewriter = Vp8Rewriter()
    last: int | None = None
    for start, tl0, is_wide, steps in sources:
        rewriter.switch()
        first_of_all = start & (0x7FFF if is_wide else 0x7F)
        expected = first_of_all if last is None else (last + 1) & 0x7FFF
        number = start
        for step in [0, *steps]:
            number += step
            expected = (expected + step) & 0x7FFF
            payload = wide(number, tl0=tl0) if is_wide else narrow(number)
            assert picture(rewriter.rewrite(payload)) == expected
        last = expected
