"""VP8 payloads: descriptor, key frames, frame size, PictureIDs that continue over a switch.

Owns RFC 7741 section 4 and the start of RFC 6386 section 9.1. Never decodes a picture::

     0 1 2 3 4 5 6 7
    |X|R|N|S|R| PID |
    |I|L|T|K|  RSV  |  with X
    |M| PictureID   |  with I; with M eight bits more
    |   TL0PICIDX   |  with L
    |TID|Y| KEYIDX  |  with T or K
"""

from __future__ import annotations

import struct

import msgspec

from bridge.rtp.packet import Buffer

__all__ = ["Vp8Descriptor", "Vp8Rewriter", "frame_size", "is_keyframe", "parse_descriptor"]

_PICTURE = struct.Struct("!H")
_PICTURE_TL0 = struct.Struct("!HB")


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


class Vp8Rewriter:
    """Keeps PictureID and TL0PICIDX of one slot continuous over changes of source.

    The output always has 15-bit PictureIDs, because players take a 7-bit wrap for a jump.
    Packets from before a switch must not come here (``StreamRewriter.map`` gives None).
    """

    __slots__ = ("_fresh", "_picture", "_picture_in", "_picture_offset", "_tl0", "_tl0_offset")

    def __init__(self) -> None:
        self._fresh = True  # the next packet is the first of its source
        self._picture: int | None = None  # newest sent
        self._picture_in = 0  # newest received, beyond 7 bits for narrow sources
        self._picture_offset = 0
        self._tl0: int | None = None  # newest sent
        self._tl0_offset = 0

    def switch(self) -> None:
        """Continue with a new source from the next packet on."""
        self._fresh = True

    def rewrite(self, payload: Buffer, descriptor: Vp8Descriptor | None = None) -> Buffer:
        """Return the payload for the slot; the same object when nothing changes.

        Args:
            payload: of a packet of the present source; anything malformed passes unchanged.
            descriptor: of this payload, to spare parsing it again for every viewer.
        """
        descriptor = descriptor or parse_descriptor(payload)
        if descriptor is None or descriptor.picture_id is None:
            return payload
        wide, tl0_in = descriptor.wide, descriptor.tl0_index
        picture = self._map_picture(descriptor.picture_id, 0x8000 if wide else 0x80)
        tl0 = None if tl0_in is None else self._map_tl0(tl0_in)
        self._fresh = False
        if wide and picture == descriptor.picture_id and tl0 == tl0_in:
            return payload
        at = descriptor.picture_id_offset
        rest = at + 2 if wide else at + 1
        if tl0 is None:
            return b"".join((payload[:at], _PICTURE.pack(0x8000 | picture), payload[rest:]))
        changed = _PICTURE_TL0.pack(0x8000 | picture, tl0)  # TL0PICIDX comes right after
        return b"".join((payload[:at], changed, payload[rest + 1 :]))

    def _map_picture(self, picture: int, span: int) -> int:
        if self._fresh:
            out = picture if self._picture is None else (self._picture + 1) & 0x7FFF
            self._picture_in, self._picture_offset, self._picture = picture, out - picture, out
            return out
        half = span // 2
        step = ((picture - self._picture_in + half) & (span - 1)) - half
        out = (self._picture_in + step + self._picture_offset) & 0x7FFF
        if step > 0:
            self._picture_in += step
            self._picture = out
        return out

    def _map_tl0(self, tl0: int) -> int:
        if self._fresh:
            self._tl0_offset = 0 if self._tl0 is None else self._tl0 + 1 - tl0
        out = (tl0 + self._tl0_offset) & 0xFF
        if self._tl0 is None or self._fresh or (out - self._tl0) & 0xFF < 0x80:
            self._tl0 = out
        return out
