"""What a session does besides deciding: media follows its state, pages follow both.

Effects are derived from state, never from the command: after a crash the same
code puts everything back by looking at the state the log gives.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.clock import Clock, monotonic
from bridge.commands import Actor
from bridge.errors import BridgeError
from bridge.floor.commands import Check, MarkLive
from bridge.floor.events import GrantWentLive
from bridge.floor.tables import RequestState
from bridge.ids import Role
from bridge.link.advice import weakness
from bridge.link.alerts import AlertRules
from bridge.link.samples import ServerLoad
from bridge.link.totals import LinkTotals
from bridge.media.server import MediaServer, Routes
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Hello, Links, LinkView, ServerLoadView, Status
from bridge.sessions.actions import SiteActions
from bridge.sessions.alerts import AlertDesk
from bridge.sessions.channels import Audience, Channels, Page
from bridge.sessions.delivery import Delivery
from bridge.sessions.facts import SessionFacts
from bridge.sessions.health import LinkHealth
from bridge.sessions.history import History
from bridge.sessions.links import LinkBoard
from bridge.sessions.observer import Observation, Observer
from bridge.sessions.session import SYSTEM, Session
from bridge.sessions.talks import Talks
from bridge.sessions.views import Outlook
from bridge.show.commands import ReportSlides
from bridge.state import SessionEvent, routes, unseen
from bridge.tasks import Tasks, beat

__all__ = ["SessionRuntime"]

log = logging.getLogger(__name__)

#: How often the floor hears what is seen of the sites, seconds.
OBSERVE_S = 0.2
#: The same in a session that nobody is in: only a device that comes can be news.
QUIET_S = 1.0
#: A session that nobody has been in for so long is not measured: alerts have ended by then.
ALONE_S = 120

#: Roles that see the health of every link.
WATCHERS = (Role.MODERATOR, Role.TECHNICIAN)
#: Seconds between two signs of life to a phone: halls have thousands of phones, and all at once
#: they would delay the media; a page waits twice as long before it doubts the line.
PHONES_EVERY = 3


class SessionRuntime:
    """One session with its pages and its media.

    Args:
        session: the authority, not started yet; this object listens to it.
        facts: names and agenda from the event file.
        media: the media plane, shared by all sessions.
        instance: names this run of the server.
        rules: when technicians are told of a link.
    """

    def __init__(
        self,
        session: Session,
        facts: SessionFacts,
        media: MediaServer,
        clock: Clock,
        tasks: Tasks,
        instance: str,
        rules: AlertRules = AlertRules(),  # noqa: B008 - it is frozen
    ) -> None:
        self.session = session
        self.facts = facts
        self._media = media
        self._clock = clock
        self._tasks = tasks
        self._outlook = Outlook(facts, session.setup, session.state)
        self._channels = Channels(self._view, instance)
        self._delivery = Delivery(self._channels)
        self._board = LinkBoard(facts.sites)
        self._load = ServerLoad()
        self.history = History(facts.sites, clock)
        self.alerts = AlertDesk(session.id, rules, clock, self.history.mark)
        self._health = LinkHealth(self.alerts)
        self.actions = SiteActions(
            session, self.pages, clock, instance, self.history.mark, media, self.links
        )
        self.talks = Talks(
            media,
            session.id,
            self.pages,
            lambda: routes(session.setup, session.state).microphones,
        )
        self._seconds = 0
        self._alone = ALONE_S  # seconds without any page or device
        self.grants_heard = 0
        self.grants_heard_s = 0.0  # from the click to the first sound, summed

    async def start(self) -> None:
        """Replay the log and let media follow it.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        await self.session.start()
        self.session.weak_links = self._weak_links
        self.session.listen(self)  # not before: media follow where the log ends, not every step
        self._route()
        self._tasks.start(f"observe-{self.session.id}", self._observe())
        self._tasks.start(f"deliver-{self.session.id}", self._delivery.run())

    # pages

    def join(self, page: Page, hello: Hello) -> None:
        """A page is there: bring it up to date and keep it so."""
        now = self._clock.now()
        view = self._channels.join(page, hello, self.session.rev, now)
        self._board.page_joined(_link_of(page.actor))
        links = self._links_for(Audience.of(page.actor))
        status = server_frame(Status(saving=self.session.saving))
        page.write(view + links + status + self.actions.joined(page) + self.talks.joined(page))

    def leave(self, page: Page) -> None:
        """A page is gone."""
        self._channels.leave(page)
        self._board.page_left(_link_of(page.actor))

    def settle(self, page: Page) -> None:
        """Send *page* every patch there is, before it is told that something was done."""
        self._channels.settle(page)

    def pages(self) -> list[Page]:
        """Return every page of the session."""
        return self._channels.pages()

    def _view(self, audience: Audience) -> dict[str, Any]:
        if self._outlook.state is not self.session.state:
            setup, state = self.session.setup, self.session.state
            self._outlook = Outlook(self.facts, setup, state, self._outlook)
        return self._outlook.view_json(audience)

    # Session.Listener

    def committed(self, session: Session, events: Sequence[SessionEvent]) -> None:
        """Let media and pages follow the new state."""
        self._route()
        self.history.follow(session.state.floor, events)
        for event in events:
            if isinstance(event, GrantWentLive):
                self._went_live(session, event)
        self._channels.advance(session.rev, self._clock.now())
        self._delivery.wake()

    def saving_changed(self, session: Session) -> None:
        """Tell every page whether commands can be saved."""
        log.warning("session %s: commands can be saved: %s", session.id, session.saving)
        status = server_frame(Status(saving=session.saving))
        for page in self.pages():
            page.write(status)
        if session.saving:
            # A first sound that came while nothing could be saved must be reported again.
            self._media.report_audio_again(session.id)

    # media

    def _route(self) -> None:
        wanted = routes(self.session.setup, self.session.state)
        self._media.apply(
            self.session.id,
            Routes(
                program=wanted.program,
                preview=wanted.preview,
                microphones=wanted.microphones,
                program_slate=wanted.program_slate,
                preview_slate=wanted.preview_slate,
                program_slides=wanted.program_slides,
                preview_slides=wanted.preview_slides,
                inset=wanted.inset,
                preview_inset=wanted.preview_inset,
                unseen=wanted.unseen,
                without_pictures=wanted.without_pictures,
                layers=wanted.layers,
            ),
        )
        for site, kbps in wanted.caps.items():
            self._media.cap(self.session.id, site, kbps)

    def audio_forwarded(self, site: str) -> None:
        """The first packet of a microphone just went out: a speech that waited for it is live."""
        for request, grant in self.session.state.floor.turns():
            if request.site == site and request.state is RequestState.ARMING:
                command = MarkLive(cmd_id=f"live-{grant.id}", grant=grant.id)
                self._tasks.start(f"live-{grant.id}", self._submit_quietly(command))

    def _went_live(self, session: Session, event: GrantWentLive) -> None:
        grant = session.state.floor.requests[event.request].turn
        waited = grant.live_at - grant.granted_at
        log.info("session %s: %s on air after %.3f s", session.id, grant.id, waited)
        self.grants_heard += 1
        self.grants_heard_s += waited

    async def _observe(self) -> None:
        """Tell the floor what is seen of the sites, as long as it can be saved."""
        state = self.session.state
        observer = Observer(state.floor, monotonic(), sharing=state.show.slides)
        while True:
            await beat(QUIET_S if self._alone > ALONE_S else OBSERVE_S)
            if not self.session.saving:
                continue
            try:
                await self._observe_once(observer)
            except Exception:  # the next look must come whatever this one brought
                log.exception("session %s: the sites could not be observed", self.session.id)

    async def _observe_once(self, observer: Observer) -> None:
        floor = self.session.state.floor
        for waiting in floor.queue:
            request = floor.requests[waiting]
            if request.deck is not None and Check.PICTURE in request.deck.missing:
                # A camera that nobody watches may not send a key frame for minutes.
                self._media.request_key_frame(self.session.id, request.site)
        signals = self._media.signals(self.session.id)
        now = monotonic()
        sharing = self.session.state.show.slides
        dark = unseen(self.session.state)
        observed = observer.compare(floor, signals, now, self._clock.now(), dark)
        for command in (*observed, *observer.slides(sharing, signals, now)):
            await self._submit_quietly(command)

    async def _submit_quietly(self, command: MarkLive | ReportSlides | Observation) -> None:
        try:
            await self.session.submit(SYSTEM, command)
        except BridgeError as error:
            log.warning("session %s: %s: %s", self.session.id, command, error)

    def refresh_links(self, load: ServerLoad) -> None:
        """Measure every link and tell the pages; called once a second.

        A stage and a phone get none of the figures, but hear that the line is alive.

        Args:
            load: how the server itself did in that second.
        """
        self._load = load
        self._seconds += 1
        samples = self._media.link_samples(self.session.id)
        self._alone = 0 if samples or self.pages() else self._alone + 1
        if self._alone > ALONE_S:
            return  # ten parallel sessions, and nobody in them yet
        self._board.orders = self.session.state.orders
        now = self._clock.now()
        self._board.update(samples, now)
        self._judge(load, now)
        self.history.append(now, self._board.links, load)
        self.actions.look()
        self.talks.look()
        self._channels.announce(self._news)
        self._delivery.wake()

    def _judge(self, load: ServerLoad, now: float) -> None:
        """Say of every link what is wrong with it, and let alerts begin and end."""
        session, board = self.session, self._board
        said = self._health.update(
            board.windows, board.links, session.setup, session.state, load, now
        )
        board.judged(said, {site: self.alerts.view(site) for site in board.links})

    def _weak_links(self) -> dict[str, str]:
        """Return why links are bad, for moderators who are about to rely on them."""
        found = {
            site: weakness(
                connected=link.connected,
                since=link.since,
                score=link.score,
                cause=link.verdict.cause,
            )
            for site, link in self._board.links.items()
        }
        return {site: why for site, why in found.items() if why}

    def links(self) -> Mapping[str, LinkView]:
        """Return the newest health of every link, by site."""
        return self._board.links

    def link_totals(self) -> Mapping[str, LinkTotals]:
        """Return what passed on every link since the server was started, by site."""
        return self._board.totals

    def _news(self, audience: Audience) -> bytes:
        """Return what *audience* hears this second, nothing for most phones."""
        if audience.role is Role.DELEGATE and (self._seconds + hash(audience.site)) % PHONES_EVERY:
            return b""
        return self._links_for(audience)

    def _links_for(self, audience: Audience) -> bytes:
        links = self._board.links
        if audience.role not in WATCHERS:
            site = audience.site if audience.role is Role.HOST else ""
            links = {site: links[site]} if site in links else {}
        server = None
        if audience.role is Role.TECHNICIAN:
            load = self._load
            server = ServerLoadView(lag_ms=load.lag_ms, drops=load.drops, cpu=load.cpu)
        return server_frame(Links(now=self._clock.now(), sites=dict(links), server=server))


def _link_of(actor: Actor) -> str:
    """Return the site whose link the page of *actor* belongs to, empty for none."""
    return actor.site if actor.role is Role.HOST else ""
