"""When a technician must be told, when it is over, and who has taken it on. Pure.

Each site has up to five alarms, each for itself: its signal, its quality, its camera, its
microphone, the server. An alarm goes off when its condition has held without a break for
``hold`` seconds, sooner for whoever is on air or about to be, and ends when the condition has
been away for ``clear`` seconds. Between the limit and ``margin`` above it nothing changes.

An acknowledgement ends with its alert, and when the alert becomes critical: what has become
worse wants to be seen again. A condition that comes back later is a new alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from bridge.commands import Event
from bridge.link.symptoms import Cause

__all__ = [
    "Alert",
    "AlertAcknowledged",
    "AlertBegan",
    "AlertBook",
    "AlertEnded",
    "AlertEvent",
    "AlertRules",
    "Condition",
    "Level",
    "open_after",
]


class Level(StrEnum):
    """How urgent an alert is."""

    WARNING = "warning"
    CRITICAL = "critical"


class AlertRules(msgspec.Struct, frozen=True, kw_only=True):
    """When alerts begin and end, as the event file says under ``[alerts]``.

    Attributes:
        warning_score, critical_score: a link below is told of; 1.0-4.5.
        margin: so far above the limit a link must come before it counts as better.
        hold: seconds a link must be bad without a break, and no signal be there.
        hold_on_air: the same for a site on air or on deck.
        clear: seconds it must be good before the alert ends.
        forget: seconds after which a site that has left for good is not missed any more.
    """

    warning_score: float = 3.1
    critical_score: float = 2.6
    margin: float = 0.2
    hold: float = 10.0
    hold_on_air: float = 3.0
    clear: float = 10.0
    forget: float = 300.0


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One site in this second.

    Attributes:
        score: 1.0-4.5, 0 without signal.
        cause: the verdict.
        on_air: its picture or sound is sent to all, or it is on deck.
        present: a page of the site is open, or a device connected.
    """

    score: float
    cause: Cause = Cause.NONE
    on_air: bool = False
    present: bool = True


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert.

    Attributes:
        id: unique in the session: site, what it is about, when it began.
        site: whose.
        kind: the verdict when it began, or ``quality`` if none was named.
        level: how urgent; it may become critical later.
        since: when it began, Unix seconds.
        acked_by: who took it on, empty for nobody.
        note: what they wrote.
        acked_at: when, Unix seconds.
    """

    id: str
    site: str
    kind: str
    level: Level
    since: float
    acked_by: str = ""
    note: str = ""
    acked_at: float = 0.0


class AlertBegan(Event, frozen=True, kw_only=True, tag="alert_began"):
    """The alert is new, or has become critical."""

    alert: Alert


class AlertEnded(Event, frozen=True, kw_only=True, tag="alert_ended"):
    """What it was about has been good for long enough."""

    alert: Alert


class AlertAcknowledged(Event, frozen=True, kw_only=True, tag="alert_acknowledged"):
    """Somebody has taken it on."""

    alert: Alert


AlertEvent = AlertBegan | AlertEnded | AlertAcknowledged


class Family(StrEnum):
    """What alarms are about; a site has one of each."""

    SIGNAL = "signal"
    QUALITY = "quality"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SERVER = "server"


@dataclass(slots=True)
class _Alarm:
    alert: Alert | None = None
    bad_since: float | None = None
    """Since when the condition has held."""
    critical_since: float | None = None
    """Since when it has been critical."""
    good_since: float | None = None
    """Since when it has been away."""


@dataclass(slots=True)
class _Site:
    alarms: dict[Family, _Alarm] = field(default_factory=lambda: {one: _Alarm() for one in Family})
    gone_since: float | None = None
    quiet: bool = True
    """Nothing has been wrong since everything was over."""


class AlertBook:
    """The alerts of one session.

    Args:
        rules: when they begin and end.
    """

    def __init__(self, rules: AlertRules) -> None:
        self._rules = rules
        self._sites: dict[str, _Site] = {}

    def step(self, site: str, condition: Condition, now: float) -> list[AlertEvent]:
        """Return what begins and ends at *site*; call it once a second.

        Args:
            site: code.
            condition: what it is like.
            now: Unix seconds.
        """
        known = self._sites.get(site)
        if known is None:
            known = self._sites[site] = _Site()
        if known.quiet and self._good_throughout(condition):
            known.gone_since = None
            return []
        if condition.present or condition.cause is not Cause.NO_SIGNAL:
            known.gone_since = None
        elif known.gone_since is None:
            known.gone_since = now
        events = [
            event
            for family, alarm in known.alarms.items()
            for event in self._alarm(
                site, family, alarm, self._level(family, known, condition, now), condition, now
            )
        ]
        known.quiet = all(
            one.alert is None and one.bad_since is None for one in known.alarms.values()
        )
        return events

    def _good_throughout(self, condition: Condition) -> bool:
        """Return whether no alarm could go off: so it is with most sites, most of the time."""
        good = condition.score <= 0 or condition.score >= self._rules.warning_score
        return good and condition.cause is Cause.NONE

    def worst(self, site: str) -> Alert | None:
        """Return the alert of *site* to show: critical first, then nobody's, then the newest."""
        known = self._sites.get(site)
        alerts = [one.alert for one in known.alarms.values() if one.alert] if known else []
        return max(alerts, key=_urgency, default=None)

    def open(self) -> Iterator[Alert]:
        """Yield every alert that has not ended."""
        for known in self._sites.values():
            for alarm in known.alarms.values():
                if alarm.alert is not None:
                    yield alarm.alert

    def acknowledgement(
        self, alert: str, by: str, note: str, now: float
    ) -> AlertAcknowledged | None:
        """Return what it means that *by* takes on an alert; again to change the note.

        Nothing changes before it is given to :meth:`acknowledged`.

        Args:
            alert: its id.
            by: name of who takes it on, not empty.
            note: what they want others to know.
            now: Unix seconds.

        Returns:
            What is to happen, None if there is no such alert (any more).
        """
        known = next((one for one in self.open() if one.id == alert), None)
        if known is None:
            return None
        return AlertAcknowledged(alert=replace(known, acked_by=by, note=note, acked_at=now))

    def acknowledged(self, event: AlertAcknowledged) -> None:
        """Take over an acknowledgement, unless the alert has ended meanwhile."""
        for known in self._sites.values():
            for alarm in known.alarms.values():
                if alarm.alert is not None and alarm.alert.id == event.alert.id:
                    alarm.alert = replace(
                        alarm.alert,
                        acked_by=event.alert.acked_by,
                        note=event.alert.note,
                        acked_at=event.alert.acked_at,
                    )

    def restore(self, alert: Alert) -> None:
        """Take over an open alert from before a restart, with whoever has taken it on."""
        family = Family(alert.id.split(":")[1])
        known = self._sites.setdefault(alert.site, _Site())
        known.quiet = False
        alarm = known.alarms[family]
        alarm.alert, alarm.bad_since = alert, alert.since
        alarm.critical_since = alert.since if alert.level is Level.CRITICAL else None

    def _level(
        self, family: Family, known: _Site, condition: Condition, now: float
    ) -> Level | None:
        """Return how bad *condition* is for one alarm, None if it is good."""
        urgent = Level.CRITICAL if condition.on_air else Level.WARNING
        match family:
            case Family.SIGNAL:
                if condition.cause is not Cause.NO_SIGNAL:
                    return None
                gone = known.gone_since is not None and now - known.gone_since >= self._rules.forget
                return None if gone and not condition.on_air else urgent
            case Family.CAMERA:
                return urgent if condition.cause is Cause.CAMERA else None
            case Family.MICROPHONE:
                return urgent if condition.cause is Cause.MICROPHONE else None
            case Family.SERVER:
                # Once is enough: of all sites only those who are seen and heard are told of.
                on_air = condition.cause is Cause.SERVER and condition.on_air
                return Level.CRITICAL if on_air else None
            case Family.QUALITY:
                return self._quality(known.alarms[family].alert, condition)

    def _quality(self, alert: Alert | None, condition: Condition) -> Level | None:
        """Return how bad the score is: it is somebody else's if the cause is."""
        if condition.score <= 0 or condition.cause in {Cause.REMOTE, Cause.SERVER}:
            return None
        rules = self._rules
        # What is told of already ends, or becomes a lesser one, only well above its limit.
        margin = rules.margin if alert is not None else 0.0
        critical = rules.margin if alert is not None and alert.level is Level.CRITICAL else 0.0
        if condition.score < rules.critical_score + critical:
            return Level.CRITICAL
        return Level.WARNING if condition.score < rules.warning_score + margin else None

    def _alarm(
        self,
        site: str,
        family: Family,
        alarm: _Alarm,
        level: Level | None,
        condition: Condition,
        now: float,
    ) -> list[AlertEvent]:
        if level is None:
            return self._good(alarm, now)
        hold = self._rules.hold_on_air if condition.on_air else self._rules.hold
        alarm.good_since = None
        if alarm.bad_since is None:
            alarm.bad_since = now
        if level is not Level.CRITICAL:
            alarm.critical_since = None
        elif alarm.critical_since is None:
            alarm.critical_since = now
        critical = alarm.critical_since is not None and now - alarm.critical_since >= hold
        alert = alarm.alert
        if alert is None and now - alarm.bad_since >= hold:
            alarm.alert = Alert(
                id=f"{site}:{family}:{now:.0f}",
                site=site,
                kind=_kind(family, condition),
                level=level,
                since=now,
            )
        elif alert is not None and critical and alert.level is Level.WARNING:
            alarm.alert = replace(
                alert,
                kind=_kind(family, condition),
                level=Level.CRITICAL,
                acked_by="",
                note="",
                acked_at=0.0,
            )
        return [AlertBegan(alert=alarm.alert)] if alarm.alert and alarm.alert is not alert else []

    def _good(self, alarm: _Alarm, now: float) -> list[AlertEvent]:
        alarm.bad_since = alarm.critical_since = None
        if alarm.alert is None:
            return []
        if alarm.good_since is None:
            alarm.good_since = now
        if now - alarm.good_since < self._rules.clear:
            return []
        ended, alarm.alert, alarm.good_since = alarm.alert, None, None
        return [AlertEnded(alert=ended)]


def open_after(events: Iterable[AlertEvent]) -> list[Alert]:
    """Return the alerts that are open after all *events* of a session, the oldest first."""
    known: dict[str, Alert] = {}
    for event in events:
        if isinstance(event, AlertEnded):
            known.pop(event.alert.id, None)
        else:
            known[event.alert.id] = event.alert
    return list(known.values())


def _kind(family: Family, condition: Condition) -> str:
    if family is Family.QUALITY:
        return condition.cause.value or family.value
    return condition.cause.value


def _urgency(alert: Alert) -> tuple[bool, bool, float]:
    return alert.level is Level.CRITICAL, not alert.acked_by, alert.since
