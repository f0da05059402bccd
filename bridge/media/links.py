"""Link figures per site out of what peers counted (``link.samples``).

Owns: differences since the last sample, and what a site's link has been through since
the server was started. ``docs/link-health.md`` says of each figure where it comes from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from bridge.link.samples import Device, Direction, LinkSample, PageStats
from bridge.media.answer import CAMERA
from bridge.media.peer import Peer
from bridge.media.router import MAIN
from bridge.media.signals import FLOWING_S, devices_by_site
from bridge.media.sink import Sink
from bridge.media.source import Source

__all__ = ["LinkSampler"]

# A picture without frames for longer was stopped on purpose or is gone: that is no freeze.
STILL_S: Final = 10.0
# An interval this short may lie between two frames of a camera in a dark room.
SHORT_S: Final = 0.4
# Pages of one site whose next connection would be a reconnect; the oldest are forgotten.
MAX_PAGES: Final = 32


class Past:
    """What the link of one site has been through."""

    def __init__(self) -> None:
        self.reconnects = 0
        self.candidate_changes = 0
        self._pages: dict[tuple[str, str], str] = {}  # token and tab → its connection

    def see(self, devices: Collection[Peer]) -> None:
        """Look at the devices of this second."""
        present = {peer.id for peer in devices}
        for peer in devices:
            page = (peer.who.token_key, peer.who.client)
            known = self._pages.pop(page, peer.id)
            # Two encoders may share a token; one that was replaced is gone.
            if known != peer.id and known in present:
                known = peer.id
            self.reconnects += known != peer.id
            self._pages[page] = peer.id
            if len(self._pages) > MAX_PAGES:
                del self._pages[next(iter(self._pages))]
            before, peer.meter.address = peer.meter.address, peer.endpoint.address
            self.candidate_changes += before is not None and before != peer.endpoint.address


class LinkSampler:
    """Measures the links of one session.

    Args:
        now: when the first interval begins, seconds on the monotonic clock.
    """

    def __init__(self, now: float) -> None:
        self._at = now
        self._past: dict[str, Past] = {}

    def sample(
        self,
        peers: Iterable[Peer],
        publishers: Mapping[str, Peer],
        taken_by: Mapping[str, str],
        now: float,
    ) -> dict[str, LinkSample]:
        """Return a sample of every site that has a peer able to publish; ends an interval.

        Args:
            peers: of the session.
            publishers: site → the peer that publishes for it.
            taken_by: site → who let that peer take over from another one.
            now: seconds on the monotonic clock.
        """
        interval_s, self._at = now - self._at, now
        sites = devices_by_site(peers)
        # All devices, so that one that takes over does not bring along what it sent before; and
        # what comes in first, since what goes out is some other site's.
        ups = {p.id: _up(p, interval_s) for devices in sites.values() for p in devices}
        downs = {p.id: _down(p, interval_s, now) for devices in sites.values() for p in devices}
        samples = {}
        for site, devices in sites.items():
            past = self._past.setdefault(site, Past())
            past.see(devices)
            publisher = publishers.get(site)
            shown = publisher or max(devices, key=lambda p: (p.state == "connected", p.created))
            page = shown.meter.page(now)
            samples[site] = LinkSample(
                devices=tuple(_device(peer, now) for peer in devices),
                publisher=publisher.id if publisher is not None else "",
                taken_by=taken_by.get(site, "") if publisher is not None else "",
                connected=any(p.alive(now) for p in devices),
                rtt_ms=_rtt_ms(shown, page),
                path=shown.meter.path,
                cap_kbps=(shown.cap_bps or 0) // 1000,
                up=ups[shown.id],
                down=downs[shown.id],
                interval_s=interval_s,
                page=page,
                reconnects=past.reconnects,
                candidate_changes=past.candidate_changes,
            )
        for peer in (peer for devices in sites.values() for peer in devices):
            peer.meter.sampled = peer.meter.figures()
        return samples


def _device(peer: Peer, now: float) -> Device:
    return Device(
        peer=peer.id,
        rank=peer.who.rank,
        connected=peer.alive(now),
        sending=now - peer.uplink.last_media <= FLOWING_S,
    )


def _rtt_ms(peer: Peer, page: PageStats | None) -> float:
    """Return what reports say of the round trip; a page that is sent nothing only knows itself."""
    if peer.rtt is not None:
        return round(peer.rtt * 1000, 1)
    return page.rtt_ms if page is not None and page.rtt_ms is not None else -1.0


def _asked(peer: Peer) -> tuple[int, ...]:
    """Return what was asked since the last sample, in the order of ``Meter.figures``."""
    meter = peer.meter
    return tuple(new - old for new, old in zip(meter.figures(), meter.sampled, strict=True))


def _up(peer: Peer, interval_s: float) -> Direction:
    packets = size = expected = lost = repaired = missing = frames = 0
    audio_jitter = concealed = 0.0
    level: int | None = None
    shown: Source | None = None  # the largest picture that came: the best one may just have ended
    for source in peer.uplink.sources.values():
        figures = _figures(source)
        step = [new - old for new, old in zip(figures, source.sampled, strict=True)]
        source.sampled = figures
        packets += step[0]
        size += step[1]
        expected += max(0, step[2])
        lost += step[3]
        repaired += step[5]
        source.heard, source.level = source.level, None
        if not source.video:
            audio_jitter = source.statistics.jitter_ms
            missing += max(0, step[3])  # sound is not asked for again
            concealed = max(concealed, _ratio(step[3], step[2]))
            level = _louder(level, source.heard)
            continue
        missing += step[6]
        camera = source.track.role == CAMERA
        frames += step[4] if camera else 0
        source.fps = round(step[4] / interval_s, 1) if interval_s > 0 else 0.0
        if source.fps and (shown is None or _worth(source) > _worth(shown)):
            shown = source
    video_jitter = shown.statistics.jitter_ms if shown is not None else 0.0
    best = shown if shown is not None and shown.track.role == CAMERA else None
    width, height = best.size if best is not None else (0, 0)
    freezes, freeze_s = _stood_still(peer, frames, interval_s)
    _, plis, _, nacks = _asked(peer)
    return Direction(
        packets=packets,
        bytes=size,
        expected=expected,
        lost=lost,
        jitter_ms=round(video_jitter or audio_jitter, 1),
        width=width,
        height=height,
        fps=best.fps if best is not None else 0.0,
        repaired=repaired,
        missing=missing,
        layer=best.rid if best is not None else "",
        plis=plis,
        nacks=nacks,
        freezes=freezes,
        freeze_s=freeze_s,
        concealed=concealed,
        level_dbov=level,
    )


def _worth(source: Source) -> tuple[bool, int]:
    return source.track.role == CAMERA, source.area


def _figures(source: Source) -> tuple[int, ...]:
    """Return packets, bytes, expected, lost, frames, repaired, given up."""
    known = source.statistics
    return (
        source.packets,
        source.bytes,
        known.expected,
        known.lost,
        source.frames,
        source.repaired,
        source.tracker.given_up,
    )


def _stood_still(peer: Peer, frames: int, interval_s: float) -> tuple[int, float]:
    """Return how often and how long the camera's picture stood still for lack of any frame."""
    meter = peer.meter
    track = peer.uplink.tracks.get(CAMERA)
    if frames or interval_s < SHORT_S or track is None or not track.key_at:
        meter.still_s = 0.0 if frames else meter.still_s
        return 0, 0.0
    began = not meter.still_s
    meter.still_s += interval_s
    if meter.still_s > STILL_S:
        return 0, 0.0
    return int(began), interval_s


