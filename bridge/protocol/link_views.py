"""A site's link as pages are told of it, once a second."""

from __future__ import annotations

import msgspec

from bridge.link.samples import Device, PageStats, PathKind

__all__ = [
    "AlertView",
    "DeviceView",
    "DirectionView",
    "LinkView",
    "ServerLoadView",
    "VerdictView",
]


class DirectionView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One direction of a link over the last seconds.

    Attributes:
        kbps: media bitrate, kilobits per second.
        loss: packets lost before repair, ratio 0-1.
        jitter_ms: interarrival jitter of video, or of audio if there is no video.
        width, height: pixels of the newest key frame, 0 if no video.
        fps: frames per second, 0 if unknown.
        missing: packets missing after repair, ratio 0-1.
        repaired: packets that came by repair, per second.
        layer: rid of the largest picture in use, ``q``, ``h`` or ``f``; empty without simulcast.
        plis: key frames asked for, per second.
        nacks: packets asked for again, per second.
        freeze_s: how long the picture stood still at the receiving end, seconds of this second.
        concealed: sound the receiving end had to make up, ratio 0-1.
        level_dbov: loudest sound, -127 to 0 dBov; null if nobody says.
    """

    kbps: float = 0.0
    loss: float = 0.0
    jitter_ms: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    missing: float = 0.0
    repaired: float = 0.0
    layer: str = ""
    plis: float = 0.0
    nacks: float = 0.0
    freeze_s: float = 0.0
    concealed: float = 0.0
    level_dbov: float | None = None


class DeviceView(Device, frozen=True, kw_only=True, omit_defaults=True):
    """One device of a site, as ``link.samples`` has it; on the wire without what is usual."""


class VerdictView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with a link, and by what it is known; pages make one sentence of it.

    Attributes:
        cause: ``bridge.link.verdict.Cause``, empty if nothing is wrong.
        evidence: figures and names the sentence needs, by name.
    """

    cause: str = ""
    evidence: dict[str, float | str] = {}


class AlertView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert that has not ended.

    Attributes:
        id: names it in ``acknowledge``.
        kind: what is wrong.
        level: ``warning`` or ``critical``.
        since: when it began, Unix seconds.
        acked_by: who has acknowledged it, empty if nobody.
        note: what they wrote.
        acked_at: when, Unix seconds.
    """

    id: str
    kind: str
    level: str
    since: float
    acked_by: str = ""
    note: str = ""
    acked_at: float = 0.0


class LinkView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The health of one site's link now.

    Attributes:
        pages: websocket connections of this site's hosts.
        devices: media peers of this site that could publish.
        publisher: id of the peer that publishes, empty if none.
        connected: media flows or could flow.
        since: when ``connected`` last changed.
        rtt_ms: round trip time, -1 if not measured.
        path: how media travels, as the page says; empty if it has not said so.
        cap_kbps: what its pictures may take at most, kilobits per second, 0 for no cap.
        score: 1.0-4.5 (ITU-T G.107 MOS scale), 0 without signal.
        up: site to server. down: server to site.
        lines: the devices, the oldest first; none if the only one is a main one.
        taken_by: who let the publisher take over from another device: ``server`` because that
            one died, or the role of who chose it; empty if it did not.
        taken_at: when, Unix seconds.
        verdict: what is wrong, and by what it is known.
        alert: the worst alert of this site, if any.
        page: what the site's browser says of its own end, if it has said so of late.
        limitation: why its camera is sent smaller or slower than asked; empty if unknown.
        candidate_changes: changes of its packets' address, since the server was started.
        reconnects: media connections its pages made anew, since the server was started.
        muted: a technician has silenced its uplink everywhere.
        forced_layer: rid a technician keeps it to, empty if none.
        audio_only: a technician has its pictures stopped.
    """

    pages: int = 0
    devices: int = 0
    publisher: str = ""
    connected: bool = False
    since: float = 0.0
    rtt_ms: float = -1.0
    path: PathKind = PathKind.UNKNOWN
    cap_kbps: int = 0
    score: float = 0.0
    up: DirectionView = DirectionView()
    down: DirectionView = DirectionView()
    lines: list[DeviceView] = []
    taken_by: str = ""
    taken_at: float = 0.0
    verdict: VerdictView = VerdictView()
    alert: AlertView | None = None
    page: PageStats | None = None
    limitation: str = ""
    candidate_changes: int = 0
    reconnects: int = 0
    muted: bool = False
    forced_layer: str = ""
    audio_only: bool = False


class ServerLoadView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the server itself did in the last second.

    Attributes:
        lag_ms: how late its event loop was at worst, milliseconds.
        drops: datagrams and packets it threw away for want of time or room.
        cpu: cores it used.
    """

    lag_ms: float = 0.0
    drops: int = 0
    cpu: float = 0.0
