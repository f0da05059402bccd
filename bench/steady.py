"""Whether a process stood still while it worked: memory, files and tasks over time.

Owns the rule, on numbers alone. Growth is Theil and Sen's slope, the median of the slopes
between all pairs of samples: a single step (a buffer that doubled, an arena that was
returned) does not move it, a leak does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

__all__ = ["BOUNDS", "MIN_SAMPLES", "Bound", "Sample", "growth_per_hour", "unsteady"]

#: Share of the samples at the beginning that are not judged: caches fill, arenas grow.
WARM_UP = 0.25
#: Fewer judged samples than this prove nothing.
MIN_SAMPLES = 8


@dataclass(frozen=True)
class Sample:
    """One look at the process; *at* is in seconds, memory in 10^6 bytes."""

    at: float
    resident_mb: float
    open_files: float
    tasks: float
    entries: float
    """Of all media tables together."""


@dataclass(frozen=True)
class Bound:
    """How much a figure may grow.

    Attributes:
        per_hour: what the slope may be.
        noise: growth over all judged samples that is not one, whatever the slope: with the
            comings and goings of the soak figures stand a little higher or lower.
    """

    text: str
    unit: str
    per_hour: float
    noise: float


#: A leak of 1 kB for each of the soak's joins, or of 20 bytes for each thousand packets forwarded,
#: is 2 MB an hour; the allocator's own drift is below that.
BOUNDS = {
    "resident_mb": Bound("resident memory", "MB", 6.0, 1.5),
    "open_files": Bound("open files", "", 6.0, 3.0),
    "tasks": Bound("tasks", "", 12.0, 6.0),
    "entries": Bound("entries of media tables", "", 40.0, 20.0),
}


def judged(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return *samples* without the warm-up."""
    return samples[int(len(samples) * WARM_UP) :]


def growth_per_hour(samples: Sequence[Sample], name: str) -> float:
    """Return the slope of the figure *name* after the warm-up, per hour."""
    points: list[tuple[float, float]] = [(s.at, getattr(s, name)) for s in judged(samples)]
    return 3600 * median((w - v) / (t - s) for (s, v), (t, w) in combinations(points, 2))


def unsteady(samples: Sequence[Sample]) -> list[str]:
    """Return a sentence for each figure that grew beyond its bound; none means steady."""
    hours = (samples[-1].at - judged(samples)[0].at) / 3600 if samples else 0
    if len(judged(samples)) < MIN_SAMPLES:
        return [f"only {len(judged(samples))} samples after the warm-up: run it for longer"]
    found = []
    for name, bound in BOUNDS.items():
        slope = growth_per_hour(samples, name)
        if slope > bound.per_hour and slope * hours > bound.noise:
            found.append(
                f"{bound.text} grows by {slope:.1f} {bound.unit} an hour (bound "
                f"{bound.per_hour:g})".replace("  ", " ")
            )
    return found
