"""RTCP: compounds taken apart.

Owns RFC 3550 section 6.1 and RFC 5506 (a compound may start with any packet), and the
one union of all packets. What each packet holds is ``rtcp_reports``', ``rtcp_feedback``'s
and, for transport-wide feedback, ``twcc``'s. It keeps no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.errors import Code, ProtocolError
from bridge.rtp.packet import Buffer
from bridge.rtp.rtcp_feedback import (
    PSFB,
    RTPFB,
    Fir,
    Nack,
    Pli,
    Remb,
    parse_nack,
    parse_payload_feedback,
)
from bridge.rtp.rtcp_frame import HEADER, cut, packet
from bridge.rtp.rtcp_reports import (
    BYE,
    RR,
    SDES,
    SR,
    Bye,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    SourceDescription,
    parse_bye,
    parse_names,
    parse_receiver_report,
    parse_sender_report,
)
from bridge.rtp.twcc import TransportFeedback, parse_feedback

__all__ = [
    "MAX_TOLD",
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

MAX_TOLD = 8192
"""Packets of which one compound may tell that they came or are missing.

A full datagram of NACKs names 6,000. Without a bound one of tiny feedback packets, each of
8,192 statuses in two bytes, would buy half a million of them and 20 ms.
"""


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
        return packet(self.count, self.packet_type, self.body)


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
        ProtocolError: empty, bad framing, a known packet shorter than it says, or one that
            tells of more than :data:`MAX_TOLD` packets. Nothing of the datagram is used
            then: count it and drop it.
    """
    data = bytes(data)
    packets: list[RtcpPacket] = []
    offset, total, told = 0, len(data), 0
    while offset < total or not packets:
        if offset + 4 > total:
            raise cut("header")
        first, kind, words = HEADER.unpack_from(data, offset)
        if first & 0xC0 != 0x80:
            raise ProtocolError(Code.PACKET_MALFORMED, "RTCP version is not 2")
        after = end = offset + 4 + 4 * words
        if end > total:
            raise cut("packet")
        if first & 0x20:
            padding = data[end - 1] if words else 0
            if not 1 <= padding <= 4 * words:
                raise ProtocolError(Code.PACKET_MALFORMED, "RTCP padding outside its packet")
            end -= padding
        count = first & 0x1F
        if kind == RTPFB and count == 15:
            feedback = parse_feedback(data[offset:after])
            told += len(feedback.deltas)
            packets.append(feedback)
        elif kind == RTPFB and count == 1:
            nack = parse_nack(data[offset + 4 : end])
            told += len(nack.sequences)
            packets.append(nack)
        else:
            packets.append(_parse(kind, count, data[offset + 4 : end]))
        if told > MAX_TOLD:
            raise ProtocolError(Code.PACKET_MALFORMED, f"RTCP about more than {MAX_TOLD} packets")
        offset = after
    return packets


def _parse(kind: int, count: int, body: bytes) -> RtcpPacket:
    found: RtcpPacket | None = None
    if kind == SR:
        found = parse_sender_report(body, count)
    elif kind == RR:
        found = parse_receiver_report(body, count)
    elif kind == SDES:
        found = parse_names(body, count)
    elif kind == BYE:
        found = parse_bye(body, count)
    elif kind == PSFB:
        found = parse_payload_feedback(count, body)
    return found if found is not None else Unknown(kind, count, body)
