"""The life of a floor request as tables: everything that shapes the state machine is here.

States refine those of RFC 8855 (BFCP) section 4.1: a BFCP *status* may have
several *states* here, told apart because the server treats them differently.
``decide`` reads the command tables, ``evolve`` the transition table, and the
diagram in ``docs/floor.md`` is printed from it by :func:`diagram`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from bridge.commands import Command, Event
from bridge.floor.commands import (
    AcceptRequest,
    ApplyProposal,
    CallFollowing,
    CallOnDeck,
    CancelRequest,
    CheckDeadlines,
    ClearRequests,
    ConfirmReturn,
    CorrectTime,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    FileRequest,
    GrantFloor,
    KeepFloor,
    MarkLive,
    MoveRequest,
    PauseFloor,
    PriorityClass,
    ReaddRequest,
    ReleaseFloor,
    ReportChecks,
    ReportFlow,
    ReportLink,
    RequestFloor,
    RestoreOrder,
    ResumeFloor,
    ReturnToQueue,
    RevokeFloor,
    SetList,
    SetPolicy,
    UnacceptRequest,
    UnfileRequest,
    WithdrawGrant,
)
from bridge.floor.events import (
    CalledOnDeck,
    DeckFailed,
    DeckLeft,
    DeckPassed,
    DeckProgressed,
    DeckTimedOut,
    DropTimedOut,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    GrantWithdrawn,
    HoldEnded,
    LinkLost,
    LinkReturned,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestHeld,
    RequestMoved,
    RequestUnaccepted,
    RequestUnfiled,
    ReturnConfirmed,
    RevokeStarted,
    RevokeStopped,
    TimeCorrected,
)
from bridge.ids import Role

__all__ = [
    "ALLOWED",
    "HOST_CLASSES",
    "INITIAL",
    "LISTS",
    "ON_DECK",
    "RANK",
    "REPEATS",
    "ROLES",
    "STATUS",
    "TRANSITIONS",
    "WAITING",
    "RequestState",
    "Status",
    "diagram",
]


class RequestState(StrEnum):
    """Where a request is; the finest distinction there is."""

    PENDING = "pending"
    QUEUED = "queued"
    HELD = "held"  # in the queue, its site's link is lost
    CHECKING = "checking"  # on deck, and so are the next two
    READY = "ready"
    FAILED = "failed"
    FILED = "filed"  # accepted in writing, never called to speak
    ARMING = "arming"  # granted, no audio forwarded yet
    LIVE = "live"
    PAUSED = "paused"  # granted, not forwarded, the clock stands
    LINK_LOST = "link_lost"  # granted, nothing arrives, the clock stands
    REVOKING = "revoking"
    RELEASED = "released"
    DENIED = "denied"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


class Status(StrEnum):
    """RFC 8855 section 5.2.5 request status: what people are told."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    RELEASED = "released"
    DENIED = "denied"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


_S = RequestState

#: A request begins here, by ``FloorRequested``.
INITIAL = RequestState.PENDING

#: On deck: in the queue with its rank, asked to get ready.
ON_DECK = frozenset({_S.CHECKING, _S.READY, _S.FAILED})

#: Accepted and waiting to speak.
WAITING = ON_DECK | {_S.QUEUED, _S.HELD}

_ANY_PLACE: Mapping[type[Event], RequestState] = {
    RequestUnaccepted: _S.PENDING,
    RequestFiled: _S.FILED,
    RequestCancelled: _S.CANCELLED,
    FloorGranted: _S.ARMING,
}
_OFF_DECK: Mapping[type[Event], RequestState] = {DeckLeft: _S.QUEUED, DeckTimedOut: _S.QUEUED}


def _staying(state: RequestState, *events: type[Event]) -> dict[type[Event], RequestState]:
    return dict.fromkeys(events, state)


