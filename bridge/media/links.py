"""Link figures per site out of what peers counted (``link.samples``).

Owns: differences since the last sample. Call :func:`sample_links` at regular
intervals; each call ends one interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.link.samples import Device, Direction, LinkSample
from bridge.media.answer import CAMERA
from bridge.media.peer import Peer
from bridge.media.router import MAIN
from bridge.media.signals import FLOWING_S, devices_by_site
from bridge.media.sink import Sink
from bridge.media.source import Source

__all__ = ["sample_links"]


def sample_links(
    peers: Iterable[Peer],
    publishers: Mapping[str, Peer],
    taken_by: Mapping[str, str],
    now: float,
    interval_s: float,
) -> dict[str, LinkSample]:
    """Return a sample of every site that has a peer able to publish.

    Args:
        peers: of one session.
        publishers: site → the peer that publishes for it.
        taken_by: site → who let that peer take over from another one.
        now: seconds on the monotonic clock.
        interval_s: seconds since the last call.
    """
    samples = {}
    for site, of_site in devices_by_site(peers).items():
        publisher = publishers.get(site)
        shown = publisher or next((p for p in of_site if p.state == "connected"), of_site[0])
        samples[site] = LinkSample(
            devices=tuple(_device(peer, now) for peer in of_site),
            publisher=publisher.id if publisher is not None else "",
            taken_by=taken_by.get(site, "") if publisher is not None else "",
            connected=any(p.alive(now) for p in of_site),
            rtt_ms=round(shown.rtt * 1000, 1) if shown.rtt is not None else -1.0,
            path=shown.meter.path,
            cap_kbps=(shown.cap_bps or 0) // 1000,
            up=_up(shown, interval_s),
            down=_down(shown),
            interval_s=interval_s,
            page=shown.meter.page(now),
        )
    return samples


def _device(peer: Peer, now: float) -> Device:
    return Device(
        peer=peer.id,
        rank=peer.who.rank,
        connected=peer.alive(now),
        sending=now - peer.uplink.last_media <= FLOWING_S,
    )


def _up(peer: Peer, interval_s: float) -> Direction:
    packets = size = expected = lost = 0
    audio_jitter = video_jitter = fps = 0.0
    for source in peer.uplink.sources.values():
        figures = _figures(source)
        step = [new - old for new, old in zip(figures, source.sampled, strict=True)]
        source.sampled = figures
        packets += step[0]
        size += step[1]
        expected += max(0, step[2])
        lost += step[3]
        if not source.video:
            audio_jitter = source.statistics.jitter_ms
        elif source is source.track.best:
            video_jitter = source.statistics.jitter_ms
            if source.track.role == CAMERA:
                fps = source.fps = round(step[4] / interval_s, 1) if interval_s > 0 else 0.0
    camera = peer.uplink.tracks.get(CAMERA)
    best = camera.best if camera is not None else None
    width, height = best.size if best is not None and fps else (0, 0)
    return Direction(
        packets=packets,
        bytes=size,
        expected=expected,
        lost=lost,
        jitter_ms=round(video_jitter or audio_jitter, 1),
        width=width,
        height=height,
        fps=fps,
    )


def _figures(source: Source) -> tuple[int, int, int, int, int]:
    known = source.statistics
    return source.packets, source.bytes, known.expected, known.lost, source.frames


def _down(peer: Peer) -> Direction:
    packets = size = expected = lost = 0
    audio_jitter = video_jitter = 0.0
    for sink in peer.sinks.values():
        figures = _sent(sink)
        step = [new - old for new, old in zip(figures, sink.sampled, strict=True)]
        fresh = bool(sink.sampled[2])  # the first report has no earlier one to compare with
        sink.sampled = figures
        packets += step[0]
        size += step[1]
        if fresh:
            expected += max(0, step[2])
            lost += step[3]
        if sink.report is not None and step[0]:
            jitter = sink.report.jitter * 1000 / sink.clock_rate
            if sink.video:
                video_jitter = max(video_jitter, jitter)
            else:
                audio_jitter = max(audio_jitter, jitter)
    main = peer.sinks.get(MAIN)
    source = main.source if main is not None else None
    width, height = source.size if source is not None else (0, 0)
    return Direction(
        packets=packets,
        bytes=size,
        expected=expected,
        lost=lost,
        jitter_ms=round(video_jitter or audio_jitter, 1),
        width=width,
        height=height,
        fps=source.fps if source is not None else 0.0,
    )


def _sent(sink: Sink) -> tuple[int, int, int, int]:
    report = sink.report
    if report is None:
        return sink.packets, sink.bytes, 0, 0
    return sink.packets, sink.bytes, report.highest_sequence, report.cumulative_lost
