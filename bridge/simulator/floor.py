"""The host's websocket of a simulated site: what it sees, and what it asks.

Follows ``docs/protocol.md``: ``hello`` with the newest revision known, then a view or
the patches missed (JSON Merge Patch, RFC 7396), commands with an id of their own.
Commands are not repeated here: the director sees from the view what had no effect.
"""

from __future__ import annotations

import logging
import secrets
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bridge.simulator.director import Outlook, OwnRequest
from bridge.simulator.options import SimulatedSite

__all__ = ["Floor", "merge", "session_sites", "socket_url"]

log = logging.getLogger(__name__)

_OPEN_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 1.0
_LARGEST_MESSAGE = 4 * 1024 * 1024
_PING_INTERVAL_S = 10.0


def merge(target: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON values
    """Return *target* with *patch* applied (RFC 7396 section 2)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def socket_url(base: str, session: str) -> str:
    """Return the websocket URL of *session* on the server at *base* (http or https)."""
    parts = urlsplit(base)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, f"/ws/{session}", "", ""))


def _connect(url: str, token: str, tls: ssl.SSLContext | None) -> connect:
    return connect(
        url,
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        open_timeout=_OPEN_TIMEOUT_S,
        close_timeout=_CLOSE_TIMEOUT_S,
        ping_interval=_PING_INTERVAL_S,
        max_size=_LARGEST_MESSAGE,
        proxy=None,
        ssl=tls,
    )


def _done(action: dict[str, Any]) -> str:
    """Return a page's answer to an action: all is done, and notes are read."""
    detail = "read" if action["action"] == "note" else ""
    answer = {"type": "action_done", "action_id": action["id"], "ok": True, "detail": detail}
    return msgspec.json.encode(answer).decode()


def _hello(rev: int) -> str:
    return msgspec.json.encode({"type": "hello", "rev": rev, "lang": "vi"}).decode()


async def session_sites(
    url: str, token: str, tls: ssl.SSLContext | None = None
) -> list[SimulatedSite]:
    """Ask the server which sites take part, as every page learns it: from the view.

    Args:
        url: of the websocket.
        token: any role's.
        tls: context for ``wss``, None for the default.

    Raises:
        OSError: no connection. websockets' ``WebSocketException``: it failed.
        ValueError: the server ended the connection without a view.
    """
    async with _connect(url, token, tls) as connection:
        await connection.send(_hello(-1))
        async for text in connection:
            message = msgspec.json.decode(text)
            if message["type"] == "view":
                return [
                    SimulatedSite(
                        code=code,
                        name=site["name"]["vi"],
                        venue=site["venue"],
                        co_chair=site["co_chair"],
                    )
                    for code, site in message["view"]["sites"].items()
                ]
    raise ValueError("the server ended the connection without a view")


class Floor:
    """One site's place in the session.

    Args:
        site: code.
        url: websocket URL of the session.
        on_online: called when the server has greeted a new connection.

    Attributes:
        requests: the site's own.
        has_floor: one of the site's delegates has been given the floor.
        tries_microphone: a delegate on deck has not been heard by the server yet.
        somebody_speaks: any site has the floor.
        refusals: commands that had no effect.
    """

    def __init__(self, site: str, url: str, on_online: Callable[[], None]) -> None:
        self._site = site
        self._url = url
        self._on_online = on_online
        self._connection: ClientConnection | None = None
        self._view: dict[str, Any] = {}
        self._rev = -1
        self.requests: tuple[OwnRequest, ...] = ()
        self.has_floor = False
        self.tries_microphone = False
        self.somebody_speaks = False
        self.refusals = 0

    @property
    def online(self) -> bool:
        """Whether the view is being kept up to date."""
        return self._connection is not None and self._rev >= 0

    async def converse(self, token: str, tls: ssl.SSLContext | None = None) -> None:
        """Connect and keep the view until the server closes.

        Args:
            token: the host's.
            tls: context for ``wss``, None for the default.

        Raises:
            OSError: no connection. websockets' ``WebSocketException``: it failed or ended.
            ValueError: a message that is not as the protocol says.
        """
        async with _connect(self._url, token, tls) as connection:
            await connection.send(_hello(self._rev))
            self._connection = connection
            greeted = False
            try:
                async for message in connection:
                    for action in self._take(message):
                        await connection.send(_done(action))
                    if not greeted:
                        greeted = True
                        self._on_online()
            finally:
                self._connection = None

    def _take(self, text: str | bytes) -> list[dict[str, Any]]:
        """Take a message in; return what a technician asks for in it."""
        try:
            message = msgspec.json.decode(text)
            match message["type"]:
                case "view":
                    self._show(message["view"], message["rev"])
                case "patch":
                    self._show(merge(self._view, message["patch"]), message["rev"])
                case "nack":
                    self.refusals += 1
                    log.info(
                        "%s: refused: %s (%s)", self._site, message["message"], message["code"]
                    )
                case "action":
                    return [message]
                case _:
                    pass  # ack, links, status: nothing a simulated host acts on
        except (KeyError, TypeError, AttributeError, msgspec.DecodeError) as error:
            self._rev = -1  # ask for everything anew
            raise ValueError(f"cannot read {text[:80]!r}: {error!r}") from error
        return []

    def _show(self, view: dict[str, Any], rev: int) -> None:
        known = view["requests"]
        self.requests = tuple(
            OwnRequest(
                id=request,
                status=known[request]["status"],
                live=(known[request].get("grant") or {}).get("phase") == "live",
                on_deck=(known[request].get("deck") or {}).get("returned") is False,
            )
            for request in view["mine"]
        )
        self.has_floor = any(request.status == "granted" for request in self.requests)
        self.tries_microphone = any(
            "sound" in (known[request].get("deck") or {}).get("missing", ())
            for request in view["mine"]
        )
        self.somebody_speaks = bool(view["speaking"])
        self._view, self._rev = view, rev

    async def send(self, kind: str, **fields: str) -> None:
        """Send a command; without a connection it is lost."""
        if self._connection is None:
            return
        command = {"type": kind, "cmd_id": secrets.token_hex(8), **fields}
        try:
            await self._connection.send(msgspec.json.encode(command).decode())
        except ConnectionClosed:
            log.info("%s: %s was lost with the connection", self._site, kind)

    def outlook(self, *, may_ask: bool) -> Outlook:
        """Return what the director wants to know."""
        return Outlook(
            site=self._site,
            may_ask=may_ask and self.online,
            list_open=self._view.get("list_state") == "open",
            waiting=self._view.get("waiting", 0),
            requests=self.requests,
        )
