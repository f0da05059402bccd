"""A picture that was left out by a technician's order does not stand still. Pure.

Browsers count a freeze when the next frame comes, however long ago the last one was (W3C
webrtc-stats, ``totalFreezesDuration``): a picture that is given back is told of as one that
stood all the while. That is nobody's line.
"""

from __future__ import annotations

from msgspec.structs import replace

from bridge.link.orders import Orders
from bridge.link.samples import Direction, LinkSample

__all__ = ["AFTER_S", "Pauses"]

#: So long after the order the freeze may still be in the figures: two seconds for the first
#: picture, two until the page's next report tells of it, two more until another takes its place.
AFTER_S = 6.0


class Pauses:
    """Until when which site was not sent pictures, or sent none, because it was ordered so."""

    def __init__(self) -> None:
        self._down: dict[str, float] = {}
        self._up: dict[str, float] = {}

    def excuse(self, site: str, sample: LinkSample, orders: Orders, now: float) -> LinkSample:
        """Return *sample* without the freezes that were ordered; itself if there are none.

        Args:
            site: its code.
            sample: of the last second.
            orders: what holds for the site now.
            now: Unix seconds.
        """
        if orders.audio_only.receiving:
            self._down[site] = now
        if orders.audio_only.sending:
            self._up[site] = now
        down = _moving(sample.down) if self._lately(self._down, site, now) else sample.down
        up = _moving(sample.up) if self._lately(self._up, site, now) else sample.up
        if down is sample.down and up is sample.up:
            return sample
        return replace(sample, down=down, up=up)

    @staticmethod
    def _lately(paused: dict[str, float], site: str, now: float) -> bool:
        if site not in paused:
            return False
        if now - paused[site] <= AFTER_S:
            return True
        del paused[site]
        return False


def _moving(direction: Direction) -> Direction:
    """Return *direction* without freezes."""
    if not direction.freezes and not direction.freeze_s:
        return direction
    return replace(direction, freezes=0, freeze_s=0.0)
