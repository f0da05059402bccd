"""Event files: who takes part, which sessions there are, and their rules.

A file is checked completely before anything starts; every mistake is reported
at once. ``config/events/industry40-2021.toml`` is a complete, commented example.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from bridge.config.agenda import Item, read_agenda
from bridge.config.alerts import read_alerts
from bridge.config.document import Table, read_document
from bridge.config.problems import ConfigProblems, Problem, closest, suggest
from bridge.config.rules import read_policy
from bridge.config.sites import Catalogue, Region, find_sites_file, load_sites
from bridge.floor.policy import FloorPolicy
from bridge.link.alerts import AlertRules
from bridge.protocol.views import Text
from bridge.state import MAX_MICROPHONES

__all__ = ["Event", "SessionConfig", "SessionKind", "Site", "load_event"]

MAX_SITES = 64  # the venue and 63 bridge points: the bound of every per-site metric and wall
ALL = "all"


class SessionKind(StrEnum):
    """What a session is."""

    PLENARY = "plenary"
    THEMATIC = "thematic"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A site that takes part.

    Attributes:
        code: of the site file.
        name: as shown on screens; the event may have its own.
        region: code of a region.
        lat: degrees north.
        lon: degrees east.
        venue: the central bridge point.
        co_chair: its microphone is open without a grant.
    """

    code: str
    name: Text
    region: str
    lat: float
    lon: float
    venue: bool = False
    co_chair: bool = False


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A session as planned.

    Attributes:
        id: unique in the event; part of URLs.
        kind: plenary or thematic.
        name: as shown on screens.
        date: its day.
        sites: codes of those taking part, the venue first.
        co_chairs: codes of those of them that co-chair.
        agenda: in the order of time.
        policy: rules of its speaker queue.
    """

    id: str
    kind: SessionKind
    name: Text
    date: dt.date
    sites: tuple[str, ...]
    co_chairs: tuple[str, ...]
    agenda: tuple[Item, ...]
    policy: FloorPolicy


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event as planned.

    Attributes:
        id: names the event in tokens and in the store.
        name: as shown on screens.
        date: its main day.
        time_zone: IANA name; all times of the agenda are in it.
        venue: code of the central bridge point.
        sites: the venue, then the bridge points, in the order of the file.
        regions: those of the site file.
        sessions: in the order of the file.
        site_kbps: what each site's pictures may take at most, kilobits per second; 0: no cap.
        alerts: when technicians are told of a link.
    """

    id: str
    name: Text
    date: dt.date
    time_zone: str
    venue: str
    sites: tuple[Site, ...]
    regions: tuple[Region, ...]
    sessions: tuple[SessionConfig, ...]
    site_kbps: int = 0
    alerts: AlertRules = AlertRules()

    def site(self, code: str) -> Site | None:
        """Return the site with this code, if it takes part."""
        return next((site for site in self.sites if site.code == code), None)

    def session(self, session_id: str) -> SessionConfig | None:
        """Return the session with this id, if there is one."""
        return next((one for one in self.sessions if one.id == session_id), None)


def load_event(path: Path) -> Event:
    """Return the event described by the TOML file at *path*.

    Raises:
        ConfigProblems: the event or its site file has mistakes; all of them are listed.
    """
    problems: list[Problem] = []
    document = read_document(path, problems)
    if document is None:
        raise ConfigProblems(problems)
    event = _read_event(document.root(), path, problems)
    if problems:
        raise ConfigProblems(problems)
    return event


def _read_event(root: Table, path: Path, problems: list[Problem]) -> Event:
    date = root.date("date")
    catalogue = _read_catalogue(root, path, problems)
    sites = _Participants(root, catalogue)
    policy = read_policy(root.table("policy"), FloorPolicy())
    media = root.table("media")
    site_kbps = media.whole("site_kbps", 0, 100_000, 0)
    media.finish()
    sessions: list[SessionConfig] = []
    for table in root.tables("sessions"):
        session = _read_session(table, date, sites, policy)
        if session.id in {other.id for other in sessions}:
            table.note("id", f'"{session.id}" is there twice', "give every session its own id")
        sessions.append(session)
    event = Event(
        id=root.identifier("id", "forum-2021"),
        name=root.bilingual("name"),
        date=date,
        time_zone=_read_time_zone(root),
        venue=sites.venue,
        sites=sites.sites(),
        regions=tuple(catalogue.regions.values()),
        sessions=tuple(sessions),
        site_kbps=site_kbps,
        alerts=read_alerts(root.table("alerts")),
    )
    root.finish()
    if not sessions:
        root.note("sessions", "there is no session", "add a table [[sessions]] for every session")
    return event


