"""Join tokens: signed, scoped to event, session, site and role, expiring, revocable.

A token is a JSON Web Token (RFC 7519) with HMAC-SHA-256. What it says is
believed because of its signature alone, so the command line can mint one
beside a running server, with nothing but the secret in the data directory.

A delegate's token without a parent is a *site link*: many phones come by it,
each is given a token of its own with that parent, and nobody acts with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

import jwt
import msgspec

from bridge.commands import Actor
from bridge.errors import AccessDenied, Code
from bridge.ids import Role

__all__ = ["Claims", "Tokens", "expired", "invalid", "withdrawn"]

ALGORITHM = "HS256"
MAX_TOKEN_CHARS = 2048


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token says.

    Attributes:
        key: short id; revocation and cookies go by it.
        session: session id. site: site code, hosts and delegates only. name: display name.
        issued, expires: Unix seconds.
        parent: key of the site link this phone came by; withdrawing that withdraws this.
    """

    key: str = msgspec.field(name="jti")
    event: str = msgspec.field(name="evt")
    session: str = msgspec.field(name="ses")
    role: Role = msgspec.field(name="rol")
    issued: int = msgspec.field(name="iat")
    expires: int = msgspec.field(name="exp")
    site: str = msgspec.field(name="sit", default="")
    name: str = msgspec.field(name="nam", default="")
    parent: str = msgspec.field(name="par", default="")

    @property
    def shared(self) -> bool:
        """Whether this is a site link, which only gives phones tokens of their own."""
        return self.role is Role.DELEGATE and not self.parent

    def actor(self) -> Actor:
        """Return who acts with this token."""
        return Actor(role=self.role, site=self.site, name=self.name, key=self.key)


class Tokens:
    """Mints and reads tokens of one event.

    Args:
        secret: at least 32 bytes, shared by all servers of the event.
        event: event id; a token of another event is refused.
        now: Unix time.
        revoked: returns the keys that were withdrawn.
    """

    def __init__(
        self,
        secret: bytes,
        event: str,
        now: Callable[[], float],
        revoked: Callable[[], Collection[str]] = frozenset,
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
        return self._sign(
            Claims(
                key=secrets.token_hex(6),
                event=self._event,
                session=session,
                role=role,
                site=site,
                name=name,
                issued=issued,
                expires=issued + int(ttl_s),
            )
        )

    def mint_phone(self, link: Claims) -> tuple[str, Claims]:
        """Return a token for one phone that came by the site link *link*, and what it says."""
        return self._sign(
            msgspec.structs.replace(
                link, key=secrets.token_hex(6), parent=link.key, name="", issued=int(self._now())
            )
        )

    def _sign(self, claims: Claims) -> tuple[str, Claims]:
        return jwt.encode(msgspec.to_builtins(claims), self._secret, ALGORITHM), claims

    def validity(self) -> Callable[..., bool]:
        """Return what tells whether a token that was read before may be used now.

        For many at once: it is called with key, expiry and parent of each, and the
        clock and the withdrawn keys are looked at only here.
        """
        now, revoked = self._now(), self._revoked()

        def valid(key: str, expires: float, parent: str = "") -> bool:
            return expires > now and key not in revoked and parent not in revoked

        return valid

    def read(self, token: str) -> Claims:
        """Return what a valid token says.

        Raises:
            AccessDenied: missing, not ours, expired or revoked.
        """
        if not token:
            raise AccessDenied(Code.TOKEN_MISSING, "Open the join link you were given first.")
        if len(token) > MAX_TOKEN_CHARS:
            raise invalid()
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
            raise invalid() from None
        if claims.event != self._event or claims.role is Role.SYSTEM:
            raise AccessDenied(
                Code.TOKEN_INVALID, "This join link belongs to another event. Ask for a new one."
            )
        if claims.expires <= self._now():
            raise expired()
        if not {claims.key, claims.parent}.isdisjoint(self._revoked()):
            raise withdrawn()
        return claims


def expired() -> AccessDenied:
    """Return the refusal of a link whose time is over."""
    return AccessDenied(
        Code.TOKEN_EXPIRED, "This join link has expired. Ask the organisers for a new one."
    )


def withdrawn() -> AccessDenied:
    """Return the refusal of a link that was withdrawn."""
    return AccessDenied(
        Code.TOKEN_REVOKED, "This join link was withdrawn. Ask the organisers for a new one."
    )


def invalid() -> AccessDenied:
    """Return the refusal of what is no link of ours."""
    return AccessDenied(
        Code.TOKEN_INVALID,
        "This join link is not valid here. Check that it was copied whole, or ask for a new one.",
    )
