"""Names of things, shared by every package. Pure.

A *source* is written ``kind:name``: ``camera:dien-bien``, ``slides:dien-bien``,
``slate:dien-bien``. Kinds to come (clip) keep the same form, so a log written today stays
readable.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

__all__ = [
    "Rank",
    "Role",
    "SiteCode",
    "SourceId",
    "SourceKind",
    "camera",
    "slate",
    "slides",
    "split_source",
]

SiteCode = NewType("SiteCode", str)
SourceId = NewType("SourceId", str)


class Role(StrEnum):
    """What a token allows. The server derives it; a message never says it."""

    HOST = "host"
    DELEGATE = "delegate"  # with a phone, through the QR link of a site
    MODERATOR = "moderator"
    TECHNICIAN = "technician"
    STAGE = "stage"
    SYSTEM = "system"  # the server itself: timers, observations; never in a token


class Rank(StrEnum):
    """What a device is to its site, which only one of them publishes for at a time."""

    MAIN = "main"
    BACKUP = "backup"  # sends all the time, and is taken when the main one dies
    STANDBY = "standby"  # the simulator: gives way to any real device


class SourceKind(StrEnum):
    """What can be put on program."""

    CAMERA = "camera"
    SLIDES = "slides"  # what a site shares of its screen, beside its camera
    SLATE = "slate"  # the still with a site's name that stands for its picture


def camera(site: str) -> SourceId:
    """Return the source id of a site's camera."""
    return SourceId(f"{SourceKind.CAMERA}:{site}")


def slides(site: str) -> SourceId:
    """Return the source id of what a site shares of its screen."""
    return SourceId(f"{SourceKind.SLIDES}:{site}")


def slate(site: str) -> SourceId:
    """Return the source id of the still shown when a site has no picture."""
    return SourceId(f"{SourceKind.SLATE}:{site}")


def split_source(source: str) -> tuple[SourceKind, str]:
    """Return kind and name of a source id.

    Raises:
        ValueError: not ``kind:name`` with a known kind.
    """
    kind, separator, name = source.partition(":")
    if not separator or not name:
        raise ValueError(f"not a source id: {source!r}")
    return SourceKind(kind), name
