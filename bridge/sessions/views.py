"""From state to what each role may see. Shapes are in ``protocol.views``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from operator import is_
from typing import Any, NamedTuple, TypeVar

import msgspec

from bridge.floor import FloorPolicy, policy_of
from bridge.floor.fairness import propose
from bridge.floor.ledger import speeches
from bridge.floor.limits import limit_for
from bridge.floor.state import Request, Spoken
from bridge.ids import Role, camera
from bridge.ids import slides as slides_of
from bridge.link.orders import orders_of
from bridge.protocol.technician_view import TechnicianView
from bridge.protocol.views import (
    AgendaView,
    DelegateView,
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
    StageView,
)
from bridge.sessions.channels import Audience
from bridge.sessions.facts import SessionFacts
from bridge.sessions.parts import (
    action_view,
    agenda_views,
    ledger_view,
    lower_third,
    program_view,
    request_view,
    speech_views,
)
from bridge.show import shown
from bridge.state import Routes, SessionSetup, SessionState, routes

__all__ = ["Outlook"]

T = TypeVar("T")
V = TypeVar("V", bound=SessionView)

#: How many ended requests a page shows.
ENDED_SHOWN = 30
#: Actions of people the moderators see.
ACTIONS_SHOWN = 20


#: Values that are JSON as they are.
SCALARS = frozenset({str, int, float, bool, type(None)})


class _Known(NamedTuple):
    """A request as it is seen, and everything that was looked at for it."""

    of: tuple[Request, Spoken | None, Request | None]
    view: RequestView
    json: dict[str, Any]


class Outlook:
    """Everything that can be seen of one state; each audience sees a part.

    What several audiences see is made once, by whoever asks first. The next commit gets
    a new outlook, so nothing in it can be stale; what :meth:`_keep` and :meth:`_known`
    take over from the one before is checked against everything it was made of.

    Args:
        facts: what never changes.
        setup: the rules of the session.
        state: what is seen.
        before: of the commit before, whose work is not done again where it still holds.
    """

    def __init__(
        self,
        facts: SessionFacts,
        setup: SessionSetup,
        state: SessionState,
        before: Outlook | None = None,
    ) -> None:
        self.facts = facts
        self.setup = setup
        self.state = state
        self._looked_up: dict[str, _Known] = {}  # requests of this state
        self._requests: dict[str, _Known] = {}  # and of those before, shared with the next
        self._kept: dict[str, tuple[Any, Any]] = {}  # what is kept: what of, and what it is
        self._json: dict[int, tuple[Any, Any]] = {}  # id of a value: the value, and its JSON
        if before is not None:
            self._requests = before._requests
            self._kept |= before._kept
            kept = [id(value) for _, value in self._kept.values()]
            self._json |= {each: before._json[each] for each in kept if each in before._json}

    def view_json(self, audience: Audience) -> dict[str, Any]:
        """Return what *audience* sees as JSON-able values, shared with other views: read only."""
        view = self.view(audience)
        fixed = self.facts.json  # the very same objects every time: comparing skips them
        fields = {
            name: fixed[name] if name in fixed else self._to_json(getattr(view, name))
            for name in view.__struct_fields__
            if name != "requests"
        }
        fields["requests"] = {key: self._known(key).json for key in view.requests}
        return fields

    def view(self, audience: Audience) -> SessionView:
        """Return what *audience* sees."""
        match audience.role:
            case Role.HOST:
                forwarded = self.routes
                return _fill(
                    HostView,
                    self,
                    _mine(self, audience.site),
                    **_own(self, audience.site),
                    on_program=camera(audience.site) in self.on_air,
                    slides_on_program=slides_of(audience.site) in self.on_air,
                    microphone_open=audience.site in forwarded.microphones,
                    orders=orders_of(self.state.orders, audience.site),
                )
            case Role.DELEGATE:
                return _fill(
                    DelegateView,
                    self,
                    _mine(self, audience.site),
                    **_own(self, audience.site),
                )
            case Role.MODERATOR:
                return _moderator(self)
            case Role.TECHNICIAN:
                return _technician(self)
            case _:
                return _fill(StageView, self, ())

    def _to_json(self, value: Any) -> Any:  # noqa: ANN401 - JSON values
        """Return *value* as JSON-able builtins; the same object is converted once."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if kind is dict:
            return {key: self._to_json(each) for key, each in value.items()}
        known = self._json.get(id(value))
        if known is None:
            # The value is kept too, so that its id stays its own.
            known = self._json[id(value)] = value, msgspec.to_builtins(value)
        return known[1]

    def _keep(self, name: str, of: object, make: Callable[[], T]) -> T:
        """Return what *make* makes, or made of an equal *of* in an earlier outlook.

        Args:
            name: names what is kept.
            of: everything *make* looks at, besides what never changes.
            make: makes it.
        """
        known = self._kept.get(name)
        if known is None or known[0] != of:
            known = self._kept[name] = of, make()
        value: T = known[1]
        return value

    def request(self, key: str) -> RequestView:
        """Return one request."""
        return self._known(key).view

    def _known(self, key: str) -> _Known:
        """Return one request, made again only if something that is shown of it has changed.

        States are immutable: the same objects say the same.
        """
        known = self._looked_up.get(key)
        if known is None:
            floor = self.state.floor
            request = floor.requests[key]
            of = request, floor.ledger.get(request.site), floor.requests.get(request.reply_to)
            known = self._requests.get(key)
            if known is None or not all(map(is_, known.of, of)):
                view = request_view(*of)
                known = self._requests[key] = _Known(of, view, msgspec.to_builtins(view))
            self._looked_up[key] = known
        return known

    @cached_property
    def policy(self) -> FloorPolicy:
        """Return the rules in force."""
        return policy_of(self.setup.floor, self.state.floor)

    @cached_property
    def routes(self) -> Routes:
        """Return what is forwarded."""
        return routes(self.setup, self.state)

    @cached_property
    def speaking(self) -> list[str]:
        """Return who has the floor."""
        return list(self.state.floor.speaking)

    @cached_property
    def program(self) -> ProgramView:
        """Return what is on program."""
        return program_view(self.state.show, self.state.show.program)

    @cached_property
    def on_air(self) -> frozenset[str]:
        """Return the sources that are seen on program."""
        seen = shown(self.state.show.program.scene, self.state.show.slides)
        return frozenset((seen.main, seen.inset))

    @cached_property
    def preview(self) -> ProgramView:
        """Return what is on preview."""
        return program_view(self.state.show, self.state.show.preview)

    @cached_property
    def lower_third(self) -> LowerThird | None:
        """Return the name band."""
        return lower_third(self.state.floor)

    @cached_property
    def agenda(self) -> list[AgendaView]:
        """Return the agenda as it stands."""
        show = self.state.show
        return self._keep(
            "agenda", (show.item, show.started), lambda: agenda_views(self.facts, self.state.show)
        )

    @cached_property
    def queue(self) -> list[str]:
        """Return the accepted requests in order."""
        return list(self.state.floor.queue)

    @cached_property
    def microphones(self) -> list[str]:
        """Return the sites whose sound is forwarded."""
        return list(self.routes.microphones)

    @cached_property
    def slides(self) -> list[str]:
        """Return the sites that share slides."""
        return list(self.state.show.slides)

    @cached_property
    def limits(self) -> LimitsView:
        """Return how long speeches may take."""
        return LimitsView(
            first=self.policy.first_limit,
            next=self.policy.next_limit,
            reply=self.policy.reply_limit,
            point_of_order=self.policy.point_of_order_limit,
        )

    @cached_property
    def speeches(self) -> list[SpeechView]:
        """Return what a reply may answer."""
        return speech_views(self.state.floor)

    @cached_property
    def ledger(self) -> LedgerView:
        """Return who has spoken how long."""
        spoken = speeches(self.state.floor)
        return self._keep("ledger", spoken, lambda: ledger_view(self.facts, spoken))

    @cached_property
    def places(self) -> dict[str, tuple[int, float]]:
        """Return of each accepted request its place (1-based) and the seconds planned before."""
        floor = self.state.floor
        places: dict[str, tuple[int, float]] = {}
        planned = 0.0
        for place, key in enumerate(floor.queue, 1):
            request = floor.requests[key]
            places[key] = place, planned
            planned += limit_for(self.policy, floor, request) - request.carried
        return places

    @cached_property
    def open_by_site(self) -> dict[str, list[str]]:
        """Return each site's requests: granted, by position, in writing, pending."""
        floor = self.state.floor
        return self._by_site((*floor.speaking, *floor.queue, *floor.filed, *floor.pending))

    @cached_property
    def ended_by_site(self) -> dict[str, list[str]]:
        """Return each site's ended requests, newest first."""
        return self._by_site(reversed(self.state.floor.ended))

    def _by_site(self, keys: Iterable[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in keys:
            found.setdefault(self.state.floor.requests[key].site, []).append(key)
        return found


def _mine(outlook: Outlook, site: str) -> list[str]:
    """Return the requests of *site*: granted, by position, in writing, pending, then ended."""
    ended = outlook.ended_by_site.get(site, [])
    return [*outlook.open_by_site.get(site, []), *ended[:ENDED_SHOWN]]


def _own(outlook: Outlook, site: str) -> dict[str, Any]:
    """Return what hosts and phones of *site* are told about its requests."""
    places = outlook.places
    waiting = [key for key in outlook.open_by_site.get(site, []) if key in places]
    return {
        "site": site,
        "mine": _mine(outlook, site),
        "positions": {key: places[key][0] for key in waiting},
        "ahead": {key: places[key][1] for key in waiting},
        "waiting": len(outlook.queue),
        "limits": outlook.limits,
        "speeches": outlook.speeches,
    }


def _moderator(outlook: Outlook) -> ModeratorView:
    floor = outlook.state.floor
    ended = list(floor.ended[-ENDED_SHOWN:][::-1])
    filed = list(floor.filed)
    actions = outlook.state.history.actions[: -ACTIONS_SHOWN - 1 : -1]
    return _fill(
        ModeratorView,
        outlook,
        [*outlook.queue, *floor.pending, *filed, *ended],
        preview=outlook.preview,
        queue=outlook.queue,
        pending=list(floor.pending),
        filed=filed,
        ended=ended,
        microphones=outlook.microphones,
        slides=outlook.slides,
        policy=outlook.policy,
        proposal=[
            PlaceView(request=place.request, reason=place.reason, seconds=place.seconds)
            for place in propose(outlook.policy, floor)
        ],
        ledger=outlook.ledger,
        actions=[action_view(floor, one) for one in actions],
        orders=outlook.state.orders,
    )


def _technician(outlook: Outlook) -> TechnicianView:
    return _fill(
        TechnicianView,
        outlook,
        outlook.queue,
        preview=outlook.preview,
        queue=outlook.queue,
        microphones=outlook.microphones,
        slides=outlook.slides,
        regions=outlook.facts.regions,
        points=outlook.facts.points,
        orders=outlook.state.orders,
    )


def _fill(
    kind: type[V],
    outlook: Outlook,
    shown: Iterable[str],
    **own: Any,  # noqa: ANN401 - the fields of V
) -> V:
    """Return a *kind* with what everybody sees, the requests in *shown*, and its *own* fields."""
    facts = outlook.facts
    return kind(
        event=facts.event,
        session=facts.session,
        session_id=facts.session_id,
        date=facts.date,
        time_zone=facts.time_zone,
        venue=facts.venue,
        sites=facts.sites,
        program=outlook.program,
        requests={key: outlook.request(key) for key in (*outlook.speaking, *shown)},
        speaking=outlook.speaking,
        lower_third=outlook.lower_third,
        list_state=outlook.state.floor.list_state,
        agenda=outlook.agenda,
        **own,
    )
