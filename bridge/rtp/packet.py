"""RTP packets: fixed header, header extensions, payload bounds.

Owns RFC 3550 section 5.1 and RFC 8285. Knows nothing of codecs, streams or time::

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
    |                           timestamp                           |
    |                             SSRC                              |
    |                       CSRC, 0 to 15 words                     |
    |      extension profile        |  length in words              |  only with X
    |                  extension elements ...                       |

``parse_header`` runs for every packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from bridge.errors import Code, ProtocolError

__all__ = [
    "STAMPS_S",
    "Buffer",
    "RtpHeader",
    "abs_send_time",
    "build_extensions",
    "extension",
    "parse_header",
    "seconds_between",
]

# abs-send-time begins anew after so many seconds.
STAMPS_S: Final = 64.0

Buffer: TypeAlias = bytes | memoryview

_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
_ONE_BYTE_PROFILE = 0xBEDE  # RFC 8285, section 4.2
_TWO_BYTE_PROFILE = 0x1000  # section 4.3: the low four bits are "appbits"
_ELEMENT_HEADS = {
    (identifier, length): bytes(((identifier << 4) | (length - 1),))
    for identifier in range(1, 15)
    for length in range(1, 17)
}


class RtpHeader(msgspec.Struct, frozen=True, gc=False):
    """Fields of one packet and where its parts lie; offsets count from the packet's first byte."""

    payload_type: int
    marker: bool
    sequence: int
    """0..65535, wraps."""
    timestamp: int
    """0..2^32-1, wraps, in the codec's clock."""
    ssrc: int
    payload_offset: int
    payload_end: int
    """Where padding begins; equal to ``payload_offset`` in a packet of padding alone."""
    ext_offset: int
    """First extension element, after profile and length; 0 without extensions."""
    ext_length: int
    """Bytes of extension elements, a multiple of 4."""
    ext_profile: int
    """0xBEDE for one-byte elements, 0x100x for two-byte ones."""


def parse_header(data: Buffer) -> RtpHeader:
    """Read the header of one packet without copying it.

    Args:
        data: the whole packet, decrypted.

    Raises:
        ProtocolError: too short, another version, or lengths that point outside the packet.
    """
    end = len(data)
    if end < 12:
        raise ProtocolError(Code.PACKET_MALFORMED, "RTP packet shorter than its header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first & 0xC0 != 0x80:
        raise ProtocolError(Code.PACKET_MALFORMED, "RTP version is not 2")
    offset = 12 + 4 * (first & 0x0F)
    ext_offset = ext_length = ext_profile = 0
    if first & 0x10:
        ext_offset = offset + 4
        if ext_offset > end:
            raise ProtocolError(Code.PACKET_MALFORMED, "RTP extension header is cut off")
        ext_profile, words = _EXTENSION.unpack_from(data, offset)
        ext_length = 4 * words
        offset = ext_offset + ext_length
    if first & 0x20:
        padding = data[-1]
        if not padding:
            raise ProtocolError(Code.PACKET_MALFORMED, "RTP padding of zero bytes")
        end -= padding
    if offset > end:
        raise ProtocolError(Code.PACKET_MALFORMED, "RTP packet shorter than its parts")
    return RtpHeader(
        second & 0x7F,
        second > 0x7F,
        sequence,
        timestamp,
        ssrc,
        offset,
        end,
        ext_offset,
        ext_length,
        ext_profile,
    )


def extension(data: Buffer, header: RtpHeader, identifier: int) -> bytes | None:
    """Return one header extension element, or None when it is not there.

    An element that runs past the extension ends the search: what came before it still counts.

    Args:
        data: the packet ``header`` was parsed from.
        header: result of ``parse_header``.
        identifier: 1..14 (1..255 in the two-byte form), from the ``extmap`` of the SDP.
    """
    offset = header.ext_offset
    end = offset + header.ext_length
    if header.ext_profile == _ONE_BYTE_PROFILE:
        while offset < end:
            first = data[offset]
            offset += 1
            if not first:
                continue
            found = first >> 4
            if found in {0, 15}:  # RFC 8285, section 4.2: stop reading here
                return None
            after = offset + (first & 0x0F) + 1
            if found == identifier and after <= end:
                return bytes(data[offset:after])
            offset = after
    elif header.ext_profile & 0xFFF0 == _TWO_BYTE_PROFILE:
        while offset + 1 < end:
            found = data[offset]
            offset += 1
            if not found:
                continue
            after = offset + 1 + data[offset]
            if found == identifier and after <= end:
                return bytes(data[offset + 1 : after])
            offset = after
    return None


def build_extensions(items: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the extension part of a packet: profile, length and one-byte elements, padded.

    Args:
        items: pairs of identifier 1..14 and value of 1..16 bytes; none gives ``b""``, and then
            the header must be built with ``has_ext=False``.

    Raises:
        ValueError: an identifier or length that the one-byte form cannot carry.
    """
    body = b""
    for identifier, value in items:
        head = _ELEMENT_HEADS.get((identifier, len(value)))
        if head is None:
            raise ValueError(f"no one-byte extension: id {identifier}, {len(value)} bytes")
        body += head + value
    if not body:
        return b""
    padding = -len(body) & 3
    head = _EXTENSION.pack(_ONE_BYTE_PROFILE, (len(body) + padding) >> 2)
    return head + body + bytes(padding) if padding else head + body


def abs_send_time(now: float) -> bytes:
    """Return the value of the abs-send-time extension: 24 bits, 6.18 fixed point seconds.

    Args:
        now: Unix seconds. NTP's epoch differs by a multiple of 64 s, so nothing is added.
    """
    return (int(now * 262144) & 0xFFFFFF).to_bytes(3, "big")


def seconds_between(earlier: bytes, later: bytes) -> float:
    """Return the seconds between two values of :func:`abs_send_time`, 0 to :data:`STAMPS_S`."""
    ticks = int.from_bytes(later, "big") - int.from_bytes(earlier, "big")
    return (ticks & 0xFFFFFF) / 262144
