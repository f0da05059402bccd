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
    CancelRequest,
    CheckDeadlines,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    GrantFloor,
    MarkLive,
    MoveRequest,
    PauseFloor,
    PriorityClass,
    ReleaseFloor,
    RequestFloor,
    ResumeFloor,
    RevokeFloor,
    SetList,
)
from bridge.floor.events import (
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    GrantWentLive,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestMoved,
    RevokeStarted,
)
from bridge.ids import Role

__all__ = [
    "ALLOWED",
    "HOST_CLASSES",
    "INITIAL",
    "LISTS",
    "RANK",
    "REPEATS",
    "ROLES",
    "STATUS",
    "TRANSITIONS",
    "RequestState",
    "Status",
    "diagram",
]


class RequestState(StrEnum):
    """Where a request is; the finest distinction there is."""

    PENDING = "pending"
    QUEUED = "queued"
    FILED = "filed"  # accepted in writing, never called to speak
    ARMING = "arming"  # granted, no audio forwarded yet
    LIVE = "live"
    PAUSED = "paused"  # granted, not forwarded, the clock stands
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
            RequestMoved: _S.QUEUED,
            RequestEdited: _S.QUEUED,
            RequestCancelled: _S.CANCELLED,
            FloorGranted: _S.ARMING,
        },
        _S.FILED: {RequestEdited: _S.FILED, RequestCancelled: _S.CANCELLED},
        _S.ARMING: {
            GrantWentLive: _S.LIVE,
            GrantTimedOut: _S.QUEUED,
            FloorExtended: _S.ARMING,
            FloorReleased: _S.RELEASED,
            FloorRevoked: _S.REVOKED,
        },
        _S.LIVE: {
            FloorPaused: _S.PAUSED,
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
        _S.REVOKING: {FloorReleased: _S.RELEASED, FloorRevoked: _S.REVOKED},
        _S.RELEASED: {},
        _S.DENIED: {},
        _S.CANCELLED: {},
        _S.REVOKED: {},
    }
)

STATUS: Mapping[RequestState, Status] = MappingProxyType(
    {
        _S.PENDING: Status.PENDING,
        _S.QUEUED: Status.ACCEPTED,
        _S.FILED: Status.ACCEPTED,
        _S.ARMING: Status.GRANTED,
        _S.LIVE: Status.GRANTED,
        _S.PAUSED: Status.GRANTED,
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
        _S.QUEUED: "queue",
        _S.FILED: "filed",
        _S.ARMING: "speaking",
        _S.LIVE: "speaking",
        _S.PAUSED: "speaking",
        _S.REVOKING: "speaking",
        _S.RELEASED: "ended",
        _S.DENIED: "ended",
        _S.CANCELLED: "ended",
        _S.REVOKED: "ended",
    }
)

_HOST_TOO = frozenset({Role.HOST, Role.MODERATOR})
_MODERATOR = frozenset({Role.MODERATOR})
_SYSTEM = frozenset({Role.SYSTEM})

#: Who may give a command at all; a host besides only about its own site.
ROLES: Mapping[type[Command], frozenset[Role]] = MappingProxyType(
    {
        RequestFloor: _HOST_TOO,
        AcceptRequest: _MODERATOR,
        DenyRequest: _MODERATOR,
        CancelRequest: _HOST_TOO,
        EditRequest: _HOST_TOO,
        MoveRequest: _MODERATOR,
        GrantFloor: _MODERATOR,
        ReleaseFloor: _HOST_TOO,
        RevokeFloor: _MODERATOR,
        PauseFloor: _MODERATOR,
        ResumeFloor: _MODERATOR,
        ExtendFloor: _MODERATOR,
        SetList: _MODERATOR,
        MarkLive: _SYSTEM,
        CheckDeadlines: _SYSTEM,
    }
)

#: Classes a host may ask for; the chair's class is the moderators' to give.
HOST_CLASSES = frozenset(PriorityClass) - {PriorityClass.CHAIR}

#: States in which a command about one request does something.
ALLOWED: Mapping[type[Command], frozenset[RequestState]] = MappingProxyType(
    {
        AcceptRequest: frozenset({_S.PENDING}),
        DenyRequest: frozenset({_S.PENDING}),
        CancelRequest: frozenset({_S.PENDING, _S.QUEUED, _S.FILED}),
        EditRequest: frozenset({_S.PENDING, _S.QUEUED, _S.FILED}),
        MoveRequest: frozenset({_S.QUEUED}),
        GrantFloor: frozenset({_S.QUEUED}),
        ReleaseFloor: frozenset({_S.ARMING, _S.LIVE, _S.PAUSED, _S.REVOKING}),
        RevokeFloor: frozenset({_S.ARMING, _S.LIVE, _S.PAUSED}),
        PauseFloor: frozenset({_S.LIVE}),
        ResumeFloor: frozenset({_S.PAUSED}),
        ExtendFloor: frozenset({_S.ARMING, _S.LIVE, _S.PAUSED}),
    }
)

#: States in which what the command wants is already so: nothing happens, nobody is refused.
REPEATS: Mapping[type[Command], frozenset[RequestState]] = MappingProxyType(
    {
        AcceptRequest: frozenset({_S.QUEUED, _S.FILED}),
        DenyRequest: frozenset({_S.DENIED}),
        CancelRequest: frozenset({_S.CANCELLED}),
        EditRequest: frozenset(),
        MoveRequest: frozenset(),
        # Of two moderators granting the same request one must hear that somebody was first.
        GrantFloor: frozenset(),
        ReleaseFloor: frozenset({_S.RELEASED}),
        RevokeFloor: frozenset({_S.REVOKING, _S.REVOKED}),
        PauseFloor: frozenset({_S.PAUSED}),
        ResumeFloor: frozenset({_S.LIVE}),
        ExtendFloor: frozenset(),
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
        lines += [f"    {state} --> {after}: {event.__name__}" for event, after in events.items()]
        if not events:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines) + "\n"
