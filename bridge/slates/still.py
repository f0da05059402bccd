"""What stands on a slate, the encoded still, and the file it is kept in.

A file is named after everything its picture depends on, so that a changed name is a new
file and an unchanged one is found again after a restart. It begins with the SHA-256 of the
rest: a damaged one is as good as none.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["SIZE", "Card", "Still", "path_of", "read", "write"]

log = logging.getLogger(__name__)

SIZE: Final = (1280, 720)
"""Width and height in pixels."""
_EDITION: Final = 1  # raise when drawing or encoding changes: old files then go unused
_DIGEST: Final = 32


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What is written on one slate, in the language of the hall.

    Attributes:
        site: whose picture is not there, large.
        note: what the hall should know.
        event, session: two lines at the foot.
    """

    site: str
    note: str
    event: str
    session: str


class Still(msgspec.Struct, frozen=True, kw_only=True):
    """One picture as encoders gave it.

    Attributes:
        vp8: a key frame.
        h264: access units that begin with their parameter sets, each a list of NAL units without
            start codes; sent in turn, because neighbours must not have the same ``idr_pic_id``
            (ITU-T H.264 7.4.3). Empty where there is no such encoder.
    """

    vp8: bytes
    h264: tuple[tuple[bytes, ...], ...] = ()


def path_of(card: Card, cache: Path) -> Path:
    """Return where the still of *card* is kept."""
    key = msgspec.json.encode((_EDITION, SIZE, card))
    return cache / f"{hashlib.sha256(key).hexdigest()[:20]}.slate"


def read(path: Path) -> Still | None:
    """Return the still in *path*; None if there is none, or it is damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("slate %s cannot be read: %s", path, error)
        return None
    body = data[_DIGEST:]
    if hashlib.sha256(body).digest() != data[:_DIGEST]:
        log.warning("slate %s is damaged and will be made again", path)
        return None
    try:
        return msgspec.msgpack.decode(body, type=Still)
    except msgspec.DecodeError as error:
        log.warning("slate %s will be made again: %s", path, error)
        return None


def write(path: Path, still: Still) -> None:
    """Keep *still* in *path*, as a whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    body = msgspec.msgpack.encode(still)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".new-{os.getpid()}")  # two servers' helpers may write at once
    partial.write_bytes(hashlib.sha256(body).digest() + body)
    partial.replace(path)
