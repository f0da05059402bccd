"""What a simulation is told: where, which sites, what they receive."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bridge.ids import Role

__all__ = ["Receive", "SimulatedSite", "SimulatorOptions", "choose_sites", "tls_context"]

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
        co_chair: its microphone is open without a grant.
    """

    code: str
    name: str
    venue: bool = False
    co_chair: bool = False


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
        return tls_context(self.url, insecure=self.insecure)


def tls_context(url: str, *, insecure: bool) -> ssl.SSLContext | None:
    """Return a TLS context for *url*, None if it is plain.

    Args:
        url: base URL.
        insecure: accept any certificate.
    """
    if not url.startswith("https:"):
        return None
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def choose_sites(sites: Sequence[SimulatedSite], count: int) -> list[SimulatedSite]:
    """Return *count* of *sites* to play: venue, co-chairs, a spread over the country, the rest.

    Điện Biên comes last, so that it is free unless all are asked for.
    """

    def order(site: SimulatedSite) -> tuple[int, int]:
        if site.venue:
            return 0, 0
        if site.code == _LEFT_FREE:
            return 4, 0
        if site.co_chair:
            return 1, 0
        if site.code in _FIRST:
            return 2, _FIRST.index(site.code)
        return 3, 0

    return sorted(sites, key=order)[: max(0, count)]
