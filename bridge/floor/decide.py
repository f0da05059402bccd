"""What a command does to the speaker queue now: events, or a refusal. Pure.

A command that asks for what is already so gives no events. Nothing here trusts
the sender: permissions follow from ``actor``, which the server derived.
"""

from __future__ import annotations

from typing import assert_never

from bridge.commands import Actor
from bridge.floor import refusals
from bridge.floor.commands import (
    AcceptRequest,
    CancelRequest,
    CheckDeadlines,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    FloorCommand,
    GrantFloor,
    ListState,
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
from bridge.floor.deadlines import due
from bridge.floor.events import (
    FloorEvent,
    FloorExtended,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorRequested,
    FloorResumed,
    FloorRevoked,
    GrantWentLive,
    ListClosed,
    ListOpened,
    RequestAccepted,
    RequestCancelled,
    RequestDenied,
    RequestEdited,
    RequestFiled,
    RequestMoved,
    RevokeStarted,
)
from bridge.floor.names import clean_line, clean_text, same_person
from bridge.floor.policy import FloorSetup, limit_for
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import ALLOWED, HOST_CLASSES, REPEATS, ROLES, RequestState, Status
from bridge.ids import Role

__all__ = ["decide"]

_OneRequest = (
    AcceptRequest
    | DenyRequest
    | CancelRequest
    | EditRequest
    | MoveRequest
    | GrantFloor
    | ReleaseFloor
    | RevokeFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
)


def decide(
    setup: FloorSetup, state: FloorState, actor: Actor, command: FloorCommand, now: float
) -> list[FloorEvent]:
    """Return what *command* of *actor* makes happen at *now*.

    Args:
        setup: sites and policy of the session.
        state: the queue as the newest commit left it.
        actor: who asks, as the token says.
        command: what is asked.
        now: Unix seconds; the commit that stores the events must carry the same time.

    Raises:
        FloorRefused: the rules do not allow it; nothing happened.
    """
    if actor.role not in ROLES[type(command)]:
        raise refusals.role_forbidden(actor, command)
    match command:
        case RequestFloor():
            return _request(setup, state, actor, command)
        case SetList():
            return _set_list(state, command)
        case MarkLive():
            return _mark_live(state, command)
        case CheckDeadlines():
            return [*due(state, now)]
        case _:
            return _about_request(setup, state, actor, command, now)


def _about_request(  # noqa: C901, PLR0911, PLR0912 - one short case for each command
    setup: FloorSetup, state: FloorState, actor: Actor, command: _OneRequest, now: float
) -> list[FloorEvent]:
    """Decide a command that names a request."""
    request = _subject(state, actor, command)
    if request is None:
        return []
    match command:
        case AcceptRequest():
            return [_accepted(request.id, request.priority_class)]
        case DenyRequest():
            return [RequestDenied(request=request.id, reason=clean_line(command.reason))]
        case CancelRequest():
            return [RequestCancelled(request=request.id, reason=clean_line(command.reason))]
        case EditRequest():
            return _edit(state, request, command)
        case MoveRequest():
            return _move(state, request, command)
        case GrantFloor():
            return _grant(setup, state, request, now)
        case ReleaseFloor():
            return [FloorReleased(request=request.id, grant=request.turn.id)]
        case RevokeFloor():
            return [_revoke(setup, request, clean_line(command.reason), now)]
        case PauseFloor():
            return [FloorPaused(request=request.id, grant=request.turn.id)]
        case ResumeFloor():
            return [FloorResumed(request=request.id, grant=request.turn.id)]
        case ExtendFloor():
            return _extend(request, command.seconds, now)
        case _:
            assert_never(command)


def _subject(state: FloorState, actor: Actor, command: _OneRequest) -> Request | None:
    """Return the request *command* may act on now, ``None`` if its wish is fulfilled already."""
    request = state.requests.get(command.request)
    if request is None:
        raise refusals.request_unknown(command.request)
    if actor.role is Role.HOST and request.site != actor.site:
        raise refusals.not_yours(actor, request.site)
    if request.state in REPEATS[type(command)]:
        return None
    if isinstance(command, GrantFloor) and request.status is Status.GRANTED:
        raise refusals.floor_busy(request)
    if request.state not in ALLOWED[type(command)]:
        raise refusals.wrong_state(request)
    return request


def _request(
    setup: FloorSetup, state: FloorState, actor: Actor, command: RequestFloor
) -> list[FloorEvent]:
    """Make a request, accepted at once if a moderator or the policy says so."""
    by_host = actor.role is Role.HOST
    site = command.site or actor.site
    if by_host and site != actor.site:
        raise refusals.not_yours(actor, site)
    if by_host and command.priority_class not in HOST_CLASSES:
        raise refusals.class_forbidden(actor, command.priority_class)
    if site not in setup.sites:
        raise refusals.site_unknown(site)
    name = clean_line(command.name)
    if not name:
        raise refusals.name_missing()
    exempt = command.priority_class is PriorityClass.POINT_OF_ORDER
    if by_host and not exempt and state.list_state is ListState.CLOSED:
        raise refusals.list_closed()
    _refuse_duplicate(state, site, command.priority_class, name)
    request_id = f"r{state.requests_made + 1}"
    requested = FloorRequested(
        request=request_id,
        site=site,
        name=name,
        title=clean_line(command.title),
        topic=clean_text(command.topic),
        priority_class=command.priority_class,
    )
    if by_host and not setup.policy.auto_accept:
        return [requested]
    return [requested, _accepted(request_id, command.priority_class)]


def _refuse_duplicate(
    state: FloorState, site: str, priority_class: PriorityClass, name: str, besides: str = ""
) -> None:
    """Refuse a second open request of one person and class; *besides* is the one in hand."""
    for other in (*state.pending, *state.queue, *state.filed, *state.speaking):
        known = state.requests[other]
        same = (known.site, known.priority_class) == (site, priority_class)
        if same and other != besides and same_person(known.name, name):
            raise refusals.duplicate_request(known)


def _edit(state: FloorState, request: Request, command: EditRequest) -> list[FloorEvent]:
    """Replace the texts of *request*; no events if they are so already."""
    name, title, topic = (
        clean_line(command.name),
        clean_line(command.title),
        clean_text(command.topic),
    )
    if not name:
        raise refusals.name_missing()
    if (name, title, topic) == (request.name, request.title, request.topic):
        return []
    _refuse_duplicate(state, request.site, request.priority_class, name, request.id)
    return [RequestEdited(request=request.id, name=name, title=title, topic=topic)]


def _accepted(request_id: str, priority_class: PriorityClass) -> RequestAccepted | RequestFiled:
    if priority_class is PriorityClass.WRITTEN:
        return RequestFiled(request=request_id)
    return RequestAccepted(request=request_id)


def _grant(setup: FloorSetup, state: FloorState, request: Request, now: float) -> list[FloorEvent]:
    """Give *request* the floor if capacity is left; the chair's class needs none."""
    chair = PriorityClass.CHAIR
    holders = [other for other, _ in state.turns() if other.priority_class is not chair]
    if request.priority_class is not chair and len(holders) >= setup.policy.capacity:
        raise refusals.floor_busy(holders[0])
    return [
        FloorGranted(
            request=request.id,
            grant=f"g{state.grants_made + 1}",
            limit=limit_for(setup.policy, state, request),
            warning=setup.policy.warning,
            arm_until=now + setup.policy.arm_timeout,
        )
    ]


def _revoke(
    setup: FloorSetup, request: Request, reason: str, now: float
) -> RevokeStarted | FloorRevoked:
    """Take the floor back: at once if nothing is heard now, else after the grace time."""
    grant = request.turn.id
    if request.state is not RequestState.LIVE:
        return FloorRevoked(request=request.id, grant=grant, reason=reason)
    ends_at = now + setup.policy.revoke_grace
    return RevokeStarted(request=request.id, grant=grant, ends_at=ends_at, reason=reason)


def _extend(request: Request, seconds: float, now: float) -> list[FloorEvent]:
    """Change the limit. Taking more than is left means "time is up now", never "overdue"."""
    grant = request.turn
    limit = max(grant.limit + seconds, min(grant.limit, grant.used_at(now)))
    if limit == grant.limit:
        return []
    return [FloorExtended(request=request.id, grant=grant.id, limit=limit)]


def _move(state: FloorState, request: Request, command: MoveRequest) -> list[FloorEvent]:
    """Move *request* within its class; no events if the request stands there already."""
    if bool(command.before) is bool(command.after):
        raise refusals.move_invalid(
            "target", "Name either the request to move before or the one to move after."
        )
    anchor = state.requests.get(command.before or command.after)
    if anchor is None or anchor.id not in state.queue:
        raise refusals.request_unknown(command.before or command.after)
    if anchor.id == request.id:
        raise refusals.move_invalid(
            "self", "A request cannot move before or after itself. Choose another one."
        )
    if anchor.priority_class is not request.priority_class:
        raise refusals.move_invalid(
            "class",
            "A request can only move among those of its own class. Choose a place there.",
        )
    step = -1 if command.before else 1
    if state.queue.index(request.id) == state.queue.index(anchor.id) + step:
        return []
    return [RequestMoved(request=request.id, before=command.before, after=command.after)]


def _set_list(state: FloorState, command: SetList) -> list[FloorEvent]:
    if command.state is state.list_state:
        return []
    match command.state:
        case ListState.OPEN:
            return [ListOpened()]
        case ListState.CLOSED:
            return [ListClosed()]
        case _:
            assert_never(command.state)


def _mark_live(state: FloorState, command: MarkLive) -> list[FloorEvent]:
    """Start the clock of an arming grant; an observation of any other one comes too late."""
    return [
        GrantWentLive(request=request.id, grant=grant.id)
        for request, grant in state.turns()
        if grant.id == command.grant and request.state is RequestState.ARMING
    ]
