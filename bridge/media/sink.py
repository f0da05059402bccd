"""One slot of a viewer: an outgoing stream whose source may change.

Owns: the constants that turn a source's numbers into the slot's (RFC 3550:
numbers and timestamps never jump; RFC 7741: nor do VP8 picture numbers). They
change only when the source does, so forwarding a packet is additions; and
a resent packet is built again from the same constants, byte for byte.

The slot's own sequence is endless inside and 16 bits on the wire. No number
is ever given to two packets: SRTP must not encrypt twice under one number.
"""

from __future__ import annotations

import math
import secrets
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from bridge.media.answer import ABS_SEND_TIME, MID, Section
from bridge.media.mux import Endpoint
from bridge.media.packets import Packet
from bridge.media.source import KEPT, Source, Track
from bridge.media.srtp import SrtpPair
from bridge.rtp.packet import build_extensions
from bridge.rtp.rtcp import ReportBlock
from bridge.rtp.send import ResendBudget

__all__ = ["HEADER", "Segment", "Sink", "TailKey", "Tally"]

# Sources a slot can still resend from; beyond this a key frame has long come.
SEGMENTS: Final = 4
HEADER: Final = 12
# Packets sent twice at a time: a key frame of 720p, and what else a tick of the clock may bring.
DOUBLED: Final = 64

TailKey = tuple[bytes, bytes, int, int]
"""Extensions before abs-send-time (b"" without it) and after it, what is added to picture numbers.

Packets with equal keys have equal bytes after the header."""


@lru_cache(maxsize=1024)
def shared(key: TailKey) -> TailKey:
    """Return the one object for equal keys, so that the engine compares by identity."""
    return key


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the slot's stream from one source; offsets are added to the source's numbers.

    It never changes: engines know by its identity that what they made of it still holds.
    """

    source: Source
    first: int
    """Number of the source's first packet forwarded."""
    sequence: int
    timestamp: int
    picture: int
    tl0: int
    payload_type: int
    repair_type: int
    """Payload type of RTX, -1 without."""
    tail_key: TailKey


class Tally(Protocol):
    """What was sent, and what may be sent again."""

    packets: int
    """RTP packets forwarded, repeated ones apart."""
    octets: int
    """Bytes of their payloads."""
    repair_sequence: int
    """Of the newest RTX packet, endless."""

    @property
    def resent(self) -> int:
        """Bytes sent again."""
        ...

    @property
    def resent_packets(self) -> int:
        """Packets that were asked for again, and sent."""
        ...

    def next_repair(self) -> int:
        """Return the sequence number of the next RTX packet, endless."""
        ...

    def may_resend(self, sequence: int, size: int, now: float) -> bool:
        """Return whether *size* bytes may be sent again as *sequence* now, and spend them."""
        ...

    def repeated(self, size: int) -> None:
        """Count bytes sent again that nobody asked for."""
        ...

    def forget(self) -> None:
        """Resend nothing of what was sent until now, and begin the budget anew."""
        ...


class Counted:
    """A tally that no engine has replaced by one of its own.

    Args:
        like: what was counted until now; the budget begins anew.
    """

    __slots__ = (
        *("_budget", "_budgeted"),
        *("octets", "packets", "repair_sequence", "resent", "resent_packets"),
    )

    def __init__(self, like: Tally | None = None) -> None:
        self.packets = self.octets = self.resent = self.resent_packets = 0
        self.repair_sequence = secrets.randbelow(1 << 15)
        if like is not None:
            self.packets, self.octets = like.packets, like.octets
            self.resent, self.resent_packets = like.resent, like.resent_packets
            self.repair_sequence = like.repair_sequence
        self._budgeted = self.octets
        self._budget = ResendBudget(KEPT)

    def next_repair(self) -> int:
        """Return the sequence number of the next RTX packet, endless."""
        self.repair_sequence += 1
        return self.repair_sequence

    def may_resend(self, sequence: int, size: int, now: float) -> bool:
        """Return whether *size* bytes may be sent again as *sequence* now, and spend them."""
        self._budget.sent(self.octets - self._budgeted)
        self._budgeted = self.octets
        allowed = self._budget.allow(sequence, size, now)
        self.resent += size if allowed else 0
        self.resent_packets += allowed
        return allowed

    def repeated(self, size: int) -> None:
        """Count bytes sent again that nobody asked for."""
        self.resent += size

    def forget(self) -> None:
        """Begin the budget anew; the packets are known to the sink."""
        self._budgeted = self.octets
        self._budget = ResendBudget(KEPT)


