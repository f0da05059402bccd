"""``diemcau simulate``: arguments in, a run out.

The list of sites is asked of the server itself, so the simulator needs neither the
event file nor anything else of the server but a way to mint join tokens.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from websockets.exceptions import WebSocketException

from bridge.ids import Role
from bridge.simulator import run as runner
from bridge.simulator.floor import session_sites, socket_url
from bridge.simulator.options import (
    Receive,
    SimulatedSite,
    SimulatorOptions,
    choose_sites,
    tls_context,
)

__all__ = ["ServedEvent", "run"]

log = logging.getLogger(__name__)

_SERVER_STARTS_IN_S = 5.0
_ASK_AGAIN_S = 0.5


class ServedEvent(Protocol):
    """What is known of the running server: its base URL and the venue's site code."""

    @property
    def url(self) -> str:
        """Base URL."""
        ...

    @property
    def venue(self) -> str:
        """Site code of the venue."""
        ...


def run(
    arguments: argparse.Namespace,
    served: ServedEvent,
    mint: Callable[[Role, str, str], str],
    cache: Path,
) -> int:
    """Run the simulator until it is told to stop; return the exit code.

    Args:
        arguments: as ``arguments.add_arguments`` defines them.
        served: the running server.
        mint: returns a token for (role, session, site).
        cache: directory for encoded loops.
    """
    parent = os.getppid() if arguments.follow_parent else None
    url = arguments.url or served.url
    session = arguments.session

    def host_token(role: Role, site: str) -> str:
        return mint(role, session, site)

    async def simulate() -> int:
        try:
            sites = await _ask_for_sites(
                socket_url(url, session),
                lambda: host_token(Role.HOST, served.venue),
                tls_context(url, insecure=arguments.insecure),
            )
        except (OSError, TimeoutError, ValueError, WebSocketException) as error:
            print(f"diemcau: no server at {url}: {error}", file=sys.stderr)  # noqa: T201
            return 1
        await runner.run(
            SimulatorOptions(
                url=url,
                session=session,
                sites=choose_sites(sites, arguments.sites),
                mint=host_token,
                cache=cache,
                receive=Receive(arguments.receive),
                asks=arguments.asks,
                insecure=arguments.insecure,
                parent=parent,
            )
        )
        return 0

    return asyncio.run(simulate())


async def _ask_for_sites(
    url: str, token: Callable[[], str], tls: ssl.SSLContext | None
) -> list[SimulatedSite]:
    """Ask until the server is up; raise what the last attempt raised."""
    deadline = asyncio.get_running_loop().time() + _SERVER_STARTS_IN_S
    while True:
        try:
            return await session_sites(url, token(), tls)
        except (OSError, TimeoutError, WebSocketException):
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(_ASK_AGAIN_S)
