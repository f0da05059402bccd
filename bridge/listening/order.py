"""What the server asks the listening process, and what that answers."""

from __future__ import annotations

import msgspec

from bridge.link.tones import Recognised

__all__ = ["Answer", "Order", "Sound"]


class Sound(msgspec.Struct, frozen=True, array_like=True):
    """One Opus packet as it came.

    Attributes:
        number: endless sequence number. timestamp: 0..2^32-1, wraps, at 48 kHz.
        arrived: seconds on the monotonic clock.
    """

    number: int
    timestamp: int
    arrived: float
    payload: bytes


class Order(msgspec.Struct, frozen=True):
    """Look for the row *notes* (``link.tones``) in *sounds*, which are in order of number."""

    notes: tuple[int, ...]
    sounds: list[Sound]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found.

    Attributes:
        tone: None if the row was not heard.
        arrived: when the packet with its beginning came, seconds on the monotonic clock.
    """

    tone: Recognised | None = None
    arrived: float = 0.0
