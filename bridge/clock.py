"""The only place that reads a clock.

``now()`` is Unix time in seconds that never jumps: the wall clock is read once
at start and advanced by the monotonic clock, so an NTP step during an event
cannot shorten anybody's speaking time.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SystemClock", "cpu_time", "monotonic"]


class Clock(Protocol):
    """Source of ``now``; tests pass one they can move."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...


class SystemClock:
    """Wall clock at start plus monotonic time since."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return Unix time in seconds; never goes backwards."""
        return self._offset + time.monotonic()


def monotonic() -> float:
    """Return seconds on the monotonic clock, for intervals and deadlines."""
    return time.monotonic()


def cpu_time() -> float:
    """Return CPU seconds (user and system) this process has used."""
    return time.process_time()
