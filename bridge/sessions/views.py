"""From state to what each role may see. Shapes are in ``protocol.views``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from bridge.floor.state import FloorState, Grant, Request
from bridge.floor.tables import RequestState
from bridge.ids import Role, split_source
from bridge.protocol.views import (
    AgendaView,
    GrantView,
    HostView,
    LowerThird,
    ModeratorView,
    ProgramView,
    RequestView,
    SessionView,
    StageView,
    TechnicianView,
)
from bridge.sessions.channels import Audience
from bridge.sessions.facts import SessionFacts
from bridge.show.state import OnBus, ShowState
from bridge.state import SessionSetup, SessionState, routes

__all__ = ["build_view", "view_json"]

V = TypeVar("V", bound=SessionView)

#: How many ended requests a page shows.
ENDED_SHOWN = 30


def view_json(
    facts: SessionFacts, setup: SessionSetup, state: SessionState, audience: Audience
) -> dict[str, Any]:
    """Return what *audience* sees as JSON-able values.

    What never changes is the very same object every time: it is converted once,
    and comparing two views passes over it.
    """
    view = build_view(facts, setup, state, audience)
    return {
        name: facts.json[name] if name in facts.json else msgspec.to_builtins(getattr(view, name))
        for name in view.__struct_fields__
    }


def build_view(
    facts: SessionFacts, setup: SessionSetup, state: SessionState, audience: Audience
) -> SessionView:
    """Return what *audience* sees of *state*."""
    match audience.role:
        case Role.HOST:
            return _host(facts, setup, state, audience.site)
        case Role.MODERATOR:
            return _moderator(facts, setup, state)
        case Role.TECHNICIAN:
            return _technician(facts, setup, state)
        case _:
            return _fill(StageView, facts, state, ())


def _host(facts: SessionFacts, setup: SessionSetup, state: SessionState, site: str) -> HostView:
    floor = state.floor
    own = [
        key
        for key in (*floor.speaking, *floor.queue, *floor.filed, *floor.pending)
        if floor.requests[key].site == site
    ]
    ended = [key for key in reversed(floor.ended) if floor.requests[key].site == site]
    mine = [*own, *ended[:ENDED_SHOWN]]
    forwarded = routes(setup, state)
    return _fill(
        HostView,
        facts,
        state,
        mine,
        site=site,
        mine=mine,
        positions={key: n for n, key in enumerate(floor.queue, 1) if key in own},
        waiting=len(floor.queue),
        on_program=forwarded.program == site,
        microphone_open=site in forwarded.microphones,
    )


def _moderator(facts: SessionFacts, setup: SessionSetup, state: SessionState) -> ModeratorView:
    floor = state.floor
    ended = list(floor.ended[-ENDED_SHOWN:][::-1])
    filed = list(floor.filed)
    return _fill(
        ModeratorView,
        facts,
        state,
        [*floor.queue, *floor.pending, *filed, *ended],
        preview=_bus(state.show.preview),
        queue=list(floor.queue),
        pending=list(floor.pending),
        filed=filed,
        ended=ended,
        microphones=list(routes(setup, state).microphones),
    )


def _technician(facts: SessionFacts, setup: SessionSetup, state: SessionState) -> TechnicianView:
    return _fill(
        TechnicianView,
        facts,
        state,
        state.floor.queue,
        preview=_bus(state.show.preview),
        queue=list(state.floor.queue),
        microphones=list(routes(setup, state).microphones),
    )


def _fill(
    kind: type[V],
    facts: SessionFacts,
    state: SessionState,
    shown: Iterable[str],
    **own: Any,  # noqa: ANN401 - the fields of V
) -> V:
    """Return a *kind* with what everybody sees, the requests in *shown*, and its *own* fields."""
    floor = state.floor
    requests = {key: _request(floor, floor.requests[key]) for key in (*floor.speaking, *shown)}
    return kind(
        event=facts.event,
        session=facts.session,
        session_id=facts.session_id,
        date=facts.date,
        time_zone=facts.time_zone,
        venue=facts.venue,
        sites=facts.sites,
        program=_bus(state.show.program),
        requests=requests,
        speaking=list(floor.speaking),
        lower_third=_lower_third(floor),
        list_state=floor.list_state,
        agenda=_agenda(facts, state.show),
        **own,
    )


def _request(floor: FloorState, request: Request) -> RequestView:
    spoken = floor.spoken(request.site)
    return RequestView(
        id=request.id,
        site=request.site,
        name=request.name,
        title=request.title,
        topic=request.topic,
        priority_class=request.priority_class,
        status=request.status,
        requested_at=request.requested_at,
        reason=request.reason,
        spoken=spoken.seconds,
        speeches=spoken.speeches,
        grant=_grant(request.state, request.grant),
    )


def _grant(state: RequestState, grant: Grant | None) -> GrantView | None:
    if grant is None:
        return None
    return GrantView(
        id=grant.id,
        phase=state,
        granted_at=grant.granted_at,
        live_since=grant.live_since,
        used=grant.used,
        limit=grant.limit,
        warning=grant.warning,
        ends_at=grant.ends_at,
    )


def _bus(bus: OnBus) -> ProgramView:
    site = split_source(bus.source)[1] if bus.source else ""
    return ProgramView(source=bus.source, site=site, since=bus.since)


def _lower_third(floor: FloorState) -> LowerThird | None:
    """Return the name band of the newest speaker who is heard."""
    for request, grant in reversed(floor.turns()):
        if grant.live_since or request.state is RequestState.ARMING:
            return LowerThird(name=request.name, title=request.title, site=request.site)
    return None


def _agenda(facts: SessionFacts, show: ShowState) -> list[AgendaView]:
    now = next((n for n, item in enumerate(facts.agenda) if item.id == show.item), -1)
    views = []
    for n, item in enumerate(facts.agenda):
        state = "now" if n == now else "next" if n > now else "done"
        started = show.started.get(item.id, 0.0)
        views.append(msgspec.structs.replace(item, state=state, started_at=started))
    return views
