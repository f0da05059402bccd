"""What each role may see: the shapes, not the building (``sessions`` fills them from state).

Browsers hold no business logic: positions, phases and whose turn it is are
decided here; a page only subtracts clocks.
"""

from __future__ import annotations

import msgspec

from bridge.floor.commands import ListState, PriorityClass

__all__ = [
    "AgendaView",
    "GrantView",
    "HostView",
    "LowerThird",
    "ModeratorView",
    "ProgramView",
    "RequestView",
    "SessionView",
    "SiteView",
    "StageView",
    "TechnicianView",
    "Text",
]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of view structs; every field is always present, so a patch is exact."""


class Text(Shape, frozen=True, kw_only=True):
    """A text in both languages."""

    vi: str
    en: str


class SiteView(Shape, frozen=True, kw_only=True):
    """A bridge point."""

    code: str
    name: Text
    venue: bool
    co_chair: bool
    region: str


class AgendaView(Shape, frozen=True, kw_only=True):
    """One agenda item; ``state`` is done, now or next; times are Unix seconds, 0 if none."""

    id: str
    title: Text
    starts_at: str
    minutes: int
    state: str
    started_at: float


class GrantView(Shape, frozen=True, kw_only=True):
    """The clock of a speech: used = ``used`` + (now - ``live_since`` if ``live_since``).

    Attributes:
        phase: arming (waiting for first sound), live, paused (not heard, the clock stands)
            or revoking.
        limit: seconds allowed. warning: seconds left when the warning shows.
        ends_at: while revoking, when forwarding stops; else 0.
    """

    id: str
    phase: str
    granted_at: float
    live_since: float
    used: float
    limit: float
    warning: float
    ends_at: float


class RequestView(Shape, frozen=True, kw_only=True):
    """A floor request.

    ``status``: pending, accepted, granted, released, denied, cancelled, revoked.
    ``spoken`` is the site's earlier speaking time in seconds, ``speeches`` how many speeches.
    """

    id: str
    site: str
    name: str
    title: str
    topic: str
    priority_class: PriorityClass
    status: str
    requested_at: float
    reason: str
    spoken: float
    speeches: int
    grant: GrantView | None


class ProgramView(Shape, frozen=True, kw_only=True):
    """A source on program or preview; ``site`` is empty for a source without one."""

    source: str
    site: str
    since: float


class LowerThird(Shape, frozen=True, kw_only=True):
    """Name band of the person speaking."""

    name: str
    title: str
    site: str


class SessionView(Shape, frozen=True, kw_only=True):
    """What everybody sees.

    ``requests`` holds every request the role may see, by id; the lists of ids
    beside it give order and membership, so that a move is a small patch.
    """

    event: Text
    session: Text
    session_id: str
    date: str
    time_zone: str
    venue: str
    sites: dict[str, SiteView]
    program: ProgramView
    requests: dict[str, RequestView]
    speaking: list[str]
    lower_third: LowerThird | None
    list_state: ListState
    agenda: list[AgendaView]


class StageView(SessionView, frozen=True, kw_only=True):
    """Program, lower third, clock."""


class HostView(SessionView, frozen=True, kw_only=True):
    """One site's own requests and tally.

    Attributes:
        site: own code.
        mine: own requests: granted, accepted by position, pending, then ended (newest first).
        positions: place in line (1-based) of own accepted requests.
        waiting: how many requests are accepted in all.
        on_program: own camera is on program. microphone_open: own sound is forwarded.
    """

    site: str
    mine: list[str]
    positions: dict[str, int]
    waiting: int
    on_program: bool
    microphone_open: bool


class ModeratorView(SessionView, frozen=True, kw_only=True):
    """The queue in order, what is pending, what was filed in writing, the newest ended requests."""

    preview: ProgramView
    queue: list[str]
    pending: list[str]
    filed: list[str]
    ended: list[str]
    microphones: list[str]


class TechnicianView(SessionView, frozen=True, kw_only=True):
    """Who is on air and who comes next."""

    preview: ProgramView
    queue: list[str]
    microphones: list[str]
