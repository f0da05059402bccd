"""What is counted of one peer for its site's link, beside what its streams count themselves.

Counts only grow; ``links`` takes the differences once a second. Counting never
decides anything.
"""

from __future__ import annotations

from typing import Final

from bridge.link.samples import PageStats, PathKind

__all__ = ["STATS_HOLD_S", "Meter"]

#: What a browser said is true for as long as three of its reports, one every 2 s.
STATS_HOLD_S: Final = 6.0


class Meter:
    """Counters of one peer."""

    __slots__ = ("_page", "_page_at", "path")

    def __init__(self) -> None:
        self.path = PathKind.UNKNOWN
        """How its packets travel, as its page says."""
        self._page: PageStats | None = None
        self._page_at = 0.0

    def page_says(self, stats: PageStats, now: float) -> None:
        """Take what the peer's browser measures.

        Args:
            stats: as it came.
            now: seconds on the monotonic clock.
        """
        self._page, self._page_at = stats, now

    def page(self, now: float) -> PageStats | None:
        """Return what the browser said last, None if that is older than :data:`STATS_HOLD_S`."""
        if self._page is not None and now - self._page_at > STATS_HOLD_S:
            self._page = None
        return self._page
