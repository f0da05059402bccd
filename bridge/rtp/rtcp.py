"""RTCP: compounds taken apart and built.

Owns RFC 3550 section 6 (SR, RR, SDES, BYE), RFC 4585 section 6 (NACK, PLI), RFC 5104
section 4.3.1 (FIR), draft-alvestrand-rmcat-remb-03 (REMB) and RFC 5506 (a compound may
start with any packet). Transport-wide feedback lives in ``twcc``. It keeps no state::

    |V=2|P| count/format |  packet type  |  length in words minus 1  |
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from bridge.errors import Code, ProtocolError
from bridge.rtp.packet import Buffer
from bridge.rtp.twcc import TransportFeedback, parse_feedback

__all__ = [
    "Bye",
    "Fir",
    "Nack",
    "Pli",
    "ReceiverReport",
    "Remb",
    "ReportBlock",
    "RtcpPacket",
    "SenderReport",
    "SourceDescription",
    "TransportFeedback",
    "Unknown",
    "parse_compound",
]

_SR, _RR, _SDES, _BYE, _RTPFB, _PSFB = 200, 201, 202, 203, 205, 206
_CNAME = 1  # the only SDES item we read or send
_HEADER = struct.Struct("!BBH")
_WORD = struct.Struct("!I")
_PAIR = struct.Struct("!II")
_SENDER_INFO = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_NACK_ITEM = struct.Struct("!HH")
_FIR_ITEM = struct.Struct("!IB3x")
_MAX_BLOCKS = 31  # 5 bits of count


def _packet(count: int, kind: int, body: bytes) -> bytes:
    """Return a packet; ``body`` is a multiple of 4 bytes."""
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _cut(what: str) -> ProtocolError:
    return ProtocolError(Code.PACKET_MALFORMED, f"RTCP {what} is cut off")


def _limit(items: tuple[object, ...], what: str) -> int:
    if len(items) > _MAX_BLOCKS:
        raise ValueError(f"{len(items)} {what}; one RTCP packet holds {_MAX_BLOCKS}")
    return len(items)


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says about one stream, RFC 3550 section 6.4.1."""

    ssrc: int
    """The stream reported on."""
    fraction_lost: int
    """Loss since the previous report in 1/256, 0..255."""
    cumulative_lost: int
    """-2^23..2^23-1; duplicates make it negative."""
    highest_sequence: int
    """Extended: cycles in the high 16 bits."""
    jitter: int
    """Interarrival jitter in units of the stream's clock."""
    lsr: int = 0
    """Middle 32 bits of the NTP time of the last sender report; 0 without one."""
    dlsr: int = 0
    """Delay since that report in 1/65536 s."""

    def to_bytes(self) -> bytes:
        """Return the 24 bytes of the block."""
        return _BLOCK.pack(
            self.ssrc,
            self.fraction_lost << 24 | self.cumulative_lost & 0xFFFFFF,
            self.highest_sequence,
            self.jitter,
            self.lsr,
            self.dlsr,
        )


