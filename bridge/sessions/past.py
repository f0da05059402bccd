"""One second of a link as a row of figures, and back again.

Owns which field of a link's view is which column (``link.columns``) and the tables of
names that rows refer to by number. The tables are a stored format: add at their ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bridge.link.samples import PageStats, PathKind
from bridge.protocol.messages import AlertView, DirectionView, LinkView, VerdictView

__all__ = ["CAUSES", "link_of", "row_of"]

#: Causes by their number in the column ``cause``.
CAUSES: Final = (
    "",
    "no_signal",
    "uplink",
    "downlink",
    "site_cpu",
    "camera",
    "microphone",
    "relay",
    "server",
    "remote",
)
PATHS: Final = ("", "direct", "relay_udp", "relay_tcp", "relay_tls")
LIMITATIONS: Final = ("", "none", "cpu", "bandwidth", "other")
LAYERS: Final = ("", "q", "h", "f")
LEVELS: Final = ("", "warning", "critical")
CONNECTED, PUBLISHING, MUTED, AUDIO_ONLY = 1, 2, 4, 8

Row = Mapping[str, float | None]


def row_of(link: LinkView) -> tuple[float | None, ...]:
    """Return the figures of a link as pages are told them, in the order of ``columns.COLUMNS``."""
    up, down, page = link.up, link.down, link.page
    flags = (
        CONNECTED * link.connected
        + PUBLISHING * bool(link.publisher)
        + MUTED * link.muted
        + AUDIO_ONLY * link.audio_only
    )
    return (
        link.score,
        up.loss,
        down.loss,
        up.missing,
        down.missing,
        link.rtt_ms if link.rtt_ms >= 0 else None,
        up.jitter_ms,
        down.jitter_ms,
        up.kbps,
        down.kbps,
        up.fps,
        down.fps,
        up.width,
        up.height,
        down.width,
        down.height,
        down.freeze_s,
        down.concealed,
        up.concealed,
        page.available_kbps if page is not None else None,
        up.level_dbov,
        up.freeze_s,
        page.captured_fps if page is not None else None,
        page.encoded_fps if page is not None else None,
        _number(CAUSES, link.verdict.cause),
        _number(PATHS, link.path),
        _number(LIMITATIONS, link.limitation),
        _number(LAYERS, up.layer),
        _number(LAYERS, down.layer),
        flags,
        link.pages,
        link.devices,
        _number(LEVELS, link.alert.level if link.alert is not None else ""),
    )


def link_of(row: Row, since: float, verdict: VerdictView, alert: AlertView | None) -> LinkView:
    """Return the view of a link as it was, as far as a row tells.

    Args:
        row: figures by column.
        since: when it last connected or was lost, Unix seconds.
        verdict: what was said last until then.
        alert: the alert there was then, if any.
    """
    flags = int(row["flags"] or 0)
    cause = _name(CAUSES, row["cause"])
    limitation = _name(LIMITATIONS, row["limitation"])
    return LinkView(
        pages=int(row["pages"] or 0),
        devices=int(row["devices"] or 0),
        publisher="-" if flags & PUBLISHING else "",
        connected=bool(flags & CONNECTED),
        since=since,
        rtt_ms=-1.0 if row["rtt_ms"] is None else row["rtt_ms"],
        path=PathKind(_name(PATHS, row["path"])),
        score=row["score"] or 0.0,
        up=_direction(row, "up"),
        down=_direction(row, "down"),
        verdict=verdict if verdict.cause == cause else VerdictView(cause=cause),
        alert=alert if row["alert"] else None,
        page=PageStats(
            available_kbps=row["available_kbps"],
            captured_fps=row["captured_fps"],
            encoded_fps=row["encoded_fps"],
        )
        if limitation
        else None,
        limitation=limitation,
        muted=bool(flags & MUTED),
        audio_only=bool(flags & AUDIO_ONLY),
    )


def _direction(row: Row, way: str) -> DirectionView:
    up = way == "up"
    return DirectionView(
        kbps=row[f"kbps_{way}"] or 0.0,
        loss=row[f"loss_{way}"] or 0.0,
        jitter_ms=row[f"jitter_{way}_ms"] or 0.0,
        width=int(row[f"width_{way}"] or 0),
        height=int(row[f"height_{way}"] or 0),
        fps=row[f"fps_{way}"] or 0.0,
        missing=row[f"missing_{way}"] or 0.0,
        layer=_name(LAYERS, row[f"layer_{way}"]),
        freeze_s=row["freeze_up_s" if up else "freeze_s"] or 0.0,
        concealed=row["concealed_up" if up else "concealed"] or 0.0,
        level_dbov=row["level_dbov"] if up else None,
    )


def _number(names: Sequence[str], name: str | float) -> int:
    return names.index(name) if name in names else 0


def _name(names: Sequence[str], number: float | None) -> str:
    index = int(number or 0)
    return names[index] if index < len(names) else ""
