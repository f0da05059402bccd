"""The process that listens: one order on its input, one answer on its output."""

from __future__ import annotations

import os
import resource
import sys

import msgspec

from bridge.listening.decode import answer
from bridge.listening.order import Order

#: Behind the server, which forwards meanwhile.
NICENESS = 5
#: Ten seconds of sound take well under a second; whatever takes this long is an attack.
CPU_S = 15


def main() -> None:
    """Answer one question."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(answer(order)))


if __name__ == "__main__":
    main()
