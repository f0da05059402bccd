"""What the slates of an event say, in Vietnamese: the program has one language."""

from __future__ import annotations

from typing import Final

from bridge.config import Event
from bridge.slates.still import Card

__all__ = ["cards_of"]

TITLE: Final = "Điểm cầu {site}"
NOTE: Final = "Đường truyền đang gián đoạn, xin chờ"


def cards_of(event: Event) -> dict[str, dict[str, Card]]:
    """Return session → site → card."""
    names = {site.code: site.name.vi for site in event.sites}
    return {
        session.id: {
            code: Card(
                site=TITLE.format(site=names[code]),
                note=NOTE,
                event=event.name.vi,
                session=session.name.vi,
            )
            for code in session.sites
        }
        for session in event.sessions
    }