#: What each event makes of a request. A pair that is absent cannot happen.
TRANSITIONS: Mapping[RequestState, Mapping[type[Event], RequestState]] = MappingProxyType(
    {
        _S.PENDING: {
            RequestAccepted: _S.QUEUED,
            RequestFiled: _S.FILED,
            RequestDenied: _S.DENIED,
            RequestEdited: _S.PENDING,
            RequestCancelled: _S.CANCELLED,
        },
        _S.QUEUED: {
            **_ANY_PLACE,
            **_staying(_S.QUEUED, RequestMoved, RequestEdited),
            RequestHeld: _S.HELD,
            CalledOnDeck: _S.CHECKING,
        },
        _S.HELD: {
            **_ANY_PLACE,
            **_staying(_S.HELD, RequestMoved, RequestEdited),
            HoldEnded: _S.QUEUED,
        },
        _S.CHECKING: {
            **_ANY_PLACE,
            **_OFF_DECK,
            **_staying(_S.CHECKING, RequestMoved, RequestEdited, ReturnConfirmed, DeckProgressed),
            DeckPassed: _S.READY,
            DeckFailed: _S.FAILED,
        },
        _S.READY: {
            **_ANY_PLACE,
            DeckLeft: _S.QUEUED,
            **_staying(_S.READY, RequestMoved, RequestEdited, ReturnConfirmed),
            DeckFailed: _S.FAILED,
        },
        _S.FAILED: {
            **_ANY_PLACE,
            **_OFF_DECK,
            **_staying(_S.FAILED, RequestMoved, RequestEdited, ReturnConfirmed, DeckProgressed),
            DeckPassed: _S.READY,
        },
        _S.FILED: {
            RequestEdited: _S.FILED,
            RequestUnfiled: _S.QUEUED,
            RequestCancelled: _S.CANCELLED,
        },
        _S.ARMING: {
            GrantWentLive: _S.LIVE,
            GrantTimedOut: _S.QUEUED,
            GrantWithdrawn: _S.QUEUED,
            FloorExtended: _S.ARMING,
            FloorReleased: _S.RELEASED,
            FloorRevoked: _S.REVOKED,
        },
        _S.LIVE: {
            FloorPaused: _S.PAUSED,
            LinkLost: _S.LINK_LOST,
            FloorExtended: _S.LIVE,
            FloorReleased: _S.RELEASED,
            RevokeStarted: _S.REVOKING,
        },
        _S.PAUSED: {
            FloorResumed: _S.LIVE,
            FloorExtended: _S.PAUSED,
            FloorReleased: _S.RELEASED,
            FloorRevoked: _S.REVOKED,
        },
        _S.LINK_LOST: {
            LinkReturned: _S.LIVE,
            DropTimedOut: _S.HELD,
            FloorExtended: _S.LINK_LOST,
            FloorReleased: _S.RELEASED,
            FloorRevoked: _S.REVOKED,
        },
        _S.REVOKING: {
            RevokeStopped: _S.LIVE,
            FloorReleased: _S.RELEASED,
            FloorRevoked: _S.REVOKED,
        },
        _S.RELEASED: {TimeCorrected: _S.RELEASED},
        _S.DENIED: {},
        _S.CANCELLED: {TimeCorrected: _S.CANCELLED},
        _S.REVOKED: {TimeCorrected: _S.REVOKED},
    }
)

STATUS: Mapping[RequestState, Status] = MappingProxyType(
    {
        _S.PENDING: Status.PENDING,
        **dict.fromkeys(WAITING, Status.ACCEPTED),
        _S.FILED: Status.ACCEPTED,
        _S.ARMING: Status.GRANTED,
        _S.LIVE: Status.GRANTED,
        _S.PAUSED: Status.GRANTED,
        _S.LINK_LOST: Status.GRANTED,
        _S.REVOKING: Status.GRANTED,
        _S.RELEASED: Status.RELEASED,
        _S.DENIED: Status.DENIED,
        _S.CANCELLED: Status.CANCELLED,
        _S.REVOKED: Status.REVOKED,
    }
)

#: Which list of ``FloorState`` a request of this state stands in: always exactly one.
LISTS: Mapping[RequestState, str] = MappingProxyType(
    {
        _S.PENDING: "pending",
        **dict.fromkeys(WAITING, "queue"),
        _S.FILED: "filed",
        _S.ARMING: "speaking",
        _S.LIVE: "speaking",
        _S.PAUSED: "speaking",
        _S.LINK_LOST: "speaking",
        _S.REVOKING: "speaking",
        _S.RELEASED: "ended",
        _S.DENIED: "ended",
        _S.CANCELLED: "ended",
        _S.REVOKED: "ended",
    }
)

_HOST_TOO = frozenset({Role.HOST, Role.MODERATOR})
_PHONE_TOO = _HOST_TOO | {Role.DELEGATE}
_MODERATOR = frozenset({Role.MODERATOR})
_SYSTEM = frozenset({Role.SYSTEM})

#: Who may give a command at all; a host besides only about its own site, a delegate's phone
#: only about what it asked for itself.
ROLES: Mapping[type[Command], frozenset[Role]] = MappingProxyType(
    {
        RequestFloor: _PHONE_TOO,
        AcceptRequest: _MODERATOR,
        UnacceptRequest: _MODERATOR,
        FileRequest: _MODERATOR,
        UnfileRequest: _MODERATOR,
        ReaddRequest: _MODERATOR,
        ClearRequests: _MODERATOR,
        DenyRequest: _MODERATOR,
        CancelRequest: _PHONE_TOO,
        EditRequest: _PHONE_TOO,
        MoveRequest: _MODERATOR,
        ApplyProposal: _MODERATOR,
        RestoreOrder: _MODERATOR,
        CallOnDeck: _MODERATOR,
        CallFollowing: _MODERATOR,
        ReturnToQueue: _HOST_TOO,
        ConfirmReturn: _HOST_TOO,
        GrantFloor: _MODERATOR,
        WithdrawGrant: _MODERATOR,
        ReleaseFloor: _HOST_TOO,
        RevokeFloor: _MODERATOR,
        KeepFloor: _MODERATOR,
        PauseFloor: _MODERATOR,
        ResumeFloor: _MODERATOR,
        ExtendFloor: _MODERATOR,
        CorrectTime: _MODERATOR,
        SetList: _MODERATOR,
        SetPolicy: _MODERATOR,
        ReportLink: _SYSTEM,
        ReportFlow: _SYSTEM,
        ReportChecks: _SYSTEM,
        MarkLive: _SYSTEM,
        CheckDeadlines: _SYSTEM,
    }
)

