"""How often something may happen: a token bucket on the caller's clock.

Owns: two numbers. Knows nothing of what is counted.
"""

from __future__ import annotations

__all__ = ["Pace"]


class Pace:
    """A bucket that begins full.

    Args:
        rate: of its refill, per second.
        burst: what it holds, in the same unit.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = self._tokens = burst
        self._at = 0.0

    def allow(self, now: float, cost: float = 1.0) -> bool:
        """Return whether there is *cost* in the bucket, and take it out; it runs for every packet.

        Args:
            now: seconds of a clock that does not go back.
            cost: in the unit of ``rate``.
        """
        tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if tokens < cost:
            self._tokens = tokens
            return False
        self._tokens = tokens - cost
        return True
