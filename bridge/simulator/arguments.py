"""The options of ``diemcau simulate``, apart from what they start: the server imports this too."""

from __future__ import annotations

import argparse

from bridge.simulator.options import Receive

__all__ = ["DEFAULT_SITES", "add_arguments"]

DEFAULT_SITES = 6
_SESSION = "plenary"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``simulate``."""
    parser.add_argument("--url", default="", help="server (default: the one of the data folder)")
    parser.add_argument(
        "--sites",
        type=int,
        default=DEFAULT_SITES,
        metavar="N",
        help="how many sites to play; the venue is the first (default: %(default)s)",
    )
    parser.add_argument("--session", default=_SESSION, help="session id (default: %(default)s)")
    parser.add_argument(
        "--receive",
        choices=[receive.value for receive in Receive],
        default=Receive.PROGRAM.value,
        help="what each site asks the server to send it (default: %(default)s)",
    )
    parser.add_argument(
        "--no-requests",
        dest="asks",
        action="store_false",
        help="send pictures and sound only, never ask for the floor",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="accept any TLS certificate of the server"
    )
    parser.add_argument(
        "--follow-parent", action="store_true", help="end when the process that started this ends"
    )