def _down(peer: Peer, interval_s: float, now: float) -> Direction:
    packets = size = expected = lost = repaired = 0
    audio_jitter = video_jitter = 0.0
    level: int | None = None
    for sink in peer.sinks.values():
        figures = _sent(sink)
        step = [new - old for new, old in zip(figures, sink.sampled, strict=True)]
        fresh = bool(sink.sampled[2])  # the first report has no earlier one to compare with
        sink.sampled = figures
        packets += step[0]
        size += step[1]
        repaired += step[4]
        if fresh:
            expected += max(0, step[2])
            lost += step[3]
        if not sink.video and sink.source is not None and step[0]:
            level = _louder(level, sink.source.heard)
        if sink.report is not None and step[0]:
            jitter = sink.report.jitter * 1000 / sink.clock_rate
            if sink.video:
                video_jitter = max(video_jitter, jitter)
            else:
                audio_jitter = max(audio_jitter, jitter)
    main = peer.sinks.get(MAIN)
    source = main.source if main is not None else None
    width, height = source.size if source is not None else (0, 0)
    plis, _, nacks, _ = _asked(peer)
    page = peer.meter.page(now)
    new = peer.meter.page_is_new()
    return Direction(
        packets=packets,
        bytes=size,
        expected=expected,
        lost=lost,
        jitter_ms=round(video_jitter or audio_jitter, 1),
        width=width,
        height=height,
        fps=source.fps if source is not None else 0.0,
        repaired=repaired,
        missing=_unrepaired(peer, lost, repaired),
        layer=source.rid if source is not None else "",
        plis=plis,
        nacks=nacks,
        freezes=page.freezes or 0 if page is not None and new else 0,
        freeze_s=_share_s(page, interval_s),
        concealed=page.concealed or 0.0 if page is not None else 0.0,
        level_dbov=level,
    )


def _sent(sink: Sink) -> tuple[int, ...]:
    """Return packets, bytes, expected, lost, packets sent again."""
    report = sink.report
    expected, lost = (report.highest_sequence, report.cumulative_lost) if report else (0, 0)
    return sink.packets, sink.bytes, expected, lost, sink.resent_packets


def _unrepaired(peer: Peer, lost: int, repaired: int) -> int:
    """Return how many of the lost packets were never sent again.

    A viewer asks at once and reports the loss up to a second later, so what was sent again
    is kept for the report that will speak of it, and no longer.
    """
    meter = peer.meter
    available = meter.unmatched + repaired
    covered = min(available, max(0, lost))
    meter.unmatched = min(available - covered, repaired)
    return max(0, lost) - covered


def _share_s(page: PageStats | None, interval_s: float) -> float:
    """Return how much of this interval the picture stood still, as the page's last report says."""
    if page is None or not page.freeze_s:
        return 0.0
    return round(min(1.0, page.freeze_s / page.interval_s) * interval_s, 3)


def _louder(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)


def _ratio(part: int, whole: int) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0
