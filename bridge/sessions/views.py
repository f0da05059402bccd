"""From state to what each role may see. Shapes are in ``protocol.views``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from bridge.floor import policy_of
from bridge.floor.fairness import propose
from bridge.floor.ledger import Account, by_delegate, by_group, speeches
from bridge.floor.limits import limit_for
from bridge.floor.state import Deck, FloorState, Grant, Request
from bridge.floor.tables import RequestState
from bridge.history import Action
from bridge.ids import Role, SourceKind, split_source
from bridge.protocol.views import (
    ActionView,
    AgendaView,
    DeckView,
    DelegateSpokenView,
    DelegateView,
    GrantView,
    HostView,
    LedgerView,
    LimitsView,
    LowerThird,
    ModeratorView,
    PlaceView,
    ProgramView,
    RequestView,
    SessionView,
    SpeechView,
    SpokenView,
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
#: Speeches a reply can choose from.
SPEECHES_SHOWN = 6
#: Actions of people the moderators see.
ACTIONS_SHOWN = 20


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
            forwarded = routes(setup, state)
            return _fill(
                HostView,
                facts,
                state,
                _mine(state.floor, audience.site),
                **_own(setup, state.floor, audience.site),
                on_program=forwarded.program == audience.site,
                microphone_open=audience.site in forwarded.microphones,
            )
        case Role.DELEGATE:
            return _fill(
                DelegateView,
                facts,
                state,
                _mine(state.floor, audience.site),
                **_own(setup, state.floor, audience.site),
            )
        case Role.MODERATOR:
            return _moderator(facts, setup, state)
        case Role.TECHNICIAN:
            return _technician(facts, setup, state)
        case _:
            return _fill(StageView, facts, state, ())


def _mine(floor: FloorState, site: str) -> list[str]:
    """Return the requests of *site*: granted, by position, in writing, pending, then ended."""
    lists = (*floor.speaking, *floor.queue, *floor.filed, *floor.pending)
    own = [key for key in lists if floor.requests[key].site == site]
    ended = [key for key in reversed(floor.ended) if floor.requests[key].site == site]
    return [*own, *ended[:ENDED_SHOWN]]


def _own(setup: SessionSetup, floor: FloorState, site: str) -> dict[str, Any]:
    """Return what hosts and phones of *site* are told about its requests."""
    policy = policy_of(setup.floor, floor)
    positions: dict[str, int] = {}
    ahead: dict[str, float] = {}
    planned = 0.0
    for place, key in enumerate(floor.queue, 1):
        request = floor.requests[key]
        if request.site == site:
            positions[key], ahead[key] = place, planned
        planned += limit_for(policy, floor, request) - request.carried
    return {
        "site": site,
        "mine": _mine(floor, site),
        "positions": positions,
        "ahead": ahead,
        "waiting": len(floor.queue),
        "limits": LimitsView(
            first=policy.first_limit,
            next=policy.next_limit,
            reply=policy.reply_limit,
            point_of_order=policy.point_of_order_limit,
        ),
        "speeches": _speeches(floor),
    }


def _speeches(floor: FloorState) -> list[SpeechView]:
    """Return the newest speeches, which a reply may answer."""
    known = (floor.requests[key] for key in reversed((*floor.ended, *floor.speaking)))
    heard = [one for one in known if one.heard][:SPEECHES_SHOWN]
    return [SpeechView(request=one.id, name=one.name, site=one.site) for one in heard]


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
        policy=policy_of(setup.floor, floor),
        proposal=[
            PlaceView(request=place.request, reason=place.reason, seconds=place.seconds)
            for place in propose(policy_of(setup.floor, floor), floor)
        ],
        ledger=_ledger(facts, floor),
        actions=[_action(floor, one) for one in state.history.actions[: -ACTIONS_SHOWN - 1 : -1]],
    )


def _ledger(facts: SessionFacts, floor: FloorState) -> LedgerView:
    spoken = speeches(floor)

    def of(site: str) -> str:
        return facts.sites[site].region if site in facts.sites else ""

    return LedgerView(
        sites={one.key: _spoken(one) for one in by_group(spoken, str)},
        regions={one.key: _spoken(one) for one in by_group(spoken, of)},
        delegates=[
            DelegateSpokenView(
                site=one.key,
                name=one.name,
                title=one.title,
                speeches=one.speeches,
                seconds=one.seconds,
                overtime=one.overtime,
            )
            for one in by_delegate(spoken)
        ],
    )


def _spoken(account: Account) -> SpokenView:
    return SpokenView(speeches=account.speeches, seconds=account.seconds, overtime=account.overtime)


def _action(floor: FloorState, action: Action) -> ActionView:
    request = floor.requests.get(action.request)
    return ActionView(
        rev=action.rev,
        at=action.at,
        by=action.actor.name,
        role=action.actor.role,
        site=action.actor.site,
        key=action.actor.key,
        deed=action.deed,
        request=action.request,
        name=request.name if request else "",
        subject=request.site if request else "",
        undoable=bool(action.undo) and not action.undone,
        undone=action.undone,
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
    answered = floor.requests.get(request.reply_to)
    return RequestView(
        id=request.id,
        site=request.site,
        name=request.name,
        title=request.title,
        topic=request.topic,
        priority_class=request.priority_class,
        status=request.status,
        state=request.state,
        requested_at=request.requested_at,
        reason=request.reason,
        spoken=spoken.seconds,
        speeches=spoken.speeches,
        reply_to=request.reply_to,
        reply_name=answered.name if answered else "",
        reply_site=answered.site if answered else "",
        readd_of=request.readd_of,
        by=request.by,
        carried=request.carried,
        counted=request.counted,
        corrected=request.corrected >= 0,
        deck=_deck(request.deck),
        grant=_grant(request.state, request.grant),
    )


def _deck(deck: Deck | None) -> DeckView | None:
    if deck is None:
        return None
    return DeckView(
        called_at=deck.called_at,
        prep_until=deck.prep_until,
        missing=list(deck.missing),
        returned=deck.returned,
    )


def _grant(state: RequestState, grant: Grant | None) -> GrantView | None:
    if grant is None:
        return None
    return GrantView(
        id=grant.id,
        phase=state,
        granted_at=grant.granted_at,
        live_at=grant.live_at,
        live_since=grant.live_since,
        used=grant.used,
        limit=grant.limit,
        warning=grant.warning,
        ends_at=grant.ends_at,
        drop_until=grant.drop_until,
        cut=grant.cut,
        paused_by=grant.paused_by,
    )


def _bus(bus: OnBus) -> ProgramView:
    if not bus.source:
        return ProgramView(source="", site="", slate=False, since=bus.since)
    kind, site = split_source(bus.source)
    slate = kind is SourceKind.SLATE
    return ProgramView(source=bus.source, site=site, slate=slate, since=bus.since)


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
