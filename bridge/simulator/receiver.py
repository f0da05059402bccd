"""What a simulated site notes about the media it gets: counts, loss, jitter, reports.

Nothing is decoded and, unless asked, nothing is decrypted: SRTP leaves the RTP header
readable. Receiver reports (RFC 3550 6.4.2) tell the server how its downlink fares.
The statistics are aiortc's.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import cast

from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket, RtpPacket

from bridge.simulator.sdp import OPUS, OPUS_CLOCK, VP8, VP8_CLOCK

__all__ = ["Received", "Receiver"]

_CLOCKS = {VP8: VP8_CLOCK, OPUS: OPUS_CLOCK}
_MOST_STREAMS = 64  # bounds what a confused server can make us remember
_REPORTS_PER_PACKET = 31  # five bits of count, RFC 3550 6.4.1
_SENDER_REPORT = 200


class _Header:
    """The three fields aiortc's statistics read."""

    __slots__ = ("sequence_number", "ssrc", "timestamp")

    def __init__(self, sequence: int, timestamp: int, ssrc: int) -> None:
        self.sequence_number = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc


@dataclass
class Received:
    """One incoming stream.

    Attributes:
        kind: payload type, one of ours.
        statistics: RFC 3550 A.1, A.3, A.8.
        octets: SRTP bytes.
        frames: packets with the marker bit; for video, frames.
        report_ntp: middle 32 bits of the newest sender report's NTP time, 0 if none.
        report_at: ``now`` of its arrival.
    """

    kind: int
    statistics: StreamStatistics
    octets: int = 0
    frames: int = 0
    report_ntp: int = 0
    report_at: float = 0.0


class Receiver:
    """All incoming streams of one device.

    Args:
        ssrc: our own, as the sender of the reports.
    """

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self.streams: dict[int, Received] = {}
        self.packets = 0
        self.octets = 0

    def rtp(self, datagram: bytes) -> None:
        """Count one packet, protected or not."""
        _, marked_type, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", datagram)
        self.packets += 1
        self.octets += len(datagram)
        stream = self.streams.get(ssrc)
        if stream is None:
            kind = marked_type & 0x7F
            if kind not in _CLOCKS or len(self.streams) >= _MOST_STREAMS:
                return
            stream = self.streams[ssrc] = Received(kind, StreamStatistics(_CLOCKS[kind]))
        stream.octets += len(datagram)
        stream.frames += marked_type >> 7
        stream.statistics.add(cast("RtpPacket", _Header(sequence, timestamp, ssrc)))

    def rtcp(self, compound: bytes, now: float) -> None:
        """Remember the sender reports in *compound*, for the round trip time of the server."""
        at = 0
        while at + 16 <= len(compound):
            if compound[at + 1] == _SENDER_REPORT:
                ssrc, high, low = struct.unpack_from("!III", compound, at + 4)
                stream = self.streams.get(ssrc)
                if stream is not None:
                    stream.report_ntp = (high & 0xFFFF) << 16 | low >> 16
                    stream.report_at = now
            at += 4 + 4 * int.from_bytes(compound[at + 2 : at + 4])

    def reports(self, now: float) -> bytes:
        """Return receiver reports on all streams, or nothing if there are none."""
        blocks = [
            RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=stream.statistics.fraction_lost,
                packets_lost=stream.statistics.packets_lost,
                highest_sequence=(stream.statistics.cycles + (stream.statistics.max_seq or 0))
                & 0xFFFFFFFF,
                jitter=stream.statistics.jitter,
                lsr=stream.report_ntp,
                dlsr=int((now - stream.report_at) * 65536) if stream.report_ntp else 0,
            )
            for ssrc, stream in self.streams.items()
        ]
        return b"".join(
            bytes(RtcpRrPacket(ssrc=self.ssrc, reports=blocks[first : first + _REPORTS_PER_PACKET]))
            for first in range(0, len(blocks), _REPORTS_PER_PACKET)
        )