@dataclass(frozen=True, slots=True)
class SenderReport:
    """SR: what a sender has sent, with the pair of clocks that lip sync needs."""

    ssrc: int
    ntp_time: int
    """64 bits, see ``send.ntp_time``."""
    rtp_time: int
    """The same moment in the stream's clock, 0..2^32-1."""
    packet_count: int
    octet_count: int
    """Payload bytes; both counts wrap at 2^32."""
    reports: tuple[ReportBlock, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 reports (ValueError)."""
        count = _limit(self.reports, "reports")
        info = _SENDER_INFO.pack(
            self.ssrc, self.ntp_time, self.rtp_time, self.packet_count, self.octet_count
        )
        return _packet(count, _SR, info + b"".join(block.to_bytes() for block in self.reports))


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """RR: report blocks of somebody who sends no media."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 reports (ValueError)."""
        count = _limit(self.reports, "reports")
        blocks = b"".join(block.to_bytes() for block in self.reports)
        return _packet(count, _RR, _WORD.pack(self.ssrc) + blocks)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES: the canonical name of each source. Other items are skipped."""

    names: tuple[tuple[int, str], ...]
    """Pairs of SSRC and CNAME, the name at most 255 bytes of UTF-8; "" if there was none."""

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 names (ValueError)."""
        count = _limit(self.names, "names")
        body = b""
        for ssrc, name in self.names:
            text = name.encode()
            body += _WORD.pack(ssrc) + bytes((_CNAME, len(text))) + text
            body += bytes(4 - len(body) % 4)  # the list of items ends with 1 to 4 zero bytes
        return _packet(count, _SDES, body)


@dataclass(frozen=True, slots=True)
class Bye:
    """BYE: these sources have stopped."""

    ssrcs: tuple[int, ...]
    reason: str = ""
    """At most 255 bytes of UTF-8."""

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 sources (ValueError)."""
        count = _limit(self.ssrcs, "sources")
        body = b"".join(_WORD.pack(ssrc) for ssrc in self.ssrcs)
        if self.reason:
            text = self.reason.encode()
            body += bytes((len(text),)) + text
            body += bytes(-len(body) % 4)
        return _packet(count, _BYE, body)


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
        return _packet(1, _RTPFB, _PAIR.pack(self.sender, self.media) + body)


@dataclass(frozen=True, slots=True)
class Pli:
    """Picture loss indication: send a key frame, RFC 4585 section 6.3.1."""

    sender: int
    media: int

    def to_bytes(self) -> bytes:
        """Return the whole packet."""
        return _packet(1, _PSFB, _PAIR.pack(self.sender, self.media))


@dataclass(frozen=True, slots=True)
class Fir:
    """Full intra request: send a key frame, RFC 5104 section 4.3.1."""

    sender: int
    requests: tuple[tuple[int, int], ...]
    """Pairs of SSRC and request number (0..255, the same number again is a repetition)."""

    def to_bytes(self) -> bytes:
        """Return the whole packet."""
        items = b"".join(_FIR_ITEM.pack(ssrc, number) for ssrc, number in self.requests)
        return _packet(4, _PSFB, _PAIR.pack(self.sender, 0) + items)


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
        body = _PAIR.pack(self.sender, 0) + b"REMB" + _WORD.pack(number)
        return _packet(15, _PSFB, body + b"".join(_WORD.pack(ssrc) for ssrc in self.ssrcs))


@dataclass(frozen=True, slots=True)
class Unknown:
    """A packet we do not speak (APP, XR, other feedback): well framed, not looked into."""

    packet_type: int
    count: int
    """The 5 bits after version and padding: a count or a format."""
    body: bytes
    """Without header and padding."""

    def to_bytes(self) -> bytes:
        """Return the whole packet; the body must be a multiple of 4 bytes."""
        return _packet(self.count, self.packet_type, self.body)


RtcpPacket: TypeAlias = (
    SenderReport
    | ReceiverReport
    | SourceDescription
    | Bye
    | Nack
    | Pli
    | Fir
    | Remb
    | TransportFeedback
    | Unknown
)


def parse_compound(data: Buffer) -> list[RtcpPacket]:
    """Read every packet of one RTCP datagram.

    Args:
        data: the datagram, decrypted.

    Raises:
        ProtocolError: empty, bad framing, or a known packet shorter than it says. Nothing
            of the datagram is used then: count it and drop it.
    """
    data = bytes(data)
    packets: list[RtcpPacket] = []
    offset, total = 0, len(data)
    while offset < total or not packets:
        if offset + 4 > total:
            raise _cut("header")
        first, kind, words = _HEADER.unpack_from(data, offset)
        if first & 0xC0 != 0x80:
            raise ProtocolError(Code.PACKET_MALFORMED, "RTCP version is not 2")
        after = end = offset + 4 + 4 * words
        if end > total:
            raise _cut("packet")
        if first & 0x20:
            padding = data[end - 1] if words else 0
            if not 1 <= padding <= 4 * words:
                raise ProtocolError(Code.PACKET_MALFORMED, "RTCP padding outside its packet")
            end -= padding
        count = first & 0x1F
        if kind == _RTPFB and count == 15:
            packets.append(parse_feedback(data[offset:after]))
        else:
            packets.append(_parse(kind, count, data[offset + 4 : end]))
        offset = after
    return packets


def _parse(kind: int, count: int, body: bytes) -> RtcpPacket:  # noqa: PLR0911 - one per type
    if kind == _SR:
        if len(body) < _SENDER_INFO.size:
            raise _cut("sender report")
        ssrc, ntp_time, rtp_time, packets, octets = _SENDER_INFO.unpack_from(body)
        reports = _parse_reports(body, _SENDER_INFO.size, count)
        return SenderReport(ssrc, ntp_time, rtp_time, packets, octets, reports)
    if kind == _RR:
        return ReceiverReport(_first_word(body), _parse_reports(body, 4, count))
    if kind == _SDES:
        return SourceDescription(tuple(_parse_names(body, count)))
    if kind == _BYE:
        return _parse_bye(body, count)
    if kind == _RTPFB and count == 1:
        return _parse_nack(body)
    if kind == _PSFB and count in {1, 4, 15}:
        return _parse_payload_feedback(count, body)
    return Unknown(kind, count, body)


def _first_word(body: bytes) -> int:
    if len(body) < 4:
        raise _cut("sender")
    return int.from_bytes(body[:4], "big")


def _feedback_pair(body: bytes) -> tuple[int, int]:
    """Return sender and media SSRC of a feedback packet."""
    if len(body) < _PAIR.size:
        raise _cut("feedback")
    sender, media = _PAIR.unpack_from(body)
    return sender, media


def _parse_reports(body: bytes, offset: int, count: int) -> tuple[ReportBlock, ...]:
    """Read report blocks; profile-specific bytes after them are allowed and skipped."""
    end = offset + count * _BLOCK.size
    if end > len(body):
        raise _cut("report block")
    blocks = []
    for ssrc, loss, highest, jitter, lsr, dlsr in _BLOCK.iter_unpack(body[offset:end]):
        lost = ((loss & 0xFFFFFF) ^ 0x800000) - 0x800000  # 24 bits, signed
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr))
    return tuple(blocks)


def _parse_names(body: bytes, count: int) -> Iterable[tuple[int, str]]:
    offset = 0
    for _ in range(count):
        ssrc = _first_word(body[offset : offset + 4])
        offset += 4
        name = ""
        while True:
            if offset >= len(body):
                raise _cut("source description")
            item = body[offset]
            if not item:
                offset += 4 - offset % 4  # the next chunk begins at a word
                break
            if offset + 2 > len(body) or offset + 2 + body[offset + 1] > len(body):
                raise _cut("source description")
            value = body[offset + 2 : offset + 2 + body[offset + 1]]
            if item == _CNAME:
                name = value.decode(errors="replace")
            offset += 2 + len(value)
        yield ssrc, name


def _parse_bye(body: bytes, count: int) -> Bye:
    end = 4 * count
    if end > len(body):
        raise _cut("goodbye")
    reason = b""
    if end < len(body):
        reason = body[end + 1 : end + 1 + body[end]]
        if len(reason) != body[end]:
            raise _cut("reason")
    ssrcs = tuple(ssrc for (ssrc,) in _WORD.iter_unpack(body[:end]))
    return Bye(ssrcs, reason.decode(errors="replace"))


def _parse_nack(body: bytes) -> Nack:
    sender, media = _feedback_pair(body)
    if len(body) % 4:
        raise _cut("negative acknowledgement")
    sequences = []
    for first, mask in _NACK_ITEM.iter_unpack(body[8:]):
        sequences.append(first)
        sequences += [(first + 1 + bit) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(sender, media, tuple(sequences))


def _parse_payload_feedback(count: int, body: bytes) -> RtcpPacket:
    sender, media = _feedback_pair(body)
    if count == 1:
        return Pli(sender, media)
    if count == 4:
        if len(body) % 8:
            raise _cut("full intra request")
        return Fir(sender, tuple(_FIR_ITEM.iter_unpack(body[8:])))
    if body[8:12] != b"REMB":  # format 15 is any application's
        return Unknown(_PSFB, count, body)
    if len(body) < 16:
        raise _cut("bitrate estimate")
    (number,) = _WORD.unpack_from(body, 12)
    end = 16 + 4 * (number >> 24)
    if end > len(body):
        raise _cut("bitrate estimate")
    ssrcs = tuple(ssrc for (ssrc,) in _WORD.iter_unpack(body[16:end]))
    return Remb((number & 0x3FFFF) << (number >> 18 & 0x3F), ssrcs, sender)
