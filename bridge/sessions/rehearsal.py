"""The rehearsal of one session: tests of sites, the technicians' ticks, and their log.

The log is a stream of its own beside the session's: nothing of it belongs into the minutes,
and the forum's revisions do not move because a technician ticks a box. What is in it was durable
before anybody was told.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bridge.clock import Clock
from bridge.commands import Actor
from bridge.errors import BridgeError, Code, FloorRefused, ProtocolError, StoreConflict
from bridge.ids import Role
from bridge.link.findings import Call, Heard, Return, judge_call
from bridge.link.rehearsal import (
    Baseline,
    Called,
    Checked,
    Item,
    Mark,
    Marked,
    Outcome,
    Preflight,
    RehearsalEvent,
    Reopened,
    SignedOff,
    SiteRehearsal,
    evolve,
    require_open,
    require_whole,
)
from bridge.listening.listener import Listener
from bridge.media.server import MediaServer
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Rehearsal as RehearsalMessage
from bridge.sessions.runtime import SessionRuntime
from bridge.sessions.session import SYSTEM
from bridge.sessions.site_call import SiteCall
from bridge.sessions.site_test import SiteTest
from bridge.store.commit import Commit, following
from bridge.store.log import Log
from bridge.tasks import Tasks

__all__ = ["Rehearsal", "rehearsal_log"]

log = logging.getLogger(__name__)

#: A host's own check is reported so often in so many seconds: each report is kept for good.
REPORTS: Final = 6
REPORTS_S: Final = 60.0
#: Two technicians who tick at once meet on the second try; more means a broken store.
MAX_ATTEMPTS: Final = 5

_events = msgspec.json.Decoder(list[RehearsalEvent])


def rehearsal_log(session_log: str) -> str:
    """Return the name of the rehearsal's log beside that of its session."""
    return f"{session_log}/rehearsal"


