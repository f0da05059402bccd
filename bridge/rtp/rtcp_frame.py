"""What every RTCP packet has in common: its header, and how a cut one is refused.

Owns RFC 3550 section 6.4.1's first word; ``rtcp_reports`` and ``rtcp_feedback`` own what follows::

    |V=2|P| count/format |  packet type  |  length in words minus 1  |
"""

from __future__ import annotations

import struct

from bridge.errors import Code, ProtocolError

__all__ = ["HEADER", "WORD", "cut", "first_word", "packet"]

HEADER = struct.Struct("!BBH")
WORD = struct.Struct("!I")


def packet(count: int, kind: int, body: bytes) -> bytes:
    """Return a packet.

    Args:
        count: 0..31, a number of blocks or a format.
        kind: the packet type, 192..223.
        body: what follows the first word, a multiple of 4 bytes.
    """
    return HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def cut(what: str) -> ProtocolError:
    """Return the error for a packet that ends before *what* does."""
    return ProtocolError(Code.PACKET_MALFORMED, f"RTCP {what} is cut off")


def first_word(body: bytes) -> int:
    """Return the SSRC a packet begins with.

    Raises:
        ProtocolError: it is not there.
    """
    if len(body) < 4:
        raise cut("sender")
    return int.from_bytes(body[:4], "big")
