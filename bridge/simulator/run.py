"""Runs a simulation: starts the sites, paces their packets, plays the director.

Owns the process: signals, the end of the parent, the bounded exit. One process and one
event loop serve 63 sites; encoding happens in one worker thread, a site joins when its
loop is ready.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate

from bridge.clock import SystemClock, monotonic
from bridge.simulator.content import Content, VideoFormat, load
from bridge.simulator.director import Director
from bridge.simulator.options import SimulatedSite, SimulatorOptions
from bridge.simulator.site import Shared, Site, new_run
from bridge.tasks import Tasks

__all__ = ["run"]

log = logging.getLogger(__name__)

_PACE_S = 0.02  # one Opus packet; the sites take turns within it
_TURNS = 4
_DIRECTOR_INTERVAL_S = 0.5
_PARENT_INTERVAL_S = 1.0
_HTTP_TIMEOUT_S = 10.0
_JOINS_AT_ONCE = 4
_JOIN_GAP_S = 0.03  # between the first joins, so that 63 do not come in one burst


async def _pace(sites: Sequence[Site]) -> None:
    """Let each site send every 20 ms, a quarter of them at a time."""
    turns = min(_TURNS, max(1, len(sites)))
    turn = 0
    next_at = monotonic()
    while True:
        for site in sites[turn::turns]:
            site.tick(monotonic())
        turn = (turn + 1) % turns
        next_at = max(next_at + _PACE_S / turns, monotonic())
        await asyncio.sleep(next_at - monotonic())


async def _direct(sites: Sequence[Site], director: Director) -> None:
    by_code = {site.spec.code: site for site in sites}
    while True:
        await asyncio.sleep(_DIRECTOR_INTERVAL_S)
        for intention in director.decide(monotonic(), [site.outlook() for site in sites]):
            await by_code[intention.site].act(intention)


async def _watch_parent(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel sends no event for this
        await asyncio.sleep(_PARENT_INTERVAL_S)
    log.info("the parent process has ended")
    stop.set()


async def run(options: SimulatorOptions) -> None:
    """Play *options.sites* until SIGINT, SIGTERM, the end of the parent, or cancellation."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    encoder = ThreadPoolExecutor(1, thread_name_prefix="encoder")

    async def content(site: SimulatedSite) -> Content:
        caption = "Điểm cầu trung tâm" if site.venue else "Điểm cầu"
        return await loop.run_in_executor(
            encoder, load, site.name, caption, VideoFormat(), options.cache
        )

    tls = options.tls()
    tasks = Tasks("simulator")
    rng = random.Random(options.seed)  # noqa: S311 - chance, not secrecy
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls if tls is not None else True),
            timeout=aiohttp.ClientTimeout(total=_HTTP_TIMEOUT_S),
        ) as http:
            shared = Shared(
                options=options,
                http=http,
                certificate=RTCCertificate.generateCertificate(),
                clock=SystemClock(),
                rng=rng,
                content=content,
                joining=asyncio.Semaphore(_JOINS_AT_ONCE),
                tls=tls,
                run=new_run(),
            )
            sites = [Site(spec, shared) for spec in options.sites]
            if options.parent is not None:
                tasks.start("parent", _watch_parent(options.parent, stop))
            tasks.start("pace", _pace(sites))
            tasks.start("director", _direct(sites, Director(rng, asks=options.asks)))
            tasks.start("joins", _join(sites))
            try:
                await stop.wait()
            finally:
                await tasks.close()
                await asyncio.gather(*(site.close() for site in sites))
    finally:
        encoder.shutdown(wait=False, cancel_futures=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _join(sites: Sequence[Site]) -> None:
    for site in sites:
        site.start()
        await asyncio.sleep(_JOIN_GAP_S)
