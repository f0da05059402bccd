"""What is counted of one peer for its site's link, beside what its streams count themselves.

Counts only grow; ``links`` takes the differences once a second. Counting never
decides anything.
"""

from __future__ import annotations

from typing import Final

from bridge.link.samples import PageStats, PathKind
from bridge.media.udp import Address

__all__ = ["STATS_HOLD_S", "Meter"]

#: What a browser said is true for as long as three of its reports, one every 2 s.
STATS_HOLD_S: Final = 6.0


class Meter:
    """Counters of one peer."""

    def __init__(self) -> None:
        self.path = PathKind.UNKNOWN
        """How its packets travel, as its page says."""
        self.plis_in = 0
        """Key frames it asked for."""
        self.plis_out = 0
        """Key frames asked of it."""
        self.nacks_in = 0
        """Packets it asked for again."""
        self.nacks_out = 0
        """Packets asked of it again."""
        # The rest is for ``links`` alone: how things stood at the last sample.
        self.sampled = (0, 0, 0, 0)
        self.address: Address | None = None
        self.still_s = 0.0
        """How long its camera's picture has stood still, seconds."""
        self.unmatched = 0
        """Packets sent again that no report of loss accounts for yet."""
        self._page: PageStats | None = None
        self._page_at = 0.0
        self._page_new = False

    def figures(self) -> tuple[int, int, int, int]:
        """Return key frames asked by it and of it, packets asked for again by it and of it."""
        return self.plis_in, self.plis_out, self.nacks_in, self.nacks_out

    def page_says(self, stats: PageStats, now: float) -> None:
        """Take what the peer's browser measures.

        Args:
            stats: as it came.
            now: seconds on the monotonic clock.
        """
        self._page, self._page_at, self._page_new = stats, now, True

    def page(self, now: float) -> PageStats | None:
        """Return what the browser said last, None if that is older than :data:`STATS_HOLD_S`."""
        if self._page is not None and now - self._page_at > STATS_HOLD_S:
            self._page = None
        return self._page

    def page_is_new(self) -> bool:
        """Return whether the browser has said something since the last call."""
        new, self._page_new = self._page_new, False
        return new
