"""What happened to the speaker queue. Past tense, in the log for ever.

An event carries every value the future depends on (limit, deadline, ids), so
that a log replays to the same state under any later policy. Only the time of
the event is not in it: that is the commit's ``at``. Tags and field names are
the stored format: add fields with defaults, never rename or remove one.
"""

from __future__ import annotations

from bridge.commands import Event
from bridge.floor.commands import Check, PriorityClass
from bridge.floor.policy import FloorPolicy

__all__ = [
    "CalledOnDeck",
    "DeckFailed",
    "DeckLeft",
    "DeckPassed",
    "DeckProgressed",
    "DeckTimedOut",
    "DropTimedOut",
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
    "GrantWithdrawn",
    "HoldEnded",
    "LinkLost",
    "LinkReturned",
    "ListClosed",
    "ListOpened",
    "ListSuspended",
    "PolicyChanged",
    "RequestAccepted",
    "RequestCancelled",
    "RequestDenied",
    "RequestEdited",
    "RequestFiled",
    "RequestHeld",
    "RequestMoved",
    "RequestUnaccepted",
    "RequestUnfiled",
    "ReturnConfirmed",
    "RevokeStarted",
    "RevokeStopped",
    "TimeCorrected",
]


class FloorRequested(Event, frozen=True, kw_only=True, tag="floor_requested"):
    """A site asked for the floor for a delegate; texts are cleaned and in NFC.

    Attributes:
        reply_to: the request whose speech a reply answers.
        readd_of: the ended request this one repeats.
        by: key of the phone it came from; empty for hosts and moderators.
    """

    request: str
    site: str
    name: str
    title: str = ""
    topic: str = ""
    priority_class: PriorityClass = PriorityClass.NORMAL
    reply_to: str = ""
    readd_of: str = ""
    by: str = ""


class RequestAccepted(Event, frozen=True, kw_only=True, tag="request_accepted"):
    """The request joined the queue at the end of its class."""

    request: str


class RequestFiled(Event, frozen=True, kw_only=True, tag="request_filed"):
    """The request is a written opinion now: kept apart, never called to speak."""

    request: str


class RequestUnaccepted(Event, frozen=True, kw_only=True, tag="request_unaccepted"):
    """The acceptance was taken back; the request waits for approval again."""

    request: str


class RequestUnfiled(Event, frozen=True, kw_only=True, tag="request_unfiled"):
    """A written opinion is to be spoken: it joined the queue at the end of its class.

    Attributes:
        reply_to: the request whose speech it answers, if it is a reply now.
    """

    request: str
    priority_class: PriorityClass
    reply_to: str = ""


class RequestHeld(Event, frozen=True, kw_only=True, tag="request_held"):
    """The site's link is lost; the place in line is held."""

    request: str


class HoldEnded(Event, frozen=True, kw_only=True, tag="hold_ended"):
    """The site's link is back; the place in line is the same."""

    request: str


class CalledOnDeck(Event, frozen=True, kw_only=True, tag="called_on_deck"):
    """The site was asked to get ready.

    Attributes:
        check_until: Unix seconds; what is missing by then has failed.
        prep_until: Unix seconds; not ready by then, the request leaves the deck.
    """

    request: str
    check_until: float
    prep_until: float


class DeckProgressed(Event, frozen=True, kw_only=True, tag="deck_progressed"):
    """The checks go on; this is still missing."""

    request: str
    missing: tuple[Check, ...]


class DeckPassed(Event, frozen=True, kw_only=True, tag="deck_passed"):
    """Nothing is missing: the speaker on deck is ready."""

    request: str


class DeckFailed(Event, frozen=True, kw_only=True, tag="deck_failed"):
    """Something is missing for too long, or was there and is no more.

    Attributes:
        prep_until: Unix seconds; not ready by then, the request leaves the deck.
    """

    request: str
    missing: tuple[Check, ...]
    prep_until: float


class ReturnConfirmed(Event, frozen=True, kw_only=True, tag="return_confirmed"):
    """The site sees and hears the program."""

    request: str


class DeckLeft(Event, frozen=True, kw_only=True, tag="deck_left"):
    """The request was taken off deck; its place in line is the same."""

    request: str


