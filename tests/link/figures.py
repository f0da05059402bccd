"""Links of one second, good unless said otherwise, for tests of windows, verdicts and alerts."""

from __future__ import annotations

from typing import Any

import msgspec

from bridge.link.samples import (
    Device,
    Direction,
    Limitation,
    LinkSample,
    PageStats,
    PathKind,
    TrackState,
)

GOOD = Direction(
    packets=200,
    bytes=190_000,
    expected=200,
    jitter_ms=4,
    width=1280,
    height=720,
    fps=30,
    level_dbov=-30.0,
)
PAGE = PageStats(
    limitation=Limitation.NONE,
    available_kbps=3000.0,
    captured_fps=30.0,
    encoded_fps=30.0,
    encode_ms=8.0,
    camera=TrackState.LIVE,
    microphone=TrackState.LIVE,
    microphone_level=0.2,
    page_lag_ms=10.0,
)


def direction(percent: float = 0.0, **changes: Any) -> Direction:
    """Return a second of one direction.

    Args:
        percent: of its packets that were lost before repair.
        changes: other fields.
    """
    lost = round(GOOD.expected * percent / 100)
    return msgspec.structs.replace(GOOD, lost=lost, packets=GOOD.packets - lost, **changes)


def page(**changes: Any) -> PageStats:
    """Return what a browser says that lacks nothing."""
    return msgspec.structs.replace(PAGE, **changes)


def sample(
    up: Direction = GOOD, down: Direction = GOOD, *, said: PageStats | None = PAGE, **changes: Any
) -> LinkSample:
    """Return a second of a site that publishes and watches."""
    figures: dict[str, Any] = {
        "devices": (Device(peer="p", connected=True, sending=True),),
        "publisher": "p",
        "connected": True,
        "rtt_ms": 20.0,
        "path": PathKind.DIRECT,
    }
    return LinkSample(up=up, down=down, page=said, **figures | changes)


GONE = LinkSample()
