"""What a command does to the speaker queue now: events, or a refusal. Pure.

A command that asks for what is already so gives no events. Nothing here trusts
the sender: permissions follow from ``actor``, which the server derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from bridge.commands import Actor
from bridge.floor import deck, making, order, refusals, turns
from bridge.floor.automatic import follow_ups
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
    FloorCommand,
    GrantFloor,
    KeepFloor,
    ListState,
    MarkLive,
    MoveRequest,
    PauseFloor,
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
from bridge.floor.deadlines import due
from bridge.floor.events import (
    DeckLeft,
    FloorEvent,
    FloorPaused,
    FloorReleased,
    GrantWithdrawn,
    ListClosed,
    ListOpened,
    ListSuspended,
    PolicyChanged,
    RequestCancelled,
    RequestDenied,
    RequestFiled,
    RequestUnaccepted,
    TimeCorrected,
)
from bridge.floor.evolve import evolve
from bridge.floor.names import clean_line
from bridge.floor.policy import FloorPolicy, FloorSetup
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import ALLOWED, REPEATS, ROLES, RequestState, Status
from bridge.ids import Role

__all__ = ["NOTHING_WEAK", "decide", "policy_of"]

#: No link is bad, as far as anybody knows.
NOTHING_WEAK: Mapping[str, str] = MappingProxyType({})

_OneRequest = (
    AcceptRequest
    | UnacceptRequest
    | FileRequest
    | UnfileRequest
    | ReaddRequest
    | DenyRequest
    | CancelRequest
    | EditRequest
    | MoveRequest
    | CallOnDeck
    | CallFollowing
    | ReturnToQueue
    | ConfirmReturn
    | GrantFloor
    | WithdrawGrant
    | ReleaseFloor
    | RevokeFloor
    | KeepFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
    | CorrectTime
    | ReportChecks
)
_Waiting = (
    AcceptRequest
    | UnacceptRequest
    | FileRequest
    | UnfileRequest
    | ReaddRequest
    | DenyRequest
    | CancelRequest
    | EditRequest
    | MoveRequest
    | CallOnDeck
    | ReturnToQueue
    | ConfirmReturn
    | ReportChecks
)


def policy_of(setup: FloorSetup, state: FloorState) -> FloorPolicy:
    """Return the rules in force."""
    return state.policy or setup.policy


def decide(
    setup: FloorSetup,
    state: FloorState,
    actor: Actor,
    command: FloorCommand,
    now: float,
    weak: Mapping[str, str] = NOTHING_WEAK,
) -> list[FloorEvent]:
    """Return what *command* of *actor* makes happen at *now*.

    Args:
        setup: sites and planned policy of the session.
        state: the queue as the newest commit left it.
        actor: who asks, as the token says.
        command: what is asked.
        now: Unix seconds; the commit that stores the events must carry the same time.
        weak: why links are bad, by site, as observed now (``link.advice``); others are not.

    Raises:
        FloorRefused: the rules do not allow it; nothing happened.
    """
    if actor.role not in ROLES[type(command)]:
        raise refusals.role_forbidden(actor, command)
    events = _decided(setup, state, actor, command, now, weak)
    if not events:
        return []
    for event in events:
        state = evolve(state, event, now)
    return [*events, *follow_ups(setup, policy_of(setup, state), state, now)]


def _decided(  # noqa: C901, PLR0911, PLR0912 - one short case for each command
    setup: FloorSetup,
    state: FloorState,
    actor: Actor,
    command: FloorCommand,
    now: float,
    weak: Mapping[str, str],
) -> list[FloorEvent]:
    policy = policy_of(setup, state)
    match command:
        case RequestFloor():
            return making.request_floor(setup, policy, state, actor, command)
        case ClearRequests():
            return making.clear(state, command)
        case ApplyProposal():
            return order.apply_proposal(policy, state, command)
        case RestoreOrder():
            return order.restore_order(state, command)
        case SetList():
            return _set_list(state, command)
        case SetPolicy():
            return _set_policy(setup, policy, command)
        case ReportLink():
            return deck.report_link(state, command)
        case ReportFlow():
            return turns.report_flow(policy, state, command, now)
        case MarkLive():
            return turns.mark_live(state, command)
        case CheckDeadlines():
            return due(policy, state, now)
        case _:
            request = _subject(state, actor, command)
            if request is None:
                return []
            if isinstance(command, CallFollowing):
                following = state.requests.get(command.following)
                if following is None or following.id not in state.queue:
                    raise refusals.request_unknown(command.following)
                return deck.call_following(policy, state, request, following, now)
            if isinstance(command, GrantFloor):
                link = weak.get(request.site, "")
                return turns.grant(policy, state, request, command, now, link)
            if isinstance(command, _Waiting):
                return _about_waiting(policy, state, request, command, now)
            return _about_turn(policy, state, request, command, now)


def _subject(state: FloorState, actor: Actor, command: _OneRequest) -> Request | None:
    """Return the request *command* may act on now, ``None`` if its wish is fulfilled already."""
    request = state.requests.get(command.request)
    if request is None:
        raise refusals.request_unknown(command.request)
    if actor.role in {Role.HOST, Role.DELEGATE} and request.site != actor.site:
        raise refusals.not_yours(actor, request.site)
    if actor.role is Role.DELEGATE and request.by != actor.key:
        raise refusals.not_your_phone(request)
    if request.state in REPEATS[type(command)]:
        return None
    if isinstance(command, GrantFloor) and request.status is Status.GRANTED:
        raise refusals.floor_busy(request)
    if request.state not in ALLOWED[type(command)]:
        raise refusals.wrong_state(request)
    return request


def _about_waiting(  # noqa: C901, PLR0911, PLR0912 - one short case for each command
    policy: FloorPolicy, state: FloorState, request: Request, command: _Waiting, now: float
) -> list[FloorEvent]:
    """Decide a command about a request that does not have the floor."""
    match command:
        case AcceptRequest():
            return [making.accepted(request.id, request.priority_class)]
        case UnacceptRequest():
            return [RequestUnaccepted(request=request.id)]
        case FileRequest():
            return [RequestFiled(request=request.id)]
        case UnfileRequest():
            return making.unfile(policy, state, request, command)
        case ReaddRequest():
            return making.readd(policy, state, request, command)
        case DenyRequest():
            return [RequestDenied(request=request.id, reason=clean_line(command.reason))]
        case CancelRequest():
            return [RequestCancelled(request=request.id, reason=clean_line(command.reason))]
        case EditRequest():
            return making.edit(policy, state, request, command)
        case MoveRequest():
            return order.move(state, request, command)
        case CallOnDeck():
            return [deck.call(policy, request.id, now)]
        case ReturnToQueue():
            return [DeckLeft(request=request.id)]
        case ConfirmReturn():
            return deck.confirm_return(request)
        case ReportChecks():
            return deck.report_checks(policy, request, command, now)
        case _:
            assert_never(command)


def _about_turn(  # noqa: PLR0911 - one short case for each command
    policy: FloorPolicy,
    state: FloorState,
    request: Request,
    command: WithdrawGrant
    | ReleaseFloor
    | RevokeFloor
    | KeepFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
    | CorrectTime,
    now: float,
) -> list[FloorEvent]:
    """Decide a command about somebody's turn at the floor."""
    match command:
        case WithdrawGrant():
            return [GrantWithdrawn(request=request.id, grant=request.turn.id)]
        case ReleaseFloor():
            return [FloorReleased(request=request.id, grant=request.turn.id)]
        case RevokeFloor():
            return [turns.revoke(policy, request, clean_line(command.reason), now)]
        case KeepFloor():
            return turns.keep(state, request)
        case PauseFloor():
            return [FloorPaused(request=request.id, grant=request.turn.id)]
        case ResumeFloor():
            return turns.resume(state, request)
        case ExtendFloor():
            return turns.extend(request, command.seconds, now)
        case CorrectTime():
            return _correct(request, command)
        case _:
            assert_never(command)


