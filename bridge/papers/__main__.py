"""The process that prints: a paper on its input, a PDF on its output."""

from __future__ import annotations

import os
import resource
import sys

import msgspec

from bridge.papers.draw import pdf
from bridge.papers.parts import Paper

#: Behind the server, which forwards meanwhile.
NICENESS = 5
#: 64 sites take about a second.
CPU_S = 30


def main() -> None:
    """Print one paper."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    paper = msgspec.json.decode(sys.stdin.buffer.read(), type=Paper)
    sys.stdout.buffer.write(pdf(paper))


if __name__ == "__main__":
    main()
