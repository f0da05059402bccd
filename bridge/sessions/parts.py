"""The parts of views: one thing of the state as pages are told it. Pure."""

from __future__ import annotations

import msgspec

from bridge.floor.ledger import Account, by_delegate, by_group
from bridge.floor.state import Deck, FloorState, Grant, Request, Spoken
from bridge.floor.tables import RequestState
from bridge.history import Action
from bridge.ids import SourceKind, split_source
from bridge.protocol.views import (
    ActionView,
    AgendaView,
    DeckView,
    DelegateSpokenView,
    GrantView,
    LedgerView,
    LowerThird,
    PictureView,
    ProgramView,
    RequestView,
    SpeechView,
    SpokenView,
)
from bridge.sessions.facts import SessionFacts
from bridge.show import shown
from bridge.show.state import OnBus, ShowState

__all__ = [
    "action_view",
    "agenda_views",
    "ledger_view",
    "lower_third",
    "program_view",
    "request_view",
    "speech_views",
]

#: Speeches a reply can choose from.
SPEECHES_SHOWN = 6


def speech_views(floor: FloorState) -> list[SpeechView]:
    """Return the newest speeches, which a reply may answer."""
    known = (floor.requests[key] for key in reversed((*floor.ended, *floor.speaking)))
    heard = [one for one in known if one.heard][:SPEECHES_SHOWN]
    return [SpeechView(request=one.id, name=one.name, site=one.site) for one in heard]


def ledger_view(facts: SessionFacts, spoken: list[Request]) -> LedgerView:
    """Return who has spoken how long: by delegate, site and region."""

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


def action_view(floor: FloorState, action: Action) -> ActionView:
    """Return what moderators are told of one thing somebody did."""
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


def request_view(request: Request, spoken: Spoken | None, answered: Request | None) -> RequestView:
    """Return how *request* is seen.

    Args:
        request: the request.
        spoken: what its site has spoken, if anything.
        answered: the one it replies to, if any.
    """
    spoken = spoken or Spoken()
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


def program_view(show: ShowState, bus: OnBus) -> ProgramView:
    """Return what is seen on program or preview, the slate of a site among it."""
    seen = shown(bus.scene, show.slides)
    main = _picture(seen.main)
    return ProgramView(
        source=bus.source,
        layout=bus.layout,
        inset=bus.inset,
        since=bus.since,
        site=main.site,
        slate=main.slate,
        slides=main.slides,
        shown=seen.layout,
        second=_picture(seen.inset) if seen.inset else None,
    )


def _picture(source: str) -> PictureView:
    if not source:
        return PictureView(site="", slate=False, slides=False)
    kind, site = split_source(source)
    return PictureView(site=site, slate=kind is SourceKind.SLATE, slides=kind is SourceKind.SLIDES)


def lower_third(floor: FloorState) -> LowerThird | None:
    """Return the name band of the newest speaker who is heard."""
    for request, grant in reversed(floor.turns()):
        if grant.live_since or request.state is RequestState.ARMING:
            return LowerThird(name=request.name, title=request.title, site=request.site)
    return None


def agenda_views(facts: SessionFacts, show: ShowState) -> list[AgendaView]:
    """Return the agenda, each item done, under way or to come."""
    now = next((n for n, item in enumerate(facts.agenda) if item.id == show.item), -1)
    views = []
    for n, item in enumerate(facts.agenda):
        state = "now" if n == now else "next" if n > now else "done"
        started = show.started.get(item.id, 0.0)
        views.append(msgspec.structs.replace(item, state=state, started_at=started))
    return views
