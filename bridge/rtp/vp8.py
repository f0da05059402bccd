"""VP8 payloads: descriptor, key frames, frame size.

Owns RFC 7741 section 4 and the start of RFC 6386 section 9.1. Never decodes a picture,
but can put one that is encoded already into packets::

     0 1 2 3 4 5 6 7
    |X|R|N|S|R| PID |
    |I|L|T|K|  RSV  |  with X
    |M| PictureID   |  with I; with M eight bits more
    |   TL0PICIDX   |  with L
    |TID|Y| KEYIDX  |  with T or K
"""

from __future__ import annotations

import msgspec

from bridge.rtp.packet import Buffer

__all__ = ["Vp8Descriptor", "frame_size", "is_keyframe", "packetize", "parse_descriptor"]


class Vp8Descriptor(msgspec.Struct, frozen=True, gc=False):
    """Payload descriptor of one packet; the offset counts from the payload's first byte."""

    frame_start: bool
    """First packet of a frame: S bit, and partition 0."""
    picture_id: int | None
    wide: bool
    """PictureID has 15 bits, otherwise 7."""
    picture_id_offset: int
    tl0_index: int | None
    """TL0PICIDX, 0..255; it follows the PictureID."""
    size: int
    """Bytes of the descriptor; the VP8 data follows."""


def parse_descriptor(payload: Buffer) -> Vp8Descriptor | None:
    """Return the descriptor, or None when the payload is too short for it."""
    wide = False
    offset = 1
    picture_offset = 0
    picture_id = tl0_index = None
    try:
        first = payload[0]
        if first & 0x80:
            flags = payload[1]
            offset = 2
            if flags & 0x80:
                picture_offset = 2
                picture_id = payload[2]
                wide = picture_id > 0x7F
                if wide:
                    picture_id = (picture_id & 0x7F) << 8 | payload[3]
                offset = 4 if wide else 3
            if flags & 0x40:
                tl0_index = payload[offset]
                offset += 1
            if flags & 0x30:
                offset += 1
    except IndexError:
        return None
    if offset > len(payload):
        return None
    start = first & 0x17 == 0x10
    return Vp8Descriptor(start, picture_id, wide, picture_offset, tl0_index, offset)


def is_keyframe(payload: Buffer) -> bool:
    """Return whether this is the first packet of a key frame."""
    if not payload or payload[0] & 0x17 != 0x10:  # spares the parsing of most packets
        return False
    descriptor = parse_descriptor(payload)
    return (
        descriptor is not None
        and len(payload) > descriptor.size
        and not payload[descriptor.size] & 1  # RFC 6386, section 9.1: 0 for key frames
    )


def frame_size(payload: Buffer) -> tuple[int, int] | None:
    """Return width and height in pixels from the first packet of a key frame, else None."""
    descriptor = parse_descriptor(payload)
    if descriptor is None or not is_keyframe(payload):
        return None
    head = bytes(payload[descriptor.size : descriptor.size + 10])
    if len(head) < 10 or head[3:6] != b"\x9d\x01\x2a":
        return None
    return (head[6] | head[7] << 8) & 0x3FFF, (head[8] | head[9] << 8) & 0x3FFF


def packetize(frame: bytes, picture_id: int, tl0_index: int, limit: int) -> list[bytes]:
    """Return the payloads of one frame of the lowest temporal layer; mark the last packet.

    Args:
        frame: as the encoder gave it.
        picture_id: counts frames, any number, taken modulo 2^15.
        tl0_index: counts frames of the lowest layer, any number, taken modulo 256.
        limit: bytes of a payload at most, more than the 6 of the descriptor.
    """
    picture = (0x8000 | picture_id & 0x7FFF).to_bytes(2, "big")
    # I, L and T: PictureID, TL0PICIDX and TID 0 follow
    descriptor = b"\xe0" + picture + bytes((tl0_index & 0xFF, 0))
    room = limit - 1 - len(descriptor)
    return [
        (b"\x80" if start else b"\x90") + descriptor + frame[start : start + room]  # X; S at first
        for start in range(0, len(frame), room)
    ]