class DeckTimedOut(Event, frozen=True, kw_only=True, tag="deck_timed_out"):
    """The site did not get ready in time; its place in line is the same."""

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
        used: seconds spoken before the link dropped for too long.
        cut: the floor is taken back when the time is used.
        suspends: nobody else speaks until this grant ends, the chair's class excepted.
        missing: what a moderator overrode.
        link: why the link was bad, of which the moderator was told; empty if it was not.
    """

    request: str
    grant: str
    limit: float
    warning: float
    arm_until: float
    used: float = 0.0
    cut: bool = False
    suspends: bool = False
    missing: tuple[Check, ...] = ()
    link: str = ""


class GrantWentLive(Event, frozen=True, kw_only=True, tag="grant_went_live"):
    """The first audio packet of the grant was forwarded: the clock runs from here."""

    request: str
    grant: str


class GrantTimedOut(Event, frozen=True, kw_only=True, tag="grant_timed_out"):
    """No audio came in time; the request is back in the queue at the head of its class."""

    request: str
    grant: str


class GrantWithdrawn(Event, frozen=True, kw_only=True, tag="grant_withdrawn"):
    """The grant was taken back before any sound; head of its class again.

    Attributes:
        chair: the grant of the chair that needs the floor, empty if a moderator took it back.
    """

    request: str
    grant: str
    chair: str = ""


class LinkLost(Event, frozen=True, kw_only=True, tag="link_lost"):
    """Nothing arrives of the speaker; the clock stands.

    Attributes:
        drop_until: Unix seconds; not back by then, the floor is free again.
    """

    request: str
    grant: str
    drop_until: float


class LinkReturned(Event, frozen=True, kw_only=True, tag="link_returned"):
    """The speaker is back with the same grant; the clock goes on."""

    request: str
    grant: str


class DropTimedOut(Event, frozen=True, kw_only=True, tag="drop_timed_out"):
    """The speaker did not come back in time: held, head of its class, time used is kept."""

    request: str
    grant: str


class FloorPaused(Event, frozen=True, kw_only=True, tag="floor_paused"):
    """The speech is not forwarded for now and its clock stands.

    Attributes:
        chair: the grant of the chair that suspends it, empty if a moderator did.
    """

    request: str
    grant: str
    chair: str = ""


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
    """The floor is being taken back; forwarding stops at ``ends_at`` (Unix seconds).

    Attributes:
        cut: because the time is used, not by a moderator.
    """

    request: str
    grant: str
    ends_at: float
    reason: str = ""
    cut: bool = False


class RevokeStopped(Event, frozen=True, kw_only=True, tag="revoke_stopped"):
    """The speaker may go on after all."""

    request: str
    grant: str


class FloorRevoked(Event, frozen=True, kw_only=True, tag="floor_revoked"):
    """The floor was taken back; nothing of the site is forwarded any more."""

    request: str
    grant: str
    reason: str = ""


class TimeCorrected(Event, frozen=True, kw_only=True, tag="time_corrected"):
    """These seconds are counted for the speech; what was measured stays in the log."""

    request: str
    seconds: float
    reason: str = ""


class ListOpened(Event, frozen=True, kw_only=True, tag="list_opened"):
    """New requests are taken."""


class ListClosed(Event, frozen=True, kw_only=True, tag="list_closed"):
    """Hosts' new requests are refused, points of order excepted."""


class ListSuspended(Event, frozen=True, kw_only=True, tag="list_suspended"):
    """New requests are refused for a while, points of order too."""


class PolicyChanged(Event, frozen=True, kw_only=True, tag="policy_changed"):
    """These rules hold from now on; grants already given keep theirs."""

    policy: FloorPolicy


#: After one of these the grant is over and its site is no longer forwarded.
GrantEnded = GrantTimedOut | GrantWithdrawn | DropTimedOut | FloorReleased | FloorRevoked

FloorEvent = (
    FloorRequested
    | RequestAccepted
    | RequestFiled
    | RequestUnaccepted
    | RequestUnfiled
    | RequestHeld
    | HoldEnded
    | CalledOnDeck
    | DeckProgressed
    | DeckPassed
    | DeckFailed
    | ReturnConfirmed
    | DeckLeft
    | DeckTimedOut
    | RequestDenied
    | RequestCancelled
    | RequestEdited
    | RequestMoved
    | FloorGranted
    | GrantWentLive
    | GrantTimedOut
    | GrantWithdrawn
    | LinkLost
    | LinkReturned
    | DropTimedOut
    | FloorPaused
    | FloorResumed
    | FloorExtended
    | FloorReleased
    | RevokeStarted
    | RevokeStopped
    | FloorRevoked
    | TimeCorrected
    | ListOpened
    | ListClosed
    | ListSuspended
    | PolicyChanged
)