class Rehearsal:
    """The rehearsal of one session.

    Args:
        runtime: the session.
        store: where logs are kept.
        name: of this log, see :func:`rehearsal_log`.
    """

    def __init__(
        self,
        runtime: SessionRuntime,
        media: MediaServer,
        store: Log,
        name: str,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self._runtime = runtime
        self._media = media
        self._store = store
        self._name = name
        self._clock = clock
        self._tasks = tasks
        self._listener = Listener()
        self._head: Commit | None = None
        self._writing = asyncio.Lock()
        self._tests: dict[str, SiteTest] = {}
        self._calls: dict[str, SiteCall] = {}
        self._reported: dict[str, list[float]] = {}
        self.sites: Mapping[str, SiteRehearsal] = {}

    async def start(self) -> None:
        """Read what was found before.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        await self._catch_up()

    # --- what is known ----------------------------------------------------------------

    def site(self, code: str) -> SiteRehearsal:
        """Return how far a site is.

        Raises:
            ProtocolError: SITE_UNKNOWN.
        """
        if code not in self._runtime.facts.sites:
            raise ProtocolError(
                Code.SITE_UNKNOWN, f"There is no site {code!r} in this session.", {"site": code}
            )
        return self.sites.get(code, SiteRehearsal())

    @property
    def testing(self) -> dict[str, str]:
        """Sites under test, and the technician who began it."""
        return {site: test.by for site, test in self._tests.items()}

    @property
    def calling(self) -> dict[str, Call]:
        """Sites that are called, and how far it is."""
        return {site: one.call for site, one in self._calls.items()}

    def baselines(self) -> dict[str, Baseline]:
        """Return how each site's link was when it was signed off, or else when last tested."""
        found = {code: one.reference or one.baseline for code, one in self.sites.items()}
        return {code: baseline for code, baseline in found.items() if baseline is not None}

    def require_idle(self, code: str) -> None:
        """Check that a test of *code* disturbs nobody.

        Raises:
            FloorRefused: SITE_ON_AIR: it is on air, or gets ready to be.
            ProtocolError: SITE_UNKNOWN.
        """
        self.site(code)
        state, facts = self._runtime.session.state, self._runtime.facts
        floor, show = state.floor, state.show
        speaks = [one.site for one, _ in floor.turns()]
        next_up = [
            floor.requests[one].site for one in floor.queue if floor.requests[one].deck is not None
        ]
        seen = {
            source.partition(":")[2]
            for source in (show.program.source, show.program.inset)
            # Before the first agenda item the venue's camera only fills the screen.
            if show.item or source.partition(":")[2] != facts.venue
        }
        if code in speaks or code in next_up or code in seen:
            raise FloorRefused(
                Code.SITE_ON_AIR, "The site is on air or gets ready to speak: test it later."
            )

    # --- what technicians do ----------------------------------------------------------

    async def mark(
        self, actor: Actor, code: str, item: Item, outcome: Outcome | None, note: str
    ) -> None:
        """Tick an item by hand; without an outcome it is open again."""
        mark = None
        if outcome is not None:
            now = self._clock.now()
            mark = Mark(outcome=outcome, at=now, by=_name(actor), note=note.strip())

        def marked(site: SiteRehearsal) -> list[RehearsalEvent]:
            require_open(site)
            return [Marked(site=code, item=item, mark=mark)]

        await self._write(actor, code, marked)

    async def sign(self, actor: Actor, code: str, note: str) -> None:
        """Sign a site off in the name on the token."""
        now = self._clock.now()

        def signed(site: SiteRehearsal) -> list[RehearsalEvent]:
            require_whole(site, note)
            return [SignedOff(site=code, by=_name(actor), at=now, note=note.strip())]

        await self._write(actor, code, signed)
        site = self.site(code)
        log.info(
            "%s: %s signs %s off: %d checks bad, %d passed without a measurement, note %r",
            self._name,
            actor,
            code,
            len(site.bad),
            len(site.overruled),
            site.note,
        )

    async def reopen(self, actor: Actor, code: str) -> None:
        """Take a signature back; without one nothing happens."""
        now = self._clock.now()

        def reopened(site: SiteRehearsal) -> list[RehearsalEvent]:
            event = Reopened(site=code, by=_name(actor), at=now)
            return [event] if site.signed_at else []

        await self._write(actor, code, reopened)
        log.info("%s: %s opens %s again", self._name, actor, code)

    async def report(self, actor: Actor, preflight: Preflight) -> None:
        """Keep what a host's page found before it entered the room.

        Raises:
            ProtocolError: TOO_MANY_MESSAGES.
        """
        now = self._clock.now()
        found = msgspec.structs.replace(preflight, at=now)
        code = actor.site
        recent = [at for at in self._reported.get(code, ()) if now - at < REPORTS_S]
        if len(recent) >= REPORTS:
            raise ProtocolError(
                Code.TOO_MANY_MESSAGES, "Too many reports at once. Wait a minute, then try again."
            )
        self._reported[code] = [*recent, now]
        ready = found.camera == "ok" and found.microphone == "ok" and found.voice and found.speaker

        def checked(site: SiteRehearsal) -> list[RehearsalEvent]:
            events: list[RehearsalEvent] = [Checked(site=code, preflight=found)]
            if ready and not site.signed_at:
                mark = Mark(outcome=Outcome.GOOD, at=now)
                events.append(Marked(site=code, item=Item.EQUIPMENT, mark=mark))
            return events

        await self._write(actor, code, checked)

    # --- a test -----------------------------------------------------------------------

    def test(self, actor: Actor, code: str) -> str:
        """Begin to test a site; return the id of the test.

        Raises:
            FloorRefused: SIGNED_OFF, SITE_ON_AIR or TEST_RUNNING.
            ProtocolError: SITE_UNKNOWN.
        """
        require_open(self.site(code))
        self.require_idle(code)
        if code in self._tests:
            raise FloorRefused(Code.TEST_RUNNING, "A test of this site is already running.")
        test = SiteTest(code, _name(actor), self._runtime, self._media, self._listener, self._clock)
        self._tests[code] = test
        self._tasks.start(f"rehearse-{code}", self._run(code, test))
        self._tell(code)
        return test.id

    def playing(self, code: str, test: str) -> None:
        """Take note that the page of *code* plays its row now."""
        running = self._tests.get(code)
        if running is not None and running.id == test:
            running.playing()

    def answered(self, code: str, answer: Return) -> None:
        """Take what the page of *code* says after the row; of an old test it is ignored."""
        running = self._tests.get(code)
        if running is not None and running.id == answer.test:
            running.answered(answer)

    async def _run(self, code: str, test: SiteTest) -> None:
        try:
            events = await test.run()
        except Exception:
            log.exception("session %s: the test of %s failed", self._runtime.session.id, code)
            events = []
        self._tests.pop(code, None)
        await self._keep(code, events)

    async def _keep(self, code: str, events: list[RehearsalEvent]) -> None:
        """Save what was measured, unless the site was signed off meanwhile."""
        try:
            await self._write(SYSTEM, code, lambda site: [] if site.signed_at else events)
        except BridgeError as error:
            log.warning("%s: what was measured of %s is lost: %s", self._name, code, error)
        self._tell(code)

    # --- a call -----------------------------------------------------------------------

    def call(self, actor: Actor, code: str) -> str:
        """Begin to watch how *actor* talks to a site; return the id of the call.

        Raises:
            FloorRefused: SIGNED_OFF, or TEST_RUNNING: somebody else's call is watched.
            ProtocolError: SITE_UNKNOWN, or TALK_BUSY: another technician talks to the site.
        """
        require_open(self.site(code))
        if code in self._calls:
            raise FloorRefused(Code.TEST_RUNNING, "This site is being called already.")
        call = SiteCall(code, actor, _name(actor), self._runtime, self._media)
        self._calls[code] = call
        self._tasks.start(f"call-{code}", self._watch(code, call))
        self._tell(code)
        return call.id

    def heard(self, code: str, answer: Heard) -> None:
        """Take what the page of *code* hears of a technician; of an old call it is ignored."""
        watched = self._calls.get(code)
        if watched is not None and watched.id == answer.test:
            watched.heard(answer)

    async def _watch(self, code: str, call: SiteCall) -> None:
        try:
            found = await call.run(lambda: self._tell(code))
        finally:
            del self._calls[code]
        events: list[RehearsalEvent] = []
        if found is not None:
            events = [Called(site=code, mark=judge_call(found, self._clock.now()))]
        await self._keep(code, events)

    # --- the log ----------------------------------------------------------------------

    async def _write(
        self, actor: Actor, code: str, decide: Callable[[SiteRehearsal], list[RehearsalEvent]]
    ) -> None:
        """Append what *decide* makes of the site as it is, then tell the technicians.

        Raises:
            BridgeError: what *decide* refuses; StoreUnavailable.
        """
        async with self._writing:
            for attempt in range(MAX_ATTEMPTS):
                events = decide(self.site(code))
                if not events:
                    return
                commit = following(
                    self._head,
                    at=self._clock.now(),
                    actor=actor,
                    cmd_id=secrets.token_hex(8),
                    events=events,
                )
                try:
                    await self._store.append(self._name, commit)
                except StoreConflict:
                    if attempt == MAX_ATTEMPTS - 1:
                        raise
                    await self._catch_up()
                else:
                    self._take(commit)
                    break
        self._tell(code)

    async def _catch_up(self) -> None:
        for commit in await self._store.read(self._name, self._head.rev if self._head else 0):
            self._take(commit)

    def _take(self, commit: Commit) -> None:
        self._head = commit
        for event in _events.decode(commit.events):
            self.sites = evolve(self.sites, event)

    def _tell(self, code: str) -> None:
        frame = server_frame(self.message(code))
        for page in self._runtime.pages():
            if page.actor.role is Role.TECHNICIAN:
                page.write(frame)

    def message(self, code: str = "") -> RehearsalMessage:
        """Return what technicians are told of one site, or of all."""
        sites = {code: self.site(code)} if code else dict(self.sites)
        return RehearsalMessage(sites=sites, testing=self.testing, calling=self.calling)


def _name(actor: Actor) -> str:
    """Return the name on the token; without one, what the person is."""
    return actor.name or actor.role.value