def _read_catalogue(root: Table, path: Path, problems: list[Problem]) -> Catalogue:
    empty = Catalogue(regions={}, places={})
    name = root.text("sites_file", "vietnam-63")
    if not name:
        return empty
    file, right = find_sites_file(name, path.parent)
    if not file.is_file():
        root.note("sites_file", f'there is no site file "{name}"', right)
        return empty
    return load_sites(file, problems) or empty


def _read_time_zone(root: Table) -> str:
    name = root.text("time_zone", "Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh")
    known = zoneinfo.available_timezones()
    if name and name not in known:
        meant = suggest(name, known)
        right = meant if meant.startswith("did") else 'use an IANA name such as "Asia/Ho_Chi_Minh"'
        root.note("time_zone", f'there is no time zone "{name}"', right)
    return name


class _Participants:
    """The venue and the bridge points of the event; notes codes that mean nothing."""

    def __init__(self, root: Table, catalogue: Catalogue) -> None:
        self._places = catalogue.places
        self.venue = root.text("venue", "ha-noi")
        if self.venue:
            self._known(root, "venue", self.venue)
        self.bridge_points = self._codes(
            root, [code for code in self._places if code != self.venue]
        )
        if len(self.bridge_points) >= MAX_SITES:
            root.note(
                "bridge_points",
                f"{len(self.bridge_points)} bridge points are too many",
                f"name at most {MAX_SITES - 1}",
            )
        self.co_chairs = self._list(root, "co_chairs", self.bridge_points, [])
        self._names = self._read_names(root)

    def sites(self) -> tuple[Site, ...]:
        """Return the sites, the venue first."""
        places = [self._places[c] for c in (self.venue, *self.bridge_points) if c in self._places]
        return tuple(
            Site(
                code=place.code,
                name=self._names.get(place.code, place.name),
                region=place.region,
                lat=place.lat,
                lon=place.lon,
                venue=place.code == self.venue,
                co_chair=place.code in self.co_chairs,
            )
            for place in places
        )

    def of_session(self, table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the sites of a session and its co-chairs."""
        points = self._codes(table, self.bridge_points)
        return (self.venue, *points), tuple(code for code in self.co_chairs if code in points)

    def _codes(self, table: Table, possible: list[str]) -> list[str]:
        if table.raw("bridge_points") in (None, ALL):
            return possible
        return self._list(table, "bridge_points", possible, possible)

    def _list(self, table: Table, key: str, possible: list[str], default: list[str]) -> list[str]:
        codes = table.texts(key, f'"{ALL}" or a list of site codes in quotes')
        if not isinstance(table.raw(key), list):
            return default
        found: list[str] = []
        for index, code in codes:
            place = (*table.path, key, index)
            if code in found:
                table.document.note(place, f'"{code}" is there twice', "name every site once")
            elif code == self.venue:
                table.document.note(
                    place, f'"{code}" is the venue', "remove it, it takes part anyway"
                )
            elif code not in possible and self._places:
                table.document.note(place, f'"{code}" is no site here', suggest(code, possible))
                # Go on with what was meant, so that one slip is not reported again elsewhere.
                found.append(closest(code, possible) or code)
            else:
                found.append(code)
        return found

    def _known(self, table: Table, key: str, code: str) -> None:
        if self._places and code not in self._places:
            table.note(key, f'there is no site "{code}"', suggest(code, self._places))

    def _read_names(self, root: Table) -> Mapping[str, Text]:
        table = root.table("site_names")
        names: dict[str, Text] = {}
        for code in table:
            self._known(table, code, code)
            names[code] = table.bilingual(code)
        return names


def _read_session(
    table: Table, date: dt.date, sites: _Participants, policy: FloorPolicy
) -> SessionConfig:
    kind = table.choice("kind", tuple(SessionKind))
    codes, co_chairs = sites.of_session(table)
    session = SessionConfig(
        id=table.identifier("id", "plenary"),
        kind=SessionKind(kind) if kind in tuple(SessionKind) else SessionKind.PLENARY,
        name=table.bilingual("name"),
        date=table.date("date", date),
        sites=codes,
        co_chairs=co_chairs,
        agenda=read_agenda(table),
        policy=read_policy(table.table("policy"), policy),
    )
    microphones = 1 + len(co_chairs) + session.policy.capacity
    if microphones > MAX_MICROPHONES:
        table.note(
            "policy",
            f"the venue, {len(co_chairs)} co-chairs and {session.policy.capacity} speakers need "
            f"{microphones} open microphones, but a page plays {MAX_MICROPHONES}",
            "name fewer co_chairs or a smaller capacity",
        )
    table.finish()
    return session
