"""What happened on the links of a session and what was said of bad ones, to be seen with figures.

Owns marks and verdicts of two hours; :mod:`bridge.sessions.history` has the figures. Together they
take at most 12 MB at 64 sites.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from bridge.link.columns import SECONDS
from bridge.protocol.messages import VerdictView

__all__ = ["MAX_MARKS", "Field", "Mark", "Marks", "Said", "cut"]

#: Marks kept of one site: two hours of one every 18 s. Of a mark at most 300 bytes are kept.
MAX_MARKS: Final = 400
MAX_FIELDS: Final = 6
MAX_TEXT: Final = 200
#: What is said of a bad link is kept when it changes, and its figures this often, seconds ...
SAID_S: Final = 15
#: ... so that there is one of each such time in two hours, of at most 150 bytes.
MAX_SAID: Final = SECONDS // SAID_S

Field = str | float | bool


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Something that happened, to be seen beside the figures.

    Attributes:
        at: Unix seconds.
        site: code, empty for all.
        kind: ``joined``, ``left``, ``reconnected``, ``granted``, ``on_air``, ``off_air``,
            ``switched``, ``alert``, ``alert_ended``, ``acknowledged``, ``action``, ``note``.
        fields: what else is to be said of it, by name.
    """

    at: float
    site: str
    kind: str
    fields: dict[str, Field] = {}

    def told(self) -> dict[str, Field]:
        """Return it as clients are told."""
        return {**self.fields, "at": self.at, "kind": self.kind}


class Said(msgspec.Struct, frozen=True, array_like=True):
    """A verdict as it was said, encoded: evidence is names and figures of any kind.

    Attributes:
        at: Unix second.
        cause: and which figure led.
        verdict: JSON.
    """

    at: int
    cause: tuple[str, str]
    verdict: bytes


def cut(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return *fields* as they are kept: six of them, long texts cut."""
    return {
        name: value[:MAX_TEXT] if isinstance(value, str) else value
        for name, value in list(fields.items())[:MAX_FIELDS]
    }


class Marks:
    """The marks of one session, and the verdicts on its sites; the oldest go first.

    Args:
        sites: codes of all sites; of others nothing is kept.
    """

    def __init__(self, sites: Collection[str]) -> None:
        self._sites = frozenset(sites)
        self._marks: dict[str, deque[Mark]] = {}
        self._said: dict[str, deque[Said]] = {}

    def add(self, mark: Mark) -> None:
        """Keep *mark*."""
        if mark.site in self._sites or not mark.site:
            self._marks.setdefault(mark.site, deque(maxlen=MAX_MARKS)).append(mark)

    def note(self, site: str, verdict: VerdictView, second: int) -> None:
        """Keep what is said of *site* now, if it is new or was not kept for a while."""
        said = self._said.setdefault(site, deque(maxlen=MAX_SAID))
        cause = (verdict.cause, str(verdict.evidence.get("sign", "")))
        if not said or said[-1].cause != cause or second - said[-1].at >= SAID_S:
            said.append(Said(second, cause, msgspec.json.encode(verdict)))

    def told(self, site: str, since: int, until: int) -> list[dict[str, Field]]:
        """Return the marks of *site*, and those of all, from *since* until before *until*."""
        marks = [*self._marks.get(site, ()), *self._marks.get("", ())]
        return [mark.told() for mark in sorted(marks, key=_when) if since <= mark.at < until]

    def last(self, site: str, at: int, kinds: Collection[str]) -> Mark | None:
        """Return the newest mark of *site* of one of *kinds* up to the second *at*."""
        marks = reversed(self._marks.get(site, ()))
        return next((mark for mark in marks if mark.at < at + 1 and mark.kind in kinds), None)

    def verdict(self, site: str, at: int) -> VerdictView:
        """Return what was last said of *site* until *at*."""
        said = next((one for one in reversed(self._said.get(site, ())) if one.at <= at), None)
        if said is None:
            return VerdictView()
        return msgspec.json.decode(said.verdict, type=VerdictView)

    def between(self, start: int, end: int) -> tuple[list[Mark], dict[str, list[Said]]]:
        """Return all of the seconds from *start* until before *end*; a thread may do it."""
        marks = [list(of_site) for of_site in list(self._marks.values())]
        said = [(site, list(of_site)) for site, of_site in list(self._said.items())]
        return (
            [mark for of_site in marks for mark in of_site if start <= mark.at < end],
            {site: [one for one in of_site if start <= one.at < end] for site, of_site in said},
        )

    def load(self, marks: Sequence[Mark], said: Mapping[str, Sequence[Said]]) -> None:
        """Take what :meth:`between` gave; what is known already is not replaced."""
        for site, verdicts in said.items():
            if site in self._sites:
                kept = self._said.setdefault(site, deque(maxlen=MAX_SAID))
                new = [one for one in verdicts if one not in kept]
                self._said[site] = deque(sorted([*kept, *new], key=_when), maxlen=MAX_SAID)
        for mark in marks:
            if mark not in self._marks.get(mark.site, ()):
                self.add(mark)
        for site, known in self._marks.items():
            self._marks[site] = deque(sorted(known, key=_when), maxlen=MAX_MARKS)


def _when(one: Mark | Said) -> float:
    return one.at
