"""RTCP by which a receiver asks the sender for something.

Owns RFC 4585 section 6 (NACK, PLI), RFC 5104 section 4.3.1 (FIR) and
draft-alvestrand-rmcat-remb-03 (REMB). Transport-wide feedback lives in ``twcc``. Each is
built by its ``to_bytes``; the parsers take the packet without its first word and padding.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from bridge.rtp.rtcp_frame import WORD, cut, packet

__all__ = [
    "PSFB",
    "RTPFB",
    "Fir",
    "Nack",
    "Pli",
    "Remb",
    "parse_nack",
    "parse_payload_feedback",
]

RTPFB, PSFB = 205, 206
_PAIR = struct.Struct("!II")
_NACK_ITEM = struct.Struct("!HH")
_FIR_ITEM = struct.Struct("!IB3x")


@dataclass(frozen=True, slots=True)
class Nack:
    """Generic NACK: these packets are missing, RFC 4585 section 6.2.1."""

    sender: int
    media: int
    sequences: tuple[int, ...]
    """0..65535 each; in sending order they pack best (17 to one word, across the wrap too)."""

    def to_bytes(self) -> bytes:
        """Return the whole packet."""
        items: list[list[int]] = []
        for sequence in self.sequences:
            distance = (sequence - items[-1][0]) & 0xFFFF if items else 17
            if distance > 16:
                items.append([sequence, 0])
            elif distance:
                items[-1][1] |= 1 << distance - 1
        body = b"".join(_NACK_ITEM.pack(first, mask) for first, mask in items)
        return packet(1, RTPFB, _PAIR.pack(self.sender, self.media) + body)


@dataclass(frozen=True, slots=True)
class Pli:
    """Picture loss indication: send a key frame, RFC 4585 section 6.3.1."""

    sender: int
    media: int

    def to_bytes(self) -> bytes:
        """Return the whole packet."""
        return packet(1, PSFB, _PAIR.pack(self.sender, self.media))


@dataclass(frozen=True, slots=True)
class Fir:
    """Full intra request: send a key frame, RFC 5104 section 4.3.1."""

    sender: int
    requests: tuple[tuple[int, int], ...]
    """Pairs of SSRC and request number (0..255, the same number again is a repetition)."""

    def to_bytes(self) -> bytes:
        """Return the whole packet."""
        items = b"".join(_FIR_ITEM.pack(ssrc, number) for ssrc, number in self.requests)
        return packet(4, PSFB, _PAIR.pack(self.sender, 0) + items)


@dataclass(frozen=True, slots=True)
class Remb:
    """Receiver estimated maximum bitrate, over all the streams named."""

    bitrate: int
    """Bit/s; 18 significant bits survive, the rest is rounded down."""
    ssrcs: tuple[int, ...]
    sender: int = 1

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 255 streams."""
        exponent = max(0, self.bitrate.bit_length() - 18)
        number = len(self.ssrcs) << 24 | exponent << 18 | self.bitrate >> exponent
        body = _PAIR.pack(self.sender, 0) + b"REMB" + WORD.pack(number)
        return packet(15, PSFB, body + b"".join(WORD.pack(ssrc) for ssrc in self.ssrcs))


def _pair(body: bytes) -> tuple[int, int]:
    """Return sender and media SSRC of a feedback packet."""
    if len(body) < _PAIR.size:
        raise cut("feedback")
    sender, media = _PAIR.unpack_from(body)
    return sender, media


def parse_nack(body: bytes) -> Nack:
    """Read the body of a generic NACK; ProtocolError if it is cut off."""
    sender, media = _pair(body)
    if len(body) % 4:
        raise cut("negative acknowledgement")
    sequences = []
    for first, mask in _NACK_ITEM.iter_unpack(body[8:]):
        sequences.append(first)
        if mask:
            sequences += [(first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(sender, media, tuple(sequences))


def parse_payload_feedback(count: int, body: bytes) -> Pli | Fir | Remb | None:
    """Read the body of payload-specific feedback, format *count*.

    Returns:
        None for a format that is not ours.

    Raises:
        ProtocolError: it is cut off.
    """
    if count not in {1, 4, 15}:
        return None
    sender, media = _pair(body)
    if count == 1:
        return Pli(sender, media)
    if count == 4:
        if len(body) % 8:
            raise cut("full intra request")
        return Fir(sender, tuple(_FIR_ITEM.iter_unpack(body[8:])))
    if body[8:12] != b"REMB":  # format 15 is any application's
        return None
    if len(body) < 16:
        raise cut("bitrate estimate")
    (number,) = WORD.unpack_from(body, 12)
    end = 16 + 4 * (number >> 24)
    if end > len(body):
        raise cut("bitrate estimate")
    ssrcs = tuple(ssrc for (ssrc,) in WORD.iter_unpack(body[16:end]))
    return Remb((number & 0x3FFFF) << (number >> 18 & 0x3F), ssrcs, sender)
