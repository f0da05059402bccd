"""The alerts of one session: their log, their marks in the history, who takes them on.

What happened to an alert is kept in a stream of its own beside the session's log, with the
same hash chain and the same promise: nobody is told that an alert is taken on before the store
has it. It is no part of the session's log, because a link that comes and goes must not move
the revision of two thousand pages, nor stand in the minutes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from bridge.clock import Clock
from bridge.commands import Actor
from bridge.errors import AccessDenied, BridgeError, Code, ProtocolError, StoreConflict
from bridge.ids import Role
from bridge.link.alerts import (
    AlertAcknowledged,
    AlertBegan,
    AlertBook,
    AlertEvent,
    AlertRules,
    Condition,
    open_after,
)
from bridge.protocol.messages import AlertView
from bridge.sessions.session import SYSTEM
from bridge.store.commit import Commit, following
from bridge.store.log import Log
from bridge.tasks import Tasks

__all__ = ["AlertDesk", "Marker", "alerts_log"]

log = logging.getLogger(__name__)

#: Events that wait for a store that is down; with 64 sites that come and go every minute, ten
#: minutes of them.
MAX_UNSAVED: Final = 1280
#: How long to wait before trying the store again.
RETRY_S: Final = 2.0
#: Other servers of the session write too; more lost races than this are a broken store.
MAX_ATTEMPTS: Final = 5
#: Alerts from before a restart that lasted longer are over; seconds.
OLD_S: Final = 24 * 3600

_events = msgspec.json.Decoder(list[AlertEvent])


class Marker(Protocol):
    """Remembers beside a site's figures what happens now (``History.mark``)."""

    def __call__(self, site: str, kind: str, **fields: str | float | bool) -> None:
        """Remember *kind* at *site*, and what else is to be said of it."""


def alerts_log(session_log: str) -> str:
    """Return the name of the alerts' log beside that of its session."""
    return f"{session_log}/alerts"


class AlertDesk:
    """The alerts of one session. Without :meth:`start` they are kept in memory only.

    Args:
        session: id, for the server's log.
        rules: when alerts begin and end.
        clock: Unix time.
        mark: puts marks into the history.
    """

    def __init__(self, session: str, rules: AlertRules, clock: Clock, mark: Marker) -> None:
        self._session = session
        self._book = AlertBook(rules)
        self._clock = clock
        self._mark = mark
        self._store: Log | None = None
        self._name = ""
        self._head: Commit | None = None
        self._unsaved: deque[tuple[float, AlertEvent]] = deque(maxlen=MAX_UNSAVED)
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()

    async def start(self, store: Log, name: str, tasks: Tasks) -> None:
        """Take over the alerts that were open, and keep what happens from now on.

        Args:
            store: the logs.
            name: of this log, see :func:`alerts_log`.
            tasks: owner of the writer.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        self._store, self._name = store, name
        events = await self._catch_up()
        for alert in open_after(events):
            if self._clock.now() - alert.since < OLD_S:
                self._book.restore(alert)
        tasks.start(f"alerts-{self._session}", self._keep())

    def step(self, site: str, condition: Condition, now: float) -> None:
        """Let alerts of *site* begin and end; see :meth:`AlertBook.step`."""
        for event in self._book.step(site, condition, now):
            self._happened(event)
            self._unsaved.append((now, event))
            self._news.set()

    def view(self, site: str) -> AlertView | None:
        """Return the most urgent alert of *site* as pages are told it."""
        alert = self._book.worst(site)
        if alert is None:
            return None
        return AlertView(
            id=alert.id,
            kind=alert.kind,
            level=alert.level.value,
            since=alert.since,
            acked_by=alert.acked_by,
            note=alert.note,
            acked_at=alert.acked_at,
        )

    async def acknowledge(self, actor: Actor, alert: str, note: str) -> None:
        """Let a technician take on an alert, by the name on the token; again to change the note.

        Raises:
            AccessDenied: *actor* is no technician.
            ProtocolError: ALERT_UNKNOWN: there is none (any more).
            StoreUnavailable: it could not be saved; nobody is told.
        """
        if actor.role is not Role.TECHNICIAN:
            raise AccessDenied(Code.ROLE_FORBIDDEN, "Only technicians take on alerts.")
        now = self._clock.now()
        by = actor.name or actor.role.value
        event = self._book.acknowledgement(alert, by, note.strip(), now)
        if event is None:
            raise ProtocolError(
                Code.ALERT_UNKNOWN, "That alert has ended meanwhile; there is nothing to do."
            )
        async with self._writing:
            await self._save()  # that it began comes before that somebody has taken it on
            await self._append(actor, now, [event])
        self._book.acknowledged(event)
        self._happened(event)

    def _happened(self, event: AlertEvent) -> None:
        """Say it in the server's log and beside the site's figures."""
        alert = event.alert
        what: dict[str, str | float | bool] = {"id": alert.id, "what": alert.kind}
        match event:
            case AlertBegan():
                kind, level = "alert", logging.WARNING
                what |= {"level": alert.level.value}
            case AlertAcknowledged():
                kind, level = "acknowledged", logging.INFO
                what |= {"by": alert.acked_by, "note": alert.note}
            case _:
                kind, level = "alert_ended", logging.INFO
                what |= {"seconds": round(self._clock.now() - alert.since)}
        log.log(level, "session %s: %s at %s: %s", self._session, kind, alert.site, what)
        self._mark(alert.site, kind, **what)

    # --- the log ----------------------------------------------------------------------

    async def _keep(self) -> None:
        """Write what happens, and what could not be written before."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                async with self._writing:
                    await self._save()
            except BridgeError as error:
                log.warning("session %s: alerts are not saved yet: %s", self._session, error)
                await asyncio.sleep(RETRY_S)
                self._news.set()

    async def _save(self) -> None:
        while self._unsaved:
            at, event = self._unsaved[0]
            await self._append(SYSTEM, at, [event])
            if self._unsaved and self._unsaved[0][1] is event:
                self._unsaved.popleft()

    async def _append(self, actor: Actor, at: float, events: Sequence[AlertEvent]) -> None:
        if self._store is None:
            return
        for attempt in range(MAX_ATTEMPTS):
            name = f"{events[0].alert.id}-{at:.3f}"
            commit = following(self._head, at=at, actor=actor, cmd_id=name, events=events)
            try:
                await self._store.append(self._name, commit)
            except StoreConflict:
                if attempt == MAX_ATTEMPTS - 1:
                    raise
                await self._catch_up()
            else:
                self._head = commit
                return

    async def _catch_up(self) -> list[AlertEvent]:
        """Read what is in the log beyond what is known, and return it."""
        if self._store is None:
            return []
        commits = await self._store.read(self._name, self._head.rev if self._head else 0)
        if commits:
            self._head = commits[-1]
        return [event for commit in commits for event in _events.decode(commit.events)]
