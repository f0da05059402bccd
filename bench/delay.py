"""How long a picture takes from the publisher to the last viewer's kernel.

Servers give streams new sequence numbers and timestamps, so a picture is recognised by
the lengths of its last packet and of those around it: encryption keeps lengths, and no
two seconds of a camera have the same ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

#: Pictures looked at to recognise one, and how many they may be late: 3 s of 30 a second.
SAMPLE, LATEST = 60, 90
_MASK = 0xFFFFFFFF


class Frame(NamedTuple):
    """A picture's last packet when it was sent.

    Attributes:
        at: Unix nanoseconds, before the system call.
        timestamp: RTP. length: of the datagram in bytes.
    """

    at: int
    timestamp: int
    length: int


class Mark(NamedTuple):
    """The same when it arrived at a *viewer*; *at* is the kernel's time."""

    at: int
    viewer: int
    timestamp: int
    length: int


def offset(frames: Sequence[Frame], marks: Sequence[Mark]) -> int | None:
    """Return what the server adds to a timestamp of one viewer's stream, or None if unknown."""
    sent = {frame.timestamp: frame for frame in frames}
    best, most = None, 0
    marks = marks[:SAMPLE]
    if not marks:
        return None
    middle = marks[len(marks) // 2]  # the first may be of a picture sent before the others
    for frame in [frame for frame in frames if frame.at <= middle.at][-LATEST:]:
        added = (middle.timestamp - frame.timestamp) & _MASK
        pairs = [(sent.get((mark.timestamp - added) & _MASK), mark) for mark in marks]
        # the server's header may be longer or shorter, always by as much
        grown = Counter(seen.length - origin.length for origin, seen in pairs if origin)
        agreeing = max(grown.values(), default=0)
        if agreeing > most:
            best, most = added, agreeing
    return best if most * 2 > len(marks) else None


def delays_ms(
    frames: Sequence[Frame],
    marks: Sequence[Mark],
    viewers: int,
    of: Sequence[Frame] | None = None,
) -> list[float]:
    """Return, for each picture that all *viewers* got, milliseconds until the last had it.

    Args:
        frames: all that were sent, by which each other are recognised.
        marks: what arrived.
        viewers: how many there are.
        of: pictures that are asked about; None for all.
    """
    by_viewer = defaultdict(list)
    for mark in marks:
        by_viewer[mark.viewer].append(mark)
    arrivals: dict[int, list[int]] = defaultdict(list)
    for seen in by_viewer.values():
        seen.sort()
        added = offset(frames, seen)
        if added is not None:
            for mark in seen:
                arrivals[(mark.timestamp - added) & _MASK].append(mark.at)
    return [
        (max(arrivals[frame.timestamp]) - frame.at) / 1e6
        for frame in (frames if of is None else of)
        if len(arrivals[frame.timestamp]) == viewers
    ]
