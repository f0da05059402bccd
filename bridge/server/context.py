"""What request handlers share, hung on the aiohttp application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import jinja2
from aiohttp import web

from bridge.clock import Clock
from bridge.errors import BridgeError, Code
from bridge.media.server import MediaServer
from bridge.protocol.views import Text
from bridge.server.admissions import Admissions
from bridge.server.load import LoadMeter
from bridge.server.locales import Catalogues
from bridge.server.site_links import SiteLinks
from bridge.server.tokens import Claims, Tokens
from bridge.server.turn import Turn
from bridge.sessions.probes import Probes
from bridge.sessions.rehearsal import Rehearsal
from bridge.sessions.runtime import SessionRuntime
from bridge.tasks import Tasks

__all__ = ["CONTEXT", "Context", "OpenPage"]


class OpenPage(Protocol):
    """A websocket, seen from what is not about its session's state."""

    claims: Claims
    peer: str

    async def deny(self) -> None:
        """Close it with the reason: its token was withdrawn or has expired."""

    def tell_slots(self) -> None:
        """Tell it what the line of its media connection carries."""


@dataclass(slots=True)
class Context:
    """Everything a handler may need."""

    tokens: Tokens
    site_links: SiteLinks
    admissions: Admissions
    secure: bool  # browsers reach us by https, here or at a proxy
    catalogues: Catalogues
    templates: jinja2.Environment
    media: MediaServer
    load: LoadMeter
    clock: Clock
    tasks: Tasks
    probes: Probes
    data: Path  # where everything is kept
    regions: Mapping[str, Text] = field(default_factory=dict)  # names by code, in planned order
    sessions: dict[str, SessionRuntime] = field(default_factory=dict)
    pages: set[OpenPage] = field(default_factory=set)
    sockets: Counter[str] = field(default_factory=Counter)  # open or opening, by key of the link
    url: str = ""  # what links begin with; known once the server listens
    turn: Turn | None = None  # for sites whose firewall drops UDP
    rehearsals: dict[str, Rehearsal] = field(default_factory=dict)

    def runtime(self, session: str) -> SessionRuntime:
        """Return the running session.

        Raises:
            BridgeError: there is none of that id.
        """
        runtime = self.sessions.get(session)
        if runtime is None:
            raise BridgeError(
                Code.SESSION_UNKNOWN,
                f"There is no session {session!r} in this event. It has: "
                + ", ".join(self.sessions)
                + ".",
                {"session": session},
            )
        return runtime


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)
