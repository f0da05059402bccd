"""One simulated bridge point: keeps its websocket and its media up, whatever the server does.

Owns reconnection. The two connections live apart, as on a real page: a restart of the
server breaks both, a lost network path only the media.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from websockets.exceptions import InvalidStatus, WebSocketException

from bridge.clock import Clock, monotonic
from bridge.ids import Role
from bridge.simulator.content import Content
from bridge.simulator.director import Ask, Cancel, Confirm, Intention, Outlook, Release
from bridge.simulator.floor import Floor, socket_url
from bridge.simulator.media import Device, Endpoint, JoinRefused, receiving
from bridge.simulator.options import Receive, SimulatedSite, SimulatorOptions
from bridge.simulator.people import invent_speech
from bridge.simulator.sdp import Line
from bridge.tasks import Tasks

__all__ = ["Backoff", "Shared", "Site"]

log = logging.getLogger(__name__)

AUDIO_SLOTS = 4  # as a page offers: venue, co-chairs and speaker
# the chair in the hall says something while nobody has the floor, then pauses
_VENUE_TALKS_S, _VENUE_PAUSES_S = 9.0, 13.0


class Backoff:
    """Growing, jittered waits between attempts: 0.25 s to 5 s.

    Args:
        rng: source of chance.
    """

    FIRST_S = 0.25
    LONGEST_S = 5.0
    GROWTH = 1.5

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._wait_s = self.FIRST_S

    def reset(self) -> None:
        """Start small again: the last attempt worked."""
        self._wait_s = self.FIRST_S

    def next_wait(self) -> float:
        """Return seconds to wait now, and make the next longer."""
        wait_s = self._wait_s * self._rng.uniform(0.5, 1.0)
        self._wait_s = min(self.LONGEST_S, self._wait_s * self.GROWTH)
        return wait_s


@dataclass(frozen=True)
class Shared:
    """What all sites of a run use together.

    Attributes:
        content: returns what a site sends, made in the background if it must be.
        joining: lets a few sites join at a time; on a busy machine 63 at once all time out.
        tls: context for https and wss, None for plain or default.
        run: tells this run's devices from another's.
    """

    options: SimulatorOptions
    http: aiohttp.ClientSession
    certificate: RTCCertificate
    clock: Clock
    rng: random.Random
    content: Callable[[SimulatedSite], Awaitable[Content]]
    joining: asyncio.Semaphore
    tls: ssl.SSLContext | None
    run: str


def _lines(receive: Receive) -> list[Line]:
    match receive:
        case Receive.NONE:
            return []
        case Receive.AUDIO:
            return receiving(video=0, audio=AUDIO_SLOTS)
        case Receive.PROGRAM:
            return receiving(video=1, audio=AUDIO_SLOTS)


class Site:
    """One bridge point.

    Args:
        spec: which one.
        shared: see :class:`Shared`.
    """

    def __init__(self, spec: SimulatedSite, shared: Shared) -> None:
        self.spec = spec
        self.device: Device | None = None
        self._shared = shared
        options = shared.options
        self._server_is_back = asyncio.Event()
        self.floor = Floor(
            spec.code, socket_url(options.url, options.session), self._server_is_back.set
        )
        self._minted = ""
        self._phase_s = shared.rng.random()
        self._tasks = Tasks(f"site.{spec.code}")

    def start(self) -> None:
        """Begin to connect, and stay connected until :meth:`close`."""
        self._tasks.start("floor", self._keep_floor())
        self._tasks.start("media", self._keep_media())

    async def close(self) -> None:
        """Leave the session; bounded."""
        await self._tasks.close()

    def _token(self) -> str:
        """Return the site's token: the same again and again, as a page has it in its cookie."""
        if not self._minted:
            self._minted = self._shared.options.mint(Role.HOST, self.spec.code)
        return self._minted

    async def _keep_floor(self) -> None:
        backoff = Backoff(self._shared.rng)
        while True:
            began = monotonic()
            try:
                await self.floor.converse(self._token(), self._shared.tls)
                reason = "the server closed the connection"
            except InvalidStatus as error:
                reason = str(error)
                self._minted = ""  # expired perhaps
            except (OSError, TimeoutError, ValueError, WebSocketException) as error:
                reason = str(error)
            log.debug("%s: floor: %s", self.spec.code, reason)
            if self.device is not None:
                self.device.transport.ice.suspect()
            if monotonic() - began > Backoff.LONGEST_S:
                backoff.reset()
            await asyncio.sleep(backoff.next_wait())

    async def _keep_media(self) -> None:
        content = await self._shared.content(self.spec)
        backoff = Backoff(self._shared.rng)
        while True:
            began = monotonic()
            await self._one_call(content)
            if monotonic() - began > Backoff.LONGEST_S:
                backoff.reset()
            try:
                async with asyncio.timeout(backoff.next_wait()):
                    await self._server_is_back.wait()
            except TimeoutError:
                pass

    async def _one_call(self, content: Content) -> None:
        """Join, and stay until the media path is lost."""
        lost = asyncio.Event()
        self._server_is_back.clear()
        shared, options = self._shared, self._shared.options
        lines = _lines(options.receive)
        device = Device(
            content,
            certificate=shared.certificate,
            lines=lines,
            clock=monotonic,
            unix=shared.clock.now,
            phase_s=self._phase_s,
            on_lost=lost.set,
        )
        slots = "main" if options.receive is Receive.PROGRAM else ""
        url = (
            f"{options.url.rstrip('/')}/media/{options.session}"
            f"?client=sim-{shared.run}-{self.spec.code}&slots={slots}&standby=1"
        )
        try:
            async with shared.joining:
                await device.join(shared.http, Endpoint(url, self._token()))
            self.device = device
            await lost.wait()
            log.debug("%s: media: the path is lost", self.spec.code)
        except (JoinRefused, OSError, TimeoutError, ValueError, aiohttp.ClientError) as error:
            log.debug("%s: media: %s", self.spec.code, error)
        finally:
            self.device = None
            # a path that was lost has nobody to say goodbye to
            await device.close(None if lost.is_set() else shared.http)

    def outlook(self) -> Outlook:
        """Return what the director wants to know of this site."""
        return self.floor.outlook(may_ask=self.device is not None and not self.spec.venue)

    async def act(self, intention: Intention) -> None:
        """Carry out what the director decided for this site."""
        match intention:
            case Ask():
                speech = invent_speech(self.spec.code, self.spec.name, self._shared.rng)
                await self.floor.send(
                    "request_floor", name=speech.name, title=speech.title, topic=speech.topic
                )
            case Cancel(_, request):
                await self.floor.send(
                    "cancel_request", request=request, reason="Đại biểu xin gửi ý kiến bằng văn bản"
                )
            case Release(_, request):
                await self.floor.send("release_floor", request=request)
            case Confirm(_, request):
                await self.floor.send("confirm_return", request=request)

    def tick(self, now: float) -> None:
        """Send the media due now."""
        device = self.device
        if device is None:
            return
        device.audio.speaking = (
            self.floor.has_floor
            or self.floor.tries_microphone
            or (
                self.spec.venue
                and not self.floor.somebody_speaks
                and now % (_VENUE_TALKS_S + _VENUE_PAUSES_S) < _VENUE_TALKS_S
            )
        )
        try:
            device.tick(now)
        except Exception:
            log.exception("%s: sending failed, joining anew", self.spec.code)
            device.transport.give_up()


def new_run() -> str:
    """Return a short id of a run."""
    return secrets.token_hex(3)
