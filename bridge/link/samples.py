"""What was measured on one site's link during one interval.

Owns the shapes only. The media plane fills them once a second; ``score`` reads
them. Nothing here knows how a packet looks or who asked.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bridge.ids import Rank

__all__ = ["Device", "Direction", "LinkSample", "PathKind"]


class PathKind(StrEnum):
    """How a page's packets travel, as its browser says; nothing is decided by it."""

    UNKNOWN = ""
    DIRECT = "direct"
    RELAY_UDP = "relay_udp"
    RELAY_TCP = "relay_tcp"
    RELAY_TLS = "relay_tls"


class Direction(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a link, audio and video together, for one interval.

    Attributes:
        packets: RTP packets that passed (uplink: received; downlink: sent).
        bytes: RTP bytes of these packets.
        lost: packets lost before repair; RFC 3550 lets it be negative (duplicates).
        expected: packets that should have arrived (RFC 3550 A.3), 0 if nobody reported yet.
        jitter_ms: interarrival jitter of video, or of audio if there is no video.
        width: pixels of the newest key frame, 0 if no video.
        height: pixels of the newest key frame, 0 if no video.
        fps: frames per second, 0 if unknown.
    """

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    expected: int = 0
    jitter_ms: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0

    @property
    def loss(self) -> float:
        """Packets lost before repair, as a ratio 0-1 of those expected."""
        if self.expected <= 0:
            return 0.0
        return min(1.0, max(0.0, self.lost / self.expected))

    def kbps(self, interval_s: float) -> float:
        """Return the bitrate in kilobits per second over *interval_s* seconds."""
        return self.bytes * 8 / 1000 / interval_s if interval_s > 0 else 0.0


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One device of a site that may publish.

    Attributes:
        peer: its id.
        rank: what it is to the site.
        connected: something was heard of it in the last seconds.
        sending: media comes from it.
    """

    peer: str
    rank: Rank = Rank.MAIN
    connected: bool = False
    sending: bool = False


class LinkSample(msgspec.Struct, frozen=True, kw_only=True):
    """One site's link during one interval.

    Attributes:
        devices: media peers of this site that could publish, the oldest first.
        publisher: id of the peer that publishes, empty if none.
        taken_by: who let it take over from another one, empty if it did not.
        connected: media flows or could flow.
        rtt_ms: round trip time, -1 if not measured.
        path: how its packets travel.
        cap_kbps: what its pictures may take at most, 0 for no cap.
        up: site to server. down: server to site.
        interval_s: seconds this sample covers.
    """

    devices: tuple[Device, ...] = ()
    publisher: str = ""
    taken_by: str = ""
    connected: bool = False
    rtt_ms: float = -1.0
    path: PathKind = PathKind.UNKNOWN
    cap_kbps: int = 0
    up: Direction = Direction()
    down: Direction = Direction()
    interval_s: float = 1.0