#: Classes a host or a delegate may ask for; the chair's class is the moderators' to give.
HOST_CLASSES = frozenset(PriorityClass) - {PriorityClass.CHAIR}

_OPEN = WAITING | {_S.PENDING}
_HOLDING = frozenset({_S.ARMING, _S.LIVE, _S.PAUSED, _S.LINK_LOST, _S.REVOKING})
_ENDED = frozenset({_S.RELEASED, _S.DENIED, _S.CANCELLED, _S.REVOKED})

#: States in which a command about one request does something.
ALLOWED: Mapping[type[Command], frozenset[RequestState]] = MappingProxyType(
    {
        AcceptRequest: frozenset({_S.PENDING}),
        UnacceptRequest: WAITING,
        FileRequest: _OPEN,
        UnfileRequest: frozenset({_S.FILED}),
        ReaddRequest: _ENDED,
        DenyRequest: frozenset({_S.PENDING}),
        CancelRequest: _OPEN | {_S.FILED},
        EditRequest: _OPEN | {_S.FILED},
        MoveRequest: WAITING,
        CallOnDeck: frozenset({_S.QUEUED}),
        CallFollowing: WAITING,
        ReturnToQueue: ON_DECK,
        ConfirmReturn: ON_DECK,
        GrantFloor: WAITING,
        WithdrawGrant: frozenset({_S.ARMING}),
        ReleaseFloor: _HOLDING,
        RevokeFloor: _HOLDING - {_S.REVOKING},
        KeepFloor: frozenset({_S.REVOKING}),
        PauseFloor: frozenset({_S.LIVE}),
        ResumeFloor: frozenset({_S.PAUSED}),
        ExtendFloor: _HOLDING - {_S.REVOKING},
        # A speech whose link dropped ends as cancelled when its site does not come back.
        CorrectTime: frozenset({_S.RELEASED, _S.REVOKED, _S.CANCELLED}),
        ReportChecks: ON_DECK,
    }
)

#: States in which what the command wants is already so: nothing happens, nobody is refused.
REPEATS: Mapping[type[Command], frozenset[RequestState]] = MappingProxyType(
    {
        AcceptRequest: WAITING | {_S.FILED},
        UnacceptRequest: frozenset({_S.PENDING}),
        FileRequest: frozenset({_S.FILED}),
        UnfileRequest: frozenset(),
        ReaddRequest: frozenset(),
        DenyRequest: frozenset({_S.DENIED}),
        CancelRequest: frozenset({_S.CANCELLED}),
        EditRequest: frozenset(),
        MoveRequest: frozenset(),
        CallOnDeck: ON_DECK,
        CallFollowing: frozenset(),
        ReturnToQueue: frozenset({_S.QUEUED, _S.HELD}),
        ConfirmReturn: frozenset(),
        # Of two moderators granting the same request one must hear that somebody was first.
        GrantFloor: frozenset(),
        WithdrawGrant: frozenset({_S.QUEUED, _S.HELD}),
        ReleaseFloor: frozenset({_S.RELEASED}),
        RevokeFloor: frozenset({_S.REVOKING, _S.REVOKED}),
        KeepFloor: frozenset({_S.LIVE}),
        PauseFloor: frozenset({_S.PAUSED}),
        ResumeFloor: frozenset({_S.LIVE}),
        ExtendFloor: frozenset(),
        CorrectTime: frozenset(),
        # An observation of somebody who has left the deck comes too late.
        ReportChecks: frozenset(_S) - ON_DECK,
    }
)

#: Order of the classes in the queue, 0 first.
RANK: Mapping[PriorityClass, int] = MappingProxyType(
    {priority_class: rank for rank, priority_class in enumerate(PriorityClass)}
)


def diagram() -> str:
    """Return the life of a request as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {INITIAL}: {FloorRequested.__name__}"]
    for state, events in TRANSITIONS.items():
        for after in dict.fromkeys(events.values()):
            names = ", ".join(event.__name__ for event, to in events.items() if to is after)
            lines.append(f"    {state} --> {after}: {names}")
        if state in _ENDED:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines) + "\n"
