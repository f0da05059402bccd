"""What a simulation is told: where, which sites, what they receive."""

from __future__ import annotations

import argparse
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bridge.ids import Role

__all__ = ["Receive", "SimulatedSite", "SimulatorOptions", "add_arguments", "choose_sites"]

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_SITES = 6

# joins last: a newcomer's own page is Điện Biên's
_LEFT_FREE = "dien-bien"
# spread over the country and known to everybody: a small simulation shows these first
_FIRST = (
    "lao-cai",
    "quang-ninh",
    "nghe-an",
    "thua-thien-hue",
    "dak-lak",
    "can-tho",
    "ca-mau",
    "hai-phong",
    "khanh-hoa",
    "thanh-hoa",
    "dong-nai",
    "lang-son",
)


class Receive(StrEnum):
    """What a simulated site asks the server to send it."""

    NONE = "none"
    AUDIO = "audio"
    PROGRAM = "program"


@dataclass(frozen=True)
class SimulatedSite:
    """A bridge point to play.

    Attributes:
        code: as in tokens and URLs.
        name: Vietnamese, drawn into the picture.
        venue: the central point: its microphone is open, it never asks for the floor.
    """

    code: str
    name: str
    venue: bool = False


@dataclass(frozen=True)
class SimulatorOptions:
    """Everything a run needs.

    Attributes:
        url: base URL of the server.
        sites: to play, see :func:`choose_sites`.
        mint: returns a join token for (role, site code); called at every connection.
        cache: directory for encoded loops, made if needed.
        session: session id.
        receive: what each site asks for.
        asks: whether sites ask for the floor.
        insecure: accept any TLS certificate (a self-signed one on a LAN).
        parent: process id whose end ends the run; None to outlive it.
        seed: of chance, None for a different forum every time.
    """

    url: str
    sites: Sequence[SimulatedSite]
    mint: Callable[[Role, str], str]
    cache: Path
    session: str = "plenary"
    receive: Receive = Receive.PROGRAM
    asks: bool = True
    insecure: bool = False
    parent: int | None = None
    seed: int | None = None

    def tls(self) -> ssl.SSLContext | None:
        """Return the context for https and wss; None for a plain URL."""
        if not self.url.startswith("https:"):
            return None
        context = ssl.create_default_context()
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--url --sites --receive --no-requests --insecure``."""
    parser.add_argument("--url", default=DEFAULT_URL, help="the server (default: %(default)s)")
    parser.add_argument(
        "--sites",
        type=int,
        default=DEFAULT_SITES,
        metavar="N",
        help="how many sites to play; the venue is the first (default: %(default)s)",
    )
    parser.add_argument(
        "--receive",
        type=Receive,
        choices=list(Receive),
        default=Receive.PROGRAM,
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


def choose_sites(
    sites: Sequence[SimulatedSite], co_chairs: Sequence[str], count: int
) -> list[SimulatedSite]:
    """Return *count* of *sites* to play: venue, co-chairs, a spread over the country, the rest.

    Điện Biên comes last, so that it is free unless all are asked for.
    """

    def order(site: SimulatedSite) -> tuple[int, int]:
        if site.venue:
            return 0, 0
        if site.code == _LEFT_FREE:
            return 4, 0
        if site.code in co_chairs:
            return 1, co_chairs.index(site.code)
        if site.code in _FIRST:
            return 2, _FIRST.index(site.code)
        return 3, 0

    return sorted(sites, key=order)[: max(0, count)]
