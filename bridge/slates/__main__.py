"""The process that makes slates: carries out one order after the other until its input ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from bridge.slates.draw import draw
from bridge.slates.encode import encode
from bridge.slates.order import Done, Order
from bridge.slates.still import write

#: Behind the server, which forwards meanwhile, but not so far behind that a busy machine never
#: gets to it.
NICENESS = 5


def main() -> None:
    """Work until the input ends."""
    os.nice(NICENESS)
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        done = Done()
        try:
            write(Path(order.path), encode(draw(order.card)))
        except OSError as error:  # of the disk; the server should hear of it
            done = Done(error=str(error))
        sys.stdout.buffer.write(msgspec.json.encode(done) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the server was killed, nobody waits for the answer
        os._exit(0)  # an ordinary exit would try once more to write it
