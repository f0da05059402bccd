"""Short-lived credentials for the TURN server (draft-uberti-behave-turn-rest-00 section 2.2).

Our server and the TURN server share a secret. A page is given a user name that says when it
expires, and a password that is the HMAC of it; the TURN server makes the same HMAC and needs to
ask nobody. The secret itself never leaves this module.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Sequence

import msgspec

from bridge.config import Settings
from bridge.ids import Role

__all__ = ["IceServer", "IceServers", "Turn", "ice_links", "ice_servers", "turn_of"]


class IceServer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``RTCConfiguration.iceServers`` (W3C WebRTC 4.2.2), as a browser wants it."""

    urls: tuple[str, ...]
    username: str
    credential: str


class IceServers(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to ``GET /ice/{session}``.

    Attributes:
        servers: none where there is no TURN server.
        renew_after: seconds after which to ask again, well before they expire; 0 for never.
    """

    servers: tuple[IceServer, ...] = ()
    renew_after: int = 0


class Turn:
    """Makes credentials for one TURN server.

    Args:
        urls: its URIs (RFC 7065).
        secret: what it shares with us, coturn's ``static-auth-secret``.
        ttl_s: how long credentials are good, seconds.
        now: the wall clock, Unix seconds.
    """

    def __init__(
        self, urls: Sequence[str], secret: str, ttl_s: int, now: Callable[[], float]
    ) -> None:
        self._urls = tuple(urls)
        self._secret = secret.encode()
        self._ttl_s = ttl_s
        self._now = now

    def __repr__(self) -> str:
        return f"Turn({', '.join(self._urls)})"

    def servers(self, user: str) -> IceServers:
        """Return credentials for *user*, a name that the TURN server logs and counts quotas by.

        It must have no colon: everything behind the first one is the name.
        """
        username = f"{int(self._now()) + self._ttl_s}:{user}"
        digest = hmac.digest(self._secret, username.encode(), "sha1")
        credential = base64.b64encode(digest).decode()
        server = IceServer(urls=self._urls, username=username, credential=credential)
        return IceServers(servers=(server,), renew_after=self._ttl_s // 2)


def turn_of(settings: Settings, now: Callable[[], float]) -> Turn | None:
    """Return what the settings say of a TURN server; None if nothing."""
    secret = settings.turn_key
    if not settings.turn_urls or secret is None:
        return None
    return Turn(settings.turn_urls, secret.value, settings.turn_ttl, now)


def ice_servers(turn: Turn | None, role: Role, key: str) -> IceServers:
    """Return the servers for whoever holds the token of *role* with the id *key*.

    A stage's link may be an audience of hundreds: each of them is a user of its own, so that
    a quota per user, which is for a site, does not stop them.
    """
    if turn is None:
        return IceServers()
    mark = f".{secrets.token_hex(4)}" if role is Role.STAGE else ""
    return turn.servers(key + mark)


def ice_links(turn: Turn | None, role: Role, key: str) -> list[str]:
    """Return ``Link`` header values for WHIP and WHEP clients (RFC 9725 section 4.6)."""
    return [
        f'<{url}>; rel="ice-server"; username="{server.username}"; '
        f'credential="{server.credential}"; credential-type="password"'
        for server in ice_servers(turn, role, key).servers
        for url in server.urls
    ]
