"""What kind of datagram this is, from its first two bytes.

Owns RFC 7983 section 7 (first byte) and RFC 5761 section 4 (RTP or RTCP). It does
not look further: a datagram classified as RTP may still be malformed.
"""

from __future__ import annotations

from enum import IntEnum

from bridge.rtp.packet import Buffer

__all__ = ["Kind", "classify"]


class Kind(IntEnum):
    """Protocols that share our UDP port."""

    UNKNOWN = 0
    STUN = 1
    DTLS = 2
    RTP = 3
    RTCP = 4


def _first_byte(value: int) -> Kind:
    if value <= 3:
        return Kind.STUN
    if 20 <= value <= 63:
        return Kind.DTLS
    if 128 <= value <= 191:
        return Kind.RTP
    return Kind.UNKNOWN


_KINDS = tuple(_first_byte(value) for value in range(256))
_UNKNOWN, _RTP, _RTCP = Kind.UNKNOWN, Kind.RTP, Kind.RTCP


def classify(data: Buffer) -> Kind:
    """Return the protocol of a datagram; UNKNOWN for anything we do not speak (ZRTP, TURN, empty).

    Args:
        data: the datagram as received, of any length.
    """
    if len(data) < 2:
        return _UNKNOWN
    kind = _KINDS[data[0]]
    if kind is _RTP and 192 <= data[1] <= 223:  # RFC 5761: payload types 64..95 are never RTP
        return _RTCP
    return kind
