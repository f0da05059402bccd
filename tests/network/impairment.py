"""What one direction of a bad line does to packets. Pure: no clock, no socket, time is an argument.

In the order a packet meets them: a cut or a filter, a bottleneck with a bounded queue
(drop-tail), loss, delay with jitter. Order is kept, as on one cable: jitter is a queue elsewhere.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import asdict, dataclass

UDP = 17
#: How long one delay holds: a packet's own would add up to the largest, since order is kept.
JITTER_HOLD_S = 0.02
#: Of a bottleneck, unless said otherwise: what a household's router holds.
QUEUE_MS = 300.0


@dataclass(slots=True)
class Counters:
    """What became of the packets offered so far."""

    packets: int = 0
    """Offered."""
    bytes: int = 0
    delivered: int = 0
    delivered_bytes: int = 0
    lost: int = 0
    """By chance."""
    overflowed: int = 0
    """The bottleneck's queue was full."""
    blocked: int = 0
    """The line was cut, or the packet's protocol was not let through."""

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Direction:
    """One direction; set the attributes at any time.

    Args:
        chance: for loss and jitter.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.loss = 0.0
        """Share of packets, 0-1."""
        self.burst = 1.0
        """Packets lost in a row on average; 1: each by itself (else Gilbert's model)."""
        self.delay_ms = 0.0
        self.jitter_ms = 0.0
        """Added at most; how much of it changes 50 times a second."""
        self.rate_kbps = 0.0
        """0: no bottleneck."""
        self.queue_ms = QUEUE_MS
        self.block_udp = False
        self.cut_until = 0.0
        self.counters = Counters()
        self._bad = False
        self._queue: deque[tuple[float, bytes]] = deque()  # since when, packet
        self._queued = 0  # bytes
        self._free_at = 0.0  # when the bottleneck has sent what it began
        self._transit: deque[tuple[float, bytes]] = deque()  # when it arrives, packet
        self._jitter = 0.0
        self._jitter_until = 0.0

    def offer(self, packet: bytes, now: float) -> None:
        """Take one IPv4 packet."""
        counters = self.counters
        counters.packets += 1
        counters.bytes += len(packet)
        if now < self.cut_until or (self.block_udp and packet[9] == UDP):
            counters.blocked += 1
        elif not self.rate_kbps:
            self._serve(now)  # what waited while there was one
            self._begin(packet, now)
        elif self._queued * 8 > self.rate_kbps * self.queue_ms:
            counters.overflowed += 1
        else:
            self._queue.append((now, packet))
            self._queued += len(packet)

    def due(self, now: float) -> list[bytes]:
        """Return what arrives by *now*, in order."""
        self._serve(now)
        arrived = []
        while self._transit and self._transit[0][0] <= now:
            packet = self._transit.popleft()[1]
            if now < self.cut_until:
                self.counters.blocked += 1  # a cut cable loses what is on it
                continue
            self.counters.delivered += 1
            self.counters.delivered_bytes += len(packet)
            arrived.append(packet)
        return arrived

    def next_at(self) -> float | None:
        """Return when to call :meth:`due` next, None if nothing is under way."""
        times = []
        if self._queue:
            since, packet = self._queue[0]
            times.append(max(self._free_at, since) + self._takes(packet))
        if self._transit:
            times.append(self._transit[0][0])
        return min(times, default=None)

    def _takes(self, packet: bytes) -> float:
        return len(packet) * 8 / (self.rate_kbps * 1000) if self.rate_kbps else 0.0

    def _serve(self, now: float) -> None:
        while self._queue:
            since, packet = self._queue[0]
            done = max(self._free_at, since) + self._takes(packet)
            if done > now:
                return
            self._free_at = done
            self._queue.popleft()
            self._queued -= len(packet)
            self._begin(packet, done)

    def _begin(self, packet: bytes, now: float) -> None:
        if self._loses():
            self.counters.lost += 1
            return
        if now >= self._jitter_until:
            self._jitter, self._jitter_until = self._chance.random(), now + JITTER_HOLD_S
        at = now + (self.delay_ms + self.jitter_ms * self._jitter) / 1000
        if self._transit:
            at = max(at, self._transit[-1][0])
        self._transit.append((at, packet))

    def _loses(self) -> bool:
        if not self.loss:
            return False
        if self.burst <= 1:
            return self._chance.random() < self.loss
        # Gilbert: bad periods of `burst` packets, as many of them as give `loss` on average.
        if self._bad:
            self._bad = self._chance.random() >= 1 / self.burst
        else:
            self._bad = self._chance.random() < self.loss / (1 - self.loss) / self.burst
        return self._bad
