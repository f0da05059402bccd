"""The envelope every command shares. Pure.

``decide`` receives ``(state, actor, command, now)``; the wire decodes straight
into these structs, so what a client may say and what the rules understand
cannot drift apart.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from bridge.ids import Role

__all__ = ["Actor", "Command", "Event"]


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who acts, derived from the token by the server.

    Attributes:
        role: what the token allows.
        site: the host's site, empty for others.
        name: display name on the token, may be empty.
        key: short id of the token, so that two moderators differ.
    """

    role: Role
    site: str = ""
    name: str = ""
    key: str = ""


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
):
    """Base of all commands.

    Attributes:
        cmd_id: chosen by the sender, 1-64 characters; the same id twice has one effect.
        expected_rev: refuse with ``stale_revision`` if the log has moved past it.
    """

    cmd_id: Annotated[str, Meta(min_length=1, max_length=64)]
    expected_rev: int | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all events: past tense, stored for ever, never changed once released."""
