"""One received packet as all its viewers share it, and where a stream of them stands.

Owns: the shape, and the room for a picture number of 15 bits. Knows nothing of who sent or watches.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.rtp import vp8

__all__ = ["Mark", "Packet", "set_picture", "widened"]


class Packet:
    """One received packet as all viewers share it.

    Attributes:
        number: endless sequence number of its source.
        marker: 0x80 or 0, as in the second byte of the header.
        stamp: abs-send-time, computed once, so that a resent packet has the same bytes.
        picture_at, tl0_at: offsets of the 15-bit VP8 PictureID and of TL0PICIDX
            in the payload, 0 if absent.
        size: of the payload, bytes; ``payload`` may be only its beginning.
        forwarded: every sink of its source has got it.
    """

    __slots__ = (
        "forwarded",
        "marker",
        "number",
        "payload",
        "picture",
        "picture_at",
        "size",
        "stamp",
        "timestamp",
        "tl0",
        "tl0_at",
    )

    def __init__(
        self, number: int, timestamp: int, marker: int, payload: bytes, stamp: bytes
    ) -> None:
        self.number = number
        self.timestamp = timestamp
        self.marker = marker
        self.payload = payload
        self.stamp = stamp
        self.picture_at = 0
        self.picture = 0
        self.tl0_at = 0
        self.tl0 = 0
        self.size = len(payload)
        self.forwarded = False


class Mark(NamedTuple):
    """Where a source's numbers stood with the newest packet that its sinks got."""

    number: int
    """-1: they got none."""
    timestamp: int
    at: float
    """When it came, seconds."""
    picture: int
    tl0: int


def widened(payload: bytes, descriptor: vp8.Vp8Descriptor) -> bytes:
    """Return *payload* with room for a 15-bit PictureID: players take a 7-bit wrap for a jump."""
    at = descriptor.picture_id_offset
    return payload[:at] + b"\x80" + payload[at:]


def set_picture(packet: Packet) -> None:
    """Write the packet's picture number into its payload."""
    payload = bytearray(packet.payload)
    at = packet.picture_at
    payload[at : at + 2] = (0x8000 | packet.picture & 0x7FFF).to_bytes(2, "big")
    packet.payload = bytes(payload)
