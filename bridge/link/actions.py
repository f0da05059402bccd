"""What technicians ask of sites' pages, and what became of it. Pure; time is an argument.

An action is sent to every page of its site and is done with the first that says so::

    sent ──the page did it──► done            shown: a note stands on the page, not read yet
      │ └──note is shown──► shown ──read──► done
      └──nobody answered in time, or the page could not──► failed ──late answer──► done

What the server does by itself (orders) it has done before it asks: a page that does not
answer then only has not been told.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from bridge.errors import Code, ProtocolError
from bridge.link.orders import AudioOnly, Layer, OrderSites

__all__ = [
    "LINE_SILENT",
    "NO_LINE",
    "ActionKind",
    "ActionState",
    "Asked",
    "Ledger",
    "checked",
    "order_of",
]


class ActionKind(StrEnum):
    """What can be asked; what ``value`` says of it stands beside."""

    AUDIO_ONLY = "audio_only"  # an AudioOnly: "", "down", "up", "both"
    CAP = "cap"  # kilobits per second, "0" for no cap
    LAYER = "layer"  # a Layer: "", "q", "h"
    LINE = "line"  # a Rank, "main" or "backup", or the id of one of the site's devices
    MUTE = "mute"  # "on" or "off"
    NOTE = "note"  # the text
    RECONNECT = "reconnect"  # nothing
    RELOAD = "reload"  # nothing
    TALK = "talk"  # "on": a conversation began; by ``talk_to``


class ActionState(StrEnum):
    """What became of an action."""

    SENT = "sent"
    SHOWN = "shown"
    DONE = "done"
    FAILED = "failed"


#: Nobody of the site has a page open. Nobody answered in time.
NO_PAGE: Final = "no_page"
NO_ANSWER: Final = "no_answer"
#: The site has no such device, or it sends nothing.
NO_LINE: Final = "no_line"
LINE_SILENT: Final = "line_silent"

#: How long pages have to answer, seconds: a word and back over a bad line; an ICE restart of which
#: the first tries are lost; a page that loads anew, with its devices and its media.
DEADLINES: Final = {ActionKind.RECONNECT: 15.0, ActionKind.RELOAD: 30.0}
DEADLINE_S: Final = 6.0
#: Actions that are remembered: several of each of 64 sites.
KEPT: Final = 400
#: What pictures may take at most, kilobits per second: as in ``orders``.
MOST_KBPS: Final = 100_000
#: Notes of one site that wait to be read; of more the oldest is given up.
NOTES: Final = 5

_VALUES: Final = {
    ActionKind.AUDIO_ONLY: frozenset(AudioOnly),
    ActionKind.LAYER: frozenset(Layer),
    ActionKind.MUTE: frozenset({"on", "off"}),
    ActionKind.RECONNECT: frozenset({""}),
    ActionKind.RELOAD: frozenset({""}),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One action at one site.

    Attributes:
        id: names it.
        site: whose pages are asked.
        kind, value: what for.
        by: name of whoever asked, may be empty.
        at: when, Unix seconds.
        state: what became of it.
        detail: why it failed, or what the page added; a stable word.
        until: when it is given up, Unix seconds; 0 for never.
    """

    id: str
    site: str
    kind: ActionKind
    value: str = ""
    by: str = ""
    at: float
    state: ActionState = ActionState.SENT
    detail: str = ""
    until: float = 0.0


def checked(kind: ActionKind, value: str) -> str:
    """Return *value* as it counts.

    Raises:
        ProtocolError: FIELD_INVALID: it says nothing to this *kind*.
    """
    if kind is ActionKind.NOTE or kind is ActionKind.LINE:
        text = " ".join(value.split())
        if text:
            return text
    elif kind is ActionKind.CAP:
        if value.isascii() and value.isdecimal() and int(value) <= MOST_KBPS:
            return str(int(value))
    elif value in _VALUES.get(kind, ()):
        return value
    raise ProtocolError(
        Code.FIELD_INVALID, f"{value!r} says nothing to the action {kind}.", {"field": "value"}
    )


def order_of(
    kind: ActionKind, value: str, sites: tuple[str, ...], cmd_id: str
) -> OrderSites | None:
    """Return what an action with a checked *value* orders; ``None`` if pages alone act on it."""
    match kind:
        case ActionKind.MUTE:
            return OrderSites(cmd_id=cmd_id, sites=sites, muted=value == "on")
        case ActionKind.AUDIO_ONLY:
            return OrderSites(cmd_id=cmd_id, sites=sites, audio_only=AudioOnly(value))
        case ActionKind.LAYER:
            return OrderSites(cmd_id=cmd_id, sites=sites, layer=Layer(value))
        case ActionKind.CAP:
            return OrderSites(cmd_id=cmd_id, sites=sites, cap_kbps=int(value))
        case _:
            return None


class Ledger:
    """The newest actions of a session.

    Args:
        name: what their ids begin with; another one for each run of a server.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._made = 0
        self._known: dict[str, Asked] = {}

    def ask(
        self,
        site: str,
        kind: ActionKind,
        value: str,
        *,
        by: str,
        now: float,
        pages: int,
        problem: str = "",
    ) -> Asked:
        """Enter an action that is asked of *pages* open pages at *now*; return it.

        With a *problem* the server could not do its part: it has failed, and no page is asked.
        """
        self._made += 1
        state, detail, until = ActionState.SENT, "", now + DEADLINES.get(kind, DEADLINE_S)
        if problem or not pages:
            state, detail, until = ActionState.FAILED, problem or NO_PAGE, 0.0
        asked = Asked(
            id=f"{self._name}.{self._made}",
            site=site,
            kind=kind,
            value=value,
            by=by,
            at=now,
            state=state,
            detail=detail,
            until=until,
        )
        self._known[asked.id] = asked
        if len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        return asked

    def answered(self, name: str, site: str, *, ok: bool, detail: str) -> Asked | None:
        """Take the answer of a page of *site*; return the action if that is news."""
        known = self._known.get(name)
        if known is None or known.site != site or known.state is ActionState.DONE:
            return None
        state = ActionState.DONE if ok else ActionState.FAILED
        if ok and known.kind is ActionKind.NOTE and detail != "read":
            state = ActionState.SHOWN
        if state is known.state or (state is ActionState.FAILED and not known.until):
            return None
        return self._keep(replace(known, state=state, detail=detail, until=0.0))

    def expired(self, now: float) -> list[Asked]:
        """Return what nobody has answered in time; it has failed."""
        late = [one for one in self._known.values() if one.until and one.until <= now]
        return [
            self._keep(replace(one, state=ActionState.FAILED, detail=NO_ANSWER, until=0.0))
            for one in late
        ]

    def unread(self, site: str) -> list[Asked]:
        """Return the notes a page of *site* that has just come should show, oldest first."""
        notes = [
            one
            for one in self._known.values()
            if one.site == site
            and one.kind is ActionKind.NOTE
            and one.state is not ActionState.DONE
        ]
        return notes[-NOTES:]

    def newest(self, count: int) -> Iterable[Asked]:
        """Return the last *count* actions, oldest first."""
        return list(self._known.values())[-count:]

    def _keep(self, asked: Asked) -> Asked:
        self._known[asked.id] = asked
        return asked
