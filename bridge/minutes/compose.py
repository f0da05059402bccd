"""From the log to the minutes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from bridge.floor.ledger import by_delegate, by_group, speeches
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import RequestState
from bridge.minutes.chronicle import Chronicle, Entry, Story, Underway
from bridge.minutes.document import (
    Answered,
    Item,
    Ledger,
    Minutes,
    Opinion,
    Plan,
    PlannedItem,
    Speech,
    Unspoken,
)
from bridge.protocol.views import Text

__all__ = ["compose"]


def compose(plan: Plan, entries: Iterable[Entry], head: str, made_at: float) -> Minutes:
    """Return the minutes of a session.

    Args:
        plan: what the event file says of it.
        entries: its whole log, from revision 1 on.
        head: hash of the newest entry, empty for none.
        made_at: Unix seconds.

    Raises:
        LookupError: an entry cannot follow on those before: the log is not one of ours.
    """
    chronicle = Chronicle()
    rev, first_at, last_at = 0, 0.0, 0.0
    for entry in entries:
        chronicle.take(entry)
        rev, first_at, last_at = entry.rev, first_at or entry.at, entry.at
    spoken = _speeches(chronicle)
    begun = [one.stretch.since for one in chronicle.agenda]
    begun += [one.started_at for one in spoken if one.started_at]
    goes_on = [made_at] if chronicle.floor.speaking else []
    ended_at = max([*begun, *(one.ended_at for one in spoken), *goes_on], default=0.0)
    opened_at = begun[0] if begun else 0.0
    return Minutes(
        plan=plan,
        made_at=made_at,
        rev=rev,
        hash=head,
        first_at=first_at,
        last_at=last_at,
        opened_at=opened_at,
        speeches=spoken,
        opinions=_opinions(chronicle),
        unspoken=_unspoken(chronicle),
        agenda=_agenda(plan, chronicle.agenda),
        absences=tuple(
            one
            for one in chronicle.absences
            if one.since < ended_at and (not one.until or one.until > opened_at)
        ),
        ledger=_ledger(plan, chronicle.floor),
    )


def _is_speech(request: Request) -> bool:
    """Whether the ledger counts it, or will once this turn is over."""
    return request.is_speech or request.heard


def _person(request: Request) -> dict[str, Any]:
    """Return the fields that all who asked for the floor have."""
    return {
        "request": request.id,
        "site": request.site,
        "name": request.name,
        "title": request.title,
        "topic": request.topic,
        "priority_class": request.priority_class,
        "requested_at": request.requested_at,
        "state": request.state,
        "reason": request.reason,
    }


def _whole(request: Request) -> Request:
    """Return the request with whole seconds counted, so that what is printed adds up."""
    return replace(request, corrected=float(round(request.counted)))


def _speeches(chronicle: Chronicle) -> tuple[Speech, ...]:
    requests = chronicle.floor.requests
    found = [
        _speech(chronicle.floor, request, chronicle.stories[request.id])
        for request in requests.values()
        if _is_speech(request)
    ]
    return tuple(sorted(found, key=lambda one: one.started_at or one.requested_at))


def _speech(state: FloorState, request: Request, story: Story) -> Speech:
    answered = state.requests.get(request.reply_to)
    before = state.requests.get(request.readd_of)
    whole = _whole(request)
    limit = request.grant.limit if request.grant else request.carried_limit
    measured = request.grant.used if request.grant else request.carried
    ended_at, breaks = story.ended_at, story.breaks
    if not ended_at and request.id not in state.speaking and breaks:
        # Its link dropped for too long, and it has not been taken up again yet.
        ended_at, breaks = breaks[-1].since, breaks[:-1]
    return Speech(
        **_person(request),
        started_at=story.started_at,
        ended_at=ended_at or story.closed_at,
        limit=limit,
        counted=whole.counted,
        measured=measured,
        overtime=whole.overtime,
        to_air=story.to_air,
        breaks=breaks,
        corrections=story.corrections,
        answers=Answered(name=answered.name, site=answered.site) if answered else None,
        continues=before.id if before and _is_speech(before) else "",
        ended_by=story.closed_by,
        cut=story.cut,
    )


def _opinions(chronicle: Chronicle) -> tuple[Opinion, ...]:
    state = chronicle.floor
    return tuple(
        Opinion(**_person(state.requests[one]), filed_at=chronicle.stories[one].filed_at)
        for one in state.filed
    )


def _unspoken(chronicle: Chronicle) -> tuple[Unspoken, ...]:
    requests = chronicle.floor.requests
    taken_up = {request.readd_of for request in requests.values()}
    return tuple(
        Unspoken(
            **_person(request),
            closed_at=chronicle.stories[request.id].closed_at,
            closed_by=chronicle.stories[request.id].closed_by,
        )
        for request in requests.values()
        if request.id not in taken_up
        and request.state is not RequestState.FILED
        and not _is_speech(request)
    )


def _agenda(plan: Plan, underway: list[Underway]) -> tuple[Item, ...]:
    """Return the items as planned, then those the event file no longer has."""
    planned = {item.id: item for item in plan.agenda}
    for one in underway:
        unknown = Text(vi=one.item, en=one.item)
        planned.setdefault(
            one.item, PlannedItem(id=one.item, title=unknown, starts_at="", minutes=0)
        )
    return tuple(
        Item(
            id=item.id,
            title=item.title,
            starts_at=item.starts_at,
            minutes=item.minutes,
            stretches=tuple(one.stretch for one in underway if one.item == item.id),
        )
        for item in planned.values()
    )


def _ledger(plan: Plan, state: FloorState) -> Ledger:
    spoken = [_whole(request) for request in speeches(state)]
    return Ledger(
        delegates=by_delegate(spoken),
        sites=by_group(spoken, str),
        regions=by_group(spoken, plan.region_of),
    )
