"""How the server itself does: how late its event loop is, what it had to drop, what it uses.

Owns: a sampler that asks to be woken ten times a second and looks how late it was.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from bridge.clock import cpu_time, monotonic
from bridge.link.samples import ServerLoad
from bridge.tasks import until_beat

__all__ = ["LoadMeter"]

#: Each look wakes the process, which costs 0.2 ms; a delay shows as what is left of it then.
LOOK_S: Final = 0.1
#: /metrics tells the worst of so many seconds, so that one who asks every 15 s misses nothing.
REMEMBERED: Final = 15


class LoadMeter:
    """Measures the process it runs in.

    Args:
        now: seconds on the monotonic clock.
        cpu: CPU seconds used until now.
    """

    def __init__(self, now: float, cpu: float) -> None:
        self._due = now + LOOK_S
        self._worst_s = 0.0
        self._at = now
        self._cpu = cpu
        self._dropped = -1
        self._lags: deque[float] = deque(maxlen=REMEMBERED)
        self.latest = ServerLoad()

    @property
    def lag_s(self) -> float:
        """How late the event loop was at worst in the last 15 s, seconds."""
        return max(self._lags, default=0.0) / 1000

    async def run(self) -> None:
        """Look at the event loop until cancelled."""
        while True:
            now = monotonic()
            wait = until_beat(now, LOOK_S)
            self._due = now + wait
            await asyncio.sleep(wait)
            self.woke(monotonic())

    def woke(self, now: float) -> None:
        """Note that it is *now*, and that the loop was to wake us when it was due."""
        self._worst_s = max(self._worst_s, now - self._due)
        self._due = now + LOOK_S

    def take(self, now: float, cpu: float, dropped: int) -> ServerLoad:
        """Return the figures since the last call; call it once a second.

        Args:
            now: seconds on the monotonic clock.
            cpu: CPU seconds the process has used until now.
            dropped: datagrams and packets thrown away until now.
        """
        # Whoever blocked the loop may have made us late as well: the sampler is still to be woken.
        worst_s = max(self._worst_s, now - self._due, 0.0)
        self._due = max(self._due, now)  # that was told now, and is not to be told again
        passed = max(now - self._at, 1e-6)
        drops = max(0, dropped - self._dropped) if self._dropped >= 0 else 0
        load = ServerLoad(
            lag_ms=round(worst_s * 1000, 1),
            drops=drops,
            cpu=round((cpu - self._cpu) / passed, 3),
        )
        self._worst_s, self._at, self._cpu, self._dropped = 0.0, now, cpu, dropped
        self._lags.append(load.lag_ms)
        self.latest = load
        return load

    def measure(self, dropped: int) -> ServerLoad:
        """Return the figures of this process since the last call, see :meth:`take`."""
        return self.take(monotonic(), cpu_time(), dropped)