def _correct(request: Request, command: CorrectTime) -> list[FloorEvent]:
    """Count other seconds for a speech; no events if they are counted so already."""
    if request.state is RequestState.CANCELLED and not request.heard:
        raise refusals.wrong_state(request)
    if request.counted == command.seconds:
        return []
    reason = clean_line(command.reason)
    return [TimeCorrected(request=request.id, seconds=float(command.seconds), reason=reason)]


def _set_list(state: FloorState, command: SetList) -> list[FloorEvent]:
    if command.state is state.list_state:
        return []
    match command.state:
        case ListState.OPEN:
            return [ListOpened()]
        case ListState.CLOSED:
            return [ListClosed()]
        case ListState.SUSPENDED:
            return [ListSuspended()]
        case _:
            assert_never(command.state)


def _set_policy(setup: FloorSetup, policy: FloorPolicy, command: SetPolicy) -> list[FloorEvent]:
    """Change rules that can be kept; no events if they are so already."""
    changed = command.change.applied(policy)
    if changed.capacity > setup.max_capacity:
        raise refusals.capacity_too_large(setup.max_capacity)
    shortest = min(changed.first_limit, changed.next_limit)
    if changed.warning >= shortest:
        raise refusals.warning_too_long(shortest)
    return [] if changed == policy else [PolicyChanged(policy=changed)]
