"""RTCP that tells what was sent and received, and who is there.

Owns RFC 3550 sections 6.4 to 6.6: sender and receiver reports, source descriptions,
goodbyes. Each is built by its ``to_bytes`` and read by the function beside it, which
takes the packet without its first word and without padding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from bridge.rtp.rtcp_frame import WORD, cut, first_word, packet

__all__ = [
    "BYE",
    "RR",
    "SDES",
    "SR",
    "Bye",
    "ReceiverReport",
    "ReportBlock",
    "SenderReport",
    "SourceDescription",
    "parse_bye",
    "parse_names",
    "parse_receiver_report",
    "parse_sender_report",
]

SR, RR, SDES, BYE = 200, 201, 202, 203
_CNAME = 1  # the only SDES item we read or send
_SENDER_INFO = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_MAX_BLOCKS = 31  # 5 bits of count


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
        return packet(count, SR, info + b"".join(block.to_bytes() for block in self.reports))


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """RR: report blocks of somebody who sends no media."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 reports (ValueError)."""
        count = _limit(self.reports, "reports")
        blocks = b"".join(block.to_bytes() for block in self.reports)
        return packet(count, RR, WORD.pack(self.ssrc) + blocks)


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
            body += WORD.pack(ssrc) + bytes((_CNAME, len(text))) + text
            body += bytes(4 - len(body) % 4)  # the list of items ends with 1 to 4 zero bytes
        return packet(count, SDES, body)


@dataclass(frozen=True, slots=True)
class Bye:
    """BYE: these sources have stopped."""

    ssrcs: tuple[int, ...]
    reason: str = ""
    """At most 255 bytes of UTF-8."""

    def to_bytes(self) -> bytes:
        """Return the whole packet; at most 31 sources (ValueError)."""
        count = _limit(self.ssrcs, "sources")
        body = b"".join(WORD.pack(ssrc) for ssrc in self.ssrcs)
        if self.reason:
            text = self.reason.encode()
            body += bytes((len(text),)) + text
            body += bytes(-len(body) % 4)
        return packet(count, BYE, body)


def parse_sender_report(body: bytes, count: int) -> SenderReport:
    """Read the body of an SR with *count* report blocks; ProtocolError if it is cut off."""
    if len(body) < _SENDER_INFO.size:
        raise cut("sender report")
    ssrc, ntp_time, rtp_time, packets, octets = _SENDER_INFO.unpack_from(body)
    reports = _parse_reports(body, _SENDER_INFO.size, count)
    return SenderReport(ssrc, ntp_time, rtp_time, packets, octets, reports)


def parse_receiver_report(body: bytes, count: int) -> ReceiverReport:
    """Read the body of an RR with *count* report blocks; ProtocolError if it is cut off."""
    return ReceiverReport(first_word(body), _parse_reports(body, 4, count))


def _parse_reports(body: bytes, offset: int, count: int) -> tuple[ReportBlock, ...]:
    """Read report blocks; profile-specific bytes after them are allowed and skipped."""
    end = offset + count * _BLOCK.size
    if end > len(body):
        raise cut("report block")
    blocks = []
    for ssrc, loss, highest, jitter, lsr, dlsr in _BLOCK.iter_unpack(body[offset:end]):
        lost = ((loss & 0xFFFFFF) ^ 0x800000) - 0x800000  # 24 bits, signed
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr))
    return tuple(blocks)


def parse_names(body: bytes, count: int) -> SourceDescription:
    """Read the body of an SDES with *count* chunks; ProtocolError if it is cut off."""
    return SourceDescription(tuple(_chunks(body, count)))


def _chunks(body: bytes, count: int) -> Iterable[tuple[int, str]]:
    offset = 0
    for _ in range(count):
        ssrc = first_word(body[offset : offset + 4])
        offset += 4
        name = ""
        while True:
            if offset >= len(body):
                raise cut("source description")
            item = body[offset]
            if not item:
                offset += 4 - offset % 4  # the next chunk begins at a word
                break
            if offset + 2 > len(body) or offset + 2 + body[offset + 1] > len(body):
                raise cut("source description")
            value = body[offset + 2 : offset + 2 + body[offset + 1]]
            if item == _CNAME:
                name = value.decode(errors="replace")
            offset += 2 + len(value)
        yield ssrc, name


def parse_bye(body: bytes, count: int) -> Bye:
    """Read the body of a BYE of *count* sources; ProtocolError if it is cut off."""
    end = 4 * count
    if end > len(body):
        raise cut("goodbye")
    reason = b""
    if end < len(body):
        reason = body[end + 1 : end + 1 + body[end]]
        if len(reason) != body[end]:
            raise cut("reason")
    ssrcs = tuple(ssrc for (ssrc,) in WORD.iter_unpack(body[:end]))
    return Bye(ssrcs, reason.decode(errors="replace"))
