"""Forwarding by one server to so many viewers: joins, then a steady window.

Everything is read from outside: CPU and memory of the server process from /proc, packets
and their times from the viewers' kernels. No figure is the server's own word.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

from bench.child import Child
from bench.comparison import JANUS, Run
from bench.janus_server import JanusServer
from bench.server import CACHE, Server, busy_s, load_average, now
from bridge.clock import cpu_time

IDLE_S = 2.0  # of the server with no clients, taken off the cost of a join
SETTLE_S = 3.0  # after the publisher has begun, before measuring
STRAGGLE_S = 0.5  # after the window, for its last pictures to arrive
DRAWING_TIMEOUT_S = 60.0
#: The venue's camera: 720p at 1.5 Mb/s.
HALL = {"width": 1280, "height": 720, "fps": 30, "kbps": 1500, "seconds": 4, "key_interval": 4}


class Unmeasured(Exception):
    """A window that says nothing; the message says why."""


class Subject(Protocol):
    """A server under measurement."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    @property
    def viewing(self) -> dict[str, str]: ...
    @property
    def publishing(self) -> dict[str, str]: ...
    def cpu_s(self) -> float: ...
    def resident_mb(self) -> float: ...
    def is_drawing(self) -> bool: ...
    async def called(self) -> str: ...


def subject(name: str, folder: Path, threads: int) -> Subject:
    """Return Janus, or our server with the engine of that name."""
    return JanusServer(folder) if name == JANUS else Server(folder, name, threads=threads)


async def measure(name: str, count: int, seconds: float, folder: Path, threads: int = 1) -> Run:
    """Start a server, let *count* viewers join and a camera send; return what was seen.

    Args:
        name: engine, or ``janus``.
        count: viewers.
        seconds: of the window.
        folder: which does not exist yet, for the server's files.
        threads: of the native engine.

    Raises:
        Unmeasured: somebody could not join, or lost the connection.
    """
    with subject(name, folder, threads) as server:
        publisher = Child(
            "publisher",
            {"join": [server.publishing], "form": HALL, "cache": str(CACHE), "hold": True},
        )
        async with Child("viewers", server.viewing) as viewers, AsyncExitStack() as stack:
            if name == JANUS:  # one subscribes there to what is published, sent or not
                await stack.enter_async_context(publisher)
                await publisher.answer()
            idle_cores, join_cpu_ms = await measure_joins(server, viewers, count)
            if name != JANUS:
                await stack.enter_async_context(publisher)
                await publisher.answer()
            seen = await measure_window(server, viewers, publisher, count, seconds)
            return replace(seen, join_cpu_ms=join_cpu_ms, idle_cores=idle_cores)


async def measure_joins(server: Subject, viewers: Child, count: int) -> tuple[float, float]:
    """Let *count* viewers join while nothing flows.

    Returns:
        Cores that the server takes with nobody there, and its CPU ms for each who joined.
    """
    deadline = now() + DRAWING_TIMEOUT_S
    await asyncio.sleep(1)
    while server.is_drawing() and now() < deadline:
        await asyncio.sleep(0.2)
    cpu, began = server.cpu_s(), now()
    await asyncio.sleep(IDLE_S)
    idle = (server.cpu_s() - cpu) / (now() - began)
    cpu, began = server.cpu_s(), now()
    if (await viewers.ask({"do": "join", "count": count}))["failed"]:
        raise Unmeasured("a viewer could not join")
    # the handshake of the last one ends on the server a moment after the viewer's
    await asyncio.sleep(0.5)
    return idle, (server.cpu_s() - cpu - idle * (now() - began)) / count * 1000


async def measure_window(
    server: Subject, viewers: Child, publisher: Child, count: int, seconds: float
) -> Run:
    """Let the camera send; return what was seen in a window of *seconds*."""
    await publisher.ask({"do": "go"})
    await asyncio.sleep(SETTLE_S)
    await viewers.ask({"do": "mark", "wanted": True})
    before = await viewers.ask({"do": "count"})
    await publisher.ask({"do": "sent"})
    generator, busy = viewers.cpu_s() + publisher.cpu_s(), busy_s()
    cpu, began = server.cpu_s(), now()
    await asyncio.sleep(seconds)
    cpu, elapsed = server.cpu_s() - cpu, now() - began
    generator, busy = viewers.cpu_s() + publisher.cpu_s() - generator, busy_s() - busy
    sent = await publisher.ask({"do": "sent"})
    after = await viewers.ask({"do": "count"})
    resident_mb, load = server.resident_mb(), load_average()
    await asyncio.sleep(STRAGGLE_S)
    delays = await viewers.ask({"do": "delays", "frames": sent["frames"]})
    if (await publisher.ask({}))["lost"]:
        raise Unmeasured("the camera lost its connection")
    moved = {figure: value - before[figure] for figure, value in after.items()}
    if not moved["packets"]:
        raise Unmeasured("nothing was forwarded")
    return Run(
        server=await server.called(),
        viewers=count,
        seconds=elapsed,
        cpu_s=cpu,
        reached=moved["packets"] + moved["dropped"],
        expected=moved["expected"],
        dropped=moved["dropped"],
        published=sent["packets"],
        delays_ms=delays["delays"],
        pictures=len(sent["frames"]),
        resident_mb=resident_mb,
        join_cpu_ms=0.0,
        idle_cores=0.0,
        generator_cpu_s=generator,
        busy_cpu_s=busy,
        sendto_us=bare_sendto_us(),
        load=load,
        lost=after["lost"],
        sampled=after["sampled"],
        authentic=after["authentic"],
    )


def bare_sendto_us(count: int = 20_000) -> float:
    """Return the CPU cost of the one system call no packet can do without, in microseconds.

    It says how fast this machine is at this moment; the forwarding figures move with it.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        sink.bind(("127.0.0.1", 0))
        address, data = sink.getsockname(), bytes(1200)
        began = cpu_time()
        for _ in range(count):
            sender.sendto(data, address)
        return (cpu_time() - began) / count * 1e6


def schedule(engines: list[str], *, with_janus: bool) -> list[str]:
    """Return the order in which servers take turns at one size.

    The last engine runs before and after Janus, so that an hour that gets noisier, or
    quieter, does both the same harm.
    """
    *others, last = engines
    return [*others, last, JANUS, last] if with_janus else engines


def sentence(run: Run) -> str:
    """Return a line of progress."""
    return (
        f"{run.server:8} {run.viewers:>4} viewers: {run.us_per_packet:5.1f} us a packet, "
        f"loss {run.loss * 100:.2f} %, bare sendto {run.sendto_us:.1f} us, load {run.load:.1f}"
    )
