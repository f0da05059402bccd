"""RTCP, both directions: asking for what is missing, telling what arrived.

Owns: when NACK, PLI, receiver and sender reports and transport-wide feedback
are sent (RFC 3550 6, RFC 4585, RFC 4588), and what a peer's RTCP means. One
caller ticks for all peers. Key frame requests of many viewers merge into one
per source; resending is the engine's, within the slot's budget.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final, assert_never

from bridge.clock import Clock, monotonic
from bridge.media.counters import MediaCounters
from bridge.media.engine import Engine
from bridge.media.peer import Peer
from bridge.media.sink import Sink
from bridge.media.source import Source, Track
from bridge.rtp.rtcp import (
    Bye,
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    TransportFeedback,
    Unknown,
)
from bridge.rtp.send import ntp_mid32, ntp_time, rtt_from_report

__all__ = ["CNAME", "SLACK_S", "TICK_S", "Feedback"]

# The finest timer needed: NACKs are repeated every 30 ms.
TICK_S: Final = 0.02
# A tick may be so much early for what is due at it.
SLACK_S: Final = 0.005
# A switch waits for its key frame; one PLI is sometimes lost.
KEY_RETRY_S: Final = 0.2
# Key frames for viewers that lost one: each costs all viewers bandwidth.
KEY_THROTTLE_S: Final = 0.5
# libwebrtc's own range is 50-250 ms; at 100 ms an uplink reaches its full rate within 4 s.
TRANSPORT_FEEDBACK_S: Final = 0.1
REPORT_S: Final = 1.0
# While a viewer's line is in doubt: each gives a round trip, and a queue grows within a second.
DOUBT_REPORT_S: Final = 0.3
# Report blocks per RTCP packet (5 bits).
MAX_BLOCKS: Final = 31
# Sender reports of one compound, with their names: 900 bytes.
REPORTS_TOGETHER: Final = 20
# NACKed packets looked at per compound; a browser asks for at most some hundred.
MAX_ASKED: Final = 500
# Groups of slots whose names are remembered as they are sent: those of 1,000 viewers.
NAMED: Final = 1000
# Our SSRC in reports of what we received, as libwebrtc uses for receive-only sessions.
OUR_SSRC: Final = 1
CNAME: Final = "diemcau"
# One listener with a bad line shall not take a third of everybody's sound for FEC; of 256.
MAX_FEC: Final = 51
# A cap lasts until the next one is told; this is none.
NO_CAP: Final = 100_000_000


class Feedback:
    """RTCP of all peers.

    Args:
        engine: resends.
        counters: totals to count into.
        clock: wall clock for the NTP times of sender reports.
        hurry: lets :meth:`tick` be called after :data:`TICK_S`.
    """

    def __init__(
        self, engine: Engine, counters: MediaCounters, clock: Clock, hurry: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._counters = counters
        self._clock = clock
        self.hurry = hurry

    # --- received ---------------------------------------------------------------------

    def received(self, peer: Peer, packets: Sequence[RtcpPacket], now: float) -> None:
        """Act on one compound of *peer*; what is not about its own streams is ignored."""
        for packet in packets:
            match packet:
                case SenderReport():
                    self._sender_report(peer, packet, now)
                    self._reports(peer, packet.reports, now)
                case ReceiverReport():
                    self._reports(peer, packet.reports, now)
                case Nack():
                    self._asked(peer, packet, now)
                case Pli():
                    self._key_wanted(peer, packet.media)
                case Fir():
                    for ssrc, _ in packet.requests:
                        self._key_wanted(peer, ssrc)
                case Remb():
                    self._may_send(peer, packet.bitrate, now)
                case SourceDescription() | Bye() | TransportFeedback() | Unknown():
                    pass
                case _:
                    assert_never(packet)

    def _sender_report(self, peer: Peer, report: SenderReport, now: float) -> None:
        source = peer.uplink.sources.get(report.ssrc)
        if source is not None:
            source.statistics.sender_report(ntp_mid32(report.ntp_time), now)

    def _may_send(self, peer: Peer, bps: float, now: float) -> None:
        peer.downlink.remb(bps, now)
        if peer.downlink.in_doubt(now):
            peer.look_at = 0.0

    def _asked(self, peer: Peer, nack: Nack, now: float) -> None:
        sink = peer.sinks_by_ssrc.get(nack.media)
        if sink is not None:
            asked = tuple(nack.sequences[:MAX_ASKED])
            peer.downlink.asked(sink, asked, now)
            peer.look_at = 0.0  # its line is in doubt now
            self._counters.nacks_in += len(asked)
            peer.meter.nacks_in += len(asked)
            self._engine.resend(sink, asked, now)

    def _key_wanted(self, peer: Peer, ssrc: int) -> None:
        sink = peer.sinks_by_ssrc.get(ssrc)
        if sink is not None:
            self._counters.plis_in += 1
            peer.meter.plis_in += 1
            if sink.source is not None:
                sink.source.key_wanted = True
                self.hurry()

    def _reports(self, peer: Peer, blocks: Iterable[ReportBlock], now: float) -> None:
        # It came at *now*: what it waited for this event loop is not the line's.
        ntp = ntp_mid32(ntp_time(self._clock.now() - (monotonic() - now)))
        for block in blocks:
            sink = peer.sinks_by_ssrc.get(block.ssrc)
            if sink is None:
                continue
            rtt = rtt_from_report(block.lsr, block.dlsr, ntp)
            peer.downlink.report(sink, block, rtt, now)
            sink.report = block
            if rtt is not None:
                peer.rtt = rtt

    # --- sent -------------------------------------------------------------------------

    def ask_key_frame(
        self, peer: Peer, source: Source, now: float, interval_s: float = KEY_RETRY_S
    ) -> None:
        """Ask *peer* for a key frame of *source*, unless it was asked within *interval_s*."""
        if now - source.key_asked < interval_s:
            return
        source.key_asked = now
        source.key_wanted = False
        self._counters.plis_out += 1
        peer.meter.plis_out += 1
        _send(peer, Pli(OUR_SSRC, source.ssrc).to_bytes())

    def ask_missing(self, peer: Peer, source: Source, now: float) -> None:
        """Ask *peer* for the packets of *source* that are missing and due."""
        due = source.tracker.due(now)
        source.lost_beyond_repair()
        if due:
            self._counters.nacks_out += len(due)
            peer.meter.nacks_out += len(due)
            self.hurry()  # it may have to be asked for again
            _send(peer, Nack(OUR_SSRC, source.ssrc, tuple(due)).to_bytes())

    def tick(self, peer: Peer, now: float) -> bool:
        """Send what is due to one connected peer; call it five times a second at least.

        Returns:
            Whether packets are missing, or sound is waited for: call it again after
            :data:`TICK_S`.
        """
        hurries = False
        for track in peer.uplink.tracks.values():
            if track.video:
                hurries |= self._tick_track(peer, track, now)
            elif track.pending:
                hurries |= bool(track.flowing(now))
        arrivals = peer.uplink.arrivals
        if arrivals is not None and now >= peer.feedback_at - SLACK_S:
            peer.feedback_at = now + TRANSPORT_FEEDBACK_S
            for packet in arrivals.feedback(now):
                _send(peer, packet)
        if now >= peer.report_at - SLACK_S:
            peer.report_at = now + REPORT_S
            self._report_received(peer, now)
            self._report_sent(peer, now)
        elif now >= peer.doubt_report_at - SLACK_S and peer.downlink.in_doubt(now):
            self._report_sent(peer, now)
        return hurries

    def doubts_at(self, peer: Peer, now: float) -> float:
        """Return when the round trip of *peer* is to be asked for because its line is in doubt."""
        return peer.doubt_report_at if peer.downlink.in_doubt(now) else math.inf

    def double(self, peer: Peer) -> None:
        """Send a viewer all pictures of the last tick once more; for lines that lose anyway.

        Twice lost is a twenty-fifth where a fifth is lost once, and nobody waits for an answer.
        """
        for sink in peer.sinks.values():
            if sink.video:
                self._engine.repeat(sink, sink.to_double())

    def _tick_track(self, peer: Peer, track: Track, now: float) -> bool:
        repairs = False
        for source in track.sources.values():
            if source.tracker.missing:
                self.ask_missing(peer, source, now)
                repairs = True
            if source.key_wanted:
                self._repair_picture(peer, source, now)
        if track.pending:
            for source in track.sought(now):
                self.ask_key_frame(peer, source, now)
        return repairs

    def _repair_picture(self, peer: Peer, source: Source, now: float) -> None:
        if source.sinks:
            self.ask_key_frame(peer, source, now, KEY_THROTTLE_S)
        else:
            source.key_wanted = False  # nobody looks

    def _report_received(self, peer: Peer, now: float) -> None:
        """Send receiver reports on all sources, and what they may send at most."""
        for track in peer.uplink.tracks.values():
            for source in track.sources.values():
                source.forget(now)
        blocks = [_report_on(source, now) for source in peer.uplink.sources.values()]
        for start in range(0, len(blocks), MAX_BLOCKS):
            part = tuple(blocks[start : start + MAX_BLOCKS])
            peer.send_rtcp(ReceiverReport(OUR_SSRC, part).to_bytes())
        if peer.cap_bps is not None:
            ssrcs = tuple(s.ssrc for s in peer.uplink.sources.values() if s.video)
            _send(peer, Remb(peer.cap_bps or NO_CAP, ssrcs).to_bytes())

    def _report_sent(self, peer: Peer, now: float) -> None:
        """Send sender reports of all slots that flow."""
        peer.doubt_report_at = now + DOUBT_REPORT_S
        time = ntp_time(self._clock.now())
        self._engine.report(peer, time, now)
        sent = [
            (sink, sink.timestamp_at(now)) for sink in peer.sinks.values() if not _relayed(sink)
        ]
        reports = [
            SenderReport(
                sink.ssrc, time, rtp_time, sink.packets & 0xFFFFFFFF, sink.octets & 0xFFFFFFFF
            )
            for sink, rtp_time in sent
            if rtp_time is not None
        ]
        for start in range(0, len(reports), REPORTS_TOGETHER):
            some = reports[start : start + REPORTS_TOGETHER]
            names = _names(tuple([report.ssrc for report in some]))
            peer.send_rtcp(b"".join([report.to_bytes() for report in some]) + names)


def _relayed(sink: Sink) -> bool:
    """Return whether the engine reports of what is sent in *sink*."""
    return sink.source is not None and sink.source.relay is not None


@functools.lru_cache(maxsize=NAMED)
def _names(ssrcs: tuple[int, ...]) -> bytes:
    return SourceDescription(tuple((ssrc, CNAME) for ssrc in ssrcs)).to_bytes()


def _report_on(source: Source, now: float) -> ReportBlock:
    """Return the report block on *source*.

    An encoder of sound adds FEC (RFC 6716 2.1.7) for the loss it is told of. What is lost on the
    way to listeners counts as well: nobody else tells it. Only the fraction says so; the totals,
    from which senders compute what their own line carries, stay true.
    """
    block = source.statistics.report_block(source.ssrc, now)
    if source.video:
        return block
    heard = max((sink.report.fraction_lost for sink in source.sinks if sink.report), default=0)
    return replace(block, fraction_lost=max(block.fraction_lost, min(heard, MAX_FEC)))


def _send(peer: Peer, packet: bytes) -> None:
    """Send one feedback packet; peers without RFC 5506 want a report before it."""
    if not peer.reduced_size:
        packet = ReceiverReport(OUR_SSRC).to_bytes() + packet
    peer.send_rtcp(packet)
