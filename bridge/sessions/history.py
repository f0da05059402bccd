"""Two hours of every link of a session, second by second, and what happened meanwhile.

Owns the columns of each site and the server's own figures beside them; what happened is in
:mod:`bridge.sessions.marks`. In memory; ``bridge.sessions.keeping`` writes a minute at a time to
the store and reads it back at start. At 64 sites all columns take 26.3 MB.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from bridge.clock import Clock
from bridge.floor.events import FloorGranted, GrantEnded, GrantWentLive
from bridge.floor.state import FloorState
from bridge.ids import SourceKind, split_source
from bridge.link.columns import COLUMNS, SECONDS, Column, Columns, LinkColumns
from bridge.link.samples import ServerLoad
from bridge.protocol.messages import AlertView, LinkView, ServerLoadView
from bridge.sessions.marks import Field, Mark, Marks, Said, cut
from bridge.sessions.past import CAUSES, LEVELS, link_of, row_of
from bridge.show.events import ProgramTaken
from bridge.state import SessionEvent

__all__ = ["CHARTED", "History", "HistoryView", "MomentView"]

#: The columns of a chart; the others are for the moment alone.
CHARTED: Final = (
    "score",
    "loss_up",
    "loss_down",
    "missing_up",
    "rtt_ms",
    "jitter_up_ms",
    "jitter_down_ms",
    "kbps_up",
    "kbps_down",
    "fps_up",
    "fps_down",
    "height_up",
    "height_down",
    "freeze_s",
    "concealed",
    "level_dbov",
    "available_kbps",
    "encoded_fps",
    "cause",
)
SERVER: Final = (Column("lag_ms", "H", 10), Column("cpu", "H", 1000), Column("drops", "H"))
#: Seconds in a row that may have no row of their own: a server that is late measures them later.
SKIPPED_S: Final = 3
#: What comes before a moment in its curves, seconds: what a tile of the wall shows of now.
BEFORE_S: Final = 120
#: Seconds in one figure of such a curve: a tile is no wider than sixty of them.
CURVE_STEP: Final = 2
#: Figures of a curve in one point of score: a tile is no higher than 35 of them.
CURVE_SCALE: Final = 10
#: Seconds in one stored piece.
MINUTE: Final = 60


class Minute(msgspec.Struct, frozen=True):
    """What is stored of a minute: rows as ``Columns.pack`` gives them, and their columns."""

    columns: dict[str, str]
    server_columns: dict[str, str]
    sites: dict[str, bytes]
    server: bytes
    marks: list[Mark]
    said: dict[str, list[Said]] = {}


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    """One site's past; every column has a figure, or null, for each step from *start* on.

    Attributes:
        start: Unix second of the first figure.
        step: seconds in one figure.
        columns: figures by name, see ``docs/link-health.md``.
        causes: names of the numbers in the column ``cause``.
        events: what happened, the oldest first.
    """

    start: int
    step: int
    columns: dict[str, list[float | None]]
    causes: tuple[str, ...] = CAUSES
    events: list[dict[str, Any]] = []


class MomentView(msgspec.Struct, frozen=True, kw_only=True):
    """All links as they were at one second, and how they came to be so.

    Attributes:
        at: that second, Unix.
        known: whether anything is kept of it.
        step: seconds in one figure of the curves.
        curves: by site that was there, ten times the lowest score of each step of the two
            minutes before *at*, the newest last; 0 without signal, null if not kept.
    """

    at: int
    known: bool
    sites: dict[str, LinkView]
    server: ServerLoadView
    step: int
    curves: dict[str, list[int | None]]


class History:
    """The past of one session's links.

    Args:
        sites: codes of all sites, in the order of the event file.
        clock: for marks.
    """

    def __init__(self, sites: Collection[str], clock: Clock) -> None:
        self._sites = tuple(sites)
        self._clock = clock
        self._links: dict[str, LinkColumns] = {}
        self._server = Columns(SERVER)
        self._marks = Marks(sites)
        self._connected: dict[str, bool] = {}
        self._reconnects: dict[str, int] = {}
        self._on_air: set[str] = set()  # requests

    @property
    def size(self) -> int:
        """Bytes of all columns."""
        return sum(columns.size for columns in (self._server, *self._links.values()))

    # --- the present ------------------------------------------------------------------

    def append(self, now: float, links: Mapping[str, LinkView], load: ServerLoad) -> None:
        """Keep the figures of this second, and mark who came and went.

        Args:
            now: Unix seconds.
            links: the health of every link, by site.
            load: how the server itself did.
        """
        second = int(now)
        self._server.put(second, (load.lag_ms, load.cpu, load.drops))
        for site, link in links.items():
            columns = self._links.get(site)
            if columns is None:
                if not link.pages and not link.devices:
                    continue  # never came: no memory for it
                columns = self._links[site] = LinkColumns()
            columns.put(second, row_of(link))
            self._note_presence(site, link, now)
            if link.verdict.cause:
                self._marks.note(site, link.verdict, second)

    def _note_presence(self, site: str, link: LinkView, now: float) -> None:
        before = self._connected.get(site)
        again = link.reconnects > self._reconnects.get(site, 0)
        self._reconnects[site] = link.reconnects
        if link.connected and (before is False or again):
            self._marks.add(Mark(now, site, "reconnected"))
        elif link.connected and before is None:
            self._marks.add(Mark(now, site, "joined"))
        elif before and not link.connected:
            self._marks.add(Mark(now, site, "left"))
        if link.connected or before is not None:
            self._connected[site] = link.connected

    def mark(self, site: str, kind: str, **fields: Field) -> None:
        """Remember that something happens now; long texts are cut, the oldest marks go first.

        Args:
            site: code, or empty for all sites.
            kind: see :class:`Mark`.
            fields: what else is to be said of it; at most 6 are kept.
        """
        self._marks.add(Mark(self._clock.now(), site, kind, cut(fields)))

    def follow(self, floor: FloorState, events: Sequence[SessionEvent]) -> None:
        """Mark what a commit means for links: who has the floor, who is heard, who is seen.

        Args:
            floor: the queue after the commit.
            events: of the commit.
        """
        now = self._clock.now()
        for event in events:
            if isinstance(event, ProgramTaken):
                kind, site = split_source(event.source)
                self._marks.add(Mark(now, site, "switched", {"slate": kind is SourceKind.SLATE}))
            elif isinstance(event, FloorGranted | GrantWentLive | GrantEnded):
                request = floor.requests[event.request]
                self._mark_floor(event, request.site, cut({"name": request.name}), now)

    def _mark_floor(
        self,
        event: FloorGranted | GrantWentLive | GrantEnded,
        site: str,
        fields: dict[str, Field],
        now: float,
    ) -> None:
        if isinstance(event, FloorGranted):
            self._marks.add(Mark(now, site, "granted", fields))
        elif isinstance(event, GrantWentLive):
            self._on_air.add(event.request)
            self._marks.add(Mark(now, site, "on_air", fields))
        elif event.request in self._on_air:
            self._on_air.discard(event.request)
            self._marks.add(Mark(now, site, "off_air", fields))

    # --- the past ---------------------------------------------------------------------

    def view(self, site: str, since: int, until: int, step: int) -> HistoryView:
        """Return the past of *site*; takes some milliseconds, a thread may do it.

        Args:
            site: code.
            since: first second, Unix; earlier ones than are kept are left out.
            until: the second after the last one.
            step: seconds in one figure, 1 or more.
        """
        since = max(since, until - SECONDS)
        links = self._links.get(site)
        count = len(range(since, until, step))
        columns: dict[str, list[float | None]] = (
            {name: [None] * count for name in CHARTED}
            if links is None
            else links.series(CHARTED, since, until, step)
        )
        columns |= self._server.series(("lag_ms",), since, until, step)
        events = self._marks.told(site, since, until)
        return HistoryView(start=since, step=step, columns=columns, events=events)

    def moment(self, at: int) -> MomentView:
        """Return all links as they were at *at*, Unix seconds; just before if that was skipped.

        Takes some milliseconds; a thread may do it.
        """
        at = next((s for s in range(at, at - SKIPPED_S - 1, -1) if self._server.has(s)), at)
        server = self._server.row(at)
        sites = {site: self._link(site, at) for site in self._sites}
        load = server or {}
        return MomentView(
            at=at,
            known=server is not None,
            sites=sites,
            server=ServerLoadView(
                lag_ms=load.get("lag_ms") or 0.0,
                drops=int(load.get("drops") or 0),
                cpu=load.get("cpu") or 0.0,
            ),
            step=CURVE_STEP,
            curves={site: curve for site in self._sites if (curve := self._curve(site, at))},
        )

    def _curve(self, site: str, at: int) -> list[int | None]:
        """Return the scores of *site* up to and with *at*; nothing if it was not there."""
        if site not in self._links:
            return []
        columns = self._links[site].series(("score",), at + 1 - BEFORE_S, at + 1, 1)
        scores = columns["score"]
        if not any(scores):
            return []
        pairs = zip(scores[::CURVE_STEP], scores[1::CURVE_STEP], strict=True)
        return [_lowest(*pair) for pair in pairs]

    def _link(self, site: str, at: int) -> LinkView:
        row = self._links[site].row(at) if site in self._links else None
        if row is None:
            return LinkView()
        verdict = self._marks.verdict(site, at)
        return link_of(row, self._since(site, at), verdict, self._alert(site, row, at))

    def _since(self, site: str, at: int) -> float:
        """Return when *site* last came or went before *at*; that moment itself if not known."""
        mark = self._marks.last(site, at, {"joined", "left", "reconnected"})
        return mark.at if mark is not None else float(at)

    def _alert(self, site: str, row: Mapping[str, float | None], at: int) -> AlertView | None:
        if not row["alert"]:
            return None
        level = LEVELS[int(row["alert"])]
        mark = self._marks.last(site, at, {"alert"})
        fields = mark.fields if mark is not None else {}
        return AlertView(
            id=str(fields.get("id", "")),
            kind=str(fields.get("what", "")),
            level=level,
            since=mark.at if mark is not None else float(at),
        )

    # --- keeping ----------------------------------------------------------------------

    def minute(self, start: int) -> bytes | None:
        """Return what is to be stored of the minute from *start* on, None if nothing was there.

        Takes some milliseconds; a thread may do it.
        """
        end = start + MINUTE
        marks, said = self._marks.between(start, end)
        sites = {
            site: columns.pack(start, end)
            for site, columns in list(self._links.items())
            if any(map(columns.has, range(start, end)))
        }
        if not sites:
            return None
        minute = Minute(
            columns={column.name: column.code for column in COLUMNS},
            server_columns={column.name: column.code for column in SERVER},
            sites=sites,
            server=self._server.pack(start, end),
            marks=marks,
            said=said,
        )
        return zlib.compress(msgspec.msgpack.encode(minute), 6)

    def load(self, data: bytes) -> None:
        """Take a minute that :meth:`minute` made; what is known already is not replaced.

        Raises:
            ValueError: *data* is not one.
        """
        try:
            minute = msgspec.msgpack.decode(zlib.decompress(data), type=Minute)
        except (zlib.error, msgspec.MsgspecError) as error:
            raise ValueError("not a minute of link history") from error
        self._server.load(minute.server, minute.server_columns)
        for site, rows in minute.sites.items():
            if site in self._sites:
                self._links.setdefault(site, LinkColumns()).load(rows, minute.columns)
        self._marks.load(minute.marks, minute.said)


def _lowest(one: float | None, other: float | None) -> int | None:
    """Return the lower of two scores that are known, in steps of a curve."""
    if one is None or (other is not None and other < one):
        one = other
    return None if one is None else round(one * CURVE_SCALE)
