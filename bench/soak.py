"""``python -m bench.soak``: a forum that goes on for hours, and a server that must stand still.

A real server, 4 cameras, 30 viewers of whom one leaves and one comes every other second
(each third without a word), pages that open and close their socket, a program switch every
5 s. Prints a line every minute and ends with a verdict: it fails when memory, open files,
tasks or media tables grew (:mod:`bench.steady`), or, on a machine with nothing else to do,
somebody lost the connection.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from websockets.asyncio.client import connect

from bench.child import Child
from bench.fanout import Desk
from bench.server import CACHE, SENT, Server, camera, load_average, now
from bench.steady import BOUNDS, MIN_SAMPLES, Sample, growth_per_hour, unsteady
from bridge.ids import Role

CAMERAS = 4
VIEWERS = 30
#: Cheap to send and to forward, so that two cores carry the soak beside other work.
FORM = {"width": 640, "height": 360, "fps": 15, "kbps": 400}
SWITCH_S = 5.0
CHURN_S = 2.0
SILENT_EVERY = 3
SAMPLE_S = 10.0
PRINT_S = 60.0
#: Share of the packets a viewer may miss before the soak says that it measured nothing.
MAX_LOSS = 0.02
CORES = os.cpu_count() or 1


@dataclass
class Soak:
    """What runs, and what was seen of it."""

    server: Server
    http: aiohttp.ClientSession
    viewers: Child
    samples: list[Sample] = field(default_factory=list)
    switches: int = 0
    refused: int = 0
    joined: int = 0
    failed: int = 0
    pages: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    """By what it is about, the newest sentence on connections that suffered."""
    peak_load: float = 0.0

    async def switch(self, desk: Desk) -> None:
        """Put one camera after the other on program."""
        for number in itertools.count():
            source = f"camera:{self.server.sites[number % CAMERAS]}"
            _, answer = await desk.command(f"take-{number}", {"type": "take", "source": source})
            self.switches += 1
            if answer["type"] == "nack":
                self.refused += 1
            await asyncio.sleep(SWITCH_S)

    async def come_and_go(self) -> None:
        """Let a viewer leave and another come, and a page open its socket and close it."""
        url = self.server.url.replace("http", "ws", 1) + "/ws/plenary"
        for number in itertools.count():
            how = "vanish" if number % SILENT_EVERY == 0 else "leave"
            left = await self.viewers.ask({"do": how, "count": 1})
            answer = await self.viewers.ask({"do": "join", "count": VIEWERS - left["joined"]})
            self.joined += 1
            self.failed += answer["failed"]
            role = (Role.MODERATOR, Role.TECHNICIAN)[number % 2]
            headers = {"Authorization": f"Bearer {self.server.token(role)}"}
            async with connect(url, additional_headers=headers, proxy=None) as socket:
                desk = Desk(socket)
                reading = asyncio.create_task(desk.read())
                await desk.hello()
                reading.cancel()
            self.pages += 1
            await asyncio.sleep(CHURN_S)

    async def watch(self, seconds: float) -> None:
        """Sample for so long, and print."""
        began = printed = now()
        cpu, sent = self.server.cpu_s(), 0.0
        seen = await self.viewers.ask({"do": "count"})
        print(
            f"{'minute':>6} {'MB':>7} {'CPU %':>6} {'tasks':>6} {'files':>6} {'entries':>8} "
            f"{'packets':>9} {'loss %':>7} {'load':>5}",
            flush=True,
        )
        while now() - began < seconds:
            await asyncio.sleep(SAMPLE_S)
            self.peak_load = max(self.peak_load, load_average())
            figures = await self.server.metrics(self.http)
            entries = sum(v for k, v in figures.items() if k.startswith("diemcau_media_entries"))
            self.samples.append(
                Sample(
                    at=now() - began,
                    resident_mb=self.server.resident_mb(),
                    open_files=self.server.open_files(),
                    tasks=figures["diemcau_tasks"],
                    entries=entries,
                )
            )
            if now() - printed < PRINT_S - SAMPLE_S / 2:
                continue
            after = await self.viewers.ask({"do": "count"})
            missing = after["missing"] - seen["missing"]
            loss = missing / max(1, after["packets"] - seen["packets"] + missing)
            used, passed = self.server.cpu_s() - cpu, now() - printed
            newest = self.samples[-1]
            print(
                f"{(now() - began) / 60:6.1f} {newest.resident_mb:7.1f} {used / passed * 100:6.1f} "
                f"{newest.tasks:6.0f} {newest.open_files:6.0f} {entries:8.0f} "
                f"{figures[SENT] - sent:9.0f} {loss * 100:7.3f} {load_average():5.1f}",
                flush=True,
            )
            printed, cpu, sent, seen = now(), self.server.cpu_s(), figures[SENT], after
            if after["lost"]:
                self.broken["lost"] = f"{after['lost']} viewers lost their connection"
            if not after["packets"] or loss > MAX_LOSS:
                self.broken["loss"] = f"viewers missed {loss * 100:.1f} % of a minute's packets"

    def verdict(self) -> list[str]:
        """Return what is wrong; nothing if the server stood still.

        Connections are judged where nobody else wanted the cores: a viewer gives a path up
        after 3 s in which it, or the server, was not given any.
        """
        wrong = unsteady(self.samples)
        if self.peak_load <= CORES:
            wrong += self.broken.values()
        if self.failed > self.joined / 100:
            wrong.append(f"{self.failed} of {self.joined} viewers could not join")
        if self.refused:
            wrong.append(f"{self.refused} of {self.switches} switches were refused")
        return wrong


async def open_desk(stack: AsyncExitStack, server: Server) -> Desk:
    """Return a moderator's page."""
    url = server.url.replace("http", "ws", 1) + "/ws/plenary"
    headers = {"Authorization": f"Bearer {server.token(Role.MODERATOR)}"}
    socket = await stack.enter_async_context(connect(url, additional_headers=headers, proxy=None))
    return Desk(socket)


