"""H.264 payloads: where a key frame starts, how large the picture is, and making packets.

Owns RFC 6184 section 5 (single NAL unit, STAP-A, FU-A) and, for the size, the sequence
parameter set of ITU-T H.264 section 7.3.2.1. Never decodes a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.rtp.packet import Buffer

__all__ = ["frame_size", "is_keyframe", "packetize"]

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28
_HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
_MAX_SPS = 512  # bytes; real ones have 10 to 60


def is_keyframe(payload: Buffer) -> bool:
    """Return whether a key frame starts here; its SPS, sent before it, counts as its start."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return payload[1] > 0x7F and payload[1] & 0x1F in {_IDR, _SPS}
    if kind == _STAP_A:
        return any(payload[start] & 0x1F in {_IDR, _SPS} for start, _ in _aggregated(payload))
    return kind in {_IDR, _SPS}


def frame_size(payload: Buffer) -> tuple[int, int] | None:
    """Return width and height in pixels from a payload with a whole SPS, else None."""
    if not payload:
        return None
    kind = payload[0] & 0x1F
    if kind == _SPS:
        return _size_of_sps(bytes(payload[1:_MAX_SPS]))
    if kind == _STAP_A:
        for start, end in _aggregated(payload):
            if payload[start] & 0x1F == _SPS:
                return _size_of_sps(bytes(payload[start + 1 : min(end, start + _MAX_SPS)]))
    return None


def _aggregated(payload: Buffer) -> Iterator[tuple[int, int]]:
    """Yield start and end of each NAL unit of a STAP-A, as far as they are whole."""
    offset = 1
    while offset + 2 < len(payload):
        start = offset + 2
        offset = start + (payload[offset] << 8 | payload[offset + 1])
        if start < offset <= len(payload):
            yield start, offset


def packetize(units: Sequence[bytes], limit: int) -> list[bytes]:
    """Return the payloads of one picture; mark the last packet.

    A NAL unit that fits is a packet of its own, what does not goes in fragments. Parameter sets
    travel as single units: every receiver of packetization mode 1 takes them.

    Args:
        units: NAL units without start codes, in decoding order.
        limit: bytes of a payload at most, more than the 2 of a fragment's head.
    """
    payloads: list[bytes] = []
    for unit in units:
        if len(unit) <= limit:
            payloads.append(unit)
        else:
            payloads += _fragments(unit, limit - 2)
    return payloads


def _fragments(unit: bytes, room: int) -> Iterator[bytes]:
    """Yield the FU-A payloads (section 5.8) of one NAL unit, *room* bytes of it in each."""
    indicator, kind = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F
    for start in range(1, len(unit), room):
        first = 0x80 if start == 1 else 0
        last = 0x40 if start + room >= len(unit) else 0
        yield bytes((indicator, first | last | kind)) + unit[start : start + room]


class _Unreadable(Exception):
    """The parameter set ended before the field, or holds a number that none may hold."""


class _Bits:
    """Reads bits and Exp-Golomb codes, ITU-T H.264 sections 7.2 and 9.1."""

    def __init__(self, data: bytes) -> None:
        data = data.replace(b"\0\0\3", b"\0\0")  # emulation prevention, section 7.4.1.1
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        """Return an unsigned number of ``count`` bits, u(n)."""
        if count > self._left:
            raise _Unreadable
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Return ue(v)."""
        rest = self._value & ((1 << self._left) - 1)
        zeros = self._left - rest.bit_length()
        if zeros > 32:  # section 9.1: the largest code has that many
            raise _Unreadable
        self._left -= zeros + 1
        return (1 << zeros | self.read(zeros)) - 1

    def signed(self) -> int:
        """Return se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _size_of_sps(sps: bytes) -> tuple[int, int] | None:
    """Return the cropped size; ``sps`` starts after the NAL unit's header byte."""
    bits = _Bits(sps)
    try:
        return _read_size(bits)
    except _Unreadable:
        return None


def _read_size(bits: _Bits) -> tuple[int, int] | None:
    profile = bits.read(8)
    bits.read(16)  # constraint flags, level
    bits.unsigned()  # seq_parameter_set_id
    chroma = _skip_high_profile(bits) if profile in _HIGH_PROFILES else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.read(1)  # gaps_in_frame_num_value_allowed_flag
    width = 16 * (bits.unsigned() + 1)
    map_units = bits.unsigned() + 1
    frame_only = bits.read(1)
    if not frame_only:
        bits.read(1)  # mb_adaptive_frame_field_flag
    height = 16 * map_units * (2 - frame_only)
    bits.read(1)  # direct_8x8_inference_flag
    if bits.read(1):  # frame_cropping_flag
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * (2 if chroma in {1, 2} else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * (2 - frame_only)
    if not 0 < width <= 0xFFFF or not 0 < height <= 0xFFFF:
        return None
    return width, height


def _skip_high_profile(bits: _Bits) -> int:
    """Skip what only the High profiles have; return what cropping counts in: 0 for 4:4:4."""
    chroma = bits.unsigned()
    separate = bits.read(1) if chroma == 3 else 0
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.read(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.read(1):  # seq_scaling_matrix_present_flag
        for index in range(8 if chroma != 3 else 12):
            if bits.read(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return 0 if separate else chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    scale = 8
    for _ in range(size):
        scale = (scale + bits.signed()) % 256
        if not scale:  # the rest repeats the last one and is not written
            return


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.unsigned()  # pic_order_cnt_type
    if kind == 0:
        bits.unsigned()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.read(1)  # delta_pic_order_always_zero_flag
        bits.signed()  # offset_for_non_ref_pic
        bits.signed()  # offset_for_top_to_bottom_field
        cycle = bits.unsigned()
        if cycle > 255:  # section 7.4.2.1.1
            raise _Unreadable
        for _ in range(cycle):
            bits.signed()  # offset_for_ref_frame
