"""What the event file says of a session, in the forms its parts need."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from bridge.config import Event, SessionConfig
from bridge.protocol.technician_view import PointView, RegionView
from bridge.protocol.views import AgendaView, SiteView, Text
from bridge.state import SessionSetup

__all__ = ["SessionFacts", "facts_of", "setup_of"]


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What never changes while a session runs and every page shows.

    Attributes:
        sites: by code, in the order of the event file.
        agenda: items as planned; state and times are filled in from the log.
        regions: those that take part. points: where each site is.
    """

    session_id: str
    event: Text
    session: Text
    date: str
    time_zone: str
    venue: str
    sites: dict[str, SiteView]
    agenda: list[AgendaView]
    regions: list[RegionView] = []
    points: dict[str, PointView] = {}

    @cached_property
    def json(self) -> dict[str, Any]:
        """The fields a view takes over as they are, as JSON-able values."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        del fields["agenda"]  # its items change their state
        return fields


def setup_of(event: Event, session: SessionConfig) -> SessionSetup:
    """Return what the rules of *session* need."""
    return SessionSetup(
        id=session.id,
        venue=event.venue,
        sites=session.sites,
        co_chairs=session.co_chairs,
        items=tuple(item.id for item in session.agenda),
        policy=session.policy,
    )


def facts_of(event: Event, session: SessionConfig) -> SessionFacts:
    """Return what the pages of *session* show."""
    sites = [site for site in event.sites if site.code in session.sites]
    regions = {site.region for site in sites}
    return SessionFacts(
        session_id=session.id,
        event=event.name,
        session=session.name,
        date=session.date.isoformat(),
        time_zone=event.time_zone,
        venue=event.venue,
        sites={
            site.code: SiteView(
                code=site.code,
                name=site.name,
                venue=site.code == event.venue,
                co_chair=site.code in session.co_chairs,
                region=site.region,
            )
            for site in sites
        },
        agenda=[
            AgendaView(
                id=item.id,
                title=item.title,
                starts_at=item.starts_at,
                minutes=item.minutes,
                state="next",
                started_at=0.0,
            )
            for item in session.agenda
        ],
        regions=[
            RegionView(code=region.code, name=region.name)
            for region in event.regions
            if region.code in regions
        ],
        points={site.code: PointView(lat=site.lat, lon=site.lon) for site in sites},
    )
