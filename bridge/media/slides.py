"""Whether a site's slides flow.

A screen that stands still sends one small frame a second, in Chromium whatever is asked of it.
One that is lost must not take the slides off the program, so they are waited for longer than a
camera: unless nothing comes of the site at all, or its page has said that it has ended them. The
page can only shorten the wait for what it no longer sends.
"""

from __future__ import annotations

from typing import Final

from bridge.media.answer import SLIDES
from bridge.media.source import SILENCE_S
from bridge.media.uplink import Uplink

__all__ = ["LATE_S", "STILL_S", "slides_flow"]

#: Three frames of a still screen, and some delay.
STILL_S: Final = 3.2
#: What was on its way when the page said that slides have ended.
LATE_S: Final = 0.5


def slides_flow(uplink: Uplink | None, now: float) -> bool:
    """Return whether slides come in *uplink*, at *now* (seconds on the monotonic clock)."""
    track = uplink.tracks.get(SLIDES) if uplink is not None else None
    if uplink is None or track is None or not track.sources:
        return False
    newest = max(source.arrived for source in track.sources.values())
    if newest <= uplink.slides_ended + LATE_S:
        return False
    alive = now - uplink.last_media <= SILENCE_S
    return now - newest <= (STILL_S if alive else SILENCE_S)
