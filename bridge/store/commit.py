"""One entry of the log: its fields, its bytes and the hash chain.

Owns how a commit is written. Knows nothing of floor or show: events are kept as
the JSON array they were encoded to, and whoever folds them decodes them.

The chain runs over the *exact stored bytes*, so it needs no canonical form and
still holds when a later version adds a field::

    GENESIS ──▶ prev_hash of 1
    sha256(data of 1) ──▶ prev_hash of 2
    sha256(data of 2) ──▶ prev_hash of 3 ...
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from bridge.commands import Actor, Event
from bridge.errors import Code, StoreUnavailable

__all__ = ["GENESIS", "Commit", "commit_hash", "decode", "following", "verify_chain"]

GENESIS = "0" * 64
"""``prev_hash`` of revision 1: nothing came before."""


class _Wire(msgspec.Struct, frozen=True):
    """The stored JSON object, in this order of keys."""

    rev: int
    at: float
    actor: Actor
    cmd_id: str
    prev_hash: str
    events: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Wire)


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything one command did, appended as a whole or not at all.

    Attributes:
        rev: revision, 1 for the first; dense.
        at: Unix time in seconds when it was decided.
        actor: who did it.
        cmd_id: the command's id; a second commit with it must not be written.
        prev_hash: :attr:`hash` of the commit before, :data:`GENESIS` for the first.
        events: JSON array of events, as bytes.
        data: the exact stored bytes; made here unless the commit comes from the log.
    """

    rev: int
    at: float
    actor: Actor
    cmd_id: str
    prev_hash: str
    events: bytes
    data: bytes = field(default=b"", repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.data:
            wire = _Wire(
                rev=self.rev,
                at=self.at,
                actor=self.actor,
                cmd_id=self.cmd_id,
                prev_hash=self.prev_hash,
                events=msgspec.Raw(self.events),
            )
            object.__setattr__(self, "data", _encoder.encode(wire))

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the stored bytes, hexadecimal."""
        return commit_hash(self.data)


def following(
    previous: Commit | None, *, at: float, actor: Actor, cmd_id: str, events: Sequence[Event]
) -> Commit:
    """Return the commit that comes after *previous* (``None``: the first of a log).

    Args:
        previous: newest commit of the log the events were decided on.
        at: Unix time in seconds.
        actor: who acts.
        cmd_id: id of the command.
        events: what it did.
    """
    return Commit(
        rev=previous.rev + 1 if previous else 1,
        at=at,
        actor=actor,
        cmd_id=cmd_id,
        prev_hash=previous.hash if previous else GENESIS,
        events=_encoder.encode(events),
    )


def commit_hash(data: bytes) -> str:
    """Return the SHA-256 of a commit's stored bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes) -> Commit:
    """Return the commit stored as *data*.

    Raises:
        msgspec.MsgspecError: the bytes are no commit.
        UnicodeDecodeError: a string in them is not UTF-8.
    """
    wire = _decoder.decode(data)
    return Commit(
        rev=wire.rev,
        at=wire.at,
        actor=wire.actor,
        cmd_id=wire.cmd_id,
        prev_hash=wire.prev_hash,
        events=bytes(wire.events),
        data=data,
    )


def verify_chain(commits: Iterable[Commit], after: Commit | None = None) -> None:
    """Check that *commits* follow each other without gap and that nobody changed them.

    The newest commit is covered only once another follows it; keep its hash
    elsewhere (the minutes print it) to prove the end as well.

    Args:
        commits: in order of revision.
        after: the commit before the first of them; ``None`` for the start of the log.

    Raises:
        StoreUnavailable: ``STORE_CORRUPT``, naming the revision where the chain breaks.
    """
    rev = after.rev if after else 0
    prev_hash = after.hash if after else GENESIS
    for commit in commits:
        rev += 1
        if commit.rev != rev:
            raise StoreUnavailable(
                Code.STORE_CORRUPT,
                f"Revision {rev} is missing from the log: restore it from a backup.",
                {"rev": rev},
            )
        if commit.prev_hash != prev_hash:
            changed = max(rev - 1, 1)
            raise StoreUnavailable(
                Code.STORE_CORRUPT,
                f"The hash chain breaks between revisions {rev - 1} and {rev}: one of them was "
                "changed after it was written. Restore the log from a backup.",
                {"rev": changed},
            )
        prev_hash = commit.hash
