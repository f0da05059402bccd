"""Deciding what happens to speakers on deck, and to those whose link comes and goes. Pure."""

from __future__ import annotations

from bridge.floor import refusals
from bridge.floor.commands import ReportChecks, ReportLink
from bridge.floor.events import (
    CalledOnDeck,
    DeckFailed,
    DeckLeft,
    DeckPassed,
    DeckProgressed,
    FloorEvent,
    HoldEnded,
    RequestHeld,
    ReturnConfirmed,
)
from bridge.floor.policy import FloorPolicy
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import ON_DECK, RequestState

__all__ = ["call", "call_following", "confirm_return", "report_checks", "report_link"]


def call(policy: FloorPolicy, request: str, now: float) -> CalledOnDeck:
    """Ask the site of *request* to get ready."""
    return CalledOnDeck(
        request=request,
        check_until=now + min(policy.check_timeout, policy.prep_timeout),
        prep_until=now + policy.prep_timeout,
    )


def call_following(
    policy: FloorPolicy, state: FloorState, request: Request, following: Request, now: float
) -> list[FloorEvent]:
    """Ask *following* to get ready instead of *request*, which keeps its place before it.

    Raises:
        FloorRefused: MOVE_INVALID: it does not stand behind; WRONG_STATE: it cannot be called.
    """
    if state.queue.index(following.id) <= state.queue.index(request.id):
        raise refusals.move_invalid(
            "target", "Call somebody who stands behind it in the list. Look at the list again."
        )
    if following.state is RequestState.HELD:
        raise refusals.wrong_state(following)
    events: list[FloorEvent] = []
    if following.state is RequestState.QUEUED:
        events.append(call(policy, following.id, now))
    if request.state in ON_DECK:
        events.append(DeckLeft(request=request.id))
    return events


def confirm_return(request: Request) -> list[FloorEvent]:
    """Take over that the site sees and hears the program; once is enough."""
    return [] if request.checks.returned else [ReturnConfirmed(request=request.id)]


def report_checks(
    policy: FloorPolicy, request: Request, command: ReportChecks, now: float
) -> list[FloorEvent]:
    """Take over what is missing of a speaker on deck; no events if that was known."""
    missing = command.missing
    if not missing:
        ready = request.state is RequestState.READY
        return [] if ready else [DeckPassed(request=request.id)]
    if request.state is RequestState.READY:
        prep_until = now + policy.prep_timeout
        return [DeckFailed(request=request.id, missing=missing, prep_until=prep_until)]
    if missing == request.checks.missing:
        return []
    return [DeckProgressed(request=request.id, missing=missing)]


def report_link(state: FloorState, command: ReportLink) -> list[FloorEvent]:
    """Hold the places of a site whose link is lost, or let them go on when it is back."""
    waiting = [state.requests[request] for request in state.queue]
    of_site = [one for one in waiting if one.site == command.site]
    if command.up:
        return [HoldEnded(request=one.id) for one in of_site if one.state is RequestState.HELD]
    return [RequestHeld(request=one.id) for one in of_site if one.state is RequestState.QUEUED]
