"""How minutes say things in one language: dates, times, lengths, names, what happened.

Dates follow Nghị định 30/2020/NĐ-CP, appendix I: days below ten and the months one and
two have a zero before them.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

from bridge.commands import Actor
from bridge.floor.commands import PriorityClass
from bridge.floor.tables import RequestState
from bridge.minutes.document import Break, Minutes, Speech, Unspoken
from bridge.protocol.views import Text
from bridge.server.locales import Catalogues

__all__ = ["Words"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class Words:
    """One language, for the minutes of one session.

    Args:
        catalogues: all texts.
        language: ``vi`` or ``en``.
        minutes: what they are about.
    """

    def __init__(self, catalogues: Catalogues, language: str, minutes: Minutes) -> None:
        self.language = language
        self._catalogues = catalogues
        self.plan = self._plan = minutes.plan
        self._zone = zoneinfo.ZoneInfo(minutes.plan.time_zone)
        #: Times of this day need no date.
        self.day = minutes.plan.date
        if minutes.opened_at:
            self.day = self.local(minutes.opened_at).date()

    def say(self, key: str, **values: object) -> str:
        """Return the text of *key*."""
        return self._catalogues.text(self.language, key, values)

    def of(self, text: Text) -> str:
        """Return *text* in this language."""
        return text.vi if self.language == "vi" else text.en

    # names

    def site(self, code: str) -> str:
        """Return the name of a site; its code if the event file no longer has it."""
        known = self._plan.sites.get(code)
        return self.of(known.name) if known else code

    def region(self, code: str) -> str:
        """Return the name of a region, empty for none."""
        known = self._plan.regions.get(code)
        return self.of(known) if known else code

    def place(self) -> str:
        """Return the town of the venue: ``Hà Nội`` of ``Trung tâm (Hà Nội)``."""
        name = self.site(self._plan.venue)
        _, opened, town = name.partition("(")
        return town.removesuffix(")") if opened else name

    def who(self, actor: Actor | None) -> str:
        """Return the name of somebody who acted, or else what they are."""
        if actor is None:
            return ""
        return actor.name or self.say(f"minutes.by_{actor.role}", site=self.site(actor.site))

    # numbers and times

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart: ``1.284`` or ``1,284``."""
        grouped = f"{value:,}"
        return grouped.replace(",", ".") if self.language == "vi" else grouped

    def decimal(self, value: float) -> str:
        """Return a number with one decimal: ``0,4`` or ``0.4``."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self.language == "vi" else text

    def local(self, at: float) -> dt.datetime:
        """Return Unix seconds as a time of the event's zone."""
        return dt.datetime.fromtimestamp(at, self._zone)

    def date(self, day: dt.date) -> str:
        """Return ``ngày 06 tháng 12 năm 2021`` or ``6 December 2021``."""
        if self.language == "vi":
            month = f"{day.month:02}" if day.month < 3 else str(day.month)
            return self.say("minutes.date", day=f"{day.day:02}", month=month, year=day.year)
        return self.say("minutes.date", day=day.day, month=MONTHS[day.month - 1], year=day.year)

    def time(self, at: float) -> str:
        """Return ``08 giờ 30 phút`` or ``08:30``, with the date if it is another day."""
        local = self.local(at)
        text = self.say("minutes.time", hours=f"{local:%H}", minutes=f"{local:%M}")
        return text if local.date() == self.day else f"{text} {self.date(local.date())}"

    def clock(self, at: float, *, seconds: bool = False) -> str:
        """Return ``09:36`` or ``09:36:12``, with the date if it is another day."""
        local = self.local(at)
        text = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
        return text if local.date() == self.day else f"{text} {local:%d/%m/%Y}"

    def moment(self, at: float) -> str:
        """Return ``09:36 06/12/2021``."""
        return f"{self.local(at):%H:%M %d/%m/%Y}"

    def span(self, since: float, until: float, *, seconds: bool = False) -> str:
        """Return ``09:36 – 09:43``; the end is left open if *until* is 0.0."""
        begin = self.clock(since, seconds=seconds)
        return f"{begin} – {self.clock(until, seconds=seconds) if until else '…'}"

    def length(self, seconds: float) -> str:
        """Return ``07:18``, from an hour on ``1:07:18``."""
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"

    def long_length(self, seconds: float) -> str:
        """Return ``58 phút 40 giây`` or ``58 min 40 s``."""
        minutes, rest = divmod(round(seconds), 60)
        return self.say("minutes.length", minutes=minutes, seconds=f"{rest:02}")

    # what happened

    def priority_class(self, priority_class: PriorityClass) -> str:
        """Return the name of a class of requests."""
        return self.say(f"common.class_{priority_class}")

    def notes(self, speech: Speech) -> Iterator[str]:
        """Yield what is to be said of a speech besides who, when and how long."""
        if speech.answers is not None:
            site = self.site(speech.answers.site)
            yield self.say("minutes.note_answers", name=speech.answers.name, site=site)
        elif speech.priority_class is not PriorityClass.NORMAL:
            yield self.priority_class(speech.priority_class)
        if speech.continues:
            yield self.say("minutes.note_continues")
        yield from map(self.broken, speech.breaks)
        if speech.corrections:
            last = speech.corrections[-1]
            yield self._with_reason(
                self.say(
                    "minutes.note_corrected",
                    measured=self.length(speech.measured),
                    counted=self.length(speech.counted),
                    who=self.who(last.by),
                ),
                last.reason,
            )
        yield from self._how_it_ended(speech)

    def _how_it_ended(self, speech: Speech) -> Iterator[str]:
        match speech.state:
            case RequestState.RELEASED:
                pass
            case RequestState.REVOKED if speech.cut:
                yield self.say("minutes.note_cut")
            case RequestState.REVOKED:
                text = self.say("minutes.note_revoked", who=self.who(speech.ended_by))
                yield self._with_reason(text, speech.reason)
            case RequestState.LIVE | RequestState.PAUSED | RequestState.REVOKING:
                yield self.say("minutes.note_speaking")
            case RequestState.CANCELLED | RequestState.DENIED:
                yield self._with_reason(self.say("minutes.note_dropped"), speech.reason)
            case _:
                yield self.say("minutes.note_interrupted")

    def broken(self, one: Break) -> str:
        """Return what interrupted a speech, when and for how long."""
        text = self.say(
            f"minutes.note_{one.kind}", span=self.span(one.since, one.until, seconds=True)
        )
        return f"{text} ({self.length(one.until - one.since)})" if one.until else text

    def fate(self, one: Unspoken) -> str:
        """Return why somebody who asked was not heard."""
        match one.state:
            case RequestState.PENDING | RequestState.DENIED | RequestState.CANCELLED:
                text = self.say(f"minutes.fate_{one.state}")
            case RequestState.RELEASED | RequestState.REVOKED | RequestState.ARMING:
                text = self.say("minutes.fate_silent")
            case _:
                text = self.say("minutes.fate_waiting")
        return self._with_reason(text, one.reason)

    def _with_reason(self, text: str, reason: str) -> str:
        return self.say("minutes.reason", text=text, reason=reason) if reason else text
