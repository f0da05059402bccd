"""``diemcau`` whose event loop can be stopped from outside: ``python -m bench.blocking serve ...``.

On SIGUSR1 the main thread sleeps without letting go of the GIL, so that no Python runs at all, and
then prints ``blocked``, and from when until when that was, in nanoseconds of the monotonic
clock and of the Unix one. The server itself knows nothing of it.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import time
from types import FrameType
from typing import Final, NamedTuple

from bridge.cli import main

__all__ = ["BLOCKED_S", "SIGNAL", "Block"]

BLOCKED_S: Final = 2.0
SIGNAL: Final = signal.SIGUSR1
#: Functions of it are called with the GIL held.
_HOLDING: Final = ctypes.PyDLL(None)


class Block(NamedTuple):
    """When the event loop stood still, nanoseconds."""

    begun: int
    ended: int
    begun_unix: int
    ended_unix: int

    @classmethod
    def parsed(cls, line: str) -> Block:
        """Read the line that the server printed, ``blocked`` and four times."""
        return cls(*map(int, line.split()[1:]))


def _block(_signal: int, _frame: FrameType | None) -> None:
    begun, begun_unix = time.monotonic_ns(), time.time_ns()
    _HOLDING.usleep(int(BLOCKED_S * 1e6))
    print("blocked", begun, time.monotonic_ns(), begun_unix, time.time_ns(), flush=True)


if __name__ == "__main__":
    signal.signal(SIGNAL, _block)
    sys.exit(main())
