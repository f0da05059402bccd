"""Ids of media connections: a code that people can say, and a rest that nobody can guess.

``3f7k9m-Zk0…``: the code stands in the log, on the host's page and on the technician's panel,
and finds one connection from its offer to its end. The whole id is its address over HTTP, which
must not be guessed (RFC 9725, security considerations).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from bridge.logs import of

if TYPE_CHECKING:
    from bridge.media.peer import Peer

__all__ = ["code_of", "log_fields", "new_peer_id"]

#: Of Crockford's base 32: what cannot be mistaken for another on the telephone or on paper. Of
#: 2000 peers at once two have the same code in one of 500 events.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH: Final = 6
SECRET_BYTES: Final = 16


def new_peer_id() -> str:
    """Return the id of a new peer."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{code}-{secrets.token_urlsafe(SECRET_BYTES)}"


def code_of(peer_id: str) -> str:
    """Return the part of an id that people say."""
    return peer_id.partition("-")[0]


def log_fields(peer: Peer) -> dict[str, str]:
    """Return what a line of the log about *peer* carries, for ``extra``; see ``bridge.logs``."""
    who = peer.who
    return of(peer=code_of(peer.id), session=who.session, site=who.site, role=who.role.value)
