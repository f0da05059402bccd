"""The last seconds of each link, taken together: one second alone says little.

Owns the sums. A window is five seconds long, as LiveKit's quality windows are: long
enough for a few receiver reports of every stream, short enough that a technician who has
repaired something sees it. It begins anew when a link comes back or another device of the
site publishes: what was before says nothing of what is now.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from statistics import median

from bridge.link.samples import ABSENT, Direction, LinkSample, PageStats

__all__ = ["WINDOW_S", "Window", "Windows", "total"]

#: Seconds a window covers.
WINDOW_S = 5.0
#: A busy server measures late: five intervals are a window although they are longer together.
TOLERANCE = 1.1
#: So much of a window is enough to say that something never happened in it.
FULL = 0.75


class Window:
    """One site's newest seconds.

    Attributes:
        samples: the oldest first, at least one.
        sum: all of them as one sample, see :func:`total`.
    """

    __slots__ = ("samples", "sum")

    def __init__(self, samples: Sequence[LinkSample]) -> None:
        self.samples = tuple(samples)
        self.sum = total(self.samples)

    @property
    def absent(self) -> bool:
        """Whether nothing of the site was there all the time; the next such second adds nothing."""
        return self.full and all(sample is ABSENT for sample in self.samples)

    @property
    def full(self) -> bool:
        """Whether it is long enough to say that something did not happen in it."""
        return self.sum.interval_s >= FULL * WINDOW_S

    def share(self, holds: Callable[[PageStats], bool]) -> float:
        """Return in which share of the time, 0-1, what the page said was so.

        Args:
            holds: asked of what the page said; seconds without a word of it are not so.
        """
        seconds = sum(
            one.interval_s for one in self.samples if one.page is not None and holds(one.page)
        )
        return seconds / self.sum.interval_s if self.sum.interval_s > 0 else 0.0


class Windows:
    """The windows of all sites."""

    def __init__(self) -> None:
        self._samples: dict[str, deque[LinkSample]] = {}
        self._newest: dict[str, Window] = {}

    def push(self, site: str, sample: LinkSample) -> Window:
        """Return the window of *site* that ends with *sample*."""
        before = self._newest.get(site)
        # Most sites of most sessions are not there: nothing is to be added up.
        if sample is ABSENT and before is not None and before.absent:
            return before
        kept = self._samples.setdefault(site, deque())
        if kept and _begins_anew(kept[-1], sample):
            kept.clear()
        kept.append(sample)
        covered = sum(one.interval_s for one in kept)
        while len(kept) > 1 and covered > WINDOW_S * TOLERANCE:
            covered -= kept.popleft().interval_s
        window = self._newest[site] = Window(kept)
        return window


def total(samples: Sequence[LinkSample]) -> LinkSample:
    """Return *samples* as one: counts added, states as they are now, the rest on average.

    The round trip time is the median of those measured, so that one late report is not a slow
    line; the loudest sound counts.

    Args:
        samples: of one site, the oldest first, at least one.
    """
    newest = samples[-1]
    measured = [one.rtt_ms for one in samples if one.rtt_ms >= 0]
    return LinkSample(
        devices=newest.devices,
        publisher=newest.publisher,
        taken_by=newest.taken_by,
        connected=newest.connected,
        rtt_ms=median(measured) if measured else -1.0,
        path=newest.path,
        cap_kbps=newest.cap_kbps,
        up=_direction([(one.up, one.interval_s) for one in samples]),
        down=_direction([(one.down, one.interval_s) for one in samples]),
        interval_s=sum(one.interval_s for one in samples),
        page=newest.page,
        reconnects=newest.reconnects,
        candidate_changes=newest.candidate_changes,
    )


def _begins_anew(before: LinkSample, now: LinkSample) -> bool:
    return before.connected is not now.connected or before.publisher != now.publisher


def _direction(parts: Sequence[tuple[Direction, float]]) -> Direction:
    directions = [direction for direction, _ in parts]
    newest = directions[-1]
    seconds = sum(interval for _, interval in parts)
    busy = [one for one in directions if one.packets]

    def mean(values: Sequence[tuple[float, float]]) -> float:
        return sum(value * interval for value, interval in values) / seconds if seconds > 0 else 0.0

    levels = [one.level_dbov for one in directions if one.level_dbov is not None]
    return Direction(
        packets=sum(one.packets for one in directions),
        bytes=sum(one.bytes for one in directions),
        lost=sum(one.lost for one in directions),
        expected=sum(one.expected for one in directions),
        jitter_ms=sum(one.jitter_ms for one in busy) / len(busy) if busy else 0.0,
        width=newest.width,
        height=newest.height,
        fps=mean([(one.fps, interval) for one, interval in parts]),
        repaired=sum(one.repaired for one in directions),
        missing=sum(one.missing for one in directions),
        layer=newest.layer,
        plis=sum(one.plis for one in directions),
        nacks=sum(one.nacks for one in directions),
        freezes=sum(one.freezes for one in directions),
        freeze_s=sum(one.freeze_s for one in directions),
        concealed=mean([(one.concealed, interval) for one, interval in parts]),
        level_dbov=max(levels) if levels else None,
    )