async def run(minutes: float) -> Soak:
    """Let everybody do their part for so many minutes; return what was seen."""
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as http:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="diemcau-soak-"))
        server = stack.enter_context(Server(Path(folder) / "data"))
        endpoint = {"url": f"{server.url}/whep/plenary", "token": server.token(Role.STAGE)}
        viewers = await stack.enter_async_context(Child("viewers", endpoint))
        join = [camera(server, site) for site in server.sites[:CAMERAS]]
        form = {"join": join, "form": FORM, "cache": str(CACHE)}
        cameras = await stack.enter_async_context(Child("publisher", form))
        await cameras.answer()
        await viewers.ask({"do": "join", "count": VIEWERS})
        desk = await open_desk(stack, server)
        soak = Soak(server, http, viewers)
        async with asyncio.TaskGroup() as group:
            working = [group.create_task(desk.read())]
            await desk.hello()
            working += [group.create_task(work) for work in (soak.switch(desk), soak.come_and_go())]
            await soak.watch(minutes * 60)
            for task in working:
                task.cancel()
        if (await cameras.ask({}))["lost"]:
            soak.broken["camera"] = "a camera lost its connection"
        return soak


def main() -> None:
    """Soak, and say whether the server stood still."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=float(os.environ.get("SOAK_MINUTES", "30"))
    )
    soak = asyncio.run(run(parser.parse_args().minutes))
    print(
        f"\n{soak.switches} program switches, {soak.joined} viewers came and as many went "
        f"({soak.failed} could not join at once), {soak.pages} pages opened and closed"
    )
    if soak.broken and soak.peak_load > CORES:
        print(
            f"not judged, because the load reached {soak.peak_load:.1f} on {CORES} cores: "
            + "; ".join(soak.broken.values())
        )
    wrong = soak.verdict()
    if len(soak.samples) >= MIN_SAMPLES * 2:
        for name, bound in BOUNDS.items():
            first, last = (getattr(soak.samples[place], name) for place in (0, -1))
            print(
                f"{bound.text}: {first:.1f} to {last:.1f} {bound.unit}, after the warm-up "
                f"{growth_per_hour(soak.samples, name):+.2f} an hour (bound {bound.per_hour:g})"
            )
    print("\n" + ("steady" if not wrong else "NOT STEADY: " + "; ".join(wrong)))
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
