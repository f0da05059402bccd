"""What each role may see: the shapes, not the building (``sessions`` fills them from state).

Browsers hold no business logic: positions, phases and whose turn it is are
decided here; a page only subtracts clocks.
"""

from __future__ import annotations

import msgspec

from bridge.floor.commands import Check, ListState, PriorityClass
from bridge.floor.policy import FloorPolicy
from bridge.link.orders import Orders
from bridge.show.scene import Layout

__all__ = [
    "ActionView",
    "AgendaView",
    "DeckView",
    "DelegateSpokenView",
    "DelegateView",
    "GrantView",
    "HostView",
    "LedgerView",
    "LimitsView",
    "LowerThird",
    "ModeratorView",
    "PictureView",
    "PlaceView",
    "ProgramView",
    "RequestView",
    "SessionView",
    "SiteView",
    "SpeechView",
    "SpokenView",
    "StageView",
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
        phase: arming (waiting for first sound), live, paused (not heard, the clock stands),
            link_lost (nothing arrives, the clock stands) or revoking; or how it ended.
        live_at: when its first audio was forwarded, 0 if none was: granted_at to live_at is
            the time from the click to the air.
        limit: seconds allowed. warning: seconds left when the warning shows.
        ends_at: while revoking, when forwarding stops; else 0.
        drop_until: while the link is lost, when the floor is free again; else 0.
        cut: the floor is taken back when the limit is used.
        paused_by: grant of the chair that suspends this one, empty if a moderator paused it.
    """

    id: str
    phase: str
    granted_at: float
    live_at: float
    live_since: float
    used: float
    limit: float
    warning: float
    ends_at: float
    drop_until: float
    cut: bool
    paused_by: str


class DeckView(Shape, frozen=True, kw_only=True):
    """A speaker who was asked to get ready; times are Unix seconds.

    Attributes:
        called_at: when.
        prep_until: not ready by then, the request leaves the deck.
        missing: what the server has not seen, in the order link, picture, sound, return.
        returned: the site has said that it sees and hears the program.
    """

    called_at: float
    prep_until: float
    missing: list[Check]
    returned: bool


class RequestView(Shape, frozen=True, kw_only=True):
    """A floor request.

    Attributes:
        status: pending, accepted, granted, released, denied, cancelled, revoked.
        state: finer: pending; queued, held (link lost), checking, ready, failed (these three
            on deck), filed; arming, live, paused, link_lost, revoking; and how it ended.
        spoken: the site's earlier speaking time, seconds. speeches: how many speeches.
        reply_to: request whose speech a reply answers, with the name and site of its speaker.
        readd_of: the ended request this one repeats.
        by: key of the phone it came from; empty for hosts and moderators.
        carried: seconds spoken before the link dropped for too long.
        counted: seconds that count as its speaking time once it has ended.
        corrected: a moderator has corrected them.
    """

    id: str
    site: str
    name: str
    title: str
    topic: str
    priority_class: PriorityClass
    status: str
    state: str
    requested_at: float
    reason: str
    spoken: float
    speeches: int
    reply_to: str
    reply_name: str
    reply_site: str
    readd_of: str
    by: str
    carried: float
    counted: float
    corrected: bool
    deck: DeckView | None
    grant: GrantView | None


class PictureView(Shape, frozen=True, kw_only=True):
    """A picture as it is seen.

    Attributes:
        site: whose it is.
        slate: not the site's picture but the still that says its name is to be shown.
        slides: what the site shares of its screen, not its camera.
    """

    site: str
    slate: bool
    slides: bool


class ProgramView(Shape, frozen=True, kw_only=True):
    """What is on program or preview: what was chosen, and what is seen of it.

    Attributes:
        source: chosen as the main picture, a source id.
        layout: how it was chosen to be arranged.
        inset: chosen as the second picture, a source id; empty for none.
        since: when the main picture was, Unix seconds.
        site, slate, slides: of the main picture as it is seen (``PictureView``): where slides
            were chosen and are not there, another picture stands for them.
        shown: how it is seen: ``single`` if there is but one of the two pictures.
        second: the second picture as it is seen, if there is one.
    """

    source: str
    layout: Layout
    inset: str
    since: float
    site: str
    slate: bool
    slides: bool
    shown: Layout
    second: PictureView | None


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


class SpeechView(Shape, frozen=True, kw_only=True):
    """A speech that a reply may answer."""

    request: str
    name: str
    site: str


class LimitsView(Shape, frozen=True, kw_only=True):
    """Seconds a speech may take, before anybody extends it; 0: as for a normal speech."""

    first: float
    next: float
    reply: float
    point_of_order: float


class PlaceView(Shape, frozen=True, kw_only=True):
    """One place of the proposed order.

    Attributes:
        request: id.
        reason: on_deck, interrupted, first, least_time, new_delegate, waiting or site_in_line.
        seconds: what its site has spoken so far.
    """

    request: str
    reason: str
    seconds: float


class SpokenView(Shape, frozen=True, kw_only=True):
    """Finished speeches: their number, counted seconds, and seconds of that beyond the limit."""

    speeches: int
    seconds: float
    overtime: float


class DelegateSpokenView(Shape, frozen=True, kw_only=True):
    """What one delegate has spoken in finished speeches."""

    site: str
    name: str
    title: str
    speeches: int
    seconds: float
    overtime: float


class LedgerView(Shape, frozen=True, kw_only=True):
    """Speaking time so far by site code, region code and delegate; only who has spoken."""

    sites: dict[str, SpokenView]
    regions: dict[str, SpokenView]
    delegates: list[DelegateSpokenView]


class ActionView(Shape, frozen=True, kw_only=True):
    """What somebody did.

    Attributes:
        rev: revision of its commit, names it for ``undo``.
        at: Unix seconds.
        by: display name, may be empty. role, site, key: who, as the link says.
        deed: type of the event that says what was done (``floor_granted``, ...).
        request: the request it was about, empty for none. name, subject: its delegate and site.
        undoable: it can be taken back by whoever did it. undone: it was.
    """

    rev: int
    at: float
    by: str
    role: str
    site: str
    key: str
    deed: str
    request: str
    name: str
    subject: str
    undoable: bool
    undone: bool


class StageView(SessionView, frozen=True, kw_only=True):
    """Program, lower third, clock."""


class HostView(SessionView, frozen=True, kw_only=True):
    """One site's own requests and tally.

    Attributes:
        site: own code.
        mine: own requests: granted, accepted by position, pending, then ended (newest first).
        positions: place in line (1-based) of own accepted requests.
        ahead: seconds of speech planned before each of them, the running one not counted.
        waiting: how many requests are accepted in all.
        limits: how long speeches may take.
        speeches: what a reply may answer, newest first.
        on_program: own camera is on program, alone or beside another picture.
        slides_on_program: so are own slides.
        microphone_open: own sound is forwarded.
        orders: what technicians have ordered for our link.
    """

    site: str
    mine: list[str]
    positions: dict[str, int]
    ahead: dict[str, float]
    waiting: int
    limits: LimitsView
    speeches: list[SpeechView]
    on_program: bool
    slides_on_program: bool
    microphone_open: bool
    orders: Orders


class DelegateView(SessionView, frozen=True, kw_only=True):
    """What the phones of one site see: its requests, as a host does.

    A phone finds its own requests by ``by``, which is the key of its link.
    """

    site: str
    mine: list[str]
    positions: dict[str, int]
    ahead: dict[str, float]
    waiting: int
    limits: LimitsView
    speeches: list[SpeechView]


class ModeratorView(SessionView, frozen=True, kw_only=True):
    """Everything about the queue.

    Attributes:
        queue: accepted requests in order. pending, filed: waiting for approval, in writing.
        ended: the newest first.
        microphones: sites whose microphones are open.
        slides: sites that share slides.
        policy: the rules in force.
        proposal: the whole queue in a fair order, with reasons.
        ledger: speaking time so far.
        actions: what people did last, newest first.
        orders: what technicians have ordered, by site.
    """

    preview: ProgramView
    queue: list[str]
    pending: list[str]
    filed: list[str]
    ended: list[str]
    microphones: list[str]
    slides: list[str]
    policy: FloorPolicy
    proposal: list[PlaceView]
    ledger: LedgerView
    actions: list[ActionView]
    orders: dict[str, Orders]
