"""The link that stands for a site: short enough to print as a code, to scan from afar, to type.

::

    plenary/dien-bien/k7mq-2fhx-9wce
    session  site     mark, which only the secret can make

Nothing is stored: whoever has the secret makes the same link, so a printed code
outlives a restart and is good at a server that stands by. A link belongs to a
day, the session's, or today once that is past, and ends with the day after it.
When it is withdrawn, another takes its place.
"""

from __future__ import annotations

import datetime as dt
import hmac
import zoneinfo
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count

from bridge.ids import Role
from bridge.server.tokens import Claims, expired, invalid, withdrawn

__all__ = ["SiteLinks"]

#: No 0, 1, i, l or o: a mark is also read from paper and typed.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
#: 31 ** 12 marks: 59 bits, to be guessed one request at a time.
MARK_LETTERS = 12
GROUP = 4
DAY = dt.timedelta(days=1)


class SiteLinks:
    """Makes and reads the standing links of one event.

    Args:
        secret: that of the tokens.
        event: event id.
        time_zone: IANA name; days begin and end there.
        dates: session id to its day (ISO 8601).
        now: Unix time.
        revoked: returns the keys that were withdrawn.
    """

    def __init__(
        self,
        secret: bytes,
        event: str,
        time_zone: str,
        dates: Mapping[str, str],
        now: Callable[[], float],
        revoked: Callable[[], Collection[str]],
    ) -> None:
        self._secret = secret
        self._event = event
        self._zone = zoneinfo.ZoneInfo(time_zone)
        self._dates = {session: dt.date.fromisoformat(date) for session, date in dates.items()}
        self._now = now
        self._revoked = revoked

    def link(self, session: str, site: str) -> tuple[str, Claims]:
        """Return the link of *site* as it follows ``/j/``, and what it says.

        Args:
            session: one of the event.
            site: one of that session.
        """
        generations = self._generations(session, site, self._days(session)[0])
        mark, claims = next(one for one in generations if one[1].key not in self._revoked())
        groups = [mark[at : at + GROUP] for at in range(0, MARK_LETTERS, GROUP)]
        return f"{session}/{site}/{'-'.join(groups)}", claims

    def read(self, link: str) -> Claims:
        """Return what a valid link says; case and hyphens of its mark do not matter.

        Raises:
            AccessDenied: not ours, of a day that is over, or withdrawn.
        """
        session, _, rest = link.partition("/")
        site, _, mark = rest.partition("/")
        mark = mark.lower().replace("-", "")
        if session in self._dates:
            for day in self._days(session):
                if claims := self._marked(mark, session, site, day):
                    return claims
            if self._marked(mark, session, site, self._dates[session]):
                raise expired()
        raise invalid()

    def _marked(self, mark: str, session: str, site: str, day: dt.date) -> Claims | None:
        """Return what the link with *mark* says, None if no link of that day has it.

        Raises:
            AccessDenied: one had it, and was withdrawn.
        """
        for known, claims in self._generations(session, site, day):
            works = claims.key not in self._revoked()
            if hmac.compare_digest(known.encode(), mark.encode()):
                if not works:
                    raise withdrawn()
                return claims
            if works:
                break
        return None

    def _days(self, session: str) -> list[dt.date]:
        """Return the days whose links work now, that of the link to show first."""
        today = dt.datetime.fromtimestamp(self._now(), self._zone).date()
        held = self._dates[session]
        return [held] if today <= held else [today, today - DAY]

    def _generations(self, session: str, site: str, day: dt.date) -> Iterator[tuple[str, Claims]]:
        """Yield mark and claims of the link of *day*, and of those that take its place."""
        for generation in count():
            said = "\0".join(["phones", self._event, session, site, str(day), str(generation)])
            digest = hmac.digest(self._secret, said.encode(), "sha256")
            number = int.from_bytes(digest[:16], "big")
            letters = []
            for _ in range(MARK_LETTERS):
                number, letter = divmod(number, len(LETTERS))
                letters.append(LETTERS[letter])
            yield (
                "".join(letters),
                Claims(
                    key=digest[16:22].hex(),
                    event=self._event,
                    session=session,
                    role=Role.DELEGATE,
                    site=site,
                    issued=self._midnight(day),
                    expires=self._midnight(day + 2 * DAY),
                ),
            )

    def _midnight(self, day: dt.date) -> int:
        return int(dt.datetime.combine(day, dt.time(), self._zone).timestamp())
