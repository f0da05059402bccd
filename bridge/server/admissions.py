"""How many phones may be given keys: a hall full of people, not a program that makes them up."""

from __future__ import annotations

from collections.abc import Callable

from bridge.errors import AccessDenied, Code

__all__ = ["Admissions"]

#: Phones that may come by one link from one address: this many at once, then this many a
#: second. A hall behind one NAT has some hundreds, and they scan within the same minute.
BURST, RATE = 300.0, 2.0
#: Counts kept; beyond that the full ones, which say nothing any more, are forgotten.
KEPT_COUNTS = 1024


class Admissions:
    """Counts the phones that are given keys, so that one address cannot make them without end.

    Args:
        now: seconds, monotonic.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._counts: dict[tuple[str, str], tuple[float, float]] = {}

    def admit(self, address: str, link: str) -> None:
        """Count one more phone at *address* that comes by the link with key *link*.

        Raises:
            AccessDenied: too many have come.
        """
        now = self._now()
        left = self._left(self._counts.get((address, link), (BURST, now)), now)
        if left < 1:
            raise AccessDenied(
                Code.TOO_MANY_MESSAGES,
                "Many phones are opening this code at the same time. Wait a minute, then scan "
                "it again.",
                {"why": "phones"},
            )
        self._counts[address, link] = (left - 1, now)
        if len(self._counts) > KEPT_COUNTS:
            self._counts = {
                key: one for key, one in self._counts.items() if self._left(one, now) < BURST
            }

    @staticmethod
    def _left(count: tuple[float, float], now: float) -> float:
        left, at = count
        return min(BURST, left + (now - at) * RATE)
