"""Join tokens: signed, scoped to event, session, site and role, expiring, revocable.

A token is a JSON Web Token (RFC 7519) with HMAC-SHA-256. What it says is
believed because of its signature alone, so the command line can mint one
beside a running server, with nothing but the secret in the data directory.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import jwt
import msgspec

from bridge.commands import Actor
from bridge.errors import AccessDenied, Code
from bridge.ids import Role

__all__ = ["Claims", "Tokens"]

ALGORITHM = "HS256"
MAX_TOKEN_CHARS = 2048


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token says.

    Attributes:
        key: short id; revocation and cookies go by it.
        session: session id. site: site code, hosts only. name: display name.
        issued, expires: Unix seconds.
    """

    key: str = msgspec.field(name="jti")
    event: str = msgspec.field(name="evt")
    session: str = msgspec.field(name="ses")
    role: Role = msgspec.field(name="rol")
    issued: int = msgspec.field(name="iat")
    expires: int = msgspec.field(name="exp")
    site: str = msgspec.field(name="sit", default="")
    name: str = msgspec.field(name="nam", default="")

    def actor(self) -> Actor:
        """Return who acts with this token."""
        return Actor(role=self.role, site=self.site, name=self.name, key=self.key)


class Tokens:
    """Mints and reads tokens of one event.

    Args:
        secret: at least 32 bytes, shared by all servers of the event.
        event: event id; a token of another event is refused.
        now: Unix time.
        revoked: tells whether a key was revoked.
    """

    def __init__(
        self,
        secret: bytes,
        event: str,
        now: Callable[[], float],
        revoked: Callable[[str], bool] = lambda _key: False,
    ) -> None:
        self._secret = secret
        self._event = event
        self._now = now
        self._revoked = revoked

    def mint(
        self, role: Role, session: str, *, site: str = "", name: str = "", ttl_s: float = 86_400
    ) -> tuple[str, Claims]:
        """Return a new token and what it says; it is valid for *ttl_s* seconds from now."""
        issued = int(self._now())
        claims = Claims(
            key=secrets.token_hex(6),
            event=self._event,
            session=session,
            role=role,
            site=site,
            name=name,
            issued=issued,
            expires=issued + int(ttl_s),
        )
        return jwt.encode(msgspec.to_builtins(claims), self._secret, ALGORITHM), claims

    def still_valid(self, key: str, expires: float) -> bool:
        """Tell whether a token that was read before may still be used."""
        return expires > self._now() and not self._revoked(key)

    def read(self, token: str) -> Claims:
        """Return what a valid token says.

        Raises:
            AccessDenied: missing, not ours, expired or revoked.
        """
        if not token:
            raise AccessDenied(Code.TOKEN_MISSING, "Open the join link you were given first.")
        if len(token) > MAX_TOKEN_CHARS:
            raise _invalid()
        try:
            # The expiry is checked below, against the same clock that everything else uses.
            payload = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],
                options={"verify_exp": False, "verify_iat": False},
            )
            claims = msgspec.convert(payload, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError):
            raise _invalid() from None
        if claims.event != self._event or claims.role is Role.SYSTEM:
            raise AccessDenied(
                Code.TOKEN_INVALID, "This join link belongs to another event. Ask for a new one."
            )
        if claims.expires <= self._now():
            raise AccessDenied(
                Code.TOKEN_EXPIRED, "This join link has expired. Ask the organisers for a new one."
            )
        if self._revoked(claims.key):
            raise AccessDenied(
                Code.TOKEN_REVOKED,
                "This join link was withdrawn. Ask the organisers for a new one.",
            )
        return claims


def _invalid() -> AccessDenied:
    return AccessDenied(
        Code.TOKEN_INVALID,
        "This join link is not valid here. Check that it was copied whole, or ask for a new one.",
    )