class Sink:
    """An output slot.

    Args:
        section: the negotiated m-line, ``sendonly`` for us.
        endpoint: where the viewer is.
    """

    begins = 0
    """RTP timestamp of the first packet from ``source``."""

    def __init__(self, section: Section, endpoint: Endpoint) -> None:
        self.name = section.role
        self.video = section.media.kind == "video"
        self.codecs = {codec.name: codec for codec in section.codecs}
        self.clock_rate = section.codecs[0].clock_rate
        self.endpoint = endpoint
        self.ssrc = _random_ssrc()
        self.repair_ssrc = _random_ssrc() if any(c.rtx >= 0 for c in section.codecs) else 0
        self.srtp: SrtpPair | None = None
        self.extensions = _extensions(section)
        """What stands before and after the time in abs-send-time; all is after it without."""
        before, after = self.extensions
        self.flags = 0x9000 if before or after else 0x8000
        """First 16 bits of the header without marker and payload type."""
        self.overhead = HEADER + len(before) + (3 if before else 0) + len(after)

        self.track: Track | None = None
        """What the slot should show."""
        self.source: Source | None = None
        """What feeds it now; may still be the old source while the new one's key frame comes."""
        self.largest = math.inf
        """Largest picture for it, pixels; if all are larger, the smallest is shown."""
        self.paused = False
        """The viewer's line has no room for any picture."""
        self.segments: deque[Segment] = deque(maxlen=SEGMENTS)
        self.segment: Segment | None = None
        """The newest one; what follows are copies of it for the hot path."""
        self.first = 0
        self.sequence = 0
        self.rtp_offset = 0
        self.head = self.flags
        """First 16 bits of the header without the marker."""
        self.tail_key: TailKey = (b"", b"", 0, 0)

        # Below 2^15, so that a receiver that misses the start guesses the rollover counter right.
        self.last_sequence = secrets.randbelow(1 << 15) - 1
        self.last_timestamp = secrets.randbits(32)
        self.last_sent = -1.0  # when, seconds; -1 before the first packet
        self.last_picture: int | None = None
        self.last_tl0 = 0

        self.tally: Tally = Counted()
        """What was forwarded to it, and repeated."""
        self.doubled = self.last_sequence
        """Sequence number, endless, up to which everything was sent twice."""
        self.report: ReportBlock | None = None
        """What the viewer last said about this slot."""
        self.sampled: tuple[int, ...] = (0,) * 5
        """Figures at the last link sample (``links``)."""

    def secure(self, srtp: SrtpPair) -> None:
        """Set the keys; packets can flow from now on."""
        self.srtp = srtp

    def release(self) -> None:
        """Forget the keys, when nothing will be sent any more."""
        self.srtp = None
        self.tally = Counted(self.tally)  # an engine's own may hold the keys too

    def follow(self, track: Track | None, now: float) -> None:
        """Show *track* as soon as it can start; until then video goes on with what it shows."""
        if track is self.track:
            return
        if self.track is not None:
            self.track.subscribers.remove(self)
        self.track = track
        if track is None or not self.video:
            self.detach(now)
        if track is not None:
            track.subscribe(self, now)
            if self.source is None or self.source.track is not track:
                track.pending = True

    def detach(self, now: float) -> None:
        """Stop the flow at once, and remember where the slot's numbers stand."""
        source = self.source
        if source is None:
            return
        self.source = None
        mark = source.starved(self, now)
        segment = self.segments[-1]
        if mark.number >= self.first:
            self.last_sequence = mark.number + segment.sequence
            self.last_timestamp = (mark.timestamp + segment.timestamp) & 0xFFFFFFFF
            self.last_sent = mark.at
            if source.codec.name == "vp8":
                self.last_picture = mark.picture + segment.picture
                self.last_tl0 = mark.tl0 + segment.tl0

    def attach(self, packet: Packet, source: Source, now: float) -> bool:
        """Let *packet* be the first one from *source*; False if the viewer lacks its codec."""
        codec = self.codecs.get(source.codec.name)
        if codec is None:
            return False
        self.detach(now)
        elapsed = 0
        if self.last_sent >= 0:
            elapsed = max(1, int((now - self.last_sent) * self.clock_rate))
        picture = tl0 = 0
        if self.last_picture is not None and packet.picture_at:
            picture = (self.last_picture + 1 - packet.picture) & 0x7FFF
            tl0 = (self.last_tl0 + 1 - packet.tl0) & 0xFF if packet.tl0_at else 0
        segment = Segment(
            source=source,
            first=packet.number,
            sequence=self.last_sequence + 1 - packet.number,
            timestamp=(self.last_timestamp + elapsed - packet.timestamp) & 0xFFFFFFFF,
            picture=picture,
            tl0=tl0,
            payload_type=codec.payload_type,
            repair_type=codec.rtx,
            tail_key=shared((*self.extensions, picture, tl0)),
        )
        self.segments.append(segment)
        self.begins = (packet.timestamp + segment.timestamp) & 0xFFFFFFFF
        self.segment = segment
        self.source = source
        self.first = segment.first
        self.sequence = segment.sequence
        self.rtp_offset = segment.timestamp
        self.head = self.flags | segment.payload_type
        self.tail_key = segment.tail_key
        if not source.fed(self, packet):
            self.source = None
            source.track.pending = True
        return True

    def to_double(self) -> range:
        """Return the endless sequence numbers sent since the last call, not more than a few."""
        begin, end = self.doubled + 1, self.newest + 1
        self.doubled = self.newest
        return range(max(begin, end - DOUBLED), end)

    @property
    def newest(self) -> int:
        """Sequence number, endless, of the newest packet."""
        return self.last_sequence if self.source is None else self.source.highest + self.sequence

    def forget(self) -> None:
        """Resend nothing of what was sent until now; what comes next has a budget of its own."""
        if self.source is None:
            self.segments.clear()
            self.tally.forget()

    def locate(self, sequence: int) -> tuple[Segment, int] | None:
        """Return of which stretch *sequence*, 0..65535, is, and its number in the source."""
        newest = self.newest
        number = newest - ((newest - sequence) & 0xFFFF)
        for segment in reversed(self.segments):
            wanted = number - segment.sequence
            if wanted >= segment.first:
                return segment, wanted
        return None

    def find(self, sequence: int) -> tuple[Segment, Packet] | None:
        """Return the packet that was sent as *sequence*, 0..65535, if it is still kept."""
        found = self.locate(sequence)
        if found is None:
            return None
        segment, number = found
        packet = segment.source.packet_at(number)
        return (segment, packet) if packet is not None else None

    def timestamp_at(self, now: float) -> int | None:
        """Return the slot's RTP time at *now* for a sender report, None if nothing flows."""
        source = self.source
        if source is None or source.highest < self.first:
            return None
        passed = int((now - source.arrived) * self.clock_rate)
        return (source.timestamp + self.rtp_offset + passed) & 0xFFFFFFFF

    @property
    def packets(self) -> int:
        """RTP packets forwarded, resent ones apart."""
        return self.tally.packets

    @property
    def octets(self) -> int:
        """Payload bytes of these packets."""
        return self.tally.octets

    @property
    def resent(self) -> int:
        """Bytes sent again."""
        return self.tally.resent

    @property
    def resent_packets(self) -> int:
        """Packets that were asked for again, and sent."""
        return self.tally.resent_packets

    @property
    def bytes(self) -> int:
        """RTP bytes sent, headers included, encryption not."""
        tally = self.tally
        return tally.octets + tally.packets * self.overhead


def _extensions(section: Section) -> tuple[bytes, bytes]:
    """Return the header extensions of a slot, without the three bytes of abs-send-time."""
    mid, number = section.media.mid.encode(), section.extensions.get(MID, 0)
    items = [(number, mid)] if number and 1 <= len(mid) <= 16 else []
    timed = section.extensions.get(ABS_SEND_TIME, 0)
    if not timed:
        return b"", build_extensions(items)
    whole = build_extensions([(timed, b"\0\0\0"), *items])
    return whole[:5], whole[8:]


def _random_ssrc() -> int:
    return secrets.randbits(31) + 1
