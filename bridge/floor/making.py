"""Deciding what makes, corrects and ends requests that wait. Pure; used by ``decide``."""

from __future__ import annotations

from bridge.commands import Actor
from bridge.floor import refusals
from bridge.floor.commands import (
    ClearRequests,
    EditRequest,
    ListState,
    PriorityClass,
    ReaddRequest,
    RequestFloor,
    UnfileRequest,
)
from bridge.floor.events import (
    FloorEvent,
    FloorRequested,
    RequestAccepted,
    RequestCancelled,
    RequestEdited,
    RequestFiled,
    RequestMoved,
    RequestUnaccepted,
    RequestUnfiled,
)
from bridge.floor.names import clean_line, clean_text, same_person
from bridge.floor.policy import FloorPolicy, FloorSetup
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import HOST_CLASSES
from bridge.ids import Role

__all__ = ["accepted", "clear", "edit", "readd", "request_floor", "unfile"]

#: Open requests one phone may have: a page in wrong hands must not fill the list.
MAX_OF_PHONE = 3


def request_floor(
    setup: FloorSetup, policy: FloorPolicy, state: FloorState, actor: Actor, command: RequestFloor
) -> list[FloorEvent]:
    """Make a request, accepted at once if a moderator or the policy says so."""
    by_site = actor.role is not Role.MODERATOR
    site = command.site or actor.site
    if by_site:
        _refuse_stranger(state, actor, command, site)
    if site not in setup.sites:
        raise refusals.site_unknown(site)
    name = clean_line(command.name)
    if not name:
        raise refusals.name_missing()
    if not policy.several_requests:
        _refuse_duplicate(state, site, command.priority_class, name)
    reply = command.priority_class is PriorityClass.REPLY
    request_id = f"r{state.requests_made + 1}"
    requested = FloorRequested(
        request=request_id,
        site=site,
        name=name,
        title=clean_line(command.title),
        topic=clean_text(command.topic),
        priority_class=command.priority_class,
        reply_to=_speech(state, command.reply_to) if reply else "",
        by=actor.key if actor.role is Role.DELEGATE else "",
    )
    if by_site and not policy.auto_accept:
        return [requested]
    return [requested, accepted(request_id, command.priority_class)]


def _refuse_stranger(state: FloorState, actor: Actor, command: RequestFloor, site: str) -> None:
    """Refuse what somebody at a site may not ask for now."""
    if site != actor.site:
        raise refusals.not_yours(actor, site)
    if command.priority_class not in HOST_CLASSES:
        raise refusals.class_forbidden(actor, command.priority_class)
    exempt = command.priority_class is PriorityClass.POINT_OF_ORDER
    if state.list_state is ListState.SUSPENDED:
        raise refusals.list_suspended()
    if state.list_state is ListState.CLOSED and not exempt:
        raise refusals.list_closed()
    if actor.role is Role.DELEGATE:
        own = [one for one in _open(state) if one.by == actor.key]
        if len(own) >= MAX_OF_PHONE:
            raise refusals.too_many_requests(MAX_OF_PHONE)


def _open(state: FloorState) -> list[Request]:
    """Return all requests that have not ended."""
    lists = (*state.pending, *state.queue, *state.filed, *state.speaking)
    return [state.requests[request] for request in lists]


def _speech(state: FloorState, named: str) -> str:
    """Return the request whose speech a reply answers: the one named, or the newest."""
    # Who was interrupted by the network waits in the queue; who speaks now comes last.
    known = (*state.queue, *state.ended, *state.speaking)
    speeches = [one for one in known if state.requests[one].heard]
    if not speeches or (named and named not in speeches):
        raise refusals.reply_unknown(named)
    return named or speeches[-1]


def _refuse_duplicate(
    state: FloorState, site: str, priority_class: PriorityClass, name: str, before: str = ""
) -> None:
    """Refuse a second open request of one person and class.

    Of a request that is corrected *before* is the name it had: whom that meant, it may mean.
    """
    for known in _open(state):
        same = (known.site, known.priority_class) == (site, priority_class)
        meant = bool(before) and same_person(known.name, before)
        if same and not meant and same_person(known.name, name):
            raise refusals.duplicate_request(known)


def edit(
    policy: FloorPolicy, state: FloorState, request: Request, command: EditRequest
) -> list[FloorEvent]:
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
    if not policy.several_requests:
        _refuse_duplicate(state, request.site, request.priority_class, name, request.name)
    return [RequestEdited(request=request.id, name=name, title=title, topic=topic)]


def readd(
    policy: FloorPolicy, state: FloorState, ended: Request, command: ReaddRequest
) -> list[FloorEvent]:
    """Make a new request like one that has ended, at the place the command names."""
    if not policy.several_requests:
        _refuse_duplicate(state, ended.site, ended.priority_class, ended.name)
    new = f"r{state.requests_made + 1}"
    events: list[FloorEvent] = [
        FloorRequested(
            request=new,
            site=ended.site,
            name=ended.name,
            title=ended.title,
            topic=ended.topic,
            priority_class=ended.priority_class,
            reply_to=ended.reply_to,
            readd_of=ended.id,
            by=ended.by,
        )
    ]
    if command.pending:
        return events
    events.append(accepted(new, ended.priority_class))
    line = [one.id for one in state.of_class(ended.priority_class)]
    anchor = line[0] if command.at_head and line else command.before
    if anchor in line:
        events.append(RequestMoved(request=new, before=anchor))
    return events


def unfile(
    policy: FloorPolicy, state: FloorState, request: Request, command: UnfileRequest
) -> list[FloorEvent]:
    """Let a written opinion be spoken; no events if it is to stay in writing."""
    chosen = command.priority_class
    if chosen is PriorityClass.WRITTEN and not command.pending:
        return []
    if chosen is not request.priority_class and not policy.several_requests:
        _refuse_duplicate(state, request.site, chosen, request.name)
    reply = chosen is PriorityClass.REPLY
    reply_to = (request.reply_to or _speech(state, "")) if reply else ""
    unfiled = RequestUnfiled(request=request.id, priority_class=chosen, reply_to=reply_to)
    return [unfiled, RequestUnaccepted(request=request.id)] if command.pending else [unfiled]


def clear(state: FloorState, command: ClearRequests) -> list[FloorEvent]:
    """Cancel all that waits, if that is as many as the sender saw."""
    waiting = (*state.queue, *state.pending)
    if command.count != len(waiting):
        raise refusals.count_changed(len(waiting))
    reason = clean_line(command.reason)
    return [RequestCancelled(request=request, reason=reason) for request in waiting]


def accepted(request: str, priority_class: PriorityClass) -> RequestAccepted | RequestFiled:
    """Return the acceptance of a request: a written-only one is filed."""
    if priority_class is PriorityClass.WRITTEN:
        return RequestFiled(request=request)
    return RequestAccepted(request=request)
