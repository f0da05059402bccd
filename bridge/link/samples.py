"""What was measured on one site's link during one interval.

Owns the shapes only. The media plane fills them once a second; ``score`` reads
them. Nothing here knows how a packet looks or who asked. ``docs/link-health.md``
says of each figure where it comes from.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bridge.ids import Rank

__all__ = [
    "ABSENT",
    "Device",
    "Direction",
    "Limitation",
    "LinkSample",
    "PageStats",
    "PathKind",
    "ServerLoad",
    "TrackState",
]


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
        repaired: packets that came by repair (uplink: by RTX; downlink: sent again by us).
        missing: packets given up: nobody will have them. Downlink: lost and not sent again.
        layer: rid of the largest picture in use, ``q``, ``h`` or ``f``; "" without simulcast.
        plis: key frames asked for (uplink: of the site; downlink: by the site).
        nacks: packets asked for again (uplink: of the site; downlink: by the site).
        freezes: times the picture stood still, at the receiving end.
        freeze_s: how long it stood still, seconds.
        concealed: sound the receiving end had to make up, ratio 0-1.
        level_dbov: loudest sound, -127 (silence) to 0 dBov, None if nobody says (RFC 6464).
    """

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    expected: int = 0
    jitter_ms: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    repaired: int = 0
    missing: int = 0
    layer: str = ""
    plis: int = 0
    nacks: int = 0
    freezes: int = 0
    freeze_s: float = 0.0
    concealed: float = 0.0
    level_dbov: float | None = None

    @property
    def loss(self) -> float:
        """Packets lost before repair, as a ratio 0-1 of those expected."""
        if self.expected <= 0:
            return 0.0
        return min(1.0, max(0.0, self.lost / self.expected))

    @property
    def residual(self) -> float:
        """Packets missing after repair, as a ratio 0-1 of those expected."""
        if self.expected <= 0:
            return 0.0
        return min(1.0, max(0.0, self.missing / self.expected))

    def kbps(self, interval_s: float) -> float:
        """Return the bitrate in kilobits per second over *interval_s* seconds."""
        return self.bytes * 8 / 1000 / interval_s if interval_s > 0 else 0.0


class Limitation(StrEnum):
    """Why a browser sends less than it is asked to (W3C webrtc-stats, qualityLimitationReason)."""

    NONE = "none"
    CPU = "cpu"
    BANDWIDTH = "bandwidth"
    OTHER = "other"


class TrackState(StrEnum):
    """What a browser says of a camera or microphone: ``muted`` gives neither frames nor sound."""

    LIVE = "live"
    MUTED = "muted"
    ENDED = "ended"


_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Kbps = Annotated[float, Meta(ge=0, le=10_000_000)]
_Fps = Annotated[float, Meta(ge=0, le=1000)]
_Ms = Annotated[float, Meta(ge=0, le=600_000)]
_Seconds = Annotated[float, Meta(ge=0, le=600)]
_Ratio = Annotated[float, Meta(ge=0, le=1)]


class PageStats(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What a site's browser says of its own end, over its last *interval_s* seconds.

    A field is None where the browser does not know it. Nothing is decided by these
    figures but what is said of the site they come from.

    Attributes:
        interval_s: seconds the counts and ratios cover.
        limitation: why its camera is sent smaller or slower than asked.
        available_kbps: what its uplink is estimated to carry, kilobits per second.
        captured_fps, encoded_fps: frames per second from the camera, and out of the encoder.
        encode_ms: time to encode one frame, milliseconds, of all layers together.
        camera, microphone: whether the devices give anything; None without one.
        microphone_level: loudest sound at the microphone, 0-1 of full scale, linear.
        decoded_fps: frames per second of the main picture it receives.
        freezes, freeze_s: times, and seconds, that picture stood still.
        concealed: sound it had to make up, ratio 0-1 of all it played.
        buffer_ms: mean time sound waits in the jitter buffer.
        rtt_ms: round trip time of the path in use, by the browser's own checks.
        page_lag_ms: how late the page's own timers are, at worst.
        candidate_changes: changes of the path in use since the page was opened.
        reconnects: connections made anew since the page was opened, the first not counted.
    """

    interval_s: Annotated[float, Meta(gt=0, le=600)] = 2.0
    limitation: Limitation | None = None
    available_kbps: _Kbps | None = None
    captured_fps: _Fps | None = None
    encoded_fps: _Fps | None = None
    encode_ms: _Ms | None = None
    camera: TrackState | None = None
    microphone: TrackState | None = None
    microphone_level: _Ratio | None = None
    decoded_fps: _Fps | None = None
    freezes: _Count | None = None
    freeze_s: _Seconds | None = None
    concealed: _Ratio | None = None
    buffer_ms: _Ms | None = None
    rtt_ms: _Ms | None = None
    page_lag_ms: _Ms | None = None
    candidate_changes: _Count | None = None
    reconnects: _Count | None = None


class ServerLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How the server itself did in one second; of no site.

    Attributes:
        lag_ms: how late the event loop was at worst, milliseconds.
        drops: datagrams and packets the media plane threw away for want of time or room.
        cpu: cores the process used, 1.0 is one core.
    """

    lag_ms: float = 0.0
    drops: int = 0
    cpu: float = 0.0


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
        page: what the site's browser says, None if it says nothing (any more).
        reconnects: media connections made anew by its pages, since the server was started.
        candidate_changes: changes of its packets' address, since the server was started.
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
    page: PageStats | None = None
    reconnects: int = 0
    candidate_changes: int = 0


ABSENT: Final = LinkSample()
"""A second in which nothing of a site was there."""
