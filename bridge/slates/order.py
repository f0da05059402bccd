"""What the server and the process that makes slates say to each other, one JSON object a line.

::

    → {"card": {"site": "Điểm cầu Điện Biên", …}, "path": "/srv/data/cache/slates/3f….slate"}
    ← {"error": ""}
"""

from __future__ import annotations

import msgspec

from bridge.slates.still import Card

__all__ = ["Done", "Order"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Make the still of *card* and keep it in the file *path*."""

    card: Card
    path: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The order is carried out, unless *error* says why not."""

    error: str = ""
