"""What happened to the speaker queue. Past tense, in the log for ever.

An event carries every value the future depends on (limit, deadline, ids), so
that a log replays to the same state under any later policy. Only the time of
the event is not in it: that is the commit's ``at``. Tags and field names are
the stored format: add fields with defaults, never rename or remove one.
"""

from __future__ import annotations

from bridge.commands import Event
from bridge.floor.commands import PriorityClass

__all__ = [
    "FloorEvent",
    "FloorExtended",
    "FloorGranted",
    "FloorPaused",
    "FloorReleased",
    "FloorRequested",
    "FloorResumed",
    "FloorRevoked",
    "GrantEnded",
    "GrantTimedOut",
    "GrantWentLive",
    "ListClosed",
    "ListOpened",
    "RequestAccepted",
    "RequestCancelled",
    "RequestDenied",
    "RequestEdited",
    "RequestFiled",
    "RequestMoved",
    "RevokeStarted",
]


class FloorRequested(Event, frozen=True, kw_only=True, tag="floor_requested"):
    """A site asked for the floor for a delegate; texts are cleaned and in NFC."""

    request: str
    site: str
    name: str
    title: str = ""
    topic: str = ""
    priority_class: PriorityClass = PriorityClass.NORMAL


class RequestAccepted(Event, frozen=True, kw_only=True, tag="request_accepted"):
    """The request joined the queue at the end of its class."""

    request: str


class RequestFiled(Event, frozen=True, kw_only=True, tag="request_filed"):
    """A written-only request was accepted: kept apart, never called to speak."""

    request: str


class RequestDenied(Event, frozen=True, kw_only=True, tag="request_denied"):
    """A moderator refused the request; its site reads the reason."""

    request: str
    reason: str = ""


class RequestCancelled(Event, frozen=True, kw_only=True, tag="request_cancelled"):
    """The request was withdrawn before it had the floor."""

    request: str
    reason: str = ""


class RequestEdited(Event, frozen=True, kw_only=True, tag="request_edited"):
    """Name, title and topic of the request are these now; cleaned and in NFC."""

    request: str
    name: str
    title: str = ""
    topic: str = ""


class RequestMoved(Event, frozen=True, kw_only=True, tag="request_moved"):
    """The request now stands directly before or after another one of its class."""

    request: str
    before: str = ""
    after: str = ""


class FloorGranted(Event, frozen=True, kw_only=True, tag="floor_granted"):
    """The request has the floor; its clock waits for the first forwarded audio.

    Attributes:
        grant: new grant id; every later timer and observation names it.
        limit: seconds allowed.
        warning: seconds left when the speaker is warned.
        arm_until: Unix seconds; not live by then, the grant times out.
    """

    request: str
    grant: str
    limit: float
    warning: float
    arm_until: float


class GrantWentLive(Event, frozen=True, kw_only=True, tag="grant_went_live"):
    """The first audio packet of the grant was forwarded: the clock runs from here."""

    request: str
    grant: str


class GrantTimedOut(Event, frozen=True, kw_only=True, tag="grant_timed_out"):
    """No audio came in time; the request is back in the queue at the head of its class."""

    request: str
    grant: str


class FloorPaused(Event, frozen=True, kw_only=True, tag="floor_paused"):
    """The speech is not forwarded for now and its clock stands."""

    request: str
    grant: str


class FloorResumed(Event, frozen=True, kw_only=True, tag="floor_resumed"):
    """The speech is forwarded again and its clock goes on."""

    request: str
    grant: str


class FloorExtended(Event, frozen=True, kw_only=True, tag="floor_extended"):
    """The time limit of the speech is now ``limit`` seconds."""

    request: str
    grant: str
    limit: float


class FloorReleased(Event, frozen=True, kw_only=True, tag="floor_released"):
    """The speech ended in the ordinary way, or was called off before its first sound."""

    request: str
    grant: str


class RevokeStarted(Event, frozen=True, kw_only=True, tag="revoke_started"):
    """The floor is being taken back; forwarding stops at ``ends_at`` (Unix seconds)."""

    request: str
    grant: str
    ends_at: float
    reason: str = ""


class FloorRevoked(Event, frozen=True, kw_only=True, tag="floor_revoked"):
    """The floor was taken back; nothing of the site is forwarded any more."""

    request: str
    grant: str
    reason: str = ""


class ListOpened(Event, frozen=True, kw_only=True, tag="list_opened"):
    """New requests are taken."""


class ListClosed(Event, frozen=True, kw_only=True, tag="list_closed"):
    """Hosts' new requests are refused, points of order excepted."""


#: After one of these the grant is over and its site is no longer forwarded.
GrantEnded = GrantTimedOut | FloorReleased | FloorRevoked

FloorEvent = (
    FloorRequested
    | RequestAccepted
    | RequestFiled
    | RequestDenied
    | RequestCancelled
    | RequestEdited
    | RequestMoved
    | FloorGranted
    | GrantWentLive
    | GrantTimedOut
    | FloorPaused
    | FloorResumed
    | FloorExtended
    | FloorReleased
    | RevokeStarted
    | FloorRevoked
    | ListOpened
    | ListClosed
)
