"""H.264 payloads: parameter sets of a real encoder, aggregation, fragments, any bytes."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from aiortc.codecs.h264 import H264PayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.h264 import frame_size, is_keyframe, packetize

SPS, PPS, IDR, SLICE = b"\x67", b"\x68\xce", b"\x65\x88", b"\x41\x9a"


def encode(width: int, height: int, options: dict[str, str]) -> list[bytes]:
    """NAL units of two pictures of x264."""
    options = dict(options)
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = width, height
    context.pix_fmt = options.pop("pix_fmt", "yuv420p")
    context.time_base = Fraction(1, 30)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", **options}
    data = b""
    for index in range(2):
        frame = av.VideoFrame(width, height, context.pix_fmt)
        frame.pts = index
        data += b"".join(bytes(packet) for packet in context.encode(frame))
    data += b"".join(bytes(packet) for packet in context.encode(None))
    return [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def aggregate(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((1280, 720), {"profile": "baseline"}),
        ((640, 360), {"profile": "baseline"}),  # cropped to a part of a macroblock
        ((854, 480), {"profile": "main"}),
        ((1920, 1080), {"profile": "high"}),
        ((320, 180), {"profile": "high", "x264-params": "cqm=jvt"}),  # scaling matrices
        ((1920, 1080), {"profile": "high", "x264-params": "interlaced=1"}),
        ((322, 182), {"pix_fmt": "yuv422p", "profile": "high422"}),
        ((321, 181), {"pix_fmt": "yuv444p", "profile": "high444"}),
        ((321, 181), {"pix_fmt": "yuv444p", "profile": "high444", "x264-params": "cqm=jvt"}),
        ((322, 182), {"pix_fmt": "gray", "profile": "high"}),
    ],
)
def test_the_size_of_real_pictures(size: tuple[int, int], options: dict[str, str]) -> None:
    units = encode(*size, options)
    (sps,) = [unit for unit in units if unit[0] & 31 == 7]
    assert is_keyframe(sps)
    assert frame_size(sps) == size
    assert frame_size(memoryview(sps)) == size
    assert frame_size(aggregate(PPS, sps, PPS)) == size
    assert [frame_size(sps[:cut]) for cut in range(1, 7)] == [None] * 6
    assert [unit[0] & 31 for unit in units if is_keyframe(unit)][:2] == [7, 5]


class Writer:
    """Writes the bit strings of a parameter set that x264 never makes."""

    def __init__(self) -> None:
        self.bits = ""

    def u(self, count: int, value: int) -> Writer:
        self.bits += f"{value:0{count}b}"
        return self

    def ue(self, *values: int) -> Writer:
        for value in values:
            code = f"{value + 1:b}"
            self.bits += "0" * (len(code) - 1) + code
        return self

    def se(self, *values: int) -> Writer:
        return self.ue(*(2 * value - 1 if value > 0 else -2 * value for value in values))

    def unit(self) -> bytes:
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        data = int(bits, 2).to_bytes(len(bits) // 8, "big")
        return SPS + b"".join(
            b"\3" + data[i : i + 1]
            if i > 1 and not any(data[i - 2 : i]) and data[i] < 4
            else data[i : i + 1]
            for i in range(len(data))
        )


def baseline() -> Writer:
    return Writer().u(8, 66).u(8, 0xC0).u(8, 31).ue(0, 0)  # to log2_max_frame_num


def test_picture_order_type_one_lists_its_offsets() -> None:
    writer = baseline().ue(1).u(1, 0).se(-3, 4).ue(2).se(5, -6)
    writer.ue(1).u(1, 0).ue(79, 44).u(1, 1).u(1, 1).u(1, 0)
    assert frame_size(writer.unit()) == (1280, 720)


def test_picture_order_type_two_has_nothing_more() -> None:
    writer = baseline().ue(2).ue(1).u(1, 0).ue(19, 14).u(1, 1).u(1, 1).u(1, 0)
    assert frame_size(writer.unit()) == (320, 240)


def test_scaling_lists_and_separate_colour_planes_are_passed_over() -> None:
    writer = Writer().u(8, 244).u(8, 0).u(8, 31).ue(0).ue(3).u(1, 1).ue(0, 0).u(1, 0).u(1, 1)
    writer.u(1, 1).se(*[1] * 16)  # a whole list of 16
    writer.u(1, 1).se(-8)  # "use the default": ends at once
    writer.u(4, 0).u(1, 1).se(*[0] * 63, 1).u(5, 0)  # two of 64
    writer.ue(0, 2).ue(1).u(1, 0).ue(19, 14).u(1, 1).u(1, 1)
    writer.u(1, 1).ue(1, 0, 0, 3)  # planes of one colour crop by single pixels
    assert frame_size(writer.unit()) == (319, 237)


def test_emulation_prevention_is_undone() -> None:
    writer = Writer().u(8, 66).u(8, 0).u(8, 0).ue(63, 0, 2, 1).u(1, 0)
    unit = writer.ue(19, 14).u(1, 1).u(1, 1).u(1, 0).unit()
    assert unit.startswith(SPS + b"\x42\0\0\3\2")
    assert frame_size(unit) == (320, 240)


def test_a_picture_wider_than_any_has_no_size() -> None:
    writer = baseline().ue(2).ue(1).u(1, 0).ue(2**16 - 1, 14).u(1, 1).u(1, 1).u(1, 0)
    assert frame_size(writer.unit()) is None


def test_numbers_that_no_parameter_set_may_hold_are_not_read() -> None:
    many = baseline().ue(1).u(1, 0).se(0, 0).ue(256).se(*[1] * 256)
    many.ue(1).u(1, 0).ue(19, 14).u(1, 1).u(1, 1).u(1, 0)
    assert frame_size(many.unit()) is None
    most = baseline().ue(1).u(1, 0).se(0, 0).ue(255).se(*[1] * 255)
    most.ue(1).u(1, 0).ue(19, 14).u(1, 1).u(1, 1).u(1, 0)
    assert frame_size(most.unit()) == (320, 240)
    long = Writer().u(8, 66).u(8, 0).u(8, 31).u(33, 0).u(1, 1).u(33, 5).ue(0, 2).ue(1).u(1, 0)
    assert frame_size(long.ue(19, 14).u(1, 1).u(1, 1).u(1, 0).unit()) is None


@pytest.mark.parametrize("crop", [(200, 200, 0, 0), (0, 0, 200, 200)])
def test_a_picture_cropped_to_nothing_has_no_size(crop: tuple[int, int, int, int]) -> None:
    writer = baseline().ue(2).ue(1).u(1, 0).ue(19, 14).u(1, 1).u(1, 1).u(1, 1).ue(*crop)
    assert frame_size(writer.unit()) is None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", False),
        (SPS, False),
        (IDR, True),
        (SLICE, False),
        (PPS, False),
        (aggregate(PPS, SPS), True),
        (aggregate(b"\x09\x10", IDR), True),
        (aggregate(PPS, SLICE), False),
        (b"\x78\0\0\0\0" + b"\x65", False),  # units of no bytes
        (b"\x78\0\x09\x65", False),  # cut off
        (b"\x7c\x85", True),  # FU-A, first fragment of an IDR
        (b"\x7c\x87", True),
        (b"\x7c\x05", False),  # a later fragment
        (b"\x7c\x81", False),
    ],
)
def test_where_a_key_frame_starts(payload: bytes, expected: bool) -> None:
    assert is_keyframe(payload) is expected
    assert is_keyframe(memoryview(payload)) is expected


@pytest.mark.parametrize("payload", [b"", IDR, SPS, aggregate(PPS), aggregate(SPS), b"\x78"])
def test_nothing_but_a_whole_parameter_set_has_a_size(payload: bytes) -> None:
    assert frame_size(payload) is None


@given(st.binary(max_size=80), st.sampled_from([b"", SPS + b"\x64\0\x1f", b"\x78", b"\x7c"]))
def test_any_bytes_give_an_answer(tail: bytes, head: bytes) -> None:
    assert isinstance(is_keyframe(head + tail), bool)
    size = frame_size(head + tail)
    assert size is None or (0 < size[0] <= 65535 and 0 < size[1] <= 65535)


@given(st.lists(st.binary(min_size=2, max_size=4000), min_size=1, max_size=4), st.integers(3, 1500))
def test_what_is_put_into_packets_comes_out_again(datas: list[bytes], limit: int) -> None:
    kinds = (0x67, 0x68, 0x65, 0x41)
    units = [bytes((kind,)) + data for kind, data in zip(kinds, datas, strict=False)]
    payloads = packetize(units, limit)
    assert max(len(payload) for payload in payloads) <= limit
    parsed = [H264PayloadDescriptor.parse(payload) for payload in payloads]
    assert b"".join(data for _, data in parsed) == b"".join(b"\0\0\0\1" + u for u in units)
    assert is_keyframe(payloads[0])
    ends = [p for p in payloads if p[0] & 0x1F == 28 and p[1] & 0x40]
    assert len(ends) == sum(len(unit) > limit for unit in units)
