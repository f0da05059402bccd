"""Putting the parts together: one server, from settings to ``ready`` and back down.

The order of starting is the order of need: nothing listens before every
session has been replayed, and nothing is printed before connections are
accepted. Stopping goes the other way round and is bounded in time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
import sys
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from bridge.clock import SystemClock, cpu_time, monotonic
from bridge.config import Event, Settings, web_root
from bridge.config.event import SessionConfig
from bridge.errors import StoreUnavailable
from bridge.ids import Role
from bridge.logs import about, of
from bridge.media.server import MediaServer
from bridge.server import pages, tls
from bridge.server.addresses import WILDCARDS, addresses_for, link_host
from bridge.server.admissions import Admissions
from bridge.server.context import Context, OpenPage
from bridge.server.data_directory import DataDirectory, ServerInfo
from bridge.server.http import HttpServer, make_application
from bridge.server.load import LoadMeter
from bridge.server.locales import Catalogues
from bridge.server.site_links import SiteLinks
from bridge.server.tokens import Tokens
from bridge.server.turn import turn_of
from bridge.sessions.alerts import alerts_log
from bridge.sessions.facts import facts_of, setup_of
from bridge.sessions.keeping import HistoryKeeper
from bridge.sessions.probes import Probes
from bridge.sessions.rehearsal import Rehearsal, rehearsal_log
from bridge.sessions.runtime import SessionRuntime
from bridge.sessions.session import Session, log_name
from bridge.slates.cards import cards_of
from bridge.slates.maker import SlateMaker
from bridge.store.log import Log
from bridge.store.open import Store, open_log
from bridge.tasks import Tasks, beat

__all__ = ["Server", "join_links"]

log = logging.getLogger(__name__)

#: Links are measured and the store is watched this often.
TICK_S = 1.0


class Server:
    """One running server.

    Args:
        settings: where to listen and keep data.
        event: what to serve.
    """

    def __init__(self, settings: Settings, event: Event) -> None:
        self.settings = settings
        self.event = event
        self.url = ""
        self._own_url = ""  # for our own simulator, which needs no proxy
        self._clock = SystemClock()
        self._tasks = Tasks("server")
        self._stack = AsyncExitStack()
        self._sessions: dict[str, SessionRuntime] = {}
        self._pages: set[OpenPage] = set()

    async def start(self) -> None:
        """Bring everything up; afterwards connections are accepted at :attr:`url`.

        Raises:
            ConfigError: a port is taken, the data directory cannot be written, ...
            StoreUnavailable: the log cannot be read.
        """
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise

    async def _start(self) -> None:
        settings = self.settings
        directory = DataDirectory(settings.data)
        secret = directory.secret()
        event, now, revoked = self.event, self._clock.now, directory.revoked
        self.tokens = Tokens(secret, event.id, now, revoked)
        dates = {one.id: one.date.isoformat() for one in event.sessions}
        zone = event.time_zone
        self.site_links = SiteLinks(secret, event.id, zone, dates, now, revoked)
        self._stack.push_async_callback(self._tasks.close)
        store = await open_log(settings.redis, directory.path, self._tasks)
        self._stack.push_async_callback(store.close)
        media_host = settings.media_host or settings.host
        addresses = addresses_for(media_host, settings.public_address)
        media = MediaServer(
            host=media_host,
            port=settings.media_port,
            public_addresses=addresses,
            observer=self,
            site_kbps=event.site_kbps,
            engine=settings.engine,
            threads=settings.media_threads,
        )
        await media.start()
        self._stack.push_async_callback(media.close)
        stills = directory.path / "cache" / "slates"
        self._slates = SlateMaker(cards_of(event), stills, media.put_slate, self._tasks)
        context = Context(
            tokens=self.tokens,
            site_links=self.site_links,
            admissions=Admissions(monotonic),
            secure=settings.tls or (settings.public_url or "").startswith("https:"),
            catalogues=Catalogues(web_root() / "locales"),
            templates=pages.templates(str(web_root() / "templates")),
            media=media,
            clock=self._clock,
            tasks=self._tasks,
            load=LoadMeter(monotonic(), cpu_time()),
            probes=Probes(media, self._tasks),
            data=directory.path,
            regions={region.code: region.name for region in self.event.regions},
            sessions=self._sessions,
            turn=turn_of(settings, self._clock.now),
            pages=self._pages,
        )
        instance = secrets.token_hex(8)
        for config in self.event.sessions:
            with about(session=config.id):
                await self._open_session(config, context, store, instance)
        encryption = self._tls(directory)
        http = HttpServer(
            make_application(context, web_root()), settings.host, settings.port, encryption
        )
        await http.start()
        self._stack.push_async_callback(http.close)
        self._own_url = _own_url(settings, http.port)
        self.url = context.url = settings.public_url or self._own_url
        directory.write_info(
            ServerInfo(
                url=self.url,
                event=self.event.id,
                time_zone=zone,
                venue=self.event.venue,
                sessions={item.id: list(item.sites) for item in self.event.sessions},
                dates=dates,
            )
        )
        self._slates.make(event.sessions[0].id)
        self._tasks.start("load", context.load.run())
        tick = self._tasks.start("tick", self._tick(context))
        self._stack.callback(tick.cancel)  # before the media plane, which it measures, is closed
        self._tasks.start("store", self._watch_store(store.log))

    async def _open_session(
        self, config: SessionConfig, context: Context, store: Store, instance: str
    ) -> None:
        media, clock, tasks = context.media, self._clock, self._tasks
        setup, key = setup_of(self.event, config), log_name(self.event.id, config.id)
        session = Session(setup, store.log, key, clock, tasks)
        facts, rules = facts_of(self.event, config), self.event.alerts
        runtime = SessionRuntime(session, facts, media, clock, tasks, instance, rules)
        await runtime.start()
        await runtime.alerts.start(store.log, alerts_log(key), tasks)
        self._sessions[config.id] = runtime
        rehearsal = Rehearsal(runtime, media, store.log, rehearsal_log(key), clock, tasks)
        await rehearsal.start()
        context.rehearsals[config.id] = rehearsal
        keeper = HistoryKeeper(runtime.history, store.archive, key, clock)
        tasks.start(f"history-{config.id}", keeper.run())
        self._stack.push_async_callback(keeper.finish)

    def _tls(self, directory: DataDirectory) -> ssl.SSLContext | None:
        settings = self.settings
        if settings.tls_cert is not None and settings.tls_key is not None:
            return tls.context_from_files(settings.tls_cert, settings.tls_key)
        if settings.tls_self_signed:
            addresses = addresses_for(settings.host, settings.public_address)
            named = [urlsplit(settings.public_url or "").hostname, settings.host]
            others = [name for name in named if name and name not in WILDCARDS]
            names = list(dict.fromkeys(["localhost", *others, *addresses]))
            return tls.self_signed(directory.path / "tls", names, self._clock.now())
        return None

    async def close(self) -> None:
        """Stop everything within a bounded time."""
        await self._stack.aclose()

    # MediaObserver

    def audio_forwarded(self, session: str, site: str) -> None:
        """A microphone is heard for the first time since it was opened."""
        if session in self._sessions:
            self._sessions[session].audio_forwarded(site)

    def peers_changed(self, session: str) -> None:
        """Devices came or went; the pages hear of it with the next measurement.

        A session in which nobody is needs no slates, but for the first one: it is what the
        event is about.
        """
        self._slates.make(session)

    def program_switched(self, session: str, site: str) -> None:
        """The program reached its key frame."""
        log.info("program is %s", site, extra=of(session=session, site=site))

    def slots_changed(self, _session: str, peer: str) -> None:
        """Tell the page whose line carries other pictures than before."""
        for page in self._pages:
            if page.peer == peer:
                page.tell_slots()

    def slate_wanted(self, session: str, site: str) -> None:
        """A slate may be shown any moment."""
        self._slates.want(session, site)

    async def _tick(self, context: Context) -> None:
        while True:
            await beat(TICK_S)
            try:
                self._once_a_second(context)
            except Exception:  # the next second must come whatever this one brought
                log.exception("the work of this second failed")

    def _once_a_second(self, context: Context) -> None:
        """Measure the links, and show out whoever's link was withdrawn or has expired."""
        media = context.media
        load = context.load.measure(media.counters().send_full + media.unread)
        for session, runtime in self._sessions.items():
            with about(session=session):
                runtime.refresh_links(load)
        valid = self.tokens.validity()
        for page in list(context.pages):
            claims = page.claims
            if not valid(claims.key, claims.expires, claims.parent):
                self._tasks.start("deny", page.deny())
        context.media.end_where(lambda who: not valid(who.token_key, who.expires))

    async def _watch_store(self, store: Log) -> None:
        """Notice a store that is down before a moderator does, and one that is back."""
        while True:
            await beat(TICK_S)
            answers = await store.ping()
            for runtime in self._sessions.values():
                try:
                    await runtime.session.store_answers(answers)
                except StoreUnavailable as error:
                    fields = of(session=runtime.session.id)
                    log.warning("session %s: %s", runtime.session.id, error, extra=fields)

    async def simulate(self, sites: int) -> None:
        """Run the simulator in a process of its own until the server stops."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", "simulate",
            "--url", self._own_url, "--sites", str(sites), "--data", str(self.settings.data),
            "--follow-parent", *(["--insecure"] if self.settings.tls else []),
        )  # fmt: skip
        self._stack.push_async_callback(_stop, process)


def _own_url(settings: Settings, port: int) -> str:
    host = link_host(settings.host, settings.public_address)
    scheme = "https" if settings.tls else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


def join_links(
    tokens: Tokens, site_links: SiteLinks, url: str, session: str, site: str
) -> list[tuple[Role, str, str]]:
    """Return role, site and join link of one person a role, and that for the site's phones."""
    wanted = [(Role.HOST, site), (Role.MODERATOR, ""), (Role.TECHNICIAN, ""), (Role.STAGE, "")]
    links = []
    for role, place in wanted:
        token, _ = tokens.mint(role, session, site=place)
        links.append((role, place, f"{url}/j/{token}"))
    links.append((Role.DELEGATE, site, f"{url}/j/{site_links.link(session, site)[0]}"))
    return links
